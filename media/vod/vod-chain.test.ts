import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { VideoID } from "../../protocol/ids.ts";
import type { AudioRung, SourceProbe, VodOutput, VodRung, VodTask } from "../../protocol/vod-job.ts";
import { decodeSamples } from "../../test/support/media-chain.ts";
import { brightness, decodeTrack, VodFiles } from "../../test/support/vod-files.ts";
import { VodStore } from "../../test/support/vod-store.ts";

const TIMEOUT = { timeout: 120_000 };
const PICTURE = "-f lavfi -i testsrc2=s=640x360:r=30000/1001:d=6";
const SOUND = "-f lavfi -i sine=440:r=44100:d=6";
const H264 = "-c:v libx264 -preset ultrafast -g 45 -bf 2 -pix_fmt yuv420p";

let files: VodFiles;
let store: VodStore;

beforeAll(async () => {
	files = await VodFiles.open();
	store = await VodStore.open();
});
afterAll(async () => {
	await store[Symbol.asyncDispose]();
	await files[Symbol.asyncDispose]();
});

test("H.264 and AAC in MP4 are copied frame by frame into gapless segments", TIMEOUT, async () => {
	const source = await files.make("fits.mp4", `${PICTURE} ${SOUND} ${H264} -c:a aac`);
	const videoID = await store.add(source);

	const { probe } = await store.result("probe", videoID, { kind: "probe" });
	const { outputs } = await store.result("outputs", videoID, {
		kind: "remux",
		video: "360p-source",
		audio: "audio-source",
		segmentSeconds: 2,
	});

	const original = await decodeTrack(source, "v");
	expect(probe.video).toMatchObject({
		codec: "h264",
		width: 640,
		height: 360,
		rotation: 0,
		isVariableRate: false,
	});
	expect(probe.video?.frames).toBe(original.times.length);
	expect(probe.video?.keyframes).toEqual([0, 1.5015, 3.003, 4.5045]);
	const [video, audio] = await expectWhole(videoID, outputs);
	expect(video?.times.length).toBe(original.times.length);
	expectSameTimes(video?.times ?? [], original.times);
	expect(audio?.times.length).toBe((await decodeTrack(source, "a")).times.length);
});

/** Sources that need encoding, the size that is shown, and the rung to make. */
const SOURCES: {
	what: string;
	name: string;
	args: string;
	/** Degrees that a player is to turn it. */
	rotate?: number;
	shown: [number, number];
	rung: Partial<VodRung>;
}[] = [
	{
		what: "NTSC pictures with B-frames",
		name: "ntsc.mp4",
		args: `${PICTURE} -c:v libx264 -preset veryfast -g 45 -bf 3 -pix_fmt yuv420p`,
		shown: [640, 360],
		rung: { width: 640, height: 360 },
	},
	{
		what: "a phone's clip, lying on its side with a rotation mark",
		name: "phone.mp4",
		args: `-f lavfi -i testsrc2=s=640x360:r=30:d=4 ${H264}`,
		rotate: 90,
		shown: [360, 640],
		rung: { width: 202, height: 360 },
	},
	{
		what: "odd sizes in 4:4:4 without sound",
		name: "odd.mkv",
		args: "-f lavfi -i testsrc=s=321x241:r=25:d=4 -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv444p",
		shown: [321, 241],
		rung: { width: 320, height: 240, framesPerSecond: 25 },
	},
	{
		what: "4:3 with pixels that are not square",
		name: "wide.mp4",
		args: `-f lavfi -i testsrc2=s=352x288:r=25:d=4 -vf setsar=16/11 ${H264}`,
		shown: [512, 288],
		rung: { width: 512, height: 288, framesPerSecond: 25 },
	},
	{
		what: "pictures with holes and of uneven distance",
		name: "uneven.mkv",
		args: `-f lavfi -i testsrc2=s=320x180:r=30:d=8 -vf 'select=not(mod(n\\,7))+lt(mod(n\\,50)\\,20),select=not(between(n\\,60\\,64))' -fps_mode vfr ${H264}`,
		shown: [320, 180],
		rung: { width: 320, height: 180 },
	},
	{
		what: "half pictures of a camera",
		name: "fields.mp4",
		args: "-f lavfi -i testsrc2=s=320x180:r=50:d=4 -vf interlace -c:v libx264 -preset ultrafast -x264-params tff=1:keyint=25 -flags +ilme+ildct -pix_fmt yuv420p",
		shown: [320, 180],
		rung: { width: 320, height: 180, framesPerSecond: 25 },
	},
	{
		what: "HEVC with ten bits",
		name: "ten.mp4",
		args: "-f lavfi -i testsrc2=s=320x180:r=24:d=4 -c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=24 -pix_fmt yuv420p10le -tag:v hvc1",
		shown: [320, 180],
		rung: { width: 320, height: 180, framesPerSecond: 24 },
	},
	{
		what: "VP9 in WebM, upright",
		name: "upright.webm",
		args: "-f lavfi -i testsrc2=s=180x320:r=30:d=4 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 30 -b:v 300k",
		shown: [180, 320],
		rung: { width: 180, height: 320 },
	},
];

