import { expect, test } from "vitest";
import { levelOf, levelOfAmplitude, VOICE_LEVEL } from "./sound-level.ts";

test("silence is nothing, full scale is all", () => {
	expect(levelOf(new Float32Array(64))).toBe(0);
	expect(levelOf([])).toBe(0);
	expect(levelOf([1, -1, 1, -1])).toBe(1);
});

test("ten times the amplitude is a third of the scale more", () => {
	const quiet = levelOf([0.01, -0.01]);
	const loud = levelOf([0.1, -0.1]);

	expect(loud - quiet).toBeCloseTo(20 / 60, 3);
});

test("a voice into a microphone counts as one, the fan of a laptop does not", () => {
	expect(levelOfAmplitude(0.05)).toBeGreaterThan(VOICE_LEVEL);
	expect(levelOfAmplitude(0.005)).toBeLessThan(VOICE_LEVEL);
});
