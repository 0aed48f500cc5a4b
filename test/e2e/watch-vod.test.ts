import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { register } from "../../protocol/account.ts";
import type { VideoID } from "../../protocol/ids.ts";
import { addRendition, getPlayback, getVideo } from "../../protocol/vod.ts";
import { listProgress } from "../../protocol/vod-watching.ts";
import { openBrowser, untilPlaying } from "../support/glass.ts";
import { PASSWORD } from "../support/stage.ts";
import { Caller, eventually, System } from "../support/system.ts";
import { untilReady, uploadFilm } from "../support/upload-film.ts";

/** Goal G82: whoever goes on elsewhere is this near to where they stopped. */
const NEAR_SECONDS = 2;

let system: System;
let browser: Browser;
let folder: string;
let videoID: VideoID;
let count = 0;

beforeAll(async () => {
	folder = mkdtempSync(`${tmpdir()}/rostrum-watch-vod-`);
	system = await System.start(20_800);
	browser = await openBrowser();
	const { caller } = await newMember();
	videoID = await uploadFilm(caller, makeFilm(`${folder}/film.mp4`), { title: "A film" });
	await untilReady(caller, videoID);
	const captions =
		"WEBVTT\n\n00:00:00.000 --> 00:00:40.000\nTwo lines are said here,\nas captions tend to do\n";
	await fetch(`${system.url}/videos/${videoID}/captions/en`, {
		method: "PUT",
		headers: { authorization: `Bearer ${caller.token}`, "content-type": "text/vtt" },
		body: captions,
	});
}, 180_000);
afterAll(async () => {
	await browser?.close();
	await system?.[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true, force: true });
});

describe("a film goes on where it was left", () => {
	test("on another device of the same account", async () => {
		const { caller, userName } = await newMember();
		await using deviceA = await openDevice(userName);
		await using deviceB = await openDevice(userName);

		await watch(deviceA.page);
		await seek(deviceA.page, 27);
		const stoppedAt = await pause(deviceA.page);
		await untilSaved(caller, stoppedAt);
		await watch(deviceB.page);

		expect(Math.abs((await firstPosition(deviceB.page)) - stoppedAt)).toBeLessThan(NEAR_SECONDS);
		await deviceB.page.getByText("Resumed at 0:2").waitFor();
	});

	test("where the last device stopped, though another was further", async () => {
		const { caller, userName } = await newMember();
		await using deviceA = await openDevice(userName);
		await using deviceB = await openDevice(userName);
		await watch(deviceA.page);
		await seek(deviceA.page, 30);
		await untilSaved(caller, await pause(deviceA.page));

		await watch(deviceB.page);
		await seek(deviceB.page, 8);
		const stoppedAt = await pause(deviceB.page);
		await untilSaved(caller, stoppedAt);
		await watch(deviceA.page);

		expect(Math.abs((await firstPosition(deviceA.page)) - stoppedAt)).toBeLessThan(NEAR_SECONDS);
	});

	test("when the page was simply closed", async () => {
		const { userName, caller } = await newMember();
		await using deviceA = await openDevice(userName);
		await using deviceB = await openDevice(userName);
		await watch(deviceA.page);
		await seek(deviceA.page, 19);
		const stoppedAt = await position(deviceA.page);

		await deviceA.page.close();
		await untilSaved(caller, stoppedAt);
		await watch(deviceB.page);

		expect(Math.abs((await firstPosition(deviceB.page)) - stoppedAt)).toBeLessThan(NEAR_SECONDS);
	});

	test("in the same browser without an account, and starts over if that is wanted", async () => {
		await using device = await openDevice(null);
		await watch(device.page);
		await seek(device.page, 22);
		const stoppedAt = await pause(device.page);

		await watch(device.page);
		const resumedAt = await firstPosition(device.page);
		expect((await new AxeBuilder({ page: device.page }).analyze()).violations).toEqual([]);
		await device.page.getByRole("button", { name: "Start over" }).click();
		await device.page.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 99) < 2);
		await untilPlaying(device.page, "recording");

		expect(Math.abs(resumedAt - stoppedAt)).toBeLessThan(NEAR_SECONDS);
		expect(await device.page.getByTestId("resumed").count()).toBe(0);
	});

	test("but from its start if it was watched to its end", async () => {
		const { caller, userName } = await newMember();
		await using deviceA = await openDevice(userName);
		await using deviceB = await openDevice(userName);
		await watch(deviceA.page);
		await seek(deviceA.page, 38.5);
		await deviceA.page.waitForSelector('rostrum-player[data-state="ended"]');
		await untilSaved(caller, 40);

		await watch(deviceB.page);

		expect(await firstPosition(deviceB.page)).toBeLessThan(NEAR_SECONDS);
		expect(await deviceB.page.getByTestId("resumed").count()).toBe(0);
	});
});

