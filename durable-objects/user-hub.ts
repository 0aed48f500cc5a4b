import { DurableObject } from "cloudflare:workers";
import { log } from "../adapters/log.ts";
import { type CallID, UserID } from "../protocol/ids.ts";
import {
	type CallSettled,
	NOTIFY_CLOSE,
	NotifyClientMessage,
	type NotifyServerMessage,
	type RingingCall,
} from "../protocol/notification.ts";
import { answerClose } from "./answer-close.ts";
import { CallBudget } from "./call-budget.ts";
import { UserPresence } from "./user-presence.ts";
import { UserStore } from "./user-store.ts";

/** Who opens a socket, as the Worker has verified it. */
export interface NotifyVisitor {
	userID: UserID;
	ticket: { ticketID: string; expiresAt: number };
}

/** What a socket carries through hibernation. */
interface Attachment {
	/** Names the device in its answers unless it names itself. */
	sessionID: string;
	isWelcomed: boolean;
	openedAt: number;
	refusals: number;
}

const MAX_SOCKETS = 10;
const MAX_FRAME_LENGTH = 4 * 1024;
const MAX_REFUSALS = 20;
/** Somebody whose last socket is gone has left after this time: a page that is loaded again does not flicker. */
const LEAVE_GRACE_MS = 5000;

/** One user's devices: ringing, presence, notifications. Named by its userID. Asleep unless a frame or a call comes in. */
export class UserHub extends DurableObject<Env> {
	readonly #store: UserStore;
	readonly #presence: UserPresence;
	/** Each answer is a call to a room: a user's devices make few. */
	readonly #budget = new CallBudget<"answers">({ burst: 30, perSecond: 1 });

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#store = new UserStore(ctx.storage.sql);
		this.#presence = new UserPresence(env);
		ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
		// Sockets that a crash has taken away were not closed: nobody has told the contacts.
		if (this.#store.isOnline && ctx.getWebSockets().length === 0) ctx.waitUntil(this.#leaveLater());
	}

