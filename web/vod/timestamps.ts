import { parseClock } from "./chapter-lines.ts";

/** A piece of a description: plain text, or a time that can be gone to. */
export type DescriptionPart = { text: string; atMs: number | null };

/** Finds times like `1:30` or `1:02:03` in a text, within the work's length. */
export function splitTimestamps(text: string, durationMs: number | null): DescriptionPart[] {
	const parts: DescriptionPart[] = [];
	let at = 0;
	// No look-behind: Safari 15 does not know it.
	for (const match of text.matchAll(/(^|[^\d:.])(\d{1,3}(?::[0-5]?\d){1,2})(?![\d:.]*\d)/g)) {
		const [, before = "", clock = ""] = match;
		const atMs = parseClock(clock);
		if (atMs === null || (durationMs !== null && atMs > durationMs)) continue;
		const start = match.index + before.length;
		if (start > at) parts.push({ text: text.slice(at, start), atMs: null });
		parts.push({ text: clock, atMs });
		at = start + clock.length;
	}
	if (at < text.length) parts.push({ text: text.slice(at), atMs: null });
	return parts;
}

/** `?t=90`, `?t=1m30s` or `?t=1:30` in ms; null: there is none. */
export function startFromQuery(value: string | undefined): number | null {
	if (value === undefined || value === "") return null;
	if (/^\d+(\.\d+)?s?$/.test(value)) return Number.parseFloat(value) * 1000;
	const [, hours, minutes, seconds] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(value) ?? [];
	if (hours === undefined && minutes === undefined && seconds === undefined) return parseClock(value);
	return (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * 1000;
}
