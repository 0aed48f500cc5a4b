/** Text that is no captions, in words for whoever sent it. */
export class CaptionsError extends Error {}

/**
 * Captions as WebVTT (https://www.w3.org/TR/webvtt1/): SubRip text is rewritten, WebVTT is checked and tidied.
 * Throws CaptionsError if there is not one cue in it.
 */
export function toWebVtt(text: string, format: "vtt" | "srt"): string {
	const lines = text
		.replace(/^\uFEFF/, "")
		.replaceAll("\0", "\uFFFD")
		.replaceAll(/\r\n?/g, "\n");
	if (format === "srt") return fromSubRip(lines);
	if (!/^WEBVTT(?:[ \t\n]|$)/.test(lines)) throw new CaptionsError("A WebVTT file begins with WEBVTT.");
	const hasCue = lines.split("\n").some((line) => readTiming(line) !== null);
	if (!hasCue) throw new CaptionsError("There are no captions in this file.");
	return lines.endsWith("\n") ? lines : `${lines}\n`;
}

/** Blocks of a number, a line of times and text, with empty lines between. What is no such block is left out. */
function fromSubRip(text: string): string {
	const cues = text.split(/\n{2,}/).flatMap((block) => {
		const lines = block.split("\n").filter((line) => line.trim() !== "");
		const at = lines.findIndex((line) => readTiming(line) !== null);
		const timing = readTiming(lines[at] ?? "");
		const payload = lines.slice(at + 1).map(tidyText);
		return timing === null || payload.length === 0 ? [] : [`${timing}\n${payload.join("\n")}\n`];
	});
	if (cues.length === 0) throw new CaptionsError("There are no captions in this file.");
	return `WEBVTT\n\n${cues.join("\n")}`;
}

/** `00:01:02,500 --> 00:01:04,000` as WebVTT writes it, or null. */
function readTiming(line: string): string | null {
	const time = String.raw`((?:\d{1,4}:)?\d{1,2}:\d{2})[.,](\d{1,3})`;
	const match = new RegExp(`^\\s*${time}\\s+-->\\s+${time}(?:\\s|$)`).exec(line);
	if (!match) return null;
	const [, start = "", startMs = "", end = "", endMs = ""] = match;
	return `${whole(start)}.${startMs.padEnd(3, "0")} --> ${whole(end)}.${endMs.padEnd(3, "0")}`;
}

/** Two digits each, hours always. */
function whole(time: string): string {
	const parts = time.split(":").map((part) => part.padStart(2, "0"));
	return parts.length === 2 ? `00:${parts.join(":")}` : parts.join(":");
}

/** Only the tags that both know; an arrow would begin a cue. */
function tidyText(line: string): string {
	return line
		.replaceAll(/\{\\[^}]*\}/g, "")
		.replaceAll("&", "&amp;")
		.replaceAll(/<(?!\/?[biu]>)/g, "&lt;")
		.replaceAll("-->", "--&gt;");
}
