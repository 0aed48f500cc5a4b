import type { ParticipantID } from "../../../protocol/ids.ts";
import type { CallChatMessage } from "../../../protocol/signal.ts";
import type { CallChatLine } from "./call-types.ts";

/** Lines kept on the page. */
const MOST_LINES = 500;

/** Our own line, before the room has it. */
export function saying(lines: readonly CallChatLine[], message: CallChatMessage): CallChatLine[] {
	return limited([...withoutLine(lines, message), { ...message, status: "pending" }]);
}

/** The room's line; our own pending one becomes it, at the place where the room has it. */
export function heard(lines: readonly CallChatLine[], message: CallChatMessage): CallChatLine[] {
	const known = lines.find((line) => isSame(line, message));
	if (known?.status === "sent") return [...lines];
	const settled = withoutLine(lines, message);
	const firstPending = settled.findIndex((line) => line.status !== "sent");
	const at = firstPending === -1 ? settled.length : firstPending;
	return limited([...settled.slice(0, at), { ...message, status: "sent" }, ...settled.slice(at)]);
}

/** History of a welcome: what the room has counts, what is still on its way stays below. */
export function recalled(
	lines: readonly CallChatLine[],
	history: readonly CallChatMessage[],
): CallChatLine[] {
	return history.reduce(heard, [...lines]);
}

export function notSaid(lines: readonly CallChatLine[], clientMsgID: string): CallChatLine[] {
	return lines.map((line) =>
		line.clientMsgID === clientMsgID && line.status === "pending" ? { ...line, status: "failed" } : line,
	);
}

/** Our lines that the room does not have yet. */
export function pendingLines(lines: readonly CallChatLine[], selfID: ParticipantID): CallChatLine[] {
	return lines.filter((line) => line.status === "pending" && line.participantID === selfID);
}

function isSame(a: CallChatMessage, b: CallChatMessage): boolean {
	return a.clientMsgID === b.clientMsgID && a.participantID === b.participantID;
}

function withoutLine(lines: readonly CallChatLine[], message: CallChatMessage): CallChatLine[] {
	return lines.filter((line) => !isSame(line, message));
}

function limited(lines: CallChatLine[]): CallChatLine[] {
	return lines.slice(-MOST_LINES);
}
