import { describe, expect, test } from "vitest";
import { dataView, fullBoxBody, MediaFormatError, writeBox } from "./boxes.ts";
import { writeCmafHeader } from "./cmaf-header.ts";
import { type MovieTrack, readMovie, shownAt } from "./movie.ts";
import { countWithin, mergeSpans, partsOf, spansForDecoding, spansOf } from "./movie-part.ts";
import { audioEntry, videoEntry } from "./synthetic-track.ts";

/** Ten samples of 100, 101 … bytes in chunks of two, three and three, and two; ten a second. */
const PICTURE = {
	entry: videoEntry(),
	handler: "vide",
	sizes: Array.from({ length: 10 }, (_, index) => 100 + index),
	chunks: [1000, 5000, 3000, 9000],
	runs: [
		[1, 2],
		[2, 3],
		[4, 2],
	],
	sync: [1, 6],
};

describe("the index of a movie", () => {
	test("tells where each sample lies and when it is shown", () => {
		const [track] = readMovie(movie(PICTURE));

		expect([...(track?.samples.offsets ?? [])]).toEqual([
			...[1000, 1100, 5000, 5102, 5205, 3000, 3105, 3211, 9000, 9108],
		]);
		expect([...(track?.samples.isSync ?? [])]).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
		expect(track && shownAt(track, 9)).toBeCloseTo(0.9);
	});

	test("may have places beyond 4 GiB, and samples without an order of their own are all key frames", () => {
		const far = 2 ** 33;
		const [track] = readMovie(
			movie({ ...PICTURE, chunks: [far, far + 5000, far + 3000, 4], isLong: true, sync: null }),
		);

		expect(track?.samples.offsets[2]).toBe(far + 5000);
		expect(track?.samples.isSync.every((one) => one === 1)).toBe(true);
	});

	test("moves a track by its edit list: later by empty edits, earlier by what is cut off its start", () => {
		const late = readMovie(
			movie(PICTURE, [
				[500, -1],
				[1000, 0],
			]),
		);
		const early = readMovie(movie(PICTURE, [[800, 2]]));

		expect(late.map((track) => shownAt(track, 0))).toEqual([0.5]);
		expect(early.map((track) => shownAt(track, 2))).toEqual([0]);
	});

	test.each<[string, () => Uint8Array]>([
		[
			"an edit list that repeats",
			() =>
				movie(PICTURE, [
					[500, 0],
					[500, 0],
				]),
		],
		["an edit list that leaves the end out", () => movie(PICTURE, [[500, 0]])],
		["samples in no chunk", () => movie({ ...PICTURE, runs: [[1, 1]] })],
		[
			"chunks that are nowhere",
			() =>
				movie({
					...PICTURE,
					runs: [
						[1, 2],
						[9, 3],
					],
				}),
		],
		[
			"runs of chunks that begin anew",
			() =>
				movie({
					...PICTURE,
					runs: [
						[1, 0],
						[4, 0],
						[1, 2],
						[2, 3],
						[4, 2],
					],
				}),
		],
		["millions of empty boxes", () => movie(PICTURE, [], ...Array(5000).fill(writeBox("free")))],
		["more samples than tables", () => movie({ ...PICTURE, count: 3_000_000 })],
		[
			"an endless number of samples",
			() => movie({ ...PICTURE, sizes: [], commonSize: 1, count: 0xffff_fff0 }),
		],
		["a sample of gigabytes", () => movie({ ...PICTURE, sizes: [2 ** 31] })],
		["fragments", () => movie(PICTURE, [], writeBox("mvex"))],
		["media in another file", () => movie({ ...PICTURE, isElsewhere: true })],
	])("with %s is not taken", (_what, moov) => {
		expect(() => readMovie(moov())).toThrow(MediaFormatError);
	});
});

describe("parts of a movie", () => {
	const [track] = readMovie(movie(PICTURE));
	if (track === undefined) throw new Error("there is a track");

	test("are where their samples are, neighbours together", () => {
		expect(spansOf({ track, first: 0, end: 4 })).toEqual([
			{ from: 1000, to: 1201 },
			{ from: 5000, to: 5205 },
		]);
	});

	test("are one with all between them if there are more than can be counted one by one", () => {
		const scattered = repeated(track, 200_000);
		scattered.samples.offsets = scattered.samples.offsets.map((at) => 1000 + at * 2);

		expect(spansOf({ track: scattered, first: 0, end: 100_000 })).toHaveLength(100_000);
		expect(spansOf({ track: scattered, first: 0, end: 200_000 })).toEqual([
			{ from: 1000, to: 1000 + 199_999 * 200 + 100 },
		]);
	});

	test("have all samples once, however small they are cut", () => {
		for (const [seconds, maxBytes] of [
			[4, 1e6],
			[0.2, 1e6],
			[4, 1],
		] as const) {
			const ranges = [...partsOf([track], { seconds, mostSeconds: seconds, maxBytes })].flat();

			expect(
				ranges.flatMap(({ first, end }) => Array.from({ length: end - first }, (_, index) => first + index)),
			).toEqual(Array.from({ length: 10 }, (_, index) => index));
		}
	});

	test("go from the second key frame before their start, as a seek may land there", () => {
		const long = repeated(track, 400);
		const spans = spansForDecoding(long, { start: 20, end: 21 });
		const least = Math.min(...spans.map(({ from }) => from));
		const most = Math.max(...spans.map(({ to }) => to));

		expect(least).toBe(180 * 100);
		expect(most).toBeGreaterThan(240 * 100);
		expect(most).toBeLessThan(360 * 100);
	});

	test("that lie close together are read as one, in the order of the file", () => {
		const spans = spansOf({ track, first: 0, end: 10 });

		expect(mergeSpans(spans, { gapBytes: 0, allGapsBytes: 0 })).toHaveLength(4);
		expect(mergeSpans(spans, { gapBytes: 2000, allGapsBytes: 1e6 })).toEqual([
			{ from: 1000, to: 5309 },
			{ from: 9000, to: 9217 },
		]);
		expect(mergeSpans(spans, { gapBytes: 1e6, allGapsBytes: 2000 })).toHaveLength(3);
	});

	test("end where the file is cut off", () => {
		expect(countWithin(track, 5100)).toBe(2);
		expect(countWithin(track, 10_000)).toBe(10);
	});
});

