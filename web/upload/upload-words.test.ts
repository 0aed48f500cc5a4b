import { expect, test } from "vitest";
import { uploadWords } from "./upload-words.ts";

const figures = {
	readBytes: 25_000_000,
	sentBytes: 42_900_000,
	sizeBytes: 100_000_000,
	bytesPerSecond: 3_200_000,
	timeLeftMs: 17_800,
};

test("an upload says how much, how fast and how long", () => {
	expect(uploadWords({ kind: "uploading" }, figures)).toBe(
		"Uploading · 42 % · 42.9 MB of 100 MB · 3.2 MB/s · 18 s left",
	);
});

test("what is not known yet is left out", () => {
	const words = uploadWords({ kind: "uploading" }, { ...figures, bytesPerSecond: null, timeLeftMs: null });

	expect(words).toBe("Uploading · 42 % · 42.9 MB of 100 MB");
});

test("a file that waits to be chosen again says why, if there is a reason", () => {
	expect(uploadWords({ kind: "needs-file", canAsk: false, problem: "Other file" }, figures)).toBe(
		"Other file",
	);
	expect(uploadWords({ kind: "needs-file", canAsk: false, problem: null }, figures)).toContain("kept");
});

test("reading is told by what was read", () => {
	expect(uploadWords({ kind: "fingerprinting" }, figures)).toBe("Reading the file · 25 %");
});
