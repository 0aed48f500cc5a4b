import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeBeforeCaret, segmentsOf } from "./emote-text.ts";

describe("a message with emotes", () => {
	test("is cut at their ranges", () => {
		expect(segmentsOf("hi :wave!", [{ emoteID: "wave", start: 3, end: 8 }])).toEqual([
			{ kind: "text", text: "hi " },
			{ kind: "emote", emoteID: "wave", code: ":wave" },
			{ kind: "text", text: "!" },
		]);
	});

	test("counts code points, not UTF-16 units", () => {
		expect(segmentsOf("👩‍🚀 :fire", [{ emoteID: "fire", start: 4, end: 9 }])).toEqual([
			{ kind: "text", text: "👩‍🚀 " },
			{ kind: "emote", emoteID: "fire", code: ":fire" },
		]);
	});

	test("loses no text, whatever the ranges are", () => {
		fc.assert(
			fc.property(
				fc.string({ unit: "grapheme" }),
				fc.array(
					fc.record({
						emoteID: fc.constant("x"),
						start: fc.integer({ min: -3, max: 12 }),
						end: fc.integer({ min: -3, max: 12 }),
					}),
				),
				(text, ranges) => {
					const joined = segmentsOf(text, ranges).map((each) =>
						each.kind === "text" ? each.text : each.code,
					);

					expect(joined.join("")).toBe(text);
				},
			),
		);
	});
});

describe("the code being typed", () => {
	test("is found before the caret", () => {
		expect(codeBeforeCaret("so :wa", 6)).toEqual({ start: 3, query: "wa" });
		expect(codeBeforeCaret(":fire now", 5)).toEqual({ start: 0, query: "fire" });
	});

	test("is not seen in times, links and smiles", () => {
		expect(codeBeforeCaret("at 12:30", 8)).toBeNull();
		expect(codeBeforeCaret("https://x", 9)).toBeNull();
		expect(codeBeforeCaret(":)", 2)).toBeNull();
		expect(codeBeforeCaret(":w", 2)).toBeNull();
	});
});
