import { DurableObject } from "cloudflare:workers";
import { monotonicFactory } from "ulidx";
import { openDatabase } from "../adapters/database/database.ts";
import { LivestreamTable } from "../adapters/database/livestream-table.ts";
import { log } from "../adapters/log.ts";
import { type ActiveBan, Chat, type ChatEffect, type Speaker } from "../domain/chat/chat.ts";
import { FanOut } from "../domain/chat/fan-out.ts";
import { MAX_RESUMED_MESSAGES, planResume } from "../domain/chat/resume.ts";
import { WatcherCount } from "../domain/chat/watcher-count.ts";
import {
	CHAT_CLOSE,
	CHAT_LIMITS,
	ChatClientMessage,
	type ChatMessage,
	type ChatServerMessage,
	type StreamAnnouncement,
} from "../protocol/chat.ts";
import { MessageID, type UserID } from "../protocol/ids.ts";
import { answerClose } from "./answer-close.ts";
import { ChatStore, type PageQuery } from "./chat-store.ts";

/** Who opens a socket, as the Worker has verified it; null fields for a reader without an account. */
export interface ChatVisitor {
	userID: UserID | null;
	userName: string | null;
	isOwner: boolean;
	ticket: { ticketID: string; expiresAt: number } | null;
}

/** What a socket carries through hibernation. */
interface Attachment extends Speaker {
	viewerSessionID: string;
	/** False for one that is not there to watch, as the studio's own chat. */
	isWatching: boolean;
	isWelcomed: boolean;
	openedAt: number;
	badFrames: number;
}

type Hello = Extract<ChatClientMessage, { t: "hello" }>;

const MAX_SOCKETS_PER_USER = 10;
const MAX_FRAME_LENGTH = 16 * 1024;
const MAX_BAD_FRAMES = 20;
/** A client that says no hello is welcomed after this time. */
const HELLO_PATIENCE_MS = 1000;

