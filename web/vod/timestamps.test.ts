import { describe, expect, test } from "vitest";
import { splitTimestamps, startFromQuery } from "./timestamps.ts";

describe("times in a description", () => {
	test("can be gone to, the rest stays text", () => {
		expect(splitTimestamps("See 1:30 and 1:02:03.", null)).toEqual([
			{ text: "See ", atMs: null },
			{ text: "1:30", atMs: 90_000 },
			{ text: " and ", atMs: null },
			{ text: "1:02:03", atMs: 3_723_000 },
			{ text: ".", atMs: null },
		]);
	});

	test("beyond the end are text", () => {
		expect(splitTimestamps("at 9:00", 60_000)).toEqual([{ text: "at 9:00", atMs: null }]);
	});

	test("are no parts of longer numbers", () => {
		expect(splitTimestamps("2024:11:12:13 and 1:2:3:4", null).every(({ atMs }) => atMs === null)).toBe(true);
	});
});

test.each([
	["90", 90_000],
	["90s", 90_000],
	["1m30s", 90_000],
	["1h", 3_600_000],
	["1:30", 90_000],
	["", null],
	["soon", null],
	[undefined, null],
])("?t=%s is %s ms", (value, ms) => {
	expect(startFromQuery(value)).toBe(ms);
});
