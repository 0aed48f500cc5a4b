import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import AxeBuilder from "@axe-core/playwright";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { register } from "../../protocol/account.ts";
import { listVideos } from "../../protocol/vod.ts";
import { CHROMIUM_PATH } from "../support/chromium.ts";
import { untilPlaying } from "../support/glass.ts";
import { PASSWORD } from "../support/stage.ts";
import { Caller, System } from "../support/system.ts";

/** Chunks of the film that the store gets before the browser is killed: two of five, 40 %. */
const CHUNKS_BEFORE = 2;

let system: System;
let folder: string;
let film: string;
let count = 0;

beforeAll(async () => {
	folder = mkdtempSync(`${tmpdir()}/rostrum-upload-`);
	film = `${folder}/talk.mp4`;
	makeFilm(film);
	system = await System.start(20_310);
}, 120_000);
afterAll(async () => {
	await system[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true, force: true });
});

test("an upload survives kill -9 of the browser: no chunk that arrived goes again, and the film plays", async () => {
	const { caller, userName, userID } = await newMember();
	const profile = `${folder}/profile-${userName}`;
	const puts = new Map<string, number>();
	const first = await openProfile(profile, puts);
	const page = await openLibrary(first, userName);
	await holdChunks(first, CHUNKS_BEFORE);
	await page.getByTestId("file-input").setInputFiles(film);
	await expect.poll(() => puts.size, { timeout: 60_000 }).toBe(CHUNKS_BEFORE);
	await page.getByText(/^Uploading · [34]\d %/).waitFor();
	const isGone = new Promise((resolve) => first.once("close", resolve));
	killProfile(profile);
	await isGone;

	const second = await openProfile(profile, puts);
	const again = await openSession(second);
	const row = again.getByTestId("upload");
	await row.getByText("The server has kept what was sent").waitFor();
	await again.getByTestId("file-input").setInputFiles(film);
	await row.getByRole("link", { name: "Watch" }).click({ timeout: 60_000 });
	const stats = await untilPlaying(again, "recording");

	expect(puts.size).toBe(chunkCount(film));
	const sentTwice = [...puts.values()].filter((times) => times > 1).length;
	expect(sentTwice).toBeLessThanOrEqual(1);
	expect(stats.protocol).toBe("HLS");
	expect(stats.height).toBe(360);
	const { items } = await caller.call(listVideos, { query: { ownerID: userID } });
	expect(items).toHaveLength(1);
	expect(items[0]?.sizeBytes).toBe(readFileSync(film).length);
	await second.close();
}, 180_000);

test("the very same file is not sent again, and the library's pages have no faults of accessibility", async () => {
	const { userName } = await newMember();
	const puts = new Map<string, number>();
	const context = await openProfile(`${folder}/profile-${userName}`, puts);
	const page = await openLibrary(context, userName);
	expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
	await page.getByTestId("file-input").setInputFiles(film);
	await page.getByTestId("upload").getByRole("link", { name: "Watch" }).waitFor({ timeout: 90_000 });
	expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
	const sent = [...puts.values()].reduce((sum, times) => sum + times, 0);

	await page.getByTestId("file-input").setInputFiles(film);
	await page.getByText("nothing was sent").waitFor();

	expect([...puts.values()].reduce((sum, times) => sum + times, 0)).toBe(sent);
	await page.getByRole("link", { name: "Details" }).first().click();
	await page.getByLabel("Title", { exact: true }).fill("The talk");
	await page.getByLabel("Chapters", { exact: true }).fill("0:00 Start\n0:02 Middle");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("Saved").waitFor();
	expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
	await page.getByRole("link", { name: "Watch" }).click();
	await page.waitForURL((url) => url.pathname.startsWith("/watch/"));
	await page.getByRole("heading", { name: "The talk" }).waitFor();
	await untilPlaying(page, "recording");
	expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
	await page.getByRole("button", { name: "Middle" }).click();
	await page.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) >= 2);
	await context.close();
}, 180_000);

/** Six seconds that do not compress: five chunks and a rest. */
function makeFilm(path: string): void {
	const picture = "testsrc2=size=640x360:rate=30:duration=6,noise=alls=60:allf=t";
	const rate = ["-b:v", "56M", "-minrate", "56M", "-maxrate", "56M", "-bufsize", "20M"];
	const codecs = ["-c:v", "libx264", "-preset", "ultrafast", ...rate, "-g", "60", "-pix_fmt", "yuv420p"];
	const inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=frequency=440:duration=6"];
	execFileSync("ffmpeg", ["-v", "error", "-y", ...inputs, ...codecs, "-c:a", "aac", "-shortest", path]);
}

function chunkCount(path: string): number {
	return Math.ceil(readFileSync(path).length / (8 * 1024 ** 2));
}

async function newMember() {
	const caller = new Caller(system.url);
	const userName = `member_${++count}_${process.pid}`;
	const { accessToken, user } = await caller.call(register, { body: { userName, password: PASSWORD } });
	caller.token = accessToken;
	return { caller, userName, userID: user.userID };
}

/** A browser with a memory. `puts` counts the chunks that the store took, by part. */
async function openProfile(profile: string, puts: Map<string, number>): Promise<BrowserContext> {
	const context = await chromium.launchPersistentContext(profile, {
		executablePath: CHROMIUM_PATH,
		viewport: { width: 1280, height: 900 },
		bypassCSP: true,
		args: ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
	});
	context.on("response", (response) => {
		const part = new URL(response.url()).searchParams.get("partNumber");
		if (part === null || response.request().method() !== "PUT" || !response.ok()) return;
		puts.set(part, (puts.get(part) ?? 0) + 1);
	});
	return context;
}

async function openLibrary(context: BrowserContext, userName: string): Promise<Page> {
	const page = await context.newPage();
	await page.goto(`${system.url}/login?next=/studio/library`);
	await page.locator('input[autocomplete*="username"]').fill(userName);
	await page.locator('input[type="password"]').fill(PASSWORD);
	await page.keyboard.press("Enter");
	await page.getByTestId("library-empty").waitFor();
	return page;
}

/** The session of the last time is still there. */
async function openSession(context: BrowserContext): Promise<Page> {
	const page = await context.newPage();
	await page.goto(`${system.url}/studio/library`);
	return page;
}

/** Lets some chunks through to the store and holds the others on their way. */
async function holdChunks(context: BrowserContext, passing: number): Promise<void> {
	let passed = 0;
	await context.route(/partNumber=/, async (route) => {
		passed += 1;
		if (passed <= passing) await route.continue();
	});
}

/** kill -9 of the browser that has this profile, and of no other. */
function killProfile(profile: string): void {
	for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
		try {
			const command = readFileSync(`/proc/${entry}/cmdline`, "utf8");
			if (command.includes(`--user-data-dir=${profile}`)) process.kill(Number(entry), "SIGKILL");
		} catch {
			// It ended meanwhile.
		}
	}
}
