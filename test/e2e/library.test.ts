import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { register } from "../../protocol/account.ts";
import type { UserID } from "../../protocol/ids.ts";
import { listVideos } from "../../protocol/vod.ts";
import { openBrowser } from "../support/glass.ts";
import { PASSWORD } from "../support/stage.ts";
import { Caller, eventually, System } from "../support/system.ts";
import { uploadFilm } from "../support/upload-film.ts";

let system: System;
let browser: Browser;
let folder: string;
let count = 0;
let caller: Caller;
let userID: UserID;
let page: Page;

beforeAll(async () => {
	folder = mkdtempSync(`${tmpdir()}/rostrum-library-`);
	system = await System.start(20_840);
	browser = await openBrowser();
}, 120_000);
afterAll(async () => {
	await browser?.close();
	await system?.[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
	caller = new Caller(system.url);
	const userName = `librarian_${++count}_${process.pid}`;
	const member = await caller.call(register, { body: { userName, password: PASSWORD } });
	caller.token = member.accessToken;
	userID = member.user.userID;
	for (const title of ["Alpha", "Beta", "Gamma"])
		await uploadFilm(caller, makeFilm(`${title}-${count}`), { title, visibility: "private" });
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: true });
	page = await context.newPage();
	await page.goto(`${system.url}/login?next=/studio/library`);
	await page.locator('input[autocomplete*="username"]').fill(userName);
	await page.locator('input[type="password"]').fill(PASSWORD);
	await page.keyboard.press("Enter");
	await page.getByRole("checkbox", { name: "Select Alpha" }).waitFor();
	return () => context.close();
});

test("several works are shown to everybody at once, and hidden again, by the keyboard alone", async () => {
	await page.getByRole("checkbox", { name: "Select Alpha" }).focus();
	await page.keyboard.press("Space");
	await page.getByRole("checkbox", { name: "Select Gamma" }).focus();
	await page.keyboard.press("Space");
	await page.getByText("2 selected").waitFor();
	expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
	await page.getByRole("button", { name: "Visibility", exact: true }).focus();
	await page.keyboard.press("Enter");
	await untilFocused("Public");
	await page.keyboard.press("ArrowDown");
	await untilFocused("Unlisted");
	await page.keyboard.press("ArrowUp");
	await page.keyboard.press("Enter");
	await eventually(async () => (await visibilities()) === "Alpha public, Beta private, Gamma public", 10_000);
	await page.getByText("2 works now public").waitFor();

	await page.getByRole("button", { name: "Undo" }).focus();
	await page.keyboard.press("Enter");

	await eventually(
		async () => (await visibilities()) === "Alpha private, Beta private, Gamma private",
		10_000,
	);
});

test("several works are deleted at once, and all come back", async () => {
	// The newest is first: from there to the last with Shift.
	await page.getByRole("checkbox", { name: "Select Gamma" }).click();
	await page.getByRole("checkbox", { name: "Select Beta" }).click({ modifiers: ["Shift"] });
	await page.getByText("2 selected").waitFor();

	await page.getByRole("button", { name: "Delete", exact: true }).click();
	await page.getByText("2 works deleted").waitFor();
	await page.getByRole("checkbox", { name: "Select Beta" }).waitFor({ state: "detached" });
	const meanwhile = await deleted();
	await page.getByRole("button", { name: "Undo" }).click();
	await page.getByRole("checkbox", { name: "Select Beta" }).waitFor();

	expect(meanwhile).toBe("Beta, Gamma");
	await eventually(async () => (await deleted()) === "", 10_000);
	expect(await page.getByRole("checkbox", { name: /^Select (Alpha|Beta|Gamma)$/ }).count()).toBe(3);
});

test("Escape leaves the selection, and the box above takes all", async () => {
	await page.getByRole("checkbox", { name: "Select all" }).click();
	await page.getByText("3 selected").waitFor();
	await page.keyboard.press("Escape");
	await page.getByText("3 selected").waitFor({ state: "detached" });

	expect(await page.getByRole("checkbox", { checked: true }).count()).toBe(0);
	expect(await page.getByRole("button", { name: "Delete", exact: true }).count()).toBe(0);
});