	/** The socket upgrade; the Worker has put the verified visitor into a header. */
	override async fetch(request: Request): Promise<Response> {
		const visitor: NotifyVisitor = JSON.parse(request.headers.get("x-visitor") ?? "null");
		const { ticketID, expiresAt } = visitor.ticket;
		if (!this.#store.tickets.use(ticketID, expiresAt, Date.now())) {
			return new Response("bad-ticket", { status: 401 });
		}
		this.#store.userID = visitor.userID;
		this.#makeRoom();
		const { 0: client, 1: server } = new WebSocketPair();
		this.ctx.acceptWebSocket(server);
		attach(server, {
			sessionID: crypto.randomUUID(),
			isWelcomed: false,
			openedAt: Date.now(),
			refusals: 0,
		});
		const isArriving = !this.#store.isOnline;
		this.#store.isOnline = true;
		await this.ctx.storage.deleteAlarm();
		this.ctx.waitUntil(this.#welcome(server, visitor.userID, isArriving));
		const protocol = request.headers.get("x-protocol");
		return new Response(null, {
			status: 101,
			webSocket: client,
			...(protocol === null ? {} : { headers: { "Sec-WebSocket-Protocol": protocol } }),
		});
	}

	override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
		// It was sent away, and has not gone yet.
		if (socket.readyState !== WebSocket.OPEN) return;
		const frame = parseFrame(data);
		if (!frame) this.#refuse(socket, { code: "bad-frame", detail: "This frame is not of notify.v1." });
		else if (this.#budget.spend("answers", 1, Date.now())) await this.#answer(socket, frame);
		else this.#refuse(socket, { code: "rate-limited", detail: "Too many answers.", callID: frame.callID });
	}

	override async webSocketClose(socket: WebSocket, code: number, reason: string): Promise<void> {
		answerClose(socket, code, reason);
		if (this.#openSockets().length === 0) await this.#leaveLater();
	}

	override async webSocketError(_socket: WebSocket, error: unknown): Promise<void> {
		log.warn("notify.socket-failed", { error: String(error) });
		if (this.#openSockets().length === 0) await this.#leaveLater();
	}

	/** The last socket has been gone for a while. */
	override async alarm(): Promise<void> {
		const { userID } = this.#store;
		if (this.#openSockets().length > 0 || !this.#store.isOnline || userID === null) return;
		this.#store.isOnline = false;
		await this.#presence.leaveFriends(userID);
	}

	/** A call for this user: rings on all devices, also on those that connect later; unless the user is in another call. */
	async ring(call: RingingCall): Promise<{ delivered: number; isBusy: boolean }> {
		this.#store.userID = this.#userID();
		this.#store.putRinging(call, Date.now());
		if (await this.#isInAnotherCall(call.callID)) {
			this.#store.stopRinging(call.callID);
			return { delivered: 0, isBusy: true };
		}
		// It may have been taken back while the other room was asked.
		if (!this.#store.isRinging(call.callID)) return { delivered: 0, isBusy: false };
		return { delivered: this.#broadcast({ t: "call.ringing", ...call }), isBusy: false };
	}

	/** How calls went that this user made or was invited to. */
	settle(frames: CallSettled[]): void {
		for (const frame of frames) {
			if (frame.userID === this.#userID()) this.#store.stopRinging(frame.callID);
			this.#broadcast(frame);
		}
	}

	/** The user has come into a call, or has left it with the last device. */
	setBusy(callID: CallID, isBusy: boolean): void {
		this.#store.userID = this.#userID();
		this.#store.setBusy(callID, isBusy);
	}

	isOnline(): boolean {
		return this.#store.isOnline;
	}

	/** A contact asks whether this user is there; one who arrives is announced. */
	meet(contactID: UserID, isArriving: boolean): boolean {
		if (isArriving) this.#announce(contactID, true);
		return this.#store.isOnline;
	}

	/** A contact has left. */
	part(contactID: UserID): void {
		this.#announce(contactID, false);
	}

	/** Lists of contacts are to be read again. */
	contactsChanged(): void {
		this.#broadcast({ t: "contacts" });
	}

	#announce(userID: UserID, online: boolean): void {
		this.#presence.hear(userID, online);
		this.#broadcast({ t: "presence", userID, online });
	}

	async #welcome(socket: WebSocket, userID: UserID, isArriving: boolean): Promise<void> {
		const online = await this.#presence.meetFriends(userID, isArriving);
		if (socket.readyState !== WebSocket.OPEN) return;
		attach(socket, { ...attachmentOf(socket), isWelcomed: true });
		send(socket, { t: "welcome", ringing: this.#store.ringing(Date.now()), online });
	}

	/** The room decides; what it decides comes back to all devices by `settle`. */
	async #answer(socket: WebSocket, { callID, state, deviceID }: NotifyClientMessage): Promise<void> {
		if (!this.#store.knows(callID)) {
			this.#refuse(socket, { code: "not-found", detail: "This call has not rung here.", callID });
			return;
		}
		const userID = this.#userID();
		try {
			const outcome = await this.env.CALL_ROOM.getByName(callID).answerInvitation({
				caller: userID,
				userID,
				state,
				deviceID: deviceID ?? attachmentOf(socket).sessionID,
			});
			if (!outcome.ok) this.#refuse(socket, { code: outcome.code, detail: outcome.detail, callID });
		} catch (error) {
			log.error("call.answer-not-taken", error, { callID });
			send(socket, { t: "error", code: "internal", detail: "The answer did not arrive. Try again.", callID });
		}
	}

	/** The rooms are asked, as one that broke down may not have said that the user left. */
	async #isInAnotherCall(callID: CallID): Promise<boolean> {
		const others = this.#store.busyWith().filter((other) => other !== callID);
		const answers = await Promise.all(others.map((other) => this.#isInside(other)));
		return answers.includes(true);
	}

	async #isInside(callID: CallID): Promise<boolean> {
		try {
			const isInside = await this.env.CALL_ROOM.getByName(callID).isInside(this.#userID());
			if (!isInside) this.#store.setBusy(callID, false);
			return isInside;
		} catch (error) {
			// Rather ring once too often than not at all.
			log.error("call.room-not-asked", error, { callID });
			return false;
		}
	}

	async #leaveLater(): Promise<void> {
		await this.ctx.storage.setAlarm(Date.now() + LEAVE_GRACE_MS);
	}

	/** To all who were welcomed; the others find it in their welcome. Returns to how many. */
	#broadcast(frame: NotifyServerMessage): number {
		const sockets = this.#openSockets().filter((socket) => attachmentOf(socket).isWelcomed);
		for (const socket of sockets) send(socket, frame);
		return sockets.length;
	}

	/** Refusals are answered; whoever goes on regardless is sent away. */
	#refuse(socket: WebSocket, error: Omit<Extract<NotifyServerMessage, { t: "error" }>, "t">): void {
		const attachment = attachmentOf(socket);
		attach(socket, { ...attachment, refusals: attachment.refusals + 1 });
		if (attachment.refusals >= MAX_REFUSALS) socket.close(NOTIFY_CLOSE.badFrame, "too many bad frames");
		else send(socket, { t: "error", ...error });
	}

	/** The oldest device gives way to the eleventh. */
	#makeRoom(): void {
		const open = this.#openSockets().sort((a, b) => attachmentOf(a).openedAt - attachmentOf(b).openedAt);
		for (const socket of open.slice(0, Math.max(0, open.length - MAX_SOCKETS + 1))) {
			socket.close(NOTIFY_CLOSE.replaced, "replaced by a newer device");
		}
	}

	#openSockets(): WebSocket[] {
		return this.ctx.getWebSockets().filter((socket) => socket.readyState === WebSocket.OPEN);
	}

	/** The object's name; after a restart by an alarm only what was stored tells it. */
	#userID(): UserID {
		return this.#store.userID ?? UserID.parse(this.ctx.id.name);
	}
}

function attach(socket: WebSocket, attachment: Attachment): void {
	socket.serializeAttachment(attachment);
}

function attachmentOf(socket: WebSocket): Attachment {
	return socket.deserializeAttachment();
}

/** Null for anything that is not a frame of notify.v1. */
function parseFrame(data: string | ArrayBuffer): NotifyClientMessage | null {
	if (typeof data !== "string" || data.length > MAX_FRAME_LENGTH) return null;
	try {
		return NotifyClientMessage.safeParse(JSON.parse(data)).data ?? null;
	} catch {
		// Not JSON: a bad frame like any other.
		return null;
	}
}

function send(socket: WebSocket, frame: NotifyServerMessage): void {
	try {
		socket.send(JSON.stringify(frame));
	} catch {
		// It is closing; its device reads everything anew when it comes back.
	}
}
