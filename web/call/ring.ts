import { type CallKind, createCall } from "../../protocol/call.ts";
import type { UserID } from "../../protocol/ids.ts";
import { call } from "../shell/api.ts";
import { describeFailure } from "../shell/failure.ts";
import { isOnline } from "../shell/online.ts";
import { notify } from "../shell/toasts.tsx";
import { intendToJoin } from "./join-intent.ts";

/** Rings a contact, and goes into the call to wait for them. What keeps it from ringing is said in a toast. */
export async function ring(callee: UserID, kind: CallKind, route: (url: string) => void): Promise<void> {
	try {
		const { code, callID } = await call(createCall, { body: { kind, inviteeIDs: [callee] } });
		intendToJoin({ code, callID, kind });
		route(`/meet/${code}`);
	} catch (error) {
		const { title, whatHappened } = describeFailure(error, isOnline.value);
		notify(`${title}. ${whatHappened}`, "bad");
	}
}
