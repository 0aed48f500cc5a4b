import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { register } from "../../protocol/account.ts";
import { getPlayback, type Video } from "../../protocol/vod.ts";
import { launchChromium } from "../support/chromium.ts";
import type { Engine } from "../support/page-vod-player.ts";
import { PASSWORD } from "../support/stage.ts";
import { Caller, System } from "../support/system.ts";
import { checkPicture, checkSound, checkWalks } from "../support/vod-checks.ts";
import { decodeTrack, VodFiles } from "../support/vod-files.ts";
import { VodPlayer } from "../support/vod-player.ts";
import type { VodSource } from "../support/vod-sources.ts";
import { untilReady, uploadFile } from "../support/vod-upload.ts";
import { walkDash, walkHls } from "../support/vod-walk.ts";

const PORT = 20_720;
const READY_MS = 150_000;
const BOTH = { picture: true, sound: true };

const SIZES = [
	{ lines: 480, width: 854, height: 480 },
	{ lines: 360, width: 640, height: 360 },
];

const SOURCE: VodSource = {
	what: "a film",
	kind: "video",
	name: "film.mp4",
	contentType: "video/mp4",
	seconds: 6,
	make: (files) =>
		files.make(
			"film.mp4",
			"-f lavfi -i testsrc2=s=854x480:r=25:d=6 -f lavfi -i sine=440:r=48000:d=6 -c:v libx264 -preset ultrafast -crf 32 -pix_fmt yuv420p -g 50 -c:a aac",
		),
	pictures: [
		{ name: "480p-source", width: 854, height: 480, every: 1 },
		{ name: "360p-h264", width: 640, height: 360, every: 1 },
		...["hevc", "vp9", "av1"].flatMap((codec) =>
			SIZES.map(({ lines, ...size }) => ({ name: `${lines}p-${codec}`, codec, ...size, every: 1 as const })),
		),
	],
	sounds: [
		["audio-source", "aac"],
		["audio-opus128", "opus"],
	],
};

let system: System;
let files: VodFiles;
let browser: Browser;
let path: string;
let video: Video;
let playback: { hls: string; dash: string };

beforeAll(async () => {
	files = await VodFiles.open();
	browser = await launchChromium();
	system = await System.start(PORT, {
		MEDIA_VOD_PRESET: "ultrafast",
		VOD_CODECS: "hevc,vp9,av1",
		VOD_OPUS: "on",
	});
	const caller = new Caller(system.url);
	const body = { userName: `codecs_${process.pid}`, password: PASSWORD };
	caller.token = (await caller.call(register, { body })).accessToken;
	path = await SOURCE.make(files);
	const videoID = await uploadFile(caller, { ...SOURCE, path });
	video = await untilReady(caller, videoID, READY_MS);
	playback = await caller.call(getPlayback, { params: { videoID } });
}, READY_MS + 90_000);
afterAll(async () => {
	await browser?.close();
	await system?.[Symbol.asyncDispose]();
	await files?.[Symbol.asyncDispose]();
});

test("codecs by configuration are listed by HLS and DASH, and hold every picture and all of the sound", async () => {
	const walked = { hls: await walkHls(playback.hls), dash: await walkDash(playback.dash) };

	checkWalks(SOURCE, video, walked);
	const original = (await decodeTrack(path, "v")).times;
	for (const wanted of SOURCE.pictures) {
		await checkPicture(walked.dash, { wanted, original, folder: files.path("") });
	}
	for (const [name, codec] of SOURCE.sounds) {
		await checkSound(walked.dash, { name, codec, path, folder: files.path("") });
	}
});

test.each([
	["vp09", "opus"],
	["av01", "opus"],
	["avc1", "mp4a"],
])("shaka-player plays %s with %s by DASH and switches among its qualities", async (picture, sound) => {
	await using player = await VodPlayer.open(browser, system.url);

	await player.load({ engine: "shaka", url: playback.dash, prefer: { picture, sound } });
	await player.watch(BOTH);

	const qualities = await player.qualities();
	const own = qualities.filter(({ codecs }) => codecs.includes(picture) && codecs.includes(sound));
	expect(own.map((quality) => quality.height).toSorted()).toEqual([360, 480]);
	expect(qualities.filter((quality) => !quality.codecs.includes(picture))).toEqual([]);
	for (const { id, width, height } of own) {
		const seen = await player.choose(id, BOTH);
		expect([seen.width, seen.height]).toEqual([width, height]);
		const further = await player.seek(1, BOTH);
		expect(Math.abs(further.firstAt - 1)).toBeLessThan(0.5);
	}
	const { lastPictureAt } = await player.playToEnd(4.5);
	expect(lastPictureAt).toBeGreaterThan(5.5);
	expect(await player.faults()).toEqual([]);
});

test.each<[Engine, "hls" | "dash"]>([
	["hls.js", "hls"],
	["shaka", "hls"],
	["shaka", "dash"],
])("%s by %s chooses a codec that the browser has", async (engine, manifest) => {
	await using player = await VodPlayer.open(browser, system.url);

	await player.load({ engine, url: playback[manifest] });
	const seen = await player.watch(BOTH);

	expect(seen.pictures).toBeGreaterThan(4);
	const qualities = await player.qualities();
	expect(qualities.length).toBeGreaterThan(0);
	const [, sound = ""] = qualities[0]?.codecs.split(/, ?/) ?? [];
	for (const { codecs, id } of qualities) {
		expect(await player.canPlay(`video/mp4; codecs="${codecs}"`), codecs).toBe(true);
		// A menu of qualities leaves the sound as it is. shaka-player 5.2.12 stalls if both codecs change at once; either alone is well.
		if (!codecs.includes(sound)) continue;
		await player.choose(id, BOTH);
		await player.seek(0.5, BOTH);
	}
	expect(await player.faults()).toEqual([]);
});