describe("a header for a track that is copied", () => {
	test("says the codec and the size of the picture", () => {
		const [track] = readMovie(movie(PICTURE));

		expect(track && writeCmafHeader(track)).toMatchObject({
			codecs: "avc1.64001f",
			width: 1280,
			height: 720,
			timescale: 1000,
		});
	});

	test.each([0, 1])("says the codec of sound whose description is of version %i", (version) => {
		const sound = { ...PICTURE, handler: "soun", entry: audioEntry(version), sync: null };
		const [track] = readMovie(movie(sound));

		expect(track && writeCmafHeader(track)).toMatchObject({
			kind: "audio",
			codecs: "mp4a.40.2",
			timescale: 1000,
		});
	});

	test("is not made for codecs that are not copied", () => {
		const [track] = readMovie(movie({ ...PICTURE, entry: writeBox("hvc1", new Uint8Array(78)) }));

		expect(() => track && writeCmafHeader(track)).toThrow(MediaFormatError);
	});
});

type Tables = {
	entry: Uint8Array;
	handler: string;
	sizes: number[];
	commonSize?: number;
	count?: number;
	chunks: number[];
	runs: number[][];
	sync: number[] | null;
	isLong?: boolean;
	isElsewhere?: boolean;
};

/** A movie's body with one track; `edits` are length in milliseconds and start in samples. */
function movie(tables: Tables, edits: [number, number][] = [], ...more: Uint8Array[]): Uint8Array {
	const full = (type: string, words: number[], flags = 0) => writeBox(type, fullBoxBody(0, flags, words));
	const count = tables.count ?? tables.sizes.length;
	const places = tables.chunks.flatMap((at) =>
		tables.isLong ? [Math.floor(at / 2 ** 32), at % 2 ** 32] : [at],
	);
	const stbl = writeBox(
		"stbl",
		writeBox("stsd", fullBoxBody(0, 0, [1]), tables.entry),
		full("stts", [1, count, 100]),
		full("stsc", [
			tables.runs.length,
			...tables.runs.flatMap(([chunk = 0, samples = 0]) => [chunk, samples, 1]),
		]),
		full("stsz", [tables.commonSize ?? 0, count, ...tables.sizes]),
		full(tables.isLong ? "co64" : "stco", [tables.chunks.length, ...places]),
		...(tables.sync === null ? [] : [full("stss", [tables.sync.length, ...tables.sync])]),
	);
	const dref = writeBox("dref", fullBoxBody(0, 0, [1]), full("url ", [], tables.isElsewhere ? 0 : 1));
	const media = writeBox(
		"mdia",
		full("mdhd", [0, 0, 1000, 0, 0]),
		writeBox(
			"hdlr",
			fullBoxBody(0, 0, [0]),
			Uint8Array.from(tables.handler, (letter) => letter.charCodeAt(0)),
		),
		writeBox("minf", writeBox("dinf", dref), stbl),
	);
	const list = edits.flatMap(([durationMs, start]) => [
		durationMs,
		start < 0 ? 0xffff_ffff : start * 100,
		0x1_0000,
	]);
	const edts = edits.length === 0 ? [] : [writeBox("edts", full("elst", [edits.length, ...list]))];
	const trak = writeBox("trak", full("tkhd", [0, 0, 7]), ...edts, media);
	const moov = writeBox("moov", full("mvhd", [0, 0, 1000, 0]), trak, ...more);
	expect(dataView(moov).getUint32(0)).toBe(moov.length);
	return moov.subarray(8);
}

/** One sample of 100 bytes after another, ten a second, each tenth a key frame. */
function repeated(track: MovieTrack, count: number): MovieTrack {
	return {
		...track,
		samples: {
			count,
			offsets: new Float64Array(count).map((_, index) => index * 100),
			sizes: new Uint32Array(count).fill(100),
			decodeTimes: new Float64Array(count + 1).map((_, index) => index * 100),
			compositionOffsets: new Int32Array(count),
			isSync: new Uint8Array(count).map((_, index) => (index % 10 === 0 ? 1 : 0)),
		},
	};
}