test.each(SOURCES)(
	"$what: chunks join frame by frame, and equal the plan",
	TIMEOUT,
	async ({ name, args, rotate, shown, rung }) => {
		const made = await files.make(name, args);
		// Only a copy takes the mark.
		const source =
			rotate === undefined
				? made
				: await files.make(`turned-${name}`, `-i ${made} -c copy -metadata:s:v:0 rotate=${rotate}`);
		const videoID = await store.add(source);
		const { probe } = await store.result("probe", videoID, { kind: "probe" });

		const rungs = [makeRung(rung), makeRung({ ...rung, name: "small-h264", width: 128, height: 72 })];
		const { outputs, inits } = await encodeInChunks(videoID, probe, rungs);

		expect([probe.video?.width, probe.video?.height]).toEqual(shown);
		const original = await decodeTrack(source, "v");
		expect(probe.video?.frames).toBe(original.times.length);
		expect(inits.size).toBe(rungs.length);
		for (const [index, track] of (await expectWhole(videoID, outputs)).entries()) {
			expect([track.codec, track.width, track.height, track.shape]).toEqual([
				"h264",
				rungs[index]?.width,
				rungs[index]?.height,
				"1:1",
			]);
			expect(track.pixelFormat).toBe("yuv420p");
			expectSameTimes(track.times, original.times);
		}
		expect(probe.video?.isVariableRate).toBe(name === "uneven.mkv");
		expect(probe.video?.isInterlaced).toBe(name === "fields.mp4");
	},
);

test(
	"a rung of half the rate has every other picture, and its segments begin where the others' do",
	TIMEOUT,
	async () => {
		const source = await files.make("fast.mp4", `-f lavfi -i testsrc2=s=320x180:r=60:d=6 ${H264} -g 120`);
		const videoID = await store.add(source);
		const { probe } = await store.result("probe", videoID, { kind: "probe" });

		const full = makeRung({ width: 320, height: 180, framesPerSecond: 60 });
		const half = makeRung({ name: "half-h264", width: 160, height: 90, framesPerSecond: 30 });
		const { outputs } = await encodeInChunks(videoID, probe, [full, half]);

		const [all, every2nd] = await expectWhole(videoID, outputs);
		expect(all?.times.length).toBe(360);
		expect(every2nd?.times.length).toBe(180);
		const starts = (name: string) =>
			outputs
				.filter((one) => one.name === name)
				.flatMap((one) => one.segments.map((segment) => segment.time));
		expect(starts("half-h264")).toEqual(starts("180p-h264"));
	},
);

test("a step that is done again writes the same bytes", TIMEOUT, async () => {
	const source = await files.make("fits.mp4", `${PICTURE} ${SOUND} ${H264} -c:a aac`);
	const tasks: VodTask[] = [
		{ kind: "remux", video: "360p-source", audio: "audio-source", segmentSeconds: 2 },
		{
			kind: "encode-video",
			chunk: 1,
			start: 1.5015,
			end: 4.5045,
			segmentSeconds: 2,
			rungs: [makeRung({ width: 640, height: 360 })],
		},
		{ kind: "encode-audio", segmentSeconds: 2, rungs: [AAC, OPUS] },
		{ kind: "thumbnail", storyboard: true, cover: false },
		{ kind: "waveform" },
	];
	const digests: Map<string, string>[] = [];
	for (const attempt of [1, 2]) {
		const videoID = await store.add(source);
		for (const task of tasks) await store.run(store.job(videoID, task, { attempt }));
		digests.push(digestsOf(videoID));
	}

	expect(digests[0]?.size).toBeGreaterThan(15);
	expect(digests[1]).toEqual(digests[0]);
});

