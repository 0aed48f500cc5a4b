import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MediaFormatError } from "./boxes.ts";
import type { Sample } from "./fragment.ts";
import { concatBytes, FragmentReader } from "./fragment-reader.ts";
import { type CutSegment, SegmentCutter, type SegmentCutterSettings } from "./segment-cutter.ts";
import { videoHeader } from "./synthetic-track.ts";

const SHIFT = 10;
const VIDEO: SegmentCutterSettings = {
	kind: "video",
	timescale: 90_000,
	trackID: 1,
	segmentSeconds: 2,
	shiftTicks: SHIFT * 90_000,
	startTicks: 0,
	endTicks: null,
};
const AUDIO: SegmentCutterSettings = {
	...VIDEO,
	kind: "audio",
	timescale: 48_000,
	shiftTicks: SHIFT * 48_000,
	startsAtZero: true,
};

test("segments begin at the first key frame at which they are long enough", () => {
	const segments = cut(VIDEO, pictures({ count: 150, keyEvery: 25 }));

	expect(segments.map((segment) => [segment.time / 3000, segment.frames])).toEqual([
		[0, 75],
		[75, 75],
	]);
});

test("no picture is lost, times stay what they were, and each segment ends where the next begins", () => {
	void fc.assert(
		fc.property(
			fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 200 }),
			fc.integer({ min: 1, max: 40 }),
			(gaps, keyEvery) => {
				expectUnchanged(unevenPictures(gaps, keyEvery));
			},
		),
	);
});

test("pictures out of order get decode times in order, from the first picture's time on", () => {
	const order = [0, 3, 1, 2, 6, 4, 5];
	const samples = order.map((at, index) =>
		picture({ at: at * 3000, dts: index * 3000, isSync: index === 0 }),
	);

	const read = readBack(videoHeader(), cut(VIDEO, samples));

	expect(read.map((sample) => sample.time)).toEqual(order.map((_, index) => index * 3000));
	expect(read.map((sample) => sample.time + sample.compositionOffset)).toEqual(order.map((at) => at * 3000));
});

test("pictures that precede their key frame in presentation do not make the segment before overlap them", () => {
	// Decode order I B B, shown B B I: an open group of pictures.
	const head = pictures({ count: 60, keyEvery: 1000 });
	const tail = [62, 60, 61, 63, 64].map((at, index) =>
		picture({ at: at * 3000, dts: (60 + index) * 3000, isSync: index === 0 }),
	);

	const [first, second] = cut(VIDEO, [...head, ...tail]);

	expect([first?.time, first?.duration, first?.frames]).toEqual([0, 60 * 3000, 60]);
	expect([second?.time, second?.frames]).toEqual([60 * 3000, 5]);
});

test("pictures that were cut off with the group that they refer to are left out", () => {
	// A film that was cut in an open group of pictures: decode order I B B, shown B B I, the edit list begins with I.
	const cutOff = [0, -2, -1, 3, 1, 2].map((at, index) =>
		picture({ at: at * 3000, dts: (index - 2) * 3000, isSync: index === 0 }),
	);

	const read = readBack(videoHeader(), cut(VIDEO, cutOff));

	expect(read.map((sample) => sample.time + sample.compositionOffset)).toEqual([0, 9000, 3000, 6000]);
});

test("a chunk lies where it starts and ends where the next starts, whatever its last picture says", () => {
	const settings = { ...VIDEO, startTicks: 360_360, endTicks: 360_360 + 90_090 };

	const segments = cut(settings, pictures({ count: 30, keyEvery: 1000, ticks: 3003, lastTicks: 1 }));

	expect(segments.map(({ time, duration }) => [time, duration])).toEqual([[360_360, 90_090]]);
});

test("two pictures of one time follow each other all the same", () => {
	const samples = [0, 3000, 3000, 6000].map((at, index) => picture({ at, dts: at, isSync: index === 0 }));

	const read = readBack(videoHeader(), cut(VIDEO, samples));

	expect(read.every((sample) => sample.duration > 0)).toBe(true);
	expect(read.map((sample) => sample.time)).toEqual([0, 3000, 3001, 6000]);
});

test("the encoder's priming is dropped, and sound is cut to the nearest frame", () => {
	const samples = Array.from({ length: 290 }, (_, index) => sound(index * 1024 - 1024));

	const segments = cut(AUDIO, samples);

	expect(segments[0]?.time).toBe(0);
	expect(segments.reduce((sum, segment) => sum + segment.frames, 0)).toBe(289);
	for (const segment of segments.slice(1)) {
		const seconds = segment.time / 48_000;
		expect(Math.abs(seconds - Math.round(seconds / 2) * 2)).toBeLessThan(1024 / 48_000);
	}
});

test("copied sound that begins late stays late", () => {
	const samples = Array.from({ length: 10 }, (_, index) => sound(24_000 + index * 1024));

	const [segment] = cut({ ...AUDIO, startsAtZero: false }, samples);

	expect(segment?.time).toBe(24_000);
});

test("a picture that does not begin with a key frame is refused", () => {
	const cutter = new SegmentCutter(VIDEO);

	expect(() => cutter.push([picture({ at: 0, dts: 0, isSync: false })])).toThrow(MediaFormatError);
});

function cut(settings: SegmentCutterSettings, samples: Sample[]): CutSegment[] {
	const cutter = new SegmentCutter(settings);
	return [...samples.flatMap((sample) => cutter.push([sample])), ...cutter.end()];
}

function expectUnchanged(samples: Sample[]): void {
	const segments = cut(VIDEO, samples);
	const read = readBack(videoHeader(), segments);
	expect(read.map((sample) => sample.time + sample.compositionOffset)).toEqual(
		samples.map((sample) => sample.time + sample.compositionOffset - VIDEO.shiftTicks),
	);
	for (const [index, segment] of segments.slice(1).entries()) {
		const before = segments[index];
		expect(segment.time).toBe((before?.time ?? 0) + (before?.duration ?? 0));
	}
}

function readBack(header: Uint8Array, segments: CutSegment[]): Sample[] {
	const reader = new FragmentReader();
	const events = reader.push(concatBytes([header, ...segments.map((segment) => segment.bytes)]));
	reader.end();
	return events.flatMap((event) => (event.type === "samples" ? event.samples : []));
}

function pictures(options: {
	count: number;
	keyEvery: number;
	ticks?: number;
	lastTicks?: number;
}): Sample[] {
	const { count, keyEvery, ticks = 3000, lastTicks = ticks } = options;
	return Array.from({ length: count }, (_, index) => ({
		...picture({ at: index * ticks, dts: index * ticks, isSync: index % keyEvery === 0 }),
		duration: index === count - 1 ? lastTicks : ticks,
	}));
}

function unevenPictures(gaps: number[], keyEvery: number): Sample[] {
	let at = 0;
	return gaps.map((gap, index) => {
		const sample = picture({ at, dts: at, isSync: index % keyEvery === 0 });
		at += gap;
		return { ...sample, duration: gap };
	});
}

function picture({ at, dts, isSync }: { at: number; dts: number; isSync: boolean }): Sample {
	const shift = SHIFT * 90_000;
	return {
		time: dts + shift,
		duration: 3000,
		compositionOffset: at - dts,
		isSync,
		data: new Uint8Array([1]),
	};
}

function sound(at: number): Sample {
	const time = at + SHIFT * 48_000;
	return { time, duration: 1024, compositionOffset: 0, isSync: true, data: new Uint8Array([1]) };
}
