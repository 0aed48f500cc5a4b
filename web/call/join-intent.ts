import type { CallKind } from "../../protocol/call.ts";
import type { CallID } from "../../protocol/ids.ts";

/** Somebody pressed "call" or "accept" on another page: the call is entered without a stop in the lobby. */
export interface JoinIntent {
	code: string;
	/** Tells how the call went also after its code has ended with it. */
	callID: CallID;
	kind: CallKind;
	/** For who was rung: their answer, on its way to the server. It is refused if another device was faster. */
	answer?: Promise<void>;
}

let intent: JoinIntent | null = null;

/** Remembers it for the page that is opened next. Kept in memory only: a link must never switch on somebody's camera. */
export function intendToJoin(next: JoinIntent): void {
	intent = next;
}

/** The intent for this call, once. */
export function takeJoinIntent(code: string): JoinIntent | null {
	const taken = intent?.code === code ? intent : null;
	if (taken !== null) intent = null;
	return taken;
}