const AAC: AudioRung = { name: "audio-aac128", codec: "aac", bitrateBps: 128_000 };
const OPUS: AudioRung = { name: "audio-opus128", codec: "opus", bitrateBps: 128_000 };

test.each([
	["mp3", "-c:a libmp3lame -b:a 128k"],
	["flac", "-c:a flac"],
	["wav", "-ac 1 -ar 22050 -c:a pcm_s16le"],
	["m4a", "-c:a aac"],
	["ogg", "-c:a libvorbis -ac 2"],
])(
	"%s becomes AAC and Opus of the same length, and its loudness is known",
	TIMEOUT,
	async (extension, args) => {
		const source = await files.make(`sound.${extension}`, `-f lavfi -i sine=1000:r=44100:d=5 ${args}`);
		const videoID = await store.add(source);

		const { probe } = await store.result("probe", videoID, { kind: "probe" });
		const { outputs, loudnessLufs } = await store.result("outputs", videoID, {
			kind: "encode-audio",
			segmentSeconds: 2,
			rungs: [AAC, OPUS],
		});

		expect(probe.video).toBeNull();
		expect(probe.durationSeconds).toBeCloseTo(5, 0);
		expect(outputs.map((one) => one.codecs)).toEqual(["mp4a.40.2", "opus"]);
		expect(loudnessLufs).toBeGreaterThan(-30);
		expect(loudnessLufs).toBeLessThan(-15);
		for (const output of outputs) {
			const ticks = output.segments.reduce((sum, segment) => sum + segment.duration, 0);
			expect(Math.abs(ticks / output.timescale - 5)).toBeLessThan(0.06);
			expect(output.segments[0]?.time).toBe(0);
		}
		await expectWhole(videoID, outputs);
	},
);

test(
	"flash and beep stay together through copying, encoding and sound that begins late",
	TIMEOUT,
	async () => {
		// White for 0.1 s at 2 s and 4 s; the beep likewise. The sound track begins half a second after the picture.
		const flash =
			"-f lavfi -i color=black:s=320x180:r=30:d=6,drawbox=color=white:t=fill:enable='between(mod(t\\,2)\\,0\\,0.0999)*gte(t\\,1)'";
		const beep =
			"-itsoffset 0.5 -f lavfi -i aevalsrc='sin(2*PI*1000*t)*lt(mod(t+0.5\\,2)\\,0.1)*gte(t\\,1)':s=48000:d=5.5";
		const source = await files.make(
			"flash.mp4",
			`${flash} ${beep} -c:v libx264 -preset veryfast -g 60 -bf 3 -pix_fmt yuv420p -c:a aac -b:a 192k`,
		);
		const videoID = await store.add(source);
		const { probe } = await store.result("probe", videoID, { kind: "probe" });

		const copied = await store.result("outputs", videoID, {
			kind: "remux",
			video: "180p-source",
			audio: "audio-source",
			segmentSeconds: 2,
		});
		const { outputs } = await encodeInChunks(videoID, probe, [makeRung({ width: 320, height: 180 })]);
		const sound = await store.result("outputs", videoID, {
			kind: "encode-audio",
			segmentSeconds: 2,
			rungs: [AAC, OPUS],
		});

		for (const output of [...copied.outputs, ...outputs.slice(0, 1), ...sound.outputs]) {
			const all = [...outputs, ...copied.outputs, ...sound.outputs].filter((one) => one.name === output.name);
			const path = await joined(videoID, all);
			const seconds = output.kind === "video" ? await flashesOf(path, all) : await beepsOf(path, all);
			expect(seconds.length, output.name).toBe(2);
			for (const [index, at] of seconds.entries())
				expect(Math.abs(at - (index * 2 + 2)), output.name).toBeLessThan(0.034);
		}
	},
);

