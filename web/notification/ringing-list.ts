import type { NotifyServerMessage, RingingCall } from "../../protocol/notification.ts";

/** What rings on this device after `message`. A call that is answered, taken back or missed rings on no device any more. */
export function ringingAfter(
	ringing: readonly RingingCall[],
	message: NotifyServerMessage,
	ownID: string,
): readonly RingingCall[] {
	switch (message.t) {
		case "welcome":
			return message.ringing;
		case "call.ringing": {
			const { t, ...call } = message;
			return [...ringing.filter((each) => each.callID !== call.callID), call];
		}
		case "call.accepted":
		case "call.declined":
		case "call.cancelled":
		case "call.missed":
			return message.userID === ownID ? ringing.filter((each) => each.callID !== message.callID) : ringing;
		case "presence":
		case "contacts":
		case "error":
			return ringing;
	}
}

/** Who is there after `message`. */
export function onlineAfter(online: ReadonlySet<string>, message: NotifyServerMessage): ReadonlySet<string> {
	if (message.t === "welcome") return new Set(message.online);
	if (message.t !== "presence" || online.has(message.userID) === message.online) return online;
	const next = new Set(online);
	if (message.online) next.add(message.userID);
	else next.delete(message.userID);
	return next;
}
