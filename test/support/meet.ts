import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { login, register, type Tokens } from "../../protocol/account.ts";
import { type Call, createCall } from "../../protocol/call.ts";
import { putContact } from "../../protocol/contact.ts";
import type { UserID } from "../../protocol/ids.ts";
import { PASSWORD } from "./stage.ts";
import { Caller } from "./system.ts";

/** Somebody with an account. */
export interface Person {
	caller: Caller;
	userID: UserID;
	userName: string;
	displayName: string;
	refreshToken: string;
}

let count = 0;

/** Two cores for everything: the smallest picture. */
const SMALL_PICTURE = { "rostrum.call.height": "180" };

export async function becomePerson(url: string, displayName: string): Promise<Person> {
	const caller = new Caller(url);
	const userName = `${displayName.toLowerCase().replace(/\W/g, "_")}_${++count}_${process.pid}`;
	const reply = await caller.call(register, { body: { userName, displayName, password: PASSWORD } });
	caller.token = reply.accessToken;
	return { caller, userID: reply.user.userID, userName, displayName, refreshToken: reply.refreshToken };
}

/** A refresh token of its own: each device of a person needs one. */
export async function anotherDevice({ caller, userName }: Person): Promise<Tokens> {
	return caller.call(login, { body: { userName, password: PASSWORD } });
}

export async function becomeContacts(one: Person, other: Person): Promise<void> {
	const body = { state: "accepted" } as const;
	await one.caller.call(putContact, { params: { userID: other.userID }, body });
	await other.caller.call(putContact, { params: { userID: one.userID }, body });
}

/** A call by link, as its host's account makes it. */
export async function makeCall(
	host: Person,
	wishes: { title?: string; access?: Call["access"] } = {},
): Promise<Call> {
	return host.caller.call(createCall, { body: { kind: "video", ...wishes } });
}

/** Somebody's browser: signed in with this refresh token, or a guest's. */
export async function openContext(
	browser: Browser,
	{
		refreshToken,
		width = 1280,
		height = 800,
		permissions = ["camera", "microphone"],
	}: { refreshToken?: string; width?: number; height?: number; permissions?: string[] } = {},
): Promise<BrowserContext> {
	const context = await browser.newContext({ viewport: { width, height }, permissions });
	const settings = {
		...SMALL_PICTURE,
		...(refreshToken === undefined ? {} : { "rostrum.refresh-token": refreshToken }),
	};
	await context.addInitScript((entries) => {
		// A page of the browser itself has no storage.
		if (window.origin === "null") return;
		for (const [key, value] of Object.entries(entries)) {
			if (localStorage.getItem("test.prepared") === null) localStorage.setItem(key, value);
		}
		localStorage.setItem("test.prepared", "yes");
	}, settings);
	return context;
}

/** Opens the call's lobby and goes in. */
export async function goIn(page: Page, url: string, code: string, name?: string): Promise<void> {
	await page.goto(`${url}/meet/${code}`);
	if (name !== undefined) await page.getByLabel("Your name").fill(name);
	await page.getByRole("button", { name: /^(Join now|Ask to join)$/ }).click();
}

/** Waits until the call's page is there and connected. */
export async function untilInside(page: Page): Promise<void> {
	await page.locator('[data-testid="room"][data-phase="connected"]').waitFor({ timeout: 30_000 });
}

/** A tile of somebody, by the name on it. */
export function tileOf(page: Page, name: string) {
	return page.getByTestId("tile").filter({ hasText: name });
}

/** Waits until so many new frames of this person's tile were presented. */
export async function untilMoving(page: Page, name: string, frames = 10): Promise<void> {
	const video = tileOf(page, name).locator("video").first();
	await video.waitFor({ timeout: 30_000 });
	await page.waitForFunction(
		([element, wanted]) => {
			if (!(element instanceof HTMLVideoElement)) return false;
			const shown = element.getVideoPlaybackQuality().totalVideoFrames;
			const before = Number(element.dataset.framesBefore ?? Number.NaN);
			if (Number.isNaN(before)) element.dataset.framesBefore = String(shown);
			return shown - before >= wanted;
		},
		[await video.elementHandle(), frames] as const,
		{ timeout: 30_000 },
	);
}

/** What axe finds that is serious or critical, as one text for each rule. */
export async function seriousFaults(page: Page): Promise<string[]> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	return violations
		.filter(({ impact }) => impact === "serious" || impact === "critical")
		.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}

/** How far the page is wider than the window, px. */
export function overflowOf(page: Page): Promise<number> {
	return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}
