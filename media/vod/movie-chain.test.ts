import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { partsOf } from "../../domain/streaming/movie-part.ts";
import type { VideoID } from "../../protocol/ids.ts";
import type { VodOutput } from "../../protocol/vod-job.ts";
import { decodeTrack, VodFiles } from "../../test/support/vod-files.ts";
import { VodStore } from "../../test/support/vod-store.ts";
import { openMovie } from "./movie-source.ts";

const TIMEOUT = { timeout: 120_000 };
const PICTURE = "-f lavfi -i testsrc2=s=320x180:r=30000/1001:d=12";
const SOUND = "-f lavfi -i sine=440:r=44100:d=12";
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

/** Files whose index is read; each differs from the others in how its index is written. */
const INDEXED = [
	{ what: "an index behind the media", name: "behind.mp4", args: `${PICTURE} ${SOUND} ${H264} -c:a aac` },
	{
		what: "an index before the media",
		name: "front.mp4",
		args: `${PICTURE} ${SOUND} ${H264} -c:a aac -movflags +faststart`,
	},
	{ what: "QuickTime", name: "camera.mov", args: `${PICTURE} ${SOUND} ${H264} -c:a aac` },
	{
		what: "times below zero, without an edit list",
		name: "negative.mp4",
		args: `${PICTURE} ${SOUND} ${H264} -c:a aac -movflags +negative_cts_offsets -use_editlist 0`,
	},
	{
		what: "sound that begins half a second later",
		name: "late-sound.mp4",
		args: `${PICTURE} -itsoffset 0.5 ${SOUND} ${H264} -c:a aac`,
	},
	{
		what: "a picture that begins half a second later",
		name: "late-picture.mp4",
		args: `-itsoffset 0.5 ${PICTURE} ${SOUND} ${H264} -c:a aac`,
	},
	{
		what: "pictures of uneven distance",
		name: "uneven.mp4",
		args: `${PICTURE} ${SOUND} -vf 'select=not(mod(n\\,7))+lt(mod(n\\,50)\\,20)' -fps_mode vfr ${H264} -c:a aac`,
	},
	{
		what: "one sample a chunk and a rare timescale",
		name: "chunks.mp4",
		args: `${PICTURE} ${SOUND} ${H264} -c:a aac -frag_duration 0 -video_track_timescale 48000 -max_interleave_delta 0`,
	},
];

test.each(INDEXED)(
	"$what: samples are copied at their times, none is missing",
	TIMEOUT,
	async ({ name, args }) => {
		const source = await files.make(name, args);
		const videoID = await store.add(source);

		const { probe } = await store.result("probe", videoID, { kind: "probe" });
		const { outputs } = await store.result("outputs", videoID, remuxTask(2));

		const [picture, sound] = await Promise.all([decodeTrack(source, "v"), decodeTrack(source, "a")]);
		const start = Math.min(picture.times[0] ?? 0, sound.times[0] ?? 0);
		const [video, audio] = await Promise.all(outputs.map((output) => joined(videoID, output, output.kind)));
		expect(probe.video?.frames).toBe(picture.times.length);
		expect(video?.errors).toBe("");
		expect(audio?.errors).toBe("");
		for (const [index, { times }] of [picture, sound].entries()) {
			const actual = (index === 0 ? video : audio)?.times ?? [];
			expectTimes(
				outputs[index],
				actual,
				times.map((time) => time - start),
			);
		}
		for (const output of outputs) expectGapless(output);
		expect(outputs.map(({ codecs }) => codecs)).toEqual([
			expect.stringMatching(/^avc1\.[0-9a-f]{6}$/),
			"mp4a.40.2",
		]);
		// Not by ffmpeg, which would take it as well.
		expect(await openMovie(reading(store.bytes(videoID, "source")))).not.toBeNull();
	},
);

test("an index with any byte changed is read, or left to ffmpeg", TIMEOUT, async () => {
	const source = await readFile(await files.make("front.mp4", INDEXED[1]?.args ?? ""));
	const moov = source.indexOf("moov") - 4;
	const length = source.readUInt32BE(moov);
	const found = { read: 0, left: 0 };

	for (let seed = 1; seed <= 600; seed += 1) {
		const mutant = Buffer.from(source);
		for (let change = 0; change <= seed % 4; change += 1) {
			mutant[moov + 8 + ((seed * 7919 + change * 104_729) % (length - 8))] = (seed * 31 + change * 255) % 256;
		}
		const movie = await openMovie(reading(mutant));
		for (const track of movie?.tracks ?? []) {
			const parts = [...partsOf([track], { seconds: 4, mostSeconds: 8, maxBytes: 1_000_000 })].flat();
			expect(parts.reduce((sum, { first, end }) => sum + end - first, 0)).toBe(track.samples.count);
		}
		found[movie === null ? "left" : "read"] += 1;
	}

	expect(found.read).toBeGreaterThan(50);
	expect(found.left).toBeGreaterThan(50);
});