test("poster, storyboard and waveform show what is there", TIMEOUT, async () => {
	const source = await files.make(
		"intro.mp4",
		`-f lavfi -i color=black:s=320x180:r=30:d=2 -f lavfi -i testsrc2=s=320x180:r=30:d=6 -f lavfi -i sine=440:d=8 -filter_complex [0][1]concat=n=2[v] -map [v] -map 2:a ${H264} -c:a aac`,
	);
	const videoID = await store.add(source);

	await store.result("files", videoID, { kind: "thumbnail", storyboard: true, cover: false });
	await store.result("files", videoID, { kind: "waveform" });

	const [poster] = await brightness(await store.file(videoID, ["poster.jpg"]));
	expect(poster).toBeGreaterThan(40);
	const sheet = await decodeTrack(await store.file(videoID, ["storyboard.jpg"]), "v");
	const cues = [
		...store
			.bytes(videoID, "storyboard.vtt")
			.toString()
			.matchAll(/--> (\S+)\nstoryboard\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)/g),
	];
	expect(cues.at(-1)?.[1]).toBe("00:00:08.000");
	for (const [, , x, y, width, height] of cues) {
		expect(Number(x) + Number(width)).toBeLessThanOrEqual(sheet.width);
		expect(Number(y) + Number(height)).toBeLessThanOrEqual(sheet.height);
	}
	const { peaksPerSecond, peaks } = JSON.parse(store.bytes(videoID, "waveform.json").toString());
	expect(peaksPerSecond).toBe(10);
	expect(Math.abs(peaks.length - 80)).toBeLessThanOrEqual(1);
	expect(Math.max(...peaks)).toBeGreaterThan(0.1);
	expect(Math.max(...peaks)).toBeLessThanOrEqual(1);
});

test(
	"the cover of a song is its poster, and subtitles become WebVTT of their language",
	TIMEOUT,
	async () => {
		const cover = await files.make("cover.png", "-f lavfi -i testsrc=s=300x300 -frames:v 1");
		const song = await files.make(
			"song.mp3",
			`-f lavfi -i sine=440:d=2 -i ${cover} -map 0 -map 1 -c:a libmp3lame -c:v copy -disposition:v attached_pic -id3v2_version 3 -metadata title=Song`,
		);
		const subtitles = files.path("lines.srt");
		await writeFile(subtitles, "1\n00:00:00,500 --> 00:00:01,500\nGuten Tag\n");
		const film = await files.make(
			"film.mkv",
			`-f lavfi -i testsrc=s=160x90:d=2 -i ${subtitles} -map 0 -map 1 ${H264} -c:s srt -metadata:s:s:0 language=ger`,
		);
		const [songID, filmID] = [await store.add(song), await store.add(film)];

		const { probe } = await store.result("probe", songID, { kind: "probe" });
		await store.result("files", songID, { kind: "thumbnail", storyboard: false, cover: true });
		const { captions, keys } = await store.result("files", filmID, { kind: "captions" });

		expect(probe).toMatchObject({ video: null, hasCover: true, tags: { title: "Song" } });
		expect((await decodeTrack(await store.file(songID, ["poster.jpg"]), "v")).width).toBe(300);
		expect(captions).toEqual([{ language: "de", label: "Deutsch", origin: "file" }]);
		expect(store.bytes(filmID, keys[0] ?? "").toString()).toContain("00:00.500 --> 00:01.500\nGuten Tag");
	},
);

test("the download has both tracks of the finished renditions and its index in front", TIMEOUT, async () => {
	const source = await files.make("fits.mp4", `${PICTURE} ${SOUND} ${H264} -c:a aac`);
	const videoID = await store.add(source);
	await store.result("outputs", videoID, {
		kind: "remux",
		video: "360p-source",
		audio: "audio-source",
		segmentSeconds: 2,
	});

	await store.result("files", videoID, { kind: "progressive", video: "360p-source", audio: "audio-source" });

	const bytes = store.bytes(videoID, "download.mp4");
	expect(bytes.indexOf("moov")).toBeLessThan(bytes.indexOf("mdat"));
	const path = await store.file(videoID, ["download.mp4"]);
	expectSameTimes((await decodeTrack(path, "v")).times, (await decodeTrack(source, "v")).times);
	expect((await decodeTrack(path, "a")).codec).toBe("aac");
});

function makeRung(rung: Partial<VodRung>): VodRung {
	return {
		name: `${rung.height}p-h264`,
		codec: "h264",
		width: 320,
		height: 180,
		framesPerSecond: 30,
		bitrateBps: 600_000,
		...rung,
	};
}

