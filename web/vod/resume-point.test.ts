import { expect, test } from "vitest";
import { resumePoint } from "./resume-point.ts";

test("the address comes before the saved position", () => {
	expect(resumePoint({ queryMs: 5000, savedMs: 60_000, durationMs: 100_000 })).toBe(5000);
});

test("who stopped in the middle goes on there", () => {
	expect(resumePoint({ queryMs: null, savedMs: 60_000, durationMs: 100_000 })).toBe(60_000);
});

test("who had hardly begun, or was through, begins at the start", () => {
	expect(resumePoint({ queryMs: null, savedMs: 4000, durationMs: 100_000 })).toBe(0);
	expect(resumePoint({ queryMs: null, savedMs: 97_000, durationMs: 100_000 })).toBe(0);
	expect(resumePoint({ queryMs: null, savedMs: null, durationMs: 100_000 })).toBe(0);
});

test("an address beyond the end leads to the end", () => {
	expect(resumePoint({ queryMs: 500_000, savedMs: null, durationMs: 100_000 })).toBe(100_000);
});
