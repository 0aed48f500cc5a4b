import { describe, expect, test } from "vitest";
import { parseWaveform, waveformBars } from "./waveform-shape.ts";

describe("a waveform", () => {
	test("each bar is the loudest peak of its stretch", () => {
		expect(waveformBars([0.1, 1, 0.5, 0.2], 2)).toEqual([1, 0.5]);
	});

	test("a quiet recording fills the height as well", () => {
		expect(waveformBars([0.1, 0.05], 2)).toEqual([1, 0.5]);
	});

	test("silence and nothing at all are flat, not broken", () => {
		expect(waveformBars([0, 0], 2)).toEqual([0, 0]);
		expect(waveformBars([], 3)).toEqual([0, 0, 0]);
	});

	test("more bars than peaks repeat peaks", () => {
		expect(waveformBars([1, 0.5], 4)).toEqual([1, 1, 0.5, 0.5]);
	});

	test("is read bare or from an object, and nothing else", () => {
		expect(parseWaveform([0.5])).toEqual([0.5]);
		expect(parseWaveform({ peaks: [0.5], perSecond: 10 })).toEqual([0.5]);
		expect(() => parseWaveform("loud")).toThrow();
	});
});
