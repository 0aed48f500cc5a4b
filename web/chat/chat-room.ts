import { batch, signal } from "@preact/signals";
import { findEmotes } from "../../domain/chat/emotes.ts";
import { createSocketTicket } from "../../protocol/account.ts";
import type { ChatServerMessage, ChatSettings, StreamAnnouncement } from "../../protocol/chat.ts";
import { listMessages } from "../../protocol/chat.ts";
import type { ChannelID, UserID } from "../../protocol/ids.ts";
import { session } from "../account/session.ts";
import { call } from "../shell/api.ts";
import { applyMessages } from "./apply-messages.ts";
import {
	type ChatList,
	detached,
	EMPTY_CHAT,
	following,
	movedDown,
	movedUp,
	olderCursor,
	olderLoaded,
	pendingItems,
	refused,
	retried,
	said,
	withdrawn,
} from "./chat-list.ts";
import { ChatSocket, type ConnectionState } from "./chat-socket.ts";
import { FrameBatch } from "./frame-batch.ts";
import { randomID, renameViewerSession, viewerSessionID } from "./viewer-session.ts";

/** Who this client is in the room. */
export interface Self {
	userID: UserID | null;
	userName: string | null;
	role: "owner" | "viewer" | "anonymous";
}

/** A ban in force; `until` null = for good. */
export interface OwnBan {
	until: number | null;
	reason: string | null;
}

/** No answer to an own message in this time counts as a failure, ms. */
const ANSWER_WITHIN_MS = 12_000;
/** Above this rate, messages a second over RATE_OVER_MS, screen readers are not told each line. */
const FAST_PER_SECOND = 2;
const RATE_OVER_MS = 2000;

/** One channel's chat as this client lives it: the socket, the lines, and what the hub says about stream and watchers. */
export class ChatRoom {
	readonly connection = signal<ConnectionState>({ kind: "connecting" });
	readonly list = signal<ChatList>(EMPTY_CHAT);
	readonly self = signal<Self>({ userID: null, userName: null, role: "anonymous" });
	readonly settings = signal<ChatSettings>({ slowModeSeconds: 0 });
	readonly watchers = signal<number | null>(null);
	readonly stream = signal<StreamAnnouncement | null>(null);
	readonly ban = signal<OwnBan | null>(null);
	/** Sending is not allowed before this time (ms since 1970), for the reason given. */
	readonly pause = signal<{ until: number; why: string } | null>(null);
	/** So many messages that reading them out would never end. */
	readonly isFast = signal(false);
	readonly isLoadingOlder = signal(false);
	readonly olderFailed = signal(false);

	readonly #channelID: ChannelID;
	readonly #socket: ChatSocket;
	readonly #frames: FrameBatch<ChatServerMessage>;
	readonly #stopFollowingSession: () => void;
	#rate = { count: 0, since: 0 };

