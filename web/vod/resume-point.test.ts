import { expect, test } from "vitest";
import { resumePoint } from "./resume-point.ts";

test("the address comes before the saved position", () => {
	expect(resumePoint({ queryMs: 5000, savedMs: 60_000, durationMs: 100_000 })).toBe(5000);
});

test("who stopped in the middle goes on there", () => {
	expect(resumePoint({ queryMs: null, savedMs: 60_000, durationMs: 100_000 })).toBe(60_000);
	expect(resumePoint({ queryMs: null, savedMs: 2500, durationMs: 100_000 })).toBe(2500);
});

test("who had hardly begun, or was through, begins at the start", () => {
	expect(resumePoint({ queryMs: null, savedMs: 1900, durationMs: 100_000 })).toBe(0);
	expect(resumePoint({ queryMs: null, savedMs: 97_000, durationMs: 100_000 })).toBe(0);
	expect(resumePoint({ queryMs: null, savedMs: 4990, durationMs: 5000 })).toBe(0);
	expect(resumePoint({ queryMs: null, savedMs: null, durationMs: 100_000 })).toBe(0);
});

test("the last minutes of a long film are worth coming back to, its last minute is not", () => {
	const durationMs = 2 * 3600_000;

	expect(resumePoint({ queryMs: null, savedMs: durationMs - 300_000, durationMs })).toBe(
		durationMs - 300_000,
	);
	expect(resumePoint({ queryMs: null, savedMs: durationMs - 50_000, durationMs })).toBe(0);
});

test("an address beyond the end leads to the end", () => {
	expect(resumePoint({ queryMs: 500_000, savedMs: null, durationMs: 100_000 })).toBe(100_000);
});