/** One channel's chat: order, history, bans, sockets. Named by its channelID. */
export class ChatHub extends DurableObject<Env> {
	readonly #store: ChatStore;
	readonly #chat: Chat;
	readonly #fanOut = new FanOut();
	readonly #watchers = new WatcherCount();
	readonly #nextULID = monotonicFactory();
	#sentMessages: { socket: WebSocket; messageID: ChatMessage["messageID"] }[] = [];

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#store = new ChatStore(ctx.storage.sql);
		this.#chat = new Chat({ seq: this.#store.lastSeq(), slowModeSeconds: 0, bans: this.#store.bans() });
		ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
	}

	/** The socket upgrade; the Worker has put the verified visitor into a header. */
	override async fetch(request: Request): Promise<Response> {
		const visitor: ChatVisitor = JSON.parse(request.headers.get("x-visitor") ?? "null");
		if (
			visitor.ticket &&
			!this.#store.tickets.use(visitor.ticket.ticketID, visitor.ticket.expiresAt, Date.now())
		) {
			return new Response("bad-ticket", { status: 401 });
		}
		const { 0: client, 1: server } = new WebSocketPair();
		const attachment: Attachment = {
			sessionID: crypto.randomUUID(),
			userID: visitor.userID,
			userName: visitor.userName,
			role: visitor.isOwner ? "owner" : visitor.userID === null ? "anonymous" : "viewer",
			viewerSessionID: "",
			isWatching: true,
			isWelcomed: false,
			openedAt: Date.now(),
			badFrames: 0,
		};
		if (visitor.userID !== null) this.#makeRoom(visitor.userID);
		this.ctx.acceptWebSocket(server, visitor.userID === null ? [] : [visitor.userID]);
		server.serializeAttachment({ ...attachment, viewerSessionID: attachment.sessionID });
		setTimeout(() => this.#welcome(server), HELLO_PATIENCE_MS);
		this.#countLater();
		const protocol = request.headers.get("x-protocol");
		return new Response(null, {
			status: 101,
			webSocket: client,
			...(protocol === null ? {} : { headers: { "Sec-WebSocket-Protocol": protocol } }),
		});
	}

	override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
		// It was sent away, and has not gone yet.
		if (socket.readyState !== WebSocket.OPEN) return;
		const frame = parseFrame(data);
		if (!frame) this.#refuseFrame(socket);
		else if ("message" in frame) this.#say(socket, frame);
		else this.#welcome(socket, frame);
	}

	override webSocketClose(socket: WebSocket, code: number, reason: string): void {
		answerClose(socket, code, reason);
		this.#countLater();
	}

	override webSocketError(_socket: WebSocket, error: unknown): void {
		log.warn("chat.socket-failed", { error: String(error) });
		this.#countLater();
	}

	/** A stream began, paused, went on or ended. */
	announce(frame: StreamAnnouncement): void {
		this.#store.facts.put("stream", frame.state === "ended" ? null : frame);
		this.#broadcast(frame);
		this.#countLater();
	}

	ban(userID: UserID, ban: ActiveBan): void {
		this.#store.putBan(userID, ban);
		this.#sendTo(this.ctx.getWebSockets(userID), this.#chat.banned(userID, ban));
	}

	unban(userID: UserID): void {
		this.#store.dropBan(userID);
		this.#sendTo(this.ctx.getWebSockets(userID), this.#chat.unbanned(userID));
	}

	/** A page of past messages, newest first, and where the next one begins. */
	page(query: PageQuery): { messages: ChatMessage[]; nextSeq: number | null } {
		const messages = this.#store.page({ ...query, limit: query.limit + 1 });
		const more = messages.length > query.limit;
		if (more) messages.pop();
		return { messages, nextSeq: more ? (messages.at(-1)?.seq ?? null) : null };
	}

	watcherCount(): number {
		return this.#watchers.count(this.#viewerSessions(), Date.now());
	}

	/** A player without a socket is there (or has left). */
	beacon(viewerSessionID: string, isGone: boolean): void {
		this.#watchers.beacon(viewerSessionID, isGone, Date.now());
		this.#countLater();
	}

	#say(
		socket: WebSocket,
		frame: { message: string; clientMsgID?: string; replyTo?: MessageID | undefined },
	): void {
		const speaker = this.#attachment(socket);
		this.#welcome(socket);
		const clientMsgID = frame.clientMsgID ?? crypto.randomUUID();
		const repeated = speaker.userID === null ? null : this.#store.findRepeated(speaker.userID, clientMsgID);
		if (repeated) {
			const { messageID, seq, sentAt } = repeated;
			this.#sendTo([socket], { t: "ack", clientMsgID, messageID, seq, sentAt, status: "delivered" });
			return;
		}
		const now = Date.now();
		const effects = this.#chat.say(
			speaker,
			{ message: frame.message, clientMsgID, replyTo: frame.replyTo },
			{ messageID: MessageID.parse(`msg_${this.#nextULID(now)}`), now },
		);
		for (const effect of effects) this.#perform(effect, socket);
	}

	#perform(effect: ChatEffect, socket: WebSocket): void {
		switch (effect.do) {
			case "store":
				this.#store.append(effect.message, effect.clientMsgID, this.#stream()?.streamID ?? null);
				this.#sentMessages.push({ socket, messageID: effect.message.messageID });
				break;
			case "reply":
				this.#sendTo([socket], effect.frame);
				break;
			case "broadcast":
				this.#broadcast(effect.frame);
				break;
		}
	}

	/** Once a socket: who you are, what is on, and the last messages or those missed since `resumeFrom`. */
	#welcome(socket: WebSocket, hello?: Hello): void {
		const attachment = this.#attachment(socket);
		if (attachment.isWelcomed || socket.readyState !== WebSocket.OPEN) return;
		const viewerSessionID = hello?.viewerSessionID ?? attachment.viewerSessionID;
		socket.serializeAttachment({
			...attachment,
			viewerSessionID,
			isWatching: hello?.playing !== false,
			isWelcomed: true,
		});
		const resumeFrom = hello?.resumeFrom;
		const { batches, gap, ...resume } = planResume({
			resumeFrom,
			missed: resumeFrom === undefined ? null : this.#store.since(resumeFrom, MAX_RESUMED_MESSAGES + 1),
			latest: () =>
				this.#store.page({ before: null, streamID: null, limit: CHAT_LIMITS.historyMessages }).reverse(),
			seq: this.#chat.seq,
		});
		const stream = this.#stream();
		this.#sendTo([socket], {
			t: "welcome",
			sessionID: attachment.sessionID,
			streamID: stream?.streamID ?? null,
			seq: this.#chat.seq,
			currentWatcherCount: this.watcherCount(),
			you: this.#describe(attachment),
			settings: this.#chat.settings,
			...resume,
		});
		if (stream) this.#sendTo([socket], stream);
		if (gap) this.#sendTo([socket], { t: "gap", ...gap });
		for (const batch of batches)
			send(socket, JSON.stringify(batch.map((message) => ({ t: "message", ...message }))));
	}

	#describe({ userID, userName, role }: Speaker): Extract<ChatServerMessage, { t: "welcome" }>["you"] {
		const ban = userID === null ? null : this.#chat.ban(userID, Date.now());
		if (!ban) return { userID, userName, role, isBanned: false };
		const bannedUntil = ban.expiresAt === null ? null : new Date(ban.expiresAt).toISOString();
		return { userID, userName, role, isBanned: true, bannedUntil };
	}

	#broadcast(frame: ChatServerMessage): void {
		const sockets = this.ctx.getWebSockets().length;
		const dueInMs = this.#fanOut.add(JSON.stringify(frame), sockets, Date.now());
		if (dueInMs === 0) this.#flush();
		else if (dueInMs !== null) setTimeout(() => this.#flush(), dueInMs);
	}

	#flush(): void {
		const frames = this.#fanOut.flush(Date.now());
		const sockets = this.ctx.getWebSockets();
		for (const frame of frames) for (const socket of sockets) send(socket, frame);
		const sent = this.#sentMessages;
		this.#sentMessages = [];
		for (const { socket, messageID } of sent) {
			this.#sendTo([socket], { t: "status", messageID, status: "sent", sentTo: sockets.length });
		}
	}

	#sendTo(sockets: WebSocket[], frame: ChatServerMessage): void {
		const text = JSON.stringify(frame);
		for (const socket of sockets) send(socket, text);
	}

	#refuseFrame(socket: WebSocket): void {
		const attachment = this.#attachment(socket);
		socket.serializeAttachment({ ...attachment, badFrames: attachment.badFrames + 1 });
		if (attachment.badFrames >= MAX_BAD_FRAMES) socket.close(CHAT_CLOSE.badFrame, "too many bad frames");
		else this.#sendTo([socket], { t: "error", code: "bad-frame", detail: "This frame is not of chat.v1." });
	}

	/** The oldest socket of a user gives way to the eleventh. */
	#makeRoom(userID: UserID): void {
		const own = this.ctx
			.getWebSockets(userID)
			.sort((a, b) => this.#attachment(a).openedAt - this.#attachment(b).openedAt);
		for (const socket of own.slice(0, own.length - MAX_SOCKETS_PER_USER + 1)) {
			socket.close(CHAT_CLOSE.replaced, "replaced by a newer session");
		}
	}

	#stream(): StreamAnnouncement | null {
		return this.#store.facts.get<StreamAnnouncement | null>("stream") ?? null;
	}

	#attachment(socket: WebSocket): Attachment {
		return socket.deserializeAttachment();
	}

	#viewerSessions(): string[] {
		return this.ctx
			.getWebSockets()
			.filter((socket) => socket.readyState === WebSocket.OPEN)
			.map((socket) => this.#attachment(socket))
			.filter(({ isWatching }) => isWatching)
			.map(({ viewerSessionID }) => viewerSessionID);
	}

	/** Counts soon, and tells sockets and the catalogue if the number changed; at most every few seconds. */
	#countLater(): void {
		const waitMs = this.#watchers.dueIn(Date.now());
		if (waitMs !== null) setTimeout(() => this.ctx.waitUntil(this.#count()), waitMs);
	}

	async #count(): Promise<void> {
		const change = this.#watchers.settle(this.#viewerSessions(), Date.now());
		if (change === null) return;
		this.#broadcast({ t: "watchers", currentWatcherCount: change.count });
		const stream = this.#stream();
		if (!stream) return;
		try {
			await new LivestreamTable(openDatabase(this.env.DB)).countWatchers(stream.streamID, change.count);
		} catch (error) {
			log.error("watchers.not-catalogued", error, { streamID: stream.streamID });
		}
	}
}

/** Null for anything that is not a frame of chat.v1. */
function parseFrame(data: string | ArrayBuffer): ChatClientMessage | null {
	if (typeof data !== "string" || data.length > MAX_FRAME_LENGTH) return null;
	try {
		return ChatClientMessage.safeParse(JSON.parse(data)).data ?? null;
	} catch {
		// Not JSON: a bad frame like any other.
		return null;
	}
}

function send(socket: WebSocket, text: string): void {
	try {
		socket.send(text);
	} catch {
		// It is closing; its client resumes by sequence number.
	}
}
