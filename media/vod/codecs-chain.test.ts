import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planSteps } from "../../domain/vod/plan.ts";
import type { VideoID } from "../../protocol/ids.ts";
import type { AudioRung, SourceProbe, VodOutput, VodRung } from "../../protocol/vod-job.ts";
import { decodeTrack, VodFiles } from "../../test/support/vod-files.ts";
import { VodStore } from "../../test/support/vod-store.ts";

const TIMEOUT = { timeout: 120_000 };
const SECONDS = 6;
/** A rung of half the rate, and a cut that is not on the grid of the segments. */
const FILM =
	`-f lavfi -i testsrc2=s=854x480:r=50:d=${SECONDS} -f lavfi -i sine=440:r=44100:d=${SECONDS} ` +
	"-c:v libx264 -preset ultrafast -g 60 -bf 2 -pix_fmt yuv420p -c:a aac";
const CUT_SECONDS = 2.4;
const SEGMENT_SECONDS = 1.2;

let files: VodFiles;
let store: VodStore;
let film: string;

beforeAll(async () => {
	files = await VodFiles.open();
	store = await VodStore.open();
	film = await files.make("film.mp4", FILM);
});
afterAll(async () => {
	await store[Symbol.asyncDispose]();
	await files[Symbol.asyncDispose]();
});

/** What RFC 6381 calls 854x480 and 640x360 at 25 frames a second, by the level tables of each codec. */
const CODECS = [
	// Rec. ITU-T H.265 table A.8: level 3 has 552 960 samples, level 2.1 (63 in thirds of ten) 245 760.
	{ codec: "hevc", name: "hevc", codecs: [/^hvc1\.1\.6\.L90\./, /^hvc1\.1\.6\.L63\./] },
	// VP9 levels: 3 has 552 960 samples, 2.1 has 245 760; both are within their rates at 25 frames a second.
	{ codec: "vp9", name: "vp9", codecs: [/^vp09\.00\.30\.08$/, /^vp09\.00\.21\.08$/] },
	// AV1 A.3: level 3.0 (4) has 665 856 samples, level 2.1 (1) 278 784.
	{ codec: "av1", name: "av1", codecs: [/^av01\.0\.04M\.08$/, /^av01\.0\.01M\.08$/] },
] as const;

describe.each(CODECS)("$codec by configuration", ({ codec, name, codecs }) => {
	let videoID: VideoID;
	let rungs: VodRung[];
	let outputs: VodOutput[];

	beforeAll(async () => {
		videoID = await store.add(film);
		const { probe } = await store.result("probe", videoID, { kind: "probe" });
		rungs = rungsOf(probe, codec);
		outputs = await encode(videoID, rungs);
	}, 120_000);

	test("has a rendition of each size, the source's own too, and its codecs string says the level", () => {
		expect(rungs.map((rung) => rung.name)).toEqual([`480p-${name}`, `360p-${name}`]);
		for (const [index, rung] of rungs.entries()) {
			const chunks = outputs.filter((output) => output.name === rung.name);
			expect(chunks.length).toBe(2);
			for (const output of chunks) expect(output.codecs).toMatch(codecs[index] ?? /never/);
			expect(new Set(chunks.map((output) => output.initSha256)).size).toBe(1);
		}
	});

	test("decodes to every second picture of the source, at its times", TIMEOUT, async () => {
		const original = (await decodeTrack(film, "v")).times;
		const expected = original.filter((_, index) => index % 2 === 0);
		for (const { name: rendition, width, height } of rungs) {
			const chunks = outputs.filter((output) => output.name === rendition);
			expectGapless(chunks);
			const path = await joined(videoID, chunks);

			const track = await decodeTrack(path, "v");
			const likeness = await leastLikeness(path, film, { width, height });

			expect(track.errors).toBe("");
			expect([track.codec, track.width, track.height, track.pixelFormat]).toEqual([
				codec,
				width,
				height,
				"yuv420p",
			]);
			expect(track.times.length).toBe(expected.length);
			// ffmpeg moves a track of negative offsets as a whole; where it begins is in its first segment.
			expect(chunks[0]?.segments[0]?.time).toBe(0);
			for (const [index, time] of track.times.entries()) {
				const error = time - (track.times[0] ?? Number.NaN) - (expected[index] ?? Number.NaN);
				expect(Math.abs(error)).toBeLessThan(0.0011);
			}
			expect(likeness).toBeGreaterThan(22);
		}
	});

	test("has segments of which each is decoded alone", TIMEOUT, async () => {
		const [, small] = rungs;
		const chunks = outputs.filter((output) => output.name === small?.name);
		let frames = 0;
		for (const chunk of chunks) {
			for (const segment of chunk.segments) {
				const path = await store.file(videoID, [chunk.initKey, segment.key]);
				const track = await decodeTrack(path, "v");
				expect(track.errors).toBe("");
				frames += track.times.length;
			}
		}
		expect(frames).toBe((SECONDS * 50) / 2);
	});

	test("has the same bytes when it is made again", TIMEOUT, async () => {
		const againID = await store.add(film);

		const again = await encode(againID, rungs);

		expect(again).toEqual(outputs);
		expect(digestsOf(againID)).toEqual(digestsOf(videoID));
	});
});

