import type { CallHistoryItem } from "../../protocol/call.ts";

/** One line of the history: who, how it went, and whether one has to notice. */
export interface HistoryWords {
	who: string;
	what: string;
	isMissed: boolean;
}

const OUTGOING: Record<CallHistoryItem["outcome"], string> = {
	answered: "Outgoing",
	joined: "Outgoing",
	ringing: "Ringing",
	missed: "Not answered",
	declined: "Declined",
	cancelled: "Cancelled",
	busy: "Was in another call",
};

const INCOMING: Record<CallHistoryItem["outcome"], string> = {
	answered: "Incoming",
	joined: "Joined",
	ringing: "Ringing",
	missed: "Missed",
	declined: "Declined by you",
	cancelled: "Missed",
	busy: "Missed: you were in a call",
};

/** Tells how a call went for the person whose history it is. */
export function historyWords(item: CallHistoryItem): HistoryWords {
	const names = item.others.map((other) => other.displayName);
	const isIncoming = item.direction === "incoming";
	const what = (isIncoming ? INCOMING : OUTGOING)[item.outcome];
	return { who: whoOf(item.title, names), what, isMissed: isIncoming && what.startsWith("Missed") };
}

/** The title where it has one; else the people; else it was a call by link. */
function whoOf(title: string, names: readonly string[]): string {
	if (title !== "") return title;
	const [first, second] = names;
	if (first === undefined) return "Call by link";
	if (second === undefined) return first;
	return names.length === 2 ? `${first} and ${second}` : `${first} and ${names.length - 1} others`;
}