test("titles of chapters are found wherever they lie", TIMEOUT, async () => {
	const titles = ["Alpha", "Beta", "Gamma"];
	const list = titles.map(
		(title, at) => `[CHAPTER]\nTIMEBASE=1/1\nSTART=${at * 4}\nEND=${at * 4 + 4}\ntitle=${title}`,
	);
	await writeFile(files.path("chapters.txt"), [";FFMETADATA1", ...list].join("\n"));
	const made = await readFile(
		await files.make("chapters.mov", `${PICTURE} -i ${files.path("chapters.txt")} -map_metadata 1 ${H264}`),
	);
	const at = made.indexOf("\0\x05Alpha");
	const chunks = Buffer.from("stco\0\0\0\0\0\0\0\x01....");
	chunks.writeUInt32BE(at, chunks.length - 4);
	const entry = made.indexOf(chunks) + chunks.length - 4;
	const elsewhere = Buffer.alloc(12_000_000);
	elsewhere.writeUInt32BE(elsewhere.length);
	elsewhere.write("mdat", 4);
	made.copy(elsewhere, 6_000_000, at, at + 200);
	made.writeUInt32BE(made.length + 6_000_000, entry);
	await writeFile(files.path("far.mov"), Buffer.concat([made, elsewhere]));
	await using own = await VodStore.open();
	const videoID = await own.add(files.path("far.mov"));

	const { probe } = await own.result("probe", videoID, { kind: "probe" });

	expect(probe.chapters).toEqual(titles.map((title, index) => ({ startsAtMs: index * 4000, title })));
	expect(own.readBytes(videoID)).toBeLessThan(made.length + elsewhere.length);
});

test("of a large file only what a step needs is read, and no byte twice", TIMEOUT, async () => {
	await using own = await VodStore.open();
	const source = await files.make(
		"large.mp4",
		"-f lavfi -i testsrc2=s=640x360:r=30:d=90,noise=alls=60:allf=t -f lavfi -i sine=440:d=90 -c:v libx264 -preset ultrafast -g 60 -b:v 9M -maxrate 9M -bufsize 9M -pix_fmt yuv420p -c:a aac",
	);
	const videoID = await own.add(source);
	const sourceBytes = own.bytes(videoID, "source").length;

	const { probe } = await own.result("probe", videoID, { kind: "probe" });
	const afterProbe = own.readBytes(videoID);
	const { keyframes } = probe.video ?? {};
	const start = keyframes?.[30] ?? 0;
	await own.result("outputs", videoID, {
		kind: "encode-video",
		chunk: 3,
		start,
		end: start + 4,
		segmentSeconds: 4,
		rungs: [
			{ name: "90p-h264", codec: "h264", width: 160, height: 90, framesPerSecond: 30, bitrateBps: 200_000 },
		],
	});
	const afterChunk = own.readBytes(videoID);
	const firstStored = new Promise<number>((resolve) => {
		own.interfere = ({ method, url }) => {
			if (method === "PUT" && url?.endsWith("c0-00001.m4s")) resolve(own.readBytes(videoID));
			return null;
		};
	});
	await own.result("outputs", videoID, remuxTask(4));

	expect(sourceBytes).toBeGreaterThan(90_000_000);
	expect(afterProbe).toBeLessThan(10_000_000);
	expect(afterChunk - afterProbe).toBeLessThan(30_000_000);
	expect(await firstStored).toBeLessThan(afterChunk + 40_000_000);
	expect(own.readBytes(videoID)).toBe(sourceBytes);
});

test(
	"a chunk that is encoded from a part of the file has the same bytes as from all of it",
	TIMEOUT,
	async () => {
		const source = await files.make(
			"long.mp4",
			`-f lavfi -i testsrc2=s=640x360:r=25:d=40 -c:v libx264 -preset ultrafast -b:v 6M -bf 3 -x264-params open-gop=1:keyint=50 -pix_fmt yuv420p`,
		);
		const encode = async (own: VodStore, videoID: VideoID) => {
			const { outputs } = await own.result("outputs", videoID, {
				kind: "encode-video",
				chunk: 2,
				start: 14,
				end: 20,
				segmentSeconds: 3,
				rungs: [
					{
						name: "180p-h264",
						codec: "h264",
						width: 320,
						height: 180,
						framesPerSecond: 25,
						bitrateBps: 400_000,
					},
				],
			});
			return outputs.flatMap(({ segments }) => segments.map(({ key }) => own.bytes(videoID, key)));
		};
		await using parts = await VodStore.open();
		await using whole = await VodStore.open();
		const [ofParts, ofWhole] = [await parts.add(source), await whole.add(source)];

		await whole.result("files", ofWhole, { kind: "thumbnail", storyboard: true, cover: false });
		const segments = await encode(whole, ofWhole);

		expect(await encode(parts, ofParts)).toEqual(segments);
		expect(parts.readBytes(ofParts)).toBeLessThan(whole.readBytes(ofWhole));
	},
);

function reading(bytes: Buffer) {
	const read = async ({ from, to }: { from: number; to: number }) => new Uint8Array(bytes.subarray(from, to));
	return { sizeBytes: bytes.length, read };
}

function remuxTask(segmentSeconds: number) {
	return { kind: "remux" as const, video: "180p-source", audio: "audio-source", segmentSeconds };
}

async function joined(videoID: VideoID, { initKey, segments }: VodOutput, kind: "video" | "audio") {
	const path = await store.file(videoID, [initKey, ...segments.map(({ key }) => key)]);
	return await decodeTrack(path, kind === "video" ? "v" : "a");
}

/**
 * To rounding, and without what an encoder puts before the sound. By the playlist the first time counts: ffprobe moves all times where pictures are
 * shown before they are decoded.
 */
function expectTimes(output: VodOutput | undefined, actual: number[], expected: number[]): void {
	const wanted = expected.filter((time) => time > -0.0005);
	const { segments = [], timescale = 1 } = output ?? {};
	const began = (segments[0]?.time ?? Number.NaN) / timescale;
	const apart = actual.map((time, index) => Math.abs(time - (actual[0] ?? 0) + began - (wanted[index] ?? 0)));
	expect(actual.length).toBe(wanted.length);
	expect(Math.max(...apart)).toBeLessThan(0.0005);
}

function expectGapless({ segments }: VodOutput): void {
	for (const [index, segment] of segments.entries()) {
		const before = segments[index - 1];
		if (before !== undefined) expect(segment.time).toBe(before.time + before.duration);
	}
}
