import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MediaFormatError } from "./boxes.ts";
import type { Sample } from "./fragment.ts";
import { concatBytes, FragmentReader } from "./fragment-reader.ts";
import { type Part, partTargetSeconds, Repackager, type RepackagerSettings } from "./repackager.ts";
import { audioHeader, videoHeader } from "./synthetic-track.ts";

const GRID = { trackID: 1, partSeconds: 0.5, segmentSeconds: 2, firstSegment: 7 };
const VIDEO: RepackagerSettings = { ...GRID, timescale: 90_000 };
const AUDIO: RepackagerSettings = { ...GRID, timescale: 48_000, skipSamples: 1 };

test("video parts are exactly on the grid, four a segment, and each segment starts with a key frame", () => {
	const parts = repackage(VIDEO, video({ frames: 30 * 6, framesPerSecond: 30 }));

	expect(parts.map((part) => [part.segment, part.part, part.duration, part.independent, part.last])).toEqual(
		[7, 8, 9].flatMap((segment) =>
			[0, 1, 2, 3].map((part) => [segment, part, 45_000, part === 0, part === 3]),
		),
	);
	expect(parts.map((part) => part.time)).toEqual(Array.from({ length: 12 }, (_, index) => index * 45_000));
});

test("audio segments end within one frame of the video's, and no stray part follows a segment's last", () => {
	const parts = repackage(AUDIO, audio(48_000 * 60));

	for (const part of parts.slice(0, -1)) {
		const cell = (part.segment - 7) * 4 + part.part;
		expect(Math.abs(part.time - cell * 24_000)).toBeLessThanOrEqual(1024);
		expect([23 * 1024, 24 * 1024]).toContain(part.duration);
		expect(part.last).toBe(part.part === 3);
	}
});

test("a part leaves as soon as it is full, before the next frame arrives", () => {
	const repackager = new Repackager(VIDEO);
	const frames = video({ frames: 15, framesPerSecond: 30 });

	expect(repackager.push(frames.slice(0, 14))).toEqual([]);
	expect(repackager.push(frames.slice(14))).toHaveLength(1);
	expect(repackager.flush()).toEqual([]);
});

test("the encoder's priming is left out and the time starts after it", () => {
	const [first] = repackage(AUDIO, audio(48_000));

	expect(first?.time).toBe(0);
	expect(samplesOf(audioHeader(), first === undefined ? [] : [first])[0]?.data).toEqual(
		audio(48_000)[1]?.data,
	);
});

test("a last frame shorter than the others opens the next part instead of repeating a part's number", () => {
	const frames = audio(48_000 * 2);
	const end = frames.at(-1);
	const short = { ...frames[0], time: (end?.time ?? 0) + 1024, duration: 10 } as const;

	const parts = repackage(AUDIO, [...frames, sample(short.time, short.duration, true)]);
	const names = parts.map((part) => `${part.segment}/${part.part}`);

	expect(new Set(names).size).toBe(names.length);
});

test("no sample is lost, changed or doubled, parts are in order, and all but the last reach 85 % of the target", () => {
	const tracks = fc.oneof(
		fc
			.record({
				framesPerSecond: fc.constantFrom(15, 24, 25, 30, 50, 60),
				frames: fc.integer({ min: 1, max: 400 }),
			})
			.map((track) => ({ settings: VIDEO, header: videoHeader(), samples: video(track), ...track })),
		fc.integer({ min: 2000, max: 400_000 }).map((length) => ({
			settings: AUDIO,
			header: audioHeader(),
			samples: audio(length),
			framesPerSecond: null,
		})),
	);
	const groups = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
	void fc.assert(
		fc.property(tracks, groups, ({ settings, header, samples, framesPerSecond }, sizes) => {
			const repackager = new Repackager(settings);
			const parts: Part[] = [];
			for (let offset = 0, turn = 0; offset < samples.length; turn += 1) {
				const size = sizes[turn % sizes.length] ?? 1;
				parts.push(...repackager.push(samples.slice(offset, offset + size)));
				offset += size;
			}
			parts.push(...repackager.flush());
			const skipped = settings.skipSamples ?? 0;
			const shift = samples.slice(0, skipped).reduce((sum, one) => sum + one.duration, 0);
			const target = partTargetSeconds({
				partSeconds: 0.5,
				framesPerSecond,
				audioFrameSeconds: 1024 / 48_000,
			});

			expect(samplesOf(header, parts)).toEqual(
				samples.slice(skipped).map((one) => ({ ...one, time: one.time - shift })),
			);
			for (const [index, part] of parts.entries()) {
				const next = parts[index + 1];
				const seconds = part.duration / settings.timescale;
				expect(seconds).toBeLessThanOrEqual(target + 1e-9);
				if (next !== undefined) {
					expect(seconds).toBeGreaterThanOrEqual(target * 0.85);
					expect(next.time).toBe(part.time + part.duration);
					expect([next.segment, next.part]).toEqual(
						part.last ? [part.segment + 1, 0] : [part.segment, part.part + 1],
					);
				}
			}
		}),
		{ numRuns: 150 },
	);
});

test("a segment that would start without a key frame is an error", () => {
	const frames = video({ frames: 90, framesPerSecond: 30 }).map((frame) => ({
		...frame,
		isSync: frame.time === 0,
	}));

	expect(() => repackage(VIDEO, frames)).toThrow(MediaFormatError);
});

test("a time that is a little off is put right; a gap is an error", () => {
	const frames = video({ frames: 15, framesPerSecond: 30 });
	const jittered = frames.map((frame, index) => ({ ...frame, time: frame.time + (index % 3) * 400 }));

	const [part] = repackage(VIDEO, jittered);

	expect(part?.duration).toBe(45_000);
	expect(() => repackage(VIDEO, [...frames.slice(0, 5), ...frames.slice(8)])).toThrow(MediaFormatError);
});

test("times that went back and were hidden by samples of no length are an error", () => {
	const [first, ...rest] = audio(48_000);
	const squeezed = rest.map((one, index) => ({ ...one, time: 1024 + index, duration: 1 }));

	expect(() => repackage(AUDIO, first === undefined ? [] : [first, first, ...squeezed])).toThrow(
		MediaFormatError,
	);
});

test("segments that are no multiple of the part are refused", () => {
	expect(() => new Repackager({ ...VIDEO, partSeconds: 0.3 })).toThrow(RangeError);
});

function repackage(settings: RepackagerSettings, samples: Sample[]): Part[] {
	const repackager = new Repackager(settings);
	return [...repackager.push(samples), ...repackager.flush()];
}

/** What a player gets: the header and all parts in a row, read again. */
function samplesOf(header: Uint8Array, parts: Part[]): Sample[] {
	const reader = new FragmentReader();
	const events = reader.push(concatBytes([header, ...parts.map((part) => part.bytes)]));
	reader.end();
	return events.flatMap((event) => (event.type === "samples" ? event.samples : []));
}

function video({ frames, framesPerSecond }: { frames: number; framesPerSecond: number }): Sample[] {
	const duration = 90_000 / framesPerSecond;
	return Array.from({ length: frames }, (_, index) =>
		sample(index * duration, duration, index % (framesPerSecond * 2) === 0),
	);
}

function audio(lengthSamples: number): Sample[] {
	return Array.from({ length: Math.ceil(lengthSamples / 1024) }, (_, index) =>
		sample(index * 1024, 1024, true),
	);
}

function sample(time: number, duration: number, isSync: boolean): Sample {
	const data = new Uint8Array(3 + (time % 50)).map((_, index) => (time + index) % 256);
	return { time, duration, compositionOffset: 0, isSync, data };
}
