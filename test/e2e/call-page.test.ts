import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../support/chromium.ts";
import {
	anotherDevice,
	becomePerson,
	goIn,
	makeCall,
	openContext,
	overflowOf,
	type Person,
	seriousFaults,
	tileOf,
	untilInside,
	untilMoving,
} from "../support/meet.ts";
import { PASSWORD } from "../support/stage.ts";
import { System } from "../support/system.ts";

let system: System;
let browser: Browser;
let host: Person;
const open: BrowserContext[] = [];

beforeAll(async () => {
	system = await System.start(19_210);
	browser = await launchChromium();
	host = await becomePerson(system.url, "Ada Lovelace");
});
afterEach(async () => {
	await Promise.all(open.splice(0).map((context) => context.close()));
});
afterAll(async () => {
	await browser.close();
	await system[Symbol.asyncDispose]();
});

async function newPage(options: Parameters<typeof openContext>[1] = {}): Promise<Page> {
	const context = await openContext(browser, options);
	open.push(context);
	return context.newPage();
}

/** The host's own page, inside the call. */
async function hostPage(code: string): Promise<Page> {
	const { refreshToken } = await anotherDevice(host);
	const page = await newPage({ refreshToken });
	await goIn(page, system.url, code);
	await untilInside(page);
	return page;
}

async function guestPage(code: string, name: string): Promise<Page> {
	const page = await newPage();
	await goIn(page, system.url, code, name);
	await untilInside(page);
	return page;
}

test("a newcomer goes from the home page into a call, a guest comes by the link, and both see each other move", async () => {
	const page = await newPage({ permissions: ["camera", "microphone", "clipboard-read", "clipboard-write"] });
	await page.goto(system.url);
	await page.getByRole("link", { name: "Start a call" }).first().click();
	await page.getByRole("link", { name: "Make an account" }).click();
	await page.locator('input[name="userName"]').fill(`newcomer_${process.pid}`);
	await page.locator('input[name="displayName"]').fill("Nell Newcomer");
	await page.locator('input[type="password"]').fill(PASSWORD);
	await page.getByRole("button", { name: "Make the account" }).click();
	await page.waitForURL(/\/meet\/[a-z]{3}-[a-z]{4}-[a-z]{3}$/);
	await page.getByText("Link copied").waitFor();
	const link = await page.evaluate(() => navigator.clipboard.readText());

	expect(link).toBe(page.url());
	await page.getByRole("button", { name: "Join now" }).click();
	await untilInside(page);
	await page.getByText("You are the only one here").waitFor();
	const guest = await newPage();
	await guest.goto(link);
	await guest.getByText("Nell Newcomer is here").waitFor();
	await guest.getByLabel("Your name").fill("Gus Guest");
	await guest.getByRole("button", { name: "Join now" }).click();

	await untilMoving(page, "Gus Guest");
	await untilMoving(guest, "Nell Newcomer");
});

test("mute, hand, reaction and chat reach the other, and a late comer reads what was written", async () => {
	const { code } = await makeCall(host, { title: "Weekly planning" });
	const page = await hostPage(code);
	const guest = await guestPage(code, "Gus Guest");
	await tileOf(page, "Gus Guest").waitFor();

	await guest.keyboard.press("Control+d");
	await page.getByRole("article", { name: /^Gus Guest, muted/ }).waitFor();
	await guest.getByRole("button", { name: "Raise your hand" }).click();
	await tileOf(page, "Gus Guest").getByTitle("Hand raised, number 1").waitFor();
	await guest.getByRole("button", { name: "React", exact: true }).click();
	await guest.getByRole("button", { name: "Celebration" }).click();
	await page.getByRole("log", { name: "Reactions" }).getByText("Gus Guest").waitFor();
	await guest.getByRole("button", { name: "Open the chat" }).click();
	await guest.getByLabel("Message to everybody").fill("The plan is at https://example.org/plan.");
	await guest.keyboard.press("Enter");
	await page.getByRole("button", { name: "Open the chat, 1 new" }).waitFor();

	const late = await guestPage(code, "Lena Late");
	await late.getByRole("button", { name: /Open the chat/ }).click();
	await late.getByRole("link", { name: "https://example.org/plan" }).waitFor();
});