test.each(["h264", "hevc", "vp9", "av1"] as const)(
	"in %s a picture that stands still for long has segments as short as any, and the same bytes again",
	TIMEOUT,
	async (codec) => {
		const still = await files.make(
			"still.mp4",
			"-f lavfi -i testsrc2=s=320x180:r=30:d=16 -vf 'select=lt(t\\,4)+gt(t\\,12)+not(mod(n\\,30))' -fps_mode vfr -c:v libx264 -preset ultrafast -g 60",
		);
		const [videoID, againID] = [await store.add(still), await store.add(still)];
		const { probe } = await store.result("probe", videoID, { kind: "probe" });
		const rungs = rungsOf(probe, "av1").map((rung) => ({
			...rung,
			codec,
			name: rung.name.replace("av1", codec),
		}));

		const outputs = await encode(videoID, rungs, 4);
		await encode(againID, rungs, 4);

		expect(probe.video?.isVariableRate).toBe(true);
		expect(new Set(outputs.map((output) => output.initSha256)).size).toBe(1);
		expectGapless(outputs);
		const lengths = outputs.flatMap(({ segments, timescale }) =>
			segments.map((segment) => segment.duration / timescale),
		);
		// A picture that is shown for a second can move a cut by as much.
		expect(Math.max(...lengths)).toBeLessThan(SEGMENT_SECONDS + 1.1);
		const original = (await decodeTrack(still, "v")).times;
		const track = await decodeTrack(await joined(videoID, outputs), "v");
		expect(track.errors).toBe("");
		expect(track.times.length).toBe(original.length);
		for (const [index, time] of track.times.entries()) {
			const error = time - (track.times[0] ?? Number.NaN) - (original[index] ?? Number.NaN);
			expect(Math.abs(error)).toBeLessThan(0.0011);
		}
		expect(digestsOf(againID)).toEqual(digestsOf(videoID));
	},
);

test("no segment of a noisy picture is much above its rung's rate", TIMEOUT, async () => {
	const noisy = await files.make(
		"noisy.mp4",
		"-f lavfi -i testsrc2=s=640x360:r=25:d=4,noise=alls=12:allf=t -c:v libx264 -preset ultrafast -crf 10 -g 50",
	);
	const videoID = await store.add(noisy);
	const rungs = (["h264", "hevc", "vp9", "av1"] as const).map((codec) => ({
		name: `360p-${codec}`,
		codec,
		width: 640,
		height: 360,
		framesPerSecond: 25,
		bitrateBps: 900_000,
	}));
	const task = { kind: "encode-video" as const, chunk: 0, start: 0, end: null, segmentSeconds: 2, rungs };

	const { outputs } = await store.result("outputs", videoID, task);

	for (const { name, bitrateBps } of outputs) {
		// libvpx and SVT-AV1 have no rate buffer that would hold each segment to it.
		expect(bitrateBps, name).toBeLessThan(900_000 * (/h264|hevc/.test(name) ? 1.1 : 1.35));
		expect(bitrateBps, name).toBeGreaterThan(900_000 * 0.4);
	}
});

