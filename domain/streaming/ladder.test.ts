import * as fc from "fast-check";
import { expect, test } from "vitest";
import { boxHeight, type LadderSource, selectLadder, steadyFrameRate } from "./ladder.ts";

const LIMITS = { maxHeight: 720, maxFramesPerSecond: 30 };

test.each([
	{ source: { width: 1920, height: 1080 }, expected: ["720p 1280x720", "480p 854x480", "360p 640x360"] },
	{ source: { width: 1280, height: 720 }, expected: ["720p 1280x720", "480p 854x480", "360p 640x360"] },
	{ source: { width: 1080, height: 1920 }, expected: ["720p 720x1280", "480p 480x854", "360p 360x640"] },
	{ source: { width: 1280, height: 534 }, expected: ["720p 1280x534", "480p 854x356", "360p 640x268"] },
	{ source: { width: 960, height: 540 }, expected: ["540p 960x540", "480p 854x480", "360p 640x360"] },
	{ source: { width: 640, height: 480 }, expected: ["480p 640x480", "360p 480x360"] },
	{ source: { width: 640, height: 360 }, expected: ["360p 640x360"] },
	{ source: { width: 321, height: 241 }, expected: ["241p 320x240"] },
])("a source of $source.width x $source.height gets $expected", ({ source, expected }) => {
	const ladder = selectLadder({ ...source, framesPerSecond: 30 }, LIMITS);

	expect(ladder.map((rung) => `${rung.name.split("-")[0]} ${rung.width}x${rung.height}`)).toEqual(expected);
});

test("a source a little larger than a rung gets no second rung of nearly its size", () => {
	const ladder = selectLadder({ width: 890, height: 500, framesPerSecond: 30 }, LIMITS);

	expect(ladder.map((rung) => rung.name)).toEqual(["480p-h264", "360p-h264"]);
});

test("the job's tallest height ends the ladder, as a rung of its own if it is none of the usual", () => {
	const source = { width: 1920, height: 1080, framesPerSecond: 30 };

	expect(selectLadder(source, { ...LIMITS, maxHeight: 480 }).map((rung) => rung.name)).toEqual([
		"480p-h264",
		"360p-h264",
	]);
	expect(selectLadder(source, { ...LIMITS, maxHeight: 600 }).map((rung) => rung.name)).toEqual([
		"600p-h264",
		"480p-h264",
		"360p-h264",
	]);
});

test("60 frames a second are halved at 480 and below, and everywhere if the limit says so", () => {
	const source = { width: 1280, height: 720, framesPerSecond: 60 };

	const smooth = selectLadder(source, { maxHeight: 720, maxFramesPerSecond: 60 });
	const plain = selectLadder(source, LIMITS);

	expect(smooth.map((rung) => rung.framesPerSecond)).toEqual([60, 30, 30]);
	expect(plain.map((rung) => rung.framesPerSecond)).toEqual([30, 30, 30]);
});

test("whatever the source, rungs are even, never larger or faster than it, and fall in size and bitrate", () => {
	const sources = fc.record({
		width: fc.integer({ min: 16, max: 8192 }),
		height: fc.integer({ min: 16, max: 8192 }),
		framesPerSecond: fc.constantFrom(24, 25, 30, 50, 60),
		bitrateBps: fc.integer({ min: 50_000, max: 20_000_000 }),
	});
	void fc.assert(
		fc.property(sources, (source: Required<LadderSource>) => {
			const ladder = selectLadder(source, { maxHeight: 720, maxFramesPerSecond: 60 });

			expect(ladder.length).toBeGreaterThan(0);
			for (const rung of ladder) {
				expect([rung.width % 2, rung.height % 2]).toEqual([0, 0]);
				expect(rung.width).toBeLessThanOrEqual(source.width);
				expect(rung.height).toBeLessThanOrEqual(source.height);
				expect(boxHeight(rung)).toBeLessThanOrEqual(721);
				expect(rung.framesPerSecond).toBeLessThanOrEqual(source.framesPerSecond);
				expect(rung.bitrateBps).toBeLessThanOrEqual(source.bitrateBps * 1.1 + 1);
			}
			for (const [index, rung] of ladder.slice(1).entries()) {
				const better = ladder[index];
				expect(rung.width * rung.height).toBeLessThan((better?.width ?? 0) * (better?.height ?? 0));
				expect(rung.bitrateBps).toBeLessThanOrEqual(better?.bitrateBps ?? 0);
			}
		}),
	);
});

test.each([
	[1 / 24, 24],
	[0.04, 25],
	[1 / 29.97, 30],
	[1 / 59.94, 60],
	[1 / 15, 30],
	[1 / 27, 30],
])("frames %f s apart are encoded at %i a second", (distance, expected) => {
	expect(steadyFrameRate(distance)).toBe(expected);
});
