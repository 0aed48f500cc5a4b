import type { CallChatLine } from "../engine/call-types.ts";

/** Lines of one person that follow each other, under one name. */
export interface ChatGroup {
	key: string;
	participantID: string;
	displayName: string;
	/** ms since 1970, of the first line. */
	sentAt: number;
	lines: readonly CallChatLine[];
}

/** Lines further apart than this begin a new group, ms. */
const TOGETHER_MS = 3 * 60_000;

/** Puts what somebody said in one go under one name. */
export function groupLines(lines: readonly CallChatLine[]): ChatGroup[] {
	const groups: ChatGroup[] = [];
	for (const line of lines) {
		const last = groups[groups.length - 1];
		const sentAt = Date.parse(line.sentAt);
		const lastLine = last?.lines[last.lines.length - 1];
		const isNear = lastLine !== undefined && sentAt - Date.parse(lastLine.sentAt) < TOGETHER_MS;
		if (last !== undefined && last.participantID === line.participantID && isNear) {
			groups[groups.length - 1] = { ...last, lines: [...last.lines, line] };
		} else {
			const { participantID, displayName, clientMsgID } = line;
			groups.push({
				key: `${participantID}${clientMsgID}`,
				participantID,
				displayName,
				sentAt,
				lines: [line],
			});
		}
	}
	return groups;
}

export type TextPart = { kind: "text"; text: string } | { kind: "link"; url: string };

/** Finds the addresses in a line. Only http and https: nothing else may become a link. */
export function splitLinks(text: string): TextPart[] {
	const parts: TextPart[] = [];
	let from = 0;
	for (const match of text.matchAll(/https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'»]/g)) {
		const [url] = match;
		if (match.index > from) parts.push({ kind: "text", text: text.slice(from, match.index) });
		parts.push({ kind: "link", url });
		from = match.index + url.length;
	}
	if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
	return parts;
}