test("a viewer without an account is counted once, however often the page is opened", async () => {
	const anybody = new Caller(system.url);
	const viewsNow = async () => (await anybody.call(getVideo, { params: { videoID } })).views;
	const before = await viewsNow();
	await using device = await openDevice(null);
	await using another = await openDevice(null);

	for (let times = 0; times < 2; times++) {
		const told = device.page.waitForResponse((reply) => reply.url().endsWith(`/videos/${videoID}/views`));
		await watch(device.page);
		expect((await told).status()).toBe(202);
	}
	expect(await viewsNow()).toBe(before + 1);
	await watch(another.page);
	await eventually(async () => (await viewsNow()) === before + 2, 15_000);
});

test("a further codec that the owner asks for is listed by HLS and DASH when it is whole", async () => {
	const { caller } = await newMember();
	const path = `${folder}/short.mp4`;
	execFileSync("ffmpeg", ["-v", "error", "-y", "-i", `${folder}/film.mp4`, "-t", "6", "-c", "copy", path]);
	const short = await uploadFilm(caller, path, { title: "Short" });
	await untilReady(caller, short);
	const ask = () =>
		caller.call(addRendition, { params: { videoID: short }, body: { codec: "vp9", resolution: "360p" } });

	await ask();
	await eventually(async () => {
		const { renditions } = await caller.call(getVideo, { params: { videoID: short } });
		return renditions.some(({ name }) => name === "360p-vp9");
	}, 60_000);
	const { hls, dash } = await eventually(async () => {
		const playback = await caller.call(getPlayback, { params: { videoID: short } });
		const primary = await (await fetch(playback.hls)).text();
		return primary.includes("360p-vp9/playlist.m3u8") ? playback : null;
	}, 30_000);

	expect(await (await fetch(dash)).text()).toContain('id="360p-vp9"');
	await expect(ask()).rejects.toThrow("409 exists");
	const made = countFrames(hls.replace("master.m3u8", "360p-vp9/playlist.m3u8"));
	expect(made).toBe(`vp9,${countFrames(path).split(",")[1]}`);
}, 150_000);

test("a loud work is played softer, says so, and leaves the slider where it is", async () => {
	const { caller } = await newMember();
	const loud = await uploadFilm(caller, makeNoise(`${folder}/loud.wav`), { kind: "audio", title: "Loud" });
	const { loudnessLufs } = await untilReady(caller, loud);
	await using device = await openDevice(null);
	const { page } = device;

	await page.goto(`${system.url}/watch/${loud}`);
	await page.waitForSelector('rostrum-player[data-state="playing"]');
	const chosen = await page.evaluate(() => document.querySelector("video")?.volume);
	const full = await soundingVolume(page);
	await page.evaluate(() => {
		const video = document.querySelector("video");
		if (video) video.volume = 0.5;
	});

	expect(loudnessLufs).toBeGreaterThan(-10);
	expect(chosen).toBe(1);
	expect(20 * Math.log10(full)).toBeCloseTo(-14 - (loudnessLufs ?? 0), 1);
	expect(await soundingVolume(page)).toBeCloseTo(full / 2, 3);
	await page.getByText("dB softer").waitFor();
	expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});

test.each([
	{ width: 1280, height: 800 },
	{ width: 390, height: 844 },
])("captions make room for the scrubber's pictures, $width wide", async (viewport) => {
	await using device = await openDevice(null, viewport);
	const { page } = device;
	await watch(page);
	await page.getByRole("button", { name: "Captions" }).click();
	await pause(page);
	const captions = page.getByTestId("captions");
	await captions.waitFor();
	const scrubber = await page.locator("media-time-range").boundingBox();
	if (scrubber === null) throw new Error("there is no scrubber");

	await page.mouse.move(scrubber.x + scrubber.width / 2, scrubber.y + scrubber.height / 2);
	const picture = page.locator("media-time-range media-preview-thumbnail");
	await picture.waitFor();

	// It moves there: asked until it stands.
	await expect
		.poll(async () => {
			const [text, shown] = [await captions.boundingBox(), await picture.boundingBox()];
			const stage = await page.locator("rostrum-player").boundingBox();
			if (!text || !shown || !stage) return "hidden";
			const isAbove = text.y + text.height <= shown.y && text.y >= stage.y;
			return isAbove ? "above" : "across";
		})
		.toBe("above");
});

