import { expect, test } from "vitest";
import { calendarFile } from "./calendar-event.ts";

const EVENT = {
	uid: "abc-defg-hjk@rostrum.example",
	title: "Plans; budget, and more",
	url: "https://rostrum.example/meet/abc-defg-hjk",
	startAt: Date.UTC(2027, 4, 3, 14, 5),
	durationMinutes: 45,
	now: Date.UTC(2027, 4, 1),
};

test("an entry has its times in UTC and its text escaped", () => {
	const file = calendarFile(EVENT);

	expect(file).toContain("\r\nDTSTART:20270503T140500Z\r\nDTEND:20270503T145000Z\r\n");
	expect(file).toContain("\r\nSUMMARY:Plans\\; budget\\, and more\r\n");
	expect(file.endsWith("END:VCALENDAR\r\n")).toBe(true);
});

test("no line is longer than 75 octets, and no character is cut in two", () => {
	const title = "Übergrößenträger ".repeat(12);
	const lines = calendarFile({ ...EVENT, title }).split("\r\n");

	expect(Math.max(...lines.map((line) => new TextEncoder().encode(line).length))).toBeLessThanOrEqual(75);
	expect(lines.join("\n").replaceAll("\n ", "")).toContain(`SUMMARY:${title}`);
});
