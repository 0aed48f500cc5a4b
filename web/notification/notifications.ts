import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { answerInvitation } from "../../protocol/call.ts";
import { listContacts } from "../../protocol/contact.ts";
import type { UserID } from "../../protocol/ids.ts";
import type { CallSettled, NotifyServerMessage, RingingCall } from "../../protocol/notification.ts";
import { session } from "../account/session.ts";
import { randomID } from "../chat/viewer-session.ts";
import { call } from "../shell/api.ts";
import { NotifySocket } from "./notify-socket.ts";
import { pendingCount } from "./pending-count.ts";
import { onlineAfter, ringingAfter } from "./ringing-list.ts";

const ringingNow = signal<readonly RingingCall[]>([]);
const onlineNow = signal<ReadonlySet<string>>(new Set<string>());
const contactsTurn = signal(0);
const settledListeners = new Set<(settled: CallSettled) => void>();

/** Calls that ring for this person just now, on every page they have open. */
export const ringing: ReadonlySignal<readonly RingingCall[]> = ringingNow;
/** Which contacts are there. */
export const onlineIDs: ReadonlySignal<ReadonlySet<string>> = onlineNow;
/** Counts changes of the contact list: read it again. */
export const contactsVersion: ReadonlySignal<number> = contactsTurn;

/** Names this page in answers: a repeat of its own answer is no second one. */
const deviceID = randomID(16);

let isStarted = false;

/** Keeps the socket open while somebody is signed in. A second call does nothing. */
export function startNotifications(): void {
	if (isStarted) return;
	isStarted = true;
	let socket: NotifySocket | null = null;
	let openFor: UserID | null = null;
	effect(() => {
		const user = session.value.kind === "signed-in" ? session.value.user : null;
		if (user?.userID === openFor) return;
		socket?.close();
		socket = null;
		openFor = user?.userID ?? null;
		ringingNow.value = [];
		onlineNow.value = new Set();
		pendingCount.value = 0;
		if (user !== null && !user.isGuest) {
			socket = new NotifySocket(user.userID, (message) => take(message, user.userID));
		}
	});
}

/** Calls back whenever a call of this person is answered, taken back or missed. Returns how to stop. */
export function onSettled(listener: (settled: CallSettled) => void): () => void {
	settledListeners.add(listener);
	return () => settledListeners.delete(listener);
}

/** Answers for this device. Throws ApiError `already-answered` if another one was first, `call-ended` if it is too late. */
export async function answerRinging(ringingCall: RingingCall, state: "accepted" | "declined"): Promise<void> {
	if (session.value.kind !== "signed-in") return;
	const params = { callID: ringingCall.callID, userID: session.value.user.userID };
	// The dialog is gone at once; the other devices are told by the server.
	ringingNow.value = ringingNow.value.filter((each) => each.callID !== ringingCall.callID);
	await call(answerInvitation, { params, body: { state, deviceID } });
}

function take(message: NotifyServerMessage, ownID: UserID): void {
	const before = ringingNow.value;
	ringingNow.value = ringingAfter(before, message, ownID);
	onlineNow.value = onlineAfter(onlineNow.value, message);
	if (message.t === "contacts" || message.t === "welcome") {
		contactsTurn.value += 1;
		void countPending();
	}
	switch (message.t) {
		case "call.accepted":
		case "call.declined":
		case "call.cancelled":
		case "call.missed":
			for (const listener of settledListeners) listener(message);
			break;
		case "welcome":
		case "call.ringing":
		case "presence":
		case "contacts":
		case "error":
			break;
	}
}

async function countPending(): Promise<void> {
	try {
		const { items } = await call(listContacts, { query: { state: "pending", limit: 100 } });
		pendingCount.value = items.length;
	} catch {
		// Only a hint; the page of people shows the requests themselves.
	}
}