/** 40 seconds that can be taken as they are. */
function makeFilm(path: string): string {
	const picture = "testsrc2=size=640x360:rate=25:duration=40";
	const sound = "sine=frequency=440:duration=40";
	const codecs = ["-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac"];
	const inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound];
	execFileSync("ffmpeg", ["-v", "error", "-y", ...inputs, ...codecs, "-shortest", path]);
	return path;
}

/** Codec and number of the pictures that can be decoded. */
function countFrames(input: string): string {
	const what = ["-show_entries", "stream=codec_name,nb_read_frames", "-of", "csv=p=0"];
	const args = ["-v", "error", "-select_streams", "v:0", "-count_frames", ...what, input];
	return execFileSync("ffprobe", args).toString().trim().split("\n")[0] ?? "";
}

function makeNoise(path: string): string {
	execFileSync("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", "anoisesrc=d=20:c=white:a=0.9", path]);
	return path;
}

/** What the element really plays with, whatever the page made of its `volume`. */
function soundingVolume(page: Page): Promise<number> {
	return page.evaluate(() => {
		const native = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "volume");
		return Number(native?.get?.call(document.querySelector("video")));
	});
}

async function newMember() {
	const caller = new Caller(system.url);
	const userName = `viewer_${++count}_${process.pid}`;
	const { accessToken } = await caller.call(register, { body: { userName, password: PASSWORD } });
	caller.token = accessToken;
	return { caller, userName };
}

/** A browser with a memory of its own, logged in as `userName` if there is one. */
async function openDevice(
	userName: string | null,
	viewport = { width: 1280, height: 800 },
): Promise<{ context: BrowserContext; page: Page } & AsyncDisposable> {
	const context = await browser.newContext({ viewport, bypassCSP: true });
	const page = await context.newPage();
	if (userName !== null) {
		await page.goto(`${system.url}/login`);
		await page.locator('input[autocomplete*="username"]').fill(userName);
		await page.locator('input[type="password"]').fill(PASSWORD);
		await page.keyboard.press("Enter");
		await page.waitForURL((url) => url.pathname === "/");
	}
	return { context, page, [Symbol.asyncDispose]: () => context.close() };
}

/** Opens the film's page anew; it plays by itself. The first position that is shown is kept on the page. */
async function watch(page: Page): Promise<void> {
	await page.goto(`${system.url}/watch/${videoID}`);
	await page.waitForSelector("video", { state: "attached" });
	await page.evaluate(() => {
		const video = document.querySelector("video");
		video?.addEventListener("playing", () => {
			document.body.dataset.firstPosition ??= String(video.currentTime);
		});
		if (video && !video.paused && video.readyState > 2)
			document.body.dataset.firstPosition ??= String(video.currentTime);
	});
	await untilPlaying(page, "recording");
}

async function firstPosition(page: Page): Promise<number> {
	return Number(await page.evaluate(() => document.body.dataset.firstPosition));
}

function position(page: Page): Promise<number> {
	return page.evaluate(() => document.querySelector("video")?.currentTime ?? Number.NaN);
}

/** Goes to this second and is playing there. */
async function seek(page: Page, seconds: number): Promise<void> {
	await page.evaluate((to) => {
		const video = document.querySelector("video");
		if (video) video.currentTime = to;
	}, seconds);
	await page.waitForFunction((to) => {
		const video = document.querySelector("video");
		return video !== null && !video.seeking && video.currentTime > to;
	}, seconds);
}

async function pause(page: Page): Promise<number> {
	await page.evaluate(() => document.querySelector("video")?.pause());
	await page.waitForSelector('rostrum-player[data-state="paused"]');
	return position(page);
}

/** The server has heard that this account is there. */
async function untilSaved(caller: Caller, seconds: number): Promise<void> {
	await eventually(async () => {
		const { items } = await caller.call(listProgress, { query: {} });
		return items.some((item) => Math.abs(item.positionMs / 1000 - seconds) < 0.7);
	}, 10_000);
}
