import type { Chapter } from "../../protocol/vod.ts";
import { formatClock } from "../shell/time.ts";

/** Chapters as people write them, one a line: `0:00 Intro`. */
export function chapterLines(chapters: readonly Chapter[]): string {
	return chapters.map(({ startsAtMs, title }) => `${formatClock(startsAtMs)} ${title}`).join("\n");
}

/** Reads such lines. A fault names the first line that is none, in words. Sorted by time. */
export function parseChapters(
	text: string,
	durationMs: number | null,
): { chapters: Chapter[]; fault: string | null } {
	const chapters: Chapter[] = [];
	for (const [index, line] of text.split("\n").entries()) {
		if (line.trim() === "") continue;
		const chapter = parseLine(line.trim());
		if (chapter === null) return fail(index, `write a time and a title, as in “1:30 The question”`);
		if (durationMs !== null && chapter.startsAtMs >= durationMs) {
			return fail(index, `it begins after the end at ${formatClock(durationMs)}`);
		}
		if (chapters.some(({ startsAtMs }) => startsAtMs === chapter.startsAtMs)) {
			return fail(index, `another chapter begins at ${formatClock(chapter.startsAtMs)} too`);
		}
		chapters.push(chapter);
	}
	if (chapters.length > 100) return { chapters: [], fault: "At most 100 chapters." };
	return { chapters: chapters.sort((a, b) => a.startsAtMs - b.startsAtMs), fault: null };
}

/** `1:02:03`, `2:03` in ms; null: that is no time. */
export function parseClock(text: string): number | null {
	if (!/^\d{1,3}(:[0-5]?\d){1,2}$/.test(text)) return null;
	return text.split(":").reduce((seconds, part) => seconds * 60 + Number(part), 0) * 1000;
}

function parseLine(line: string): Chapter | null {
	const [, clock = "", title = ""] = /^[([]?([\d:]+)[)\]]?\s*[-–—:]?\s+(.+)$/.exec(line) ?? [];
	const startsAtMs = parseClock(clock);
	return startsAtMs === null || title.trim() === ""
		? null
		: { startsAtMs, title: title.trim().slice(0, 140) };
}

function fail(index: number, why: string): { chapters: Chapter[]; fault: string } {
	return { chapters: [], fault: `Line ${index + 1}: ${why}.` };
}
