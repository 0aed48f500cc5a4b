import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../support/chromium.ts";
import { RealtimeCaller, type RealtimeService, startRealtime } from "../support/realtime.ts";

/** partytracks unmodified: its server half in workerd, its browser half in Chromium. */

let service: RealtimeService;
let worker: Miniflare;
let browser: Browser;
let url: string;
let pageScript: string;

beforeAll(async () => {
	service = await startRealtime(19_240);
	pageScript = await bundle("partytracks-page.ts", "iife");
	worker = new Miniflare(
		convertV4MiniflareOptions({
			modules: [
				{
					type: "ESModule",
					path: "worker.mjs",
					contents: await bundle("partytracks-worker.ts", "esm"),
				},
			],
			compatibilityDate: "2026-10-01",
			compatibilityFlags: ["nodejs_compat"],
			cf: false,
			bindings: {
				APP_ID: service.appID,
				APP_SECRET: service.appSecret,
				BASE_URL: service.baseURL,
				TURN_ID: service.turn?.keyID ?? "",
				TURN_TOKEN: service.turn?.token ?? "",
			},
		}),
	);
	url = String(await worker.ready);
	browser = await launchChromium();
});
afterAll(async () => {
	await browser?.close();
	await worker?.dispose();
	await service[Symbol.asyncDispose]();
});

test("two people push and pull picture and sound", async () => {
	const [left, right] = [await openParty(), await openParty()];

	const [camera, microphone] = await Promise.all([
		left.evaluate(() => window.party.push("camera", "video", [])),
		left.evaluate(() => window.party.push("microphone", "audio", [])),
	]);
	await right.evaluate((metadata) => window.party.pull("picture", metadata), camera);
	await right.evaluate((metadata) => window.party.pull("sound", metadata), microphone);

	expect(camera).toMatchObject({ location: "remote", sessionId: expect.stringMatching(/^[0-9a-f]{32}$/) });
	await waitForFrames(right, "picture", 20);
	await right.waitForFunction(() => window.party.playback("sound").seconds > 1);
	await Promise.all([left.close(), right.close()]);
});

test("a preferred layer is shown, and another one after it was changed", async () => {
	const [left, right] = [await openParty(), await openParty()];
	const camera = await left.evaluate(() => window.party.push("camera", "video", ["a", "b"]));
	await right.evaluate(() => window.party.prefer("b"));

	await right.evaluate((metadata) => window.party.pull("picture", metadata), camera);
	await right.waitForFunction(() => window.party.playback("picture").width === 640);
	await right.evaluate(() => window.party.prefer("a"));

	await right.waitForFunction(() => window.party.playback("picture").width === 1280);
	await Promise.all([left.close(), right.close()]);
});

test("pulled tracks end when they are let go, and others can follow", async () => {
	const [left, right] = [await openParty(), await openParty()];
	const camera = await left.evaluate(() => window.party.push("camera", "video", []));
	const microphone = await left.evaluate(() => window.party.push("microphone", "audio", []));
	await right.evaluate((metadata) => window.party.pull("sound", metadata), microphone);
	await right.evaluate((metadata) => window.party.pull("picture", metadata), camera);
	await waitForFrames(right, "picture", 5);
	const [sessionID = ""] = await sessionsOf(right);
	const api = new RealtimeCaller(service);
	const active = async () => {
		const { tracks } = await api.state(sessionID);
		return tracks.filter((track) => track.status === "active").map((track) => track.trackName);
	};
	expect(await active()).toHaveLength(2);

	await right.evaluate(() => window.party.end("picture"));

	await expect.poll(active, { timeout: 10_000 }).toEqual([microphone.trackName]);
	await right.evaluate((metadata) => window.party.pull("again", metadata), camera);
	await waitForFrames(right, "again", 5);
	await Promise.all([left.close(), right.close()]);
});

async function openParty(): Promise<Page> {
	const page = await browser.newPage();
	await page.goto(url);
	await page.addScriptTag({ content: pageScript });
	return page;
}

async function waitForFrames(page: Page, name: string, count: number): Promise<void> {
	await page.waitForFunction(([one, frames]) => window.party.playback(one).frames >= frames, [
		name,
		count,
	] as const);
}

/** Session ids in the calls that partytracks made. */
async function sessionsOf(page: Page): Promise<string[]> {
	const history = await page.evaluate(() => JSON.stringify(window.party.history));
	return [...new Set(Array.from(history.matchAll(/sessions\/([0-9a-f]{32})/g), (match) => match[1] ?? ""))];
}

async function bundle(file: string, format: "esm" | "iife"): Promise<string> {
	const built = await build({
		entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
		bundle: true,
		write: false,
		format,
		external: ["node:*"],
	});
	return built.outputFiles[0]?.text ?? "";
}
