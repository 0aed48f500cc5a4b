import { expect, test } from "vitest";
import { parseTags } from "./tag-list.ts";

test("tags are parted by commas, trimmed, and each there once", () => {
	expect(parseTags("rivers, #Water,water,, long walk ")).toEqual({
		tags: ["rivers", "Water", "long walk"],
		fault: null,
	});
});

test("too long a tag, or too many, is said", () => {
	expect(parseTags("x".repeat(41)).fault).toContain("longer than 40");
	expect(parseTags(Array.from({ length: 31 }, (_, index) => `t${index}`).join()).fault).toBe(
		"At most 30 tags.",
	);
});
