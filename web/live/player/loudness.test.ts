import { expect, test } from "vitest";
import { loudnessGain } from "./loudness.ts";

test("a loud work is turned down to the target", () => {
	expect(loudnessGain(-8)).toBeCloseTo(0.501, 3);
	expect(loudnessGain(-14 + 20)).toBeCloseTo(0.1, 6);
});

test.each([-14, -23, -70])("a work of %d LUFS stays as it is", (lufs) => {
	expect(loudnessGain(lufs)).toBe(1);
});

test("what was not measured, or is silence, stays as it is", () => {
	expect(loudnessGain(null)).toBe(1);
	expect(loudnessGain(Number.NEGATIVE_INFINITY)).toBe(1);
});