test("a host lets in from the lobby, mutes, makes co-host, locks and removes", async () => {
	const { code } = await makeCall(host, { access: "lobby" });
	const page = await hostPage(code);
	const guest = await newPage();
	await goIn(guest, system.url, code, "Gus Guest");
	await guest.getByRole("heading", { name: "The host will let you in" }).waitFor();
	await page.getByRole("button", { name: "Let Gus Guest in" }).click();
	await untilInside(guest);

	await page.getByRole("button", { name: /^People/ }).click();
	const row = page.getByTestId("person-row").filter({ hasText: "Gus Guest" });
	await row.getByText("microphone on").waitFor();
	await row.getByRole("button", { name: "More for Gus Guest" }).click();
	await page.getByRole("menuitem", { name: "Mute" }).click();
	await guest.getByText("Ada Lovelace muted you").waitFor();
	await row.getByText("muted", { exact: true }).waitFor();
	await row.getByRole("button", { name: "More for Gus Guest" }).click();
	await page.getByRole("menuitem", { name: "Make co-host" }).click();
	await row.getByText("Co-host").waitFor();

	await page.getByRole("button", { name: "Lock", exact: true }).click();
	await guest.getByText("Locked").waitFor();
	const another = await newPage();
	await goIn(another, system.url, code, "Nora Not-in");
	await another.getByRole("heading", { name: "This call is locked" }).waitFor();

	await row.getByRole("button", { name: "More for Gus Guest" }).click();
	await page.getByRole("menuitem", { name: "Remove from the call" }).click();
	await guest.getByRole("heading", { name: "A host removed you from the call" }).waitFor();
	await row.waitFor({ state: "detached" });
});

test("who knocks may go again, and may be turned away", async () => {
	const { code } = await makeCall(host, { access: "lobby" });
	const page = await hostPage(code);
	const guest = await newPage();
	await goIn(guest, system.url, code, "Gus Guest");
	await guest.getByTestId("waiting-room").waitFor();

	await guest.getByRole("button", { name: "Cancel" }).click();
	await guest.getByRole("button", { name: "Ask to join" }).click();
	await guest.getByTestId("waiting-room").waitFor();
	await page.getByRole("button", { name: "Turn Gus Guest away" }).click();

	await guest.getByRole("heading", { name: "You were not let in" }).waitFor();
	expect(await guest.getByRole("link", { name: "Rejoin" }).isVisible()).toBe(true);
});

test("joining, muting and leaving work by the keyboard alone", async () => {
	const { code } = await makeCall(host);
	const page = await newPage();
	await page.goto(`${system.url}/meet/${code}`);
	await page.getByLabel("Your name").waitFor();
	await tabTo(page, "#join-name");
	await page.keyboard.type("Kim Keyboard");
	await page.keyboard.press("Enter");
	await untilInside(page);

	await tabTo(page, 'button[aria-label="Mute"]');
	await page.keyboard.press("Enter");
	await page.getByRole("button", { name: "Unmute" }).waitFor();
	await page.locator("body").press("m");
	await page.getByRole("button", { name: "Mute", exact: true }).waitFor();
	await page.keyboard.press("m");
	await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
	await page.keyboard.down(" ");
	await page.getByText("You are heard while you hold Space").waitFor();
	await page.keyboard.up(" ");
	await page.getByRole("button", { name: "Unmute" }).first().waitFor();
	await page.keyboard.press("?");
	await page.getByRole("dialog", { name: "Keyboard" }).getByText("Hold to talk while muted").waitFor();
	await page.keyboard.press("Escape");
	await tabTo(page, 'button[aria-label="Leave the call"]');
	await page.keyboard.press("Enter");

	await page.getByRole("heading", { name: "You left the call" }).waitFor();
	await tabTo(page, 'a[href^="/meet/"]');
	await page.keyboard.press("Enter");
	await page.getByRole("button", { name: "Join now" }).waitFor();
});

