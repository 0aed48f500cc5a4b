import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { register } from "../../protocol/account.ts";
import type { VideoID } from "../../protocol/ids.ts";
import { getPlayback } from "../../protocol/vod.ts";
import { launchChromium } from "../support/chromium.ts";
import { PASSWORD } from "../support/stage.ts";
import { Caller, System } from "../support/system.ts";
import { checkPicture, checkSound, checkWalks } from "../support/vod-checks.ts";
import { decodeTrack, VodFiles } from "../support/vod-files.ts";
import { PlayingEverywhere } from "../support/vod-playing.ts";
import { PICTURE_SOURCES, SOUND_SOURCES, type VodSource } from "../support/vod-sources.ts";
import { untilReady, uploadFile } from "../support/vod-upload.ts";
import { walkDash, walkHls } from "../support/vod-walk.ts";

/** All works wait for each other: two media jobs at once on two cores. */
const READY_MS = 240_000;
const PORT = 20_700;

let system: System;
let files: VodFiles;
let browser: Browser;
let caller: Caller;
let players: PlayingEverywhere;
const works = new Map<string, { videoID: VideoID; path: string }>();

beforeAll(async () => {
	files = await VodFiles.open();
	browser = await launchChromium();
	system = await System.start(PORT, { MEDIA_VOD_PRESET: "ultrafast" });
	caller = new Caller(system.url);
	const body = { userName: `files_${process.pid}`, password: PASSWORD };
	caller.token = (await caller.call(register, { body })).accessToken;
	players = await PlayingEverywhere.open(browser, system.url);
	for (const source of [...PICTURE_SOURCES, ...SOUND_SOURCES].toReversed()) {
		const path = await source.make(files);
		works.set(source.name, { path, videoID: await uploadFile(caller, { ...source, path }) });
	}
}, 180_000);
afterAll(async () => {
	await players?.[Symbol.asyncDispose]();
	await browser?.close();
	await system?.[Symbol.asyncDispose]();
	await files?.[Symbol.asyncDispose]();
});

describe.each([...SOUND_SOURCES, ...PICTURE_SOURCES])("$what", (source: VodSource) => {
	test("is made into what the plan says, frame by frame and without a gap", {
		timeout: READY_MS + 60_000,
	}, async () => {
		const { videoID, path } = workOf(source);

		const video = await untilReady(caller, videoID, READY_MS);
		const { hls, dash, isComplete } = await caller.call(getPlayback, { params: { videoID } });
		const walked = { hls: await walkHls(hls), dash: await walkDash(dash) };

		expect(isComplete).toBe(true);
		expect(Math.abs((video.durationMs ?? 0) / 1000 - source.seconds)).toBeLessThan(0.1);
		checkWalks(source, video, walked);
		const original = source.pictures.length > 0 ? await decodeTrack(path, "v") : null;
		for (const wanted of source.pictures) {
			await checkPicture(walked.dash, { wanted, original: original?.times ?? [], folder: files.path("") });
		}
		for (const [name, codec] of source.sounds) {
			await checkSound(walked.dash, { name, codec, path, folder: files.path("") });
		}
	});

	test("plays in hls.js and in shaka-player by HLS and by DASH, seeks, and switches", {
		timeout: 120_000,
	}, async () => {
		const { videoID } = workOf(source);
		await untilReady(caller, videoID, READY_MS);
		const playback = await caller.call(getPlayback, { params: { videoID } });

		await players.play({ source, ...playback });
	});
});

function workOf({ name }: VodSource): { videoID: VideoID; path: string } {
	const work = works.get(name);
	if (work === undefined) throw new Error(`${name} was not uploaded`);
	return work;
}
