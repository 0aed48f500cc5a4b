import { expect, test } from "vitest";
import { formatAgo, formatClock, formatCount, formatDelay, plural } from "./time.ts";

test("a clock shows hours only when there are some", () => {
	expect([0, 65_000, 3_600_000 + 65_000].map(formatClock)).toEqual(["0:00", "1:05", "1:01:05"]);
});

test("a delay has as many digits as matter", () => {
	expect([420, 999, 2_130, 34_400, 320_000].map(formatDelay)).toEqual([
		"0.42 s",
		"1.0 s",
		"2.1 s",
		"34 s",
		"5:20",
	]);
});

test("the past is told in the largest unit that fits", () => {
	const now = 1_000_000_000_000;

	expect(formatAgo(now - 12_000, now)).toBe("12 s ago");
	expect(formatAgo(now - 3 * 60_000, now)).toBe("3 min ago");
	expect(formatAgo(now - 2 * 86_400_000, now)).toBe("2 days ago");
});

test("one is not many", () => {
	expect(plural(1, "viewer")).toBe("1 viewer");
	expect(plural(1200, "viewer")).toBe("1.2K viewers");
	expect(formatCount(0)).toBe("0");
});
