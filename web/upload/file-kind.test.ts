import { describe, expect, test } from "vitest";
import { kindOf, refusalOf, titleOf } from "./file-kind.ts";

describe("a dropped file", () => {
	test.each([
		[{ name: "a.mp4", type: "video/mp4" }, "video"],
		[{ name: "a.MKV", type: "" }, "video"],
		[{ name: "a.flac", type: "" }, "audio"],
		[{ name: "song", type: "audio/mpeg" }, "audio"],
		[{ name: "notes.txt", type: "text/plain" }, null],
		[{ name: "archive", type: "" }, null],
	])("%o is %s", (file, kind) => {
		expect(kindOf(file)).toBe(kind);
	});

	test("that is empty, too large or something else is refused with a reason that names it", () => {
		expect(refusalOf({ name: "a.mp4", type: "video/mp4", size: 0 })).toBe("a.mp4 is empty.");
		expect(refusalOf({ name: "a.zip", type: "application/zip", size: 5 })).toContain(
			"neither video nor audio",
		);
		expect(refusalOf({ name: "a.mp4", type: "video/mp4", size: 21 * 1024 ** 3 })).toContain("22.5 GB");
		expect(refusalOf({ name: "a.mp4", type: "video/mp4", size: 5 })).toBeNull();
	});

	test("gives its work a first title", () => {
		expect(titleOf("My_first talk.final.mp4")).toBe("My first talk.final");
		expect(titleOf(".mp4")).toBe(".mp4");
		expect(titleOf(`${"x".repeat(300)}.mp4`)).toHaveLength(140);
	});
});