/** Presses Tab until what matches has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
	for (let presses = 0; presses < 60; presses++) {
		if (await page.evaluate((one) => document.activeElement?.matches(one) ?? false, selector)) return;
		await page.keyboard.press("Tab");
	}
	throw new Error(`Tab does not reach ${selector}`);
}

test("nobody needs a device: the trouble has its name, and one is in the call all the same", async () => {
	const { code } = await makeCall(host);
	await using bare = await launchBare();
	const page = await (await openContext(bare.browser, { permissions: [] })).newPage();
	await page.goto(`${system.url}/meet/${code}`);
	await page.getByRole("button", { name: "Use camera and microphone" }).click();
	const problem = page.getByTestId("device-problem").first();
	await problem.waitFor();

	expect(await problem.getAttribute("data-kind")).toMatch(/missing|denied|dismissed/);
	await page.getByLabel("Your name").fill("Dee Deviceless");
	await page.getByRole("button", { name: "Join now" }).click();
	await untilInside(page);
	const other = await hostPage(code);
	await untilMoving(page, "Ada Lovelace");
	await other.getByRole("article", { name: /^Dee Deviceless, muted/ }).waitFor();
});

/** A browser on a machine without camera and microphone. */
async function launchBare(): Promise<AsyncDisposable & { browser: Browser }> {
	const bare = await chromium.launch({
		executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
		args: ["--no-sandbox", "--allow-loopback-in-peer-connection", "--deny-permission-prompts"],
	});
	return { browser: bare, [Symbol.asyncDispose]: () => bare.close() };
}

test("a camera that is taken is told apart from a microphone that works, and heals when it is free", async () => {
	const { code } = await makeCall(host);
	const page = await newPage();
	await page.addInitScript(() => {
		const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
		navigator.mediaDevices.getUserMedia = (wish) =>
			wish?.video && !("cameraIsFree" in window)
				? Promise.reject(new DOMException("Could not start video source", "NotReadableError"))
				: real(wish);
	});
	await page.goto(`${system.url}/meet/${code}`);
	const ask = page.getByRole("button", { name: "Use camera and microphone" });
	await ask.or(page.getByTestId("device-problem")).first().waitFor();
	if (await ask.isVisible()) await ask.click();
	const problem = page.getByTestId("device-problem");
	await problem.waitFor();

	expect(await problem.getAttribute("data-kind")).toBe("busy");
	expect(await problem.getAttribute("data-device")).toBe("camera");
	await page.waitForFunction(
		() => Number(document.querySelector<HTMLElement>('[data-testid="level-meter"]')?.dataset.lit) > 2,
	);
	await page.evaluate(() => Object.assign(window, { cameraIsFree: true }));
	await problem.getByRole("button", { name: "Try again" }).click();
	await page.getByLabel("Your camera, mirrored").locator("video").waitFor();
});