/** Three chunks, cut at key frames of the source, in the wrong order. */
async function encodeInChunks(videoID: VideoID, probe: SourceProbe, rungs: VodRung[]) {
	const keyframes = probe.video?.keyframes ?? [];
	const cuts = [0, keyframes[1], keyframes.length > 2 ? keyframes.at(-1) : undefined].filter(
		(cut) => cut !== undefined,
	);
	const outputs: VodOutput[] = [];
	for (const chunk of [...cuts.keys()].toReversed()) {
		const [start = 0, end = null] = cuts.slice(chunk, chunk + 2);
		const task = { kind: "encode-video" as const, chunk, start, end, segmentSeconds: 2, rungs };
		outputs.push(...(await store.result("outputs", videoID, task, { stepID: `encode-${chunk}` })).outputs);
	}
	const sorted = outputs.toSorted((a, b) => a.chunk - b.chunk);
	return { outputs: sorted, inits: new Set(outputs.map((output) => output.initSha256)) };
}

/** Each rendition decodes without an error, and its segments follow each other without a gap. One track a rendition. */
async function expectWhole(videoID: VideoID, outputs: VodOutput[]) {
	const names = [...new Set(outputs.map((output) => output.name))];
	const tracks = [];
	for (const name of names) {
		const chunks = outputs.filter((output) => output.name === name);
		const segments = chunks.flatMap((output) => output.segments);
		for (const [index, segment] of segments.slice(1).entries()) {
			const before = segments[index];
			expect(segment.time, segment.key).toBe((before?.time ?? 0) + (before?.duration ?? 0));
		}
		const track = await decodeTrack(await joined(videoID, chunks), chunks[0]?.kind === "audio" ? "a" : "v");
		expect(track.errors).toBe("");
		if (chunks[0]?.kind === "video") {
			expect(track.times.length).toBe(chunks.reduce((sum, output) => sum + output.frames, 0));
		}
		tracks.push(track);
	}
	return tracks;
}

async function joined(videoID: VideoID, chunks: VodOutput[]): Promise<string> {
	const keys = chunks.flatMap((output) => output.segments.map((segment) => segment.key));
	return await store.file(videoID, [chunks[0]?.initKey ?? "", ...keys]);
}

/** The same pictures at the same distances, to a millisecond: ffmpeg moves a track of negative offsets as a whole. */
function expectSameTimes(times: number[], expected: number[]): void {
	const relative = (values: number[]) => values.map((value) => value - (values[0] ?? 0));
	const errors = relative(times).map((time, index) =>
		Math.abs(time - (relative(expected)[index] ?? Number.NaN)),
	);
	expect(times.length).toBe(expected.length);
	expect(Math.max(...errors)).toBeLessThan(0.0011);
}

function digestsOf(videoID: VideoID): Map<string, string> {
	const own = [...store.objects].filter(([key]) => key.startsWith(videoID) && !key.endsWith("/source"));
	return new Map(
		own.map(([key, bytes]) => [key.slice(videoID.length), createHash("sha256").update(bytes).digest("hex")]),
	);
}

/** Begin of each flash on the work's timeline. */
async function flashesOf(path: string, chunks: VodOutput[]): Promise<number[]> {
	const { times } = await decodeTrack(path, "v");
	const levels = await brightness(path);
	const origin = (chunks[0]?.segments[0]?.time ?? 0) / (chunks[0]?.timescale ?? 1) - (times[0] ?? 0);
	return times
		.filter((_, index) => (levels[index] ?? 0) > 128 && (levels[index - 1] ?? 0) <= 128)
		.map((time) => time + origin);
}

/** Begin of each beep on the work's timeline. */
async function beepsOf(path: string, chunks: VodOutput[]): Promise<number[]> {
	const samples = await decodeSamples(path);
	const origin = (chunks[0]?.segments[0]?.time ?? 0) / (chunks[0]?.timescale ?? 1);
	const beeps: number[] = [];
	let silentSince = Number.NEGATIVE_INFINITY;
	for (const [index, value] of samples.entries()) {
		if (Math.abs(value) < 6000) continue;
		if (index - silentSince > 24_000) beeps.push(index / 48_000 + origin);
		silentSince = index;
	}
	return beeps;
}
