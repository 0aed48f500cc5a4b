import { expect, test } from "vitest";
import { UNKNOWN_QUALITY } from "../engine/call-types.ts";
import { formatRate, qualityWords } from "./quality-words.ts";

test("a good connection needs no advice", () => {
	expect(qualityWords(UNKNOWN_QUALITY)).toEqual({ sentence: "Your connection is good.", advice: null });
});

test("the sentence names the cause that people can do something about", () => {
	const poor = { ...UNKNOWN_QUALITY, verdict: "poor" } as const;

	expect(qualityWords({ ...poor, lossPercent: 12 }).sentence).toContain("12 %");
	expect(qualityWords({ ...poor, rttMs: 480 }).sentence).toContain("480 ms");
	expect(qualityWords({ ...poor, route: "turn-tls" }).sentence).toContain("UDP");
	expect(qualityWords({ ...poor, route: "turn-tls" }).advice).toContain("network");
});

test("rates are told in the unit that fits, and none is a dash", () => {
	expect([0, 340.4, 1420].map(formatRate)).toEqual(["–", "340 kbit/s", "1.4 Mbit/s"]);
});