test("a shared screen stands in front for the others, and the filmstrip is resized by the keyboard", async () => {
	const { code } = await makeCall(host);
	const page = await hostPage(code);
	const guest = await guestPage(code, "Gus Guest");
	await page.evaluate(() => {
		navigator.mediaDevices.getDisplayMedia = async () => {
			const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
			const picture = canvas.getContext("2d");
			setInterval(() => {
				if (picture === null) return;
				picture.fillStyle = `hsl(${Date.now() / 10} 60% 50%)`;
				picture.fillRect(0, 0, 320, 180);
			}, 66);
			return canvas.captureStream(15);
		};
	});
	await page.getByRole("button", { name: "Share your screen" }).click();
	await page.getByTestId("share-bar").waitFor();
	const shared = guest.locator('[data-testid="tile"][data-place="main"][data-screen="true"]');
	await shared.locator("video").waitFor({ timeout: 30_000 });
	const widthBefore = (await shared.boundingBox())?.width ?? 0;
	await guest.getByRole("separator", { name: "Size of the main picture" }).focus();
	for (let presses = 0; presses < 5; presses++) await guest.keyboard.press("ArrowLeft");

	await expect.poll(async () => (await shared.boundingBox())?.width ?? 0).toBeLessThan(widthBefore - 60);
	await page.getByRole("button", { name: "Stop sharing" }).first().click();
	await shared.waitFor({ state: "detached" });
});

test("the connection test names every leg within ten seconds", async () => {
	const { code } = await makeCall(host);
	const page = await newPage();
	await page.goto(`${system.url}/meet/${code}`);
	await page.getByRole("button", { name: "Test it" }).click();

	const verdict = page.getByTestId("connection-verdict");
	await verdict.waitFor({ timeout: 11_000 });
	expect(await verdict.getAttribute("data-code")).toMatch(
		/^udp-ok, turn-udp-ok, turn-tcp-ok, turn-tls-(ok|blocked)$/,
	);
});

test("lobby, call, end and people have no serious accessibility faults and fit a phone", async () => {
	const { code } = await makeCall(host, { title: "Weekly planning" });
	await guestPage(code, "Gus Guest");
	const faults: string[] = [];
	for (const [width, height] of [
		[1280, 800],
		[390, 844],
	] as const) {
		const { refreshToken } = await anotherDevice(host);
		const page = await newPage({ refreshToken, width, height });
		const check = async (name: string) => {
			for (const fault of await seriousFaults(page)) faults.push(`${name} ${width}: ${fault}`);
			const overflow = await overflowOf(page);
			if (overflow > 0) faults.push(`${name} ${width}: ${overflow} px too wide`);
		};
		await page.goto(`${system.url}/contacts`);
		await page
			.getByText("No calls yet")
			.or(page.getByTestId("call-history").getByRole("listitem"))
			.first()
			.waitFor();
		await check("people");
		await page.goto(`${system.url}/meet/${code}`);
		await page.getByText("Gus Guest is here").waitFor();
		await check("lobby");
		await page.getByRole("button", { name: "Join now" }).click();
		await untilInside(page);
		await tileOf(page, "Gus Guest").waitFor();
		await check("call");
		await page.getByRole("button", { name: "Open the chat" }).click();
		await check("chat");
		await page.keyboard.press("Escape");
		await page.getByRole("button", { name: "Connection quality" }).click();
		await check("quality");
		await page.keyboard.press("Escape");
		await page.keyboard.press("Control+Alt+p");
		await check("people panel");
		await page.keyboard.press("Escape");
		await page.getByRole("button", { name: "More", exact: true }).click();
		await check("menu");
		await page.keyboard.press("Escape");
		await page.getByRole("button", { name: "Leave the call" }).click();
		await page.getByRole("heading", { name: "You left the call" }).waitFor();
		await check("end");
	}

	expect(faults).toEqual([]);
}, 120_000);

test("a broken line is said with what happens next, and the call goes on by itself", async () => {
	const { code } = await makeCall(host);
	const page = await hostPage(code);
	await guestPage(code, "Gus Guest");
	await tileOf(page, "Gus Guest").waitFor();

	system.kill("workerd");

	await page.getByTestId("reconnecting").getByText("Connection lost").waitFor({ timeout: 20_000 });
	await page.locator('[data-testid="room"][data-phase="connected"]').waitFor({ timeout: 60_000 });
	await page.getByTestId("reconnecting").waitFor({ state: "detached" });
	await tileOf(page, "Gus Guest").waitFor();
});
