import { resign } from "./signed-url.ts";

/**
 * A storyboard's WebVTT with the pictures' addresses made whole: relative to the file, and signed as the file is, so that a player can
 * load them from a copy that has no address of its own. `vttURL` is absolute.
 */
export function absoluteStoryboard(vtt: string, vttURL: string): string {
	return vtt
		.split(/\r\n|\r|\n/)
		.map((line) => (isPicture(line) ? absolute(line, vttURL) : line))
		.join("\n");
}

/** Chapters as WebVTT. The last one ends with the work, or an hour after its start if that is not known. */
export function chaptersVtt(
	chapters: readonly { startsAtMs: number; title: string }[],
	durationMs: number | null,
): string {
	const sorted = [...chapters].sort((a, b) => a.startsAtMs - b.startsAtMs);
	const cues = sorted.map(({ startsAtMs, title }, index) => {
		const endsAtMs = sorted[index + 1]?.startsAtMs ?? durationMs ?? startsAtMs + 3_600_000;
		return `${vttTime(startsAtMs)} --> ${vttTime(Math.max(endsAtMs, startsAtMs + 1))}\n${escapeCue(title)}\n`;
	});
	return `WEBVTT\n\n${cues.join("\n")}`;
}

/** `01:02:03.004` (WebVTT §3.3). */
export function vttTime(ms: number): string {
	const part = (value: number, length: number) => String(value).padStart(length, "0");
	const seconds = Math.floor(ms / 1000);
	const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
	return `${clock.map((value) => part(value, 2)).join(":")}.${part(Math.floor(ms % 1000), 3)}`;
}

function isPicture(line: string): boolean {
	return /\.(jpe?g|png|webp)([?#]|$)/i.test(line) && !line.includes("-->");
}

function absolute(line: string, vttURL: string): string {
	const target = new URL(line.trim(), vttURL);
	return target.searchParams.has("sig") ? target.href : resign(target.href, vttURL, vttURL);
}

function escapeCue(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replace(/\s+/g, " ");
}