test("Opus beside AAC is as long as the source, and its packets hold no gap", TIMEOUT, async () => {
	const videoID = await store.add(film);
	const { probe } = await store.result("probe", videoID, { kind: "probe" });
	const step = planSteps("video", probe, { ...OPTIONS, hasOpus: true }).find(
		({ task }) => task.kind === "encode-audio",
	);
	const rungs: AudioRung[] = step?.task.kind === "encode-audio" ? step.task.rungs : [];

	const { outputs } = await store.result("outputs", videoID, {
		kind: "encode-audio",
		segmentSeconds: 2,
		rungs,
	});

	expect(outputs.map((output) => [output.name, output.codecs])).toEqual([["audio-opus128", "opus"]]);
	expectGapless(outputs);
	const track = await decodeTrack(await joined(videoID, outputs), "a");
	expect([track.codec, track.errors]).toEqual(["opus", ""]);
	const ticks = outputs.flatMap((output) => output.segments).reduce((sum, one) => sum + one.duration, 0);
	expect(Math.abs(ticks / (outputs[0]?.timescale ?? 1) - SECONDS)).toBeLessThan(0.03);
});

const OPTIONS = { maxHeight: 1080, furtherCodecs: [], hasOpus: false };

function rungsOf(probe: SourceProbe, codec: Exclude<VodRung["codec"], "h264">): VodRung[] {
	const steps = planSteps("video", probe, { ...OPTIONS, furtherCodecs: [codec] });
	const first = steps.find(({ stepID }) => stepID === `v0-${codec}`);
	return first?.task.kind === "encode-video" ? first.task.rungs : [];
}

/** Two chunks, the last first. */
async function encode(
	videoID: VideoID,
	rungs: VodRung[],
	cutSeconds: number = CUT_SECONDS,
): Promise<VodOutput[]> {
	const cuts = [
		{ chunk: 1, start: cutSeconds, end: null },
		{ chunk: 0, start: 0, end: cutSeconds },
	];
	const outputs: VodOutput[] = [];
	for (const cut of cuts) {
		const task = { kind: "encode-video" as const, ...cut, segmentSeconds: SEGMENT_SECONDS, rungs };
		outputs.push(
			...(await store.result("outputs", videoID, task, { stepID: `encode-${cut.chunk}` })).outputs,
		);
	}
	return outputs.toSorted((a, b) => a.chunk - b.chunk);
}

function expectGapless(chunks: VodOutput[]): void {
	const segments = chunks.flatMap((output) => output.segments);
	for (const [index, segment] of segments.slice(1).entries()) {
		const before = segments[index];
		expect(segment.time, segment.key).toBe((before?.time ?? 0) + (before?.duration ?? 0));
	}
}

async function joined(videoID: VideoID, chunks: VodOutput[]): Promise<string> {
	const keys = chunks.flatMap((output) => output.segments.map((segment) => segment.key));
	return await store.file(videoID, [chunks[0]?.initKey ?? "", ...keys]);
}

/** PSNR in dB of the picture that is least like every second one of the source. Pictures in the wrong order, or of another time, have less than 20. */
async function leastLikeness(
	path: string,
	source: string,
	{ width, height }: { width: number; height: number },
): Promise<number> {
	const graph =
		"[0]setpts=N/25/TB[made];" +
		`[1]select='not(mod(n\\,2))',scale=${width}:${height}:flags=bicubic,setpts=N/25/TB[wanted];` +
		"[made][wanted]psnr=stats_file=-";
	const args = ["-v", "error", "-i", path, "-i", source, "-lavfi", graph, "-f", "null", "-"];
	const { stdout } = await promisify(execFile)("ffmpeg", args, { maxBuffer: 16 * 1024 * 1024 });
	const levels = [...stdout.matchAll(/psnr_avg:([\d.]+|inf)/g)].map(([, value]) => Number(value));
	expect(levels.length).toBe((SECONDS * 50) / 2);
	return Math.min(...levels.filter((value) => Number.isFinite(value)));
}

function digestsOf(videoID: VideoID): Map<string, string> {
	const own = [...store.objects].filter(([key]) => key.startsWith(videoID) && !key.endsWith("/source"));
	return new Map(
		own
			.map(([key, bytes]): [string, string] => [
				key.slice(videoID.length),
				createHash("sha256").update(bytes).digest("hex"),
			])
			.toSorted(([a], [b]) => a.localeCompare(b)),
	);
}
