import { Call, CallHistoryItem, type Invitation } from "../../protocol/call.ts";
import {
	type NotifyClientMessage,
	NotifyServerFrame,
	type NotifyServerMessage,
} from "../../protocol/notification.ts";
import { registerUser, type Session, send, ticketFor } from "./client.ts";
import { FrameClient } from "./frame-client.ts";

/** One device of somebody: a notify.v1 socket. */
export type Device = FrameClient<NotifyClientMessage, NotifyServerMessage>;

/** Two people who have accepted each other. */
export async function registerFriends(): Promise<[Session, Session]> {
	const [one, other] = await Promise.all([registerUser(), registerUser()]);
	await befriend(one, other);
	return [one, other];
}

export async function befriend(one: Session, other: Session): Promise<void> {
	await putContact(one, other, "accepted");
	await putContact(other, one, "accepted");
}

export function putContact(by: Session, other: Session, state: "accepted" | "blocked"): Promise<Response> {
	const path = `/users/me/contacts/${other.user.userID}`;
	return send("PUT", path, { token: by.accessToken, body: { state } });
}

export function upgradeNotify(
	ticket: string | null,
	headers: Record<string, string> = {},
): Promise<Response> {
	const protocols = ["notify.v1", ...(ticket === null ? [] : [`ticket.${ticket}`])];
	return send("GET", "/notifications/socket", {
		headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": protocols.join(", "), ...headers },
	});
}

/** A device that is welcomed. */
export async function openDevice(session: Session): Promise<Device> {
	const response = await upgradeNotify(await ticketFor(session, session.user.userID, "notify"));
	if (!response.webSocket) throw new Error(`no socket: ${response.status} ${await response.text()}`);
	const device: Device = new FrameClient(response.webSocket, NotifyServerFrame);
	await device.next("welcome");
	return device;
}

export function postCall(by: Session, invitees: Session[], more: object = {}): Promise<Response> {
	return send("POST", "/calls", {
		token: by.accessToken,
		body: { kind: "video", inviteeIDs: invitees.map(({ user }) => user.userID), ...more },
	});
}

/** A call that rings these people, or is open without any. */
export async function startCall(by: Session, invitees: Session[] = [], more: object = {}): Promise<Call> {
	return Call.parse(await (await postCall(by, invitees, more)).json());
}

/** Answers, or takes back, the invitation of `invitee`. */
export function putAnswer(
	by: Session,
	call: Call,
	invitee: Session,
	body: { state: Invitation["state"]; deviceID?: string },
): Promise<Response> {
	const path = `/calls/${call.callID}/invitations/${invitee.user.userID}`;
	return send("PUT", path, { token: by.accessToken, body });
}

/** How the call went for somebody, as their history says. */
export async function outcomeFor(session: Session, call: Call) {
	const reply = await send("GET", "/calls", { token: session.accessToken });
	const { items } = await reply.json<{ items: unknown[] }>();
	const own = items.map((item) => CallHistoryItem.parse(item)).find(({ callID }) => callID === call.callID);
	return own && { state: own.state, direction: own.direction, outcome: own.outcome };
}
