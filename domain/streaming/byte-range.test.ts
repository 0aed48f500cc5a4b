import { expect, test } from "vitest";
import { parseRange } from "./byte-range.ts";

test.each([
	["bytes=0-9", { start: 0, end: 9 }],
	["bytes=90-", { start: 90, end: 99 }],
	["bytes=-10", { start: 90, end: 99 }],
	["bytes=0-1000", { start: 0, end: 99 }],
	["bytes=-1000", { start: 0, end: 99 }],
	["bytes=100-", "unsatisfiable"],
	["bytes=100-200", "unsatisfiable"],
	["bytes=-0", "unsatisfiable"],
	["bytes=9-0", null],
	["bytes=0-1,5-6", null],
	["bytes=-", null],
	["items=0-1", null],
	[undefined, null],
])("%s of 100 bytes is %o", (header, range) => {
	expect(parseRange(header, 100)).toEqual(range);
});