test("a work is renamed where it stands: F2, Enter; Escape keeps the title; and it can be undone", async () => {
	const titles = async () => {
		const { items } = await caller.call(listVideos, { query: { ownerID: userID } });
		return items
			.map((item) => item.title)
			.toSorted()
			.join();
	};
	await page.getByRole("link", { name: "Beta", exact: true }).focus();
	await page.keyboard.press("F2");
	await page.getByRole("textbox", { name: "New title for Beta" }).waitFor();
	await page.keyboard.type("Nothing of this stays");
	await page.keyboard.press("Escape");
	await untilFocused("Beta");

	await page.keyboard.press("F2");
	await page.getByRole("textbox", { name: "New title for Beta" }).waitFor();
	await page.keyboard.type("Delta");
	expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
	await page.keyboard.press("Enter");
	await page.getByRole("link", { name: "Delta", exact: true }).waitFor();
	await eventually(async () => (await titles()) === "Alpha,Delta,Gamma", 10_000);
	await page.getByRole("button", { name: "Undo" }).click();

	await eventually(async () => (await titles()) === "Alpha,Beta,Gamma", 10_000);
	await page.getByRole("link", { name: "Beta", exact: true }).waitFor();
});

test("a folder is dropped: its films go up, with those of the folders in it, and nothing else", async () => {
	const dropped = `${folder}/dropped-${count}`;
	mkdirSync(`${dropped}/inner`, { recursive: true });
	writeFileSync(`${dropped}/notes.txt`, "nothing to see");
	execFileSync("cp", [makeFilm(`one-${count}`, "cellauto"), `${dropped}/One.mp4`]);
	execFileSync("cp", [makeFilm(`two-${count}`, "life"), `${dropped}/inner/Two.mp4`]);

	await dropOnPage(page, dropped);

	await page.getByTestId("upload").getByText("One").first().waitFor();
	await page.getByTestId("upload").getByText("Two").first().waitFor();
	await eventually(async () => {
		const { items } = await caller.call(listVideos, { query: { ownerID: userID } });
		return items.length === 5;
	}, 20_000);
	expect(await page.getByText("notes").count()).toBe(0);
});

/** A small film, each of its own: the same twice would not be sent. */
function makeFilm(name: string, picture = "testsrc2"): string {
	const path = `${folder}/${name}.mp4`;
	const tone = 200 + [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
	const source = picture === "testsrc2" ? "testsrc2=size=320x180:rate=10" : `${picture}=size=320x180:rate=10`;
	const inputs = ["-f", "lavfi", "-i", source, "-f", "lavfi", "-i", `sine=frequency=${tone}`];
	const codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"];
	execFileSync("ffmpeg", ["-v", "error", "-y", ...inputs, "-t", "2", ...codecs, path]);
	return path;
}

/** A real drop of something that lies on the disk, as the system's file manager does it. */
async function dropOnPage(at: Page, path: string): Promise<void> {
	const devtools = await at.context().newCDPSession(at);
	const data = { items: [], files: [path], dragOperationsMask: 1 };
	for (const type of ["dragEnter", "dragOver", "drop"] as const)
		await devtools.send("Input.dispatchDragEvent", { type, x: 600, y: 400, data });
}

/** What has the focus begins with these words. */
async function untilFocused(words: string): Promise<void> {
	await page.waitForFunction((text) => document.activeElement?.textContent?.startsWith(text), words);
}

async function visibilities(): Promise<string> {
	const { items } = await caller.call(listVideos, { query: { ownerID: userID } });
	return items
		.map((item) => `${item.title} ${item.visibility}`)
		.toSorted()
		.join(", ");
}

async function deleted(): Promise<string> {
	const { items } = await caller.call(listVideos, { query: { ownerID: userID } });
	return items
		.filter((item) => item.deletedAt !== null)
		.map((item) => item.title)
		.toSorted()
		.join(", ");
}
