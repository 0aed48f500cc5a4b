import { describe, expect, test } from "vitest";
import { chapterLines, parseChapters, parseClock } from "./chapter-lines.ts";

describe("chapters as lines", () => {
	test("are read, sorted, and written as they were", () => {
		const { chapters, fault } = parseChapters("1:30 The question\n\n0:00 Intro\n1:00:05 End", null);

		expect(fault).toBeNull();
		expect(chapters.map(({ startsAtMs }) => startsAtMs)).toEqual([0, 90_000, 3_605_000]);
		expect(chapterLines(chapters)).toBe("0:00 Intro\n1:30 The question\n1:00:05 End");
	});

	test("may have dashes and brackets, as people paste them", () => {
		const { chapters } = parseChapters("[0:10] - Hello\n(0:20) – There", null);

		expect(chapters).toEqual([
			{ startsAtMs: 10_000, title: "Hello" },
			{ startsAtMs: 20_000, title: "There" },
		]);
	});

	test.each([
		["Intro", "Line 1: write a time"],
		["0:00 A\n0:75 B", "Line 2: write a time"],
		["0:00 A\n9:00 B", "Line 2: it begins after the end at 5:00"],
		["0:10 A\n0:10 B", "Line 2: another chapter begins at 0:10 too"],
	])("%j is refused by line", (text, words) => {
		expect(parseChapters(text, 300_000).fault).toContain(words);
	});

	test("an empty text is no chapters", () => {
		expect(parseChapters(" \n", 1000)).toEqual({ chapters: [], fault: null });
	});
});

test.each([
	["0:05", 5000],
	["12:34", 754_000],
	["1:02:03", 3_723_000],
	["5", null],
	["1:99", null],
	["a:00", null],
])("the clock %s is %s ms", (text, ms) => {
	expect(parseClock(text)).toBe(ms);
});
