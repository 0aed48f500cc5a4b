import type { EndReason } from "./engine/call-types.ts";

/** What the page after a call says. */
export interface EndingWords {
	title: string;
	text: string;
	/** What to offer first. */
	next: "rejoin" | "call-again" | "new-call" | "home";
}

/** Why one is not in the call: how it ended, or why one did not get in. */
export type EndingReason =
	| EndReason
	| "full"
	| "locked"
	| "over"
	| "not-found"
	| "busy"
	| "refused"
	| "elsewhere";

/** Says how a call ended, and what can be done now. `other`: the person who was called, where it was one. */
export function endingWords(reason: EndingReason, other: string | null): EndingWords {
	const who = other ?? "Nobody";
	return WORDS[reason](other ?? "They", who);
}

const WORDS: Record<EndingReason, (they: string, who: string) => EndingWords> = {
	left: () => ({ title: "You left the call", text: "It goes on for the others.", next: "rejoin" }),
	host: () => ({ title: "The call has ended", text: "The host ended it for everybody.", next: "home" }),
	empty: () => ({ title: "The call has ended", text: "Everybody left.", next: "new-call" }),
	over: () => ({
		title: "This call is over",
		text: "Its link does not open again. A new call takes one click.",
		next: "new-call",
	}),
	removed: () => ({
		title: "A host removed you from the call",
		text: "If that was a mistake, ask the host; you cannot come back by yourself.",
		next: "home",
	}),
	denied: () => ({
		title: "You were not let in",
		text: "A host turned down your request. Ask them for a time that suits, or try again.",
		next: "rejoin",
	}),
	failed: () => ({
		title: "The connection was lost",
		text: "We tried to reconnect and could not. Check your network, then come back: the call goes on.",
		next: "rejoin",
	}),
	replaced: () => ({
		title: "You went on in another window",
		text: "The same place in this call was opened elsewhere.",
		next: "rejoin",
	}),
	declined: (they) => ({
		title: `${they} declined`,
		text: "You can try again, or write.",
		next: "call-again",
	}),
	busy: (they) => ({
		title: `${they === "They" ? "They are" : `${they} is`} in another call`,
		text: "Try again in a while.",
		next: "call-again",
	}),
	missed: (_, who) => ({
		title: who === "Nobody" ? "Nobody answered" : `${who} did not answer`,
		text: "They will see that you called.",
		next: "call-again",
	}),
	cancelled: () => ({ title: "Call cancelled", text: "It rings no longer.", next: "call-again" }),
	full: () => ({
		title: "This call is full",
		text: "Everybody who fits is inside. Try again when somebody has left.",
		next: "rejoin",
	}),
	locked: () => ({
		title: "This call is locked",
		text: "The host lets nobody new in at present. Ask them to unlock it, then try again.",
		next: "rejoin",
	}),
	elsewhere: () => ({
		title: "Answered on another device",
		text: "The call goes on there.",
		next: "home",
	}),
	refused: () => ({
		title: "You cannot join this call",
		text: "It is for invited people only, or the host has removed you. Ask the host.",
		next: "home",
	}),
	"not-found": () => ({
		title: "There is no such call",
		text: "The link may be old, or have a typing mistake.",
		next: "new-call",
	}),
};

/** Whether a text (of an address, of storage) names a reason. */
export function isEndingReason(text: string): text is EndingReason {
	return Object.keys(WORDS).includes(text);
}