	/** `isWatching`: this page shows the stream, so whoever is in the room counts as a watcher. */
	constructor(channelID: ChannelID, { isWatching }: { isWatching: boolean }) {
		this.#channelID = channelID;
		this.#frames = new FrameBatch((messages) => this.#apply(messages));
		this.#socket = new ChatSocket({
			channelID,
			ticket: () => this.#ticket(),
			hello: () => ({
				t: "hello",
				viewerSessionID: viewerSessionID(),
				playing: isWatching,
				...(this.list.value.lastSeq === 0 ? {} : { resumeFrom: this.list.value.lastSeq }),
			}),
			onMessages: (messages) => this.#frames.add(messages),
			onReplaced: renameViewerSession,
			onState: (state) => {
				this.connection.value = state;
			},
		});
		this.#stopFollowingSession = this.#followSession();
	}

	/** Sends a line. It is shown at once and marked as it gets further. */
	say(text: string): void {
		const { userID, userName } = this.self.value;
		const message = text.trim();
		if (message === "" || userID === null) return;
		const clientMsgID = randomID(12);
		this.list.value = said(this.list.value, {
			key: clientMsgID,
			messageID: null,
			seq: null,
			userID,
			userName: userName ?? "",
			message,
			emotes: findEmotes(message),
			sentAt: Date.now(),
			delivery: "pending",
			clientMsgID,
			refusal: null,
			isDeleted: false,
		});
		this.#send(clientMsgID, message);
		const { slowModeSeconds } = this.settings.value;
		if (slowModeSeconds > 0 && this.self.value.role !== "owner") {
			this.pause.value = { until: Date.now() + slowModeSeconds * 1000, why: "Slow mode" };
		}
	}

	/** Tries a failed line again; the hub knows its name and keeps it once. */
	retry(clientMsgID: string): void {
		const item = this.list.value.items.find((each) => each.clientMsgID === clientMsgID);
		if (item === undefined) return;
		this.list.value = retried(this.list.value, clientMsgID);
		this.#send(clientMsgID, item.message);
	}

	/** Gives up a failed line. */
	withdraw(clientMsgID: string): void {
		this.list.value = withdrawn(this.list.value, clientMsgID);
	}

	/** The reader left the newest line. */
	detach(): void {
		this.list.value = detached(this.list.value);
	}

	/** Back to the newest line. */
	follow(): void {
		this.list.value = following(this.list.value);
	}

	/** Further down through what is held. */
	down(): void {
		this.list.value = movedDown(this.list.value);
	}

	/** Further up: through what is held, then page by page from the server. */
	async up(): Promise<void> {
		if (this.isLoadingOlder.value) return;
		const moved = movedUp(this.list.value);
		if (moved !== null) {
			this.list.value = moved;
			return;
		}
		const nextCursor = olderCursor(this.list.value);
		if (nextCursor === null) return;
		this.isLoadingOlder.value = true;
		this.olderFailed.value = false;
		try {
			const page = await call(listMessages, {
				params: { channelID: this.#channelID },
				query: { nextCursor },
			});
			this.list.value = olderLoaded(this.list.value, page);
		} catch {
			this.olderFailed.value = true;
		} finally {
			this.isLoadingOlder.value = false;
		}
	}

	/** Does not wait for the next attempt. */
	retryConnection(): void {
		this.#socket.retryNow();
	}

	/** Leaves the room. */
	close(): void {
		this.#stopFollowingSession();
		this.#frames.stop();
		this.#socket.close();
	}

	async #ticket(): Promise<string | null> {
		if (session.value.kind !== "signed-in") return null;
		const body = { audience: "chat" as const, resource: this.#channelID };
		return (await call(createSocketTicket, { body })).ticket;
	}

	#send(clientMsgID: string, message: string): void {
		this.#socket.send({ t: "message.send", clientMsgID, message });
		setTimeout(() => {
			this.list.value = refused(this.list.value, clientMsgID, "No answer. Not sent, as far as we know.");
		}, ANSWER_WITHIN_MS);
	}

	#apply(messages: readonly ChatServerMessage[]): void {
		this.#measure(messages.filter((message) => message.t === "message").length);
		batch(() => {
			applyMessages(this, messages);
			// The socket is new, and the hub may not have what was on its way when the old one broke.
			if (messages.some((message) => message.t === "welcome")) this.#resend();
		});
	}

	#measure(count: number): void {
		const now = Date.now();
		const elapsedMs = now - this.#rate.since;
		if (elapsedMs < RATE_OVER_MS) {
			this.#rate.count += count;
			return;
		}
		this.isFast.value = (this.#rate.count * 1000) / elapsedMs > FAST_PER_SECOND;
		this.#rate = { count, since: now };
	}

	#resend(): void {
		for (const { clientMsgID, message } of pendingItems(this.list.value)) {
			if (clientMsgID !== null) this.#socket.send({ t: "message.send", clientMsgID, message });
		}
	}

	/** Signing in or out changes who may speak: the socket is opened anew. */
	#followSession(): () => void {
		let before = session.value.kind;
		return session.subscribe(({ kind }) => {
			const changed = before !== kind && (kind === "signed-in" || before === "signed-in");
			before = kind;
			if (changed) this.#socket.renew();
		});
	}
}
