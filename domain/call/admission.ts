import { CALL_LIMITS } from "../../protocol/call.ts";
import type { ErrorCode } from "../../protocol/errors.ts";
import type { UserID } from "../../protocol/ids.ts";
import { type CallFacts, roleOf } from "./member.ts";

/** Who wants to come in. `knowsCode`: they named the call by its join code. */
export interface Visitor {
	userID: UserID;
	displayName: string;
	isGuest: boolean;
	knowsCode: boolean;
	/** Who has invited them, unless that was taken back. */
	invitedByID: UserID | null;
}

export interface Refusal {
	code: ErrorCode;
	detail: string;
}

/** Whether the visitor may come in: at once (`isAdmitted`), after a host has said so, or not. `size`: places taken. */
export function judgeEntry(
	facts: CallFacts,
	visitor: Visitor,
	size: number,
): { ok: true; isAdmitted: boolean } | ({ ok: false } & Refusal) {
	const isTrusted = roleOf(facts, visitor.userID) !== "member";
	const isInvited = visitor.invitedByID !== null;
	if (facts.endedAt !== null) return refuse("call-ended", "This call is over.");
	if (!isTrusted && !isInvited && !visitor.knowsCode) return refuse("not-found", "There is no such call.");
	if (facts.removedIDs.includes(visitor.userID))
		return refuse("forbidden", "The host has removed you from this call.");
	if (size >= CALL_LIMITS.participants)
		return refuse("full", `This call is full: it holds ${CALL_LIMITS.participants} people.`);
	if (isTrusted) return { ok: true, isAdmitted: true };
	if (facts.isLocked) return refuse("locked", "The host has locked this call.");
	if (facts.access === "invite" && !isInvited)
		return refuse("forbidden", "Only those invited may join this call.");
	// Past the lobby leads the word of those who could let in: not every member's.
	const isVouchedFor = visitor.invitedByID !== null && roleOf(facts, visitor.invitedByID) !== "member";
	return { ok: true, isAdmitted: facts.access !== "lobby" || isVouchedFor };
}

function refuse(code: ErrorCode, detail: string): { ok: false } & Refusal {
	return { ok: false, code, detail };
}
