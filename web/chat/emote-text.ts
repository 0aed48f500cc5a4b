import type { EmoteRange } from "../../protocol/chat.ts";

/** A piece of a message: text as it is, or an emote with the code that stands for it. */
export type Segment = { kind: "text"; text: string } | { kind: "emote"; emoteID: string; code: string };

/** Cuts a message at its emotes. Ranges are in code points, end exclusive; those outside the text or overlapping are left as text. */
export function segmentsOf(message: string, emotes: readonly EmoteRange[]): Segment[] {
	if (emotes.length === 0) return message === "" ? [] : [{ kind: "text", text: message }];
	const points = Array.from(message);
	const segments: Segment[] = [];
	let done = 0;
	for (const { emoteID, start, end } of [...emotes].sort((a, b) => a.start - b.start)) {
		if (start < done || end <= start || end > points.length) continue;
		if (start > done) segments.push({ kind: "text", text: points.slice(done, start).join("") });
		segments.push({ kind: "emote", emoteID, code: points.slice(start, end).join("") });
		done = end;
	}
	if (done < points.length) segments.push({ kind: "text", text: points.slice(done).join("") });
	return segments;
}

/** The emote code being typed just before the caret (`:wa`), or null. Two characters at least, so that `:)` stays a smile. */
export function codeBeforeCaret(text: string, caret: number): { start: number; query: string } | null {
	const match = /(?:^|[^A-Za-z0-9_:]):([a-z0-9_]{2,32})$/.exec(text.slice(0, caret));
	const query = match?.[1];
	return query === undefined ? null : { start: caret - query.length - 1, query };
}
