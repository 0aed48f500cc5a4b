import type { Signal } from "@preact/signals";
import type {
	ChatMessage,
	ChatServerMessage,
	ChatSettings,
	StreamAnnouncement,
} from "../../protocol/chat.ts";
import { type ChatList, cleared, deleted, delivered, forwarded, received, refused } from "./chat-list.ts";
import type { OwnBan, Self } from "./chat-room.ts";

/** The state of a room that messages change. */
export interface RoomState {
	readonly list: Signal<ChatList>;
	readonly self: Signal<Self>;
	readonly settings: Signal<ChatSettings>;
	readonly watchers: Signal<number | null>;
	readonly stream: Signal<StreamAnnouncement | null>;
	readonly ban: Signal<OwnBan | null>;
	readonly pause: Signal<{ until: number; why: string } | null>;
}

/** Applies a batch in order. Chat lines in a row are taken in together: one copy of the list, not one for each. */
export function applyMessages(
	room: RoomState,
	messages: readonly ChatServerMessage[],
	now = Date.now(),
): void {
	let lines: ChatMessage[] = [];
	const takeLines = () => {
		if (lines.length > 0) room.list.value = received(room.list.value, lines);
		lines = [];
	};
	for (const message of messages) {
		if (message.t === "message") {
			lines.push(message);
			continue;
		}
		takeLines();
		applyOne(room, message, now);
	}
	takeLines();
}

function applyOne(room: RoomState, message: ChatServerMessage, now: number): void {
	switch (message.t) {
		case "welcome":
			welcome(room, message, now);
			return;
		case "message":
			room.list.value = received(room.list.value, [message]);
			return;
		case "ack":
			room.list.value = delivered(room.list.value, message);
			return;
		case "status":
			room.list.value = forwarded(room.list.value, message.messageID);
			return;
		case "you.banned":
			room.ban.value = { until: timeOf(message.bannedUntil), reason: message.reason ?? null };
			return;
		case "you.unbanned":
			room.ban.value = null;
			return;
		case "message.deleted":
			room.list.value = deleted(room.list.value, message.messageID);
			return;
		case "user.cleared":
			room.list.value = cleared(room.list.value, message.userID);
			return;
		case "settings":
			room.settings.value = message.settings;
			return;
		case "watchers":
			room.watchers.value = message.currentWatcherCount;
			return;
		case "stream":
			room.stream.value = message;
			return;
		case "error":
			refuse(room, message, now);
			return;
		case "gap":
		case "goaway":
			// A gap shows where the reader goes up and the page is fetched; the socket itself heeds goaway.
			return;
	}
}

function welcome(room: RoomState, message: ChatServerMessage & { t: "welcome" }, now: number): void {
	const { you } = message;
	room.self.value = { userID: you.userID, userName: you.userName, role: you.role };
	room.settings.value = message.settings;
	room.watchers.value = message.currentWatcherCount;
	const until = timeOf(you.bannedUntil ?? null);
	const isBanned = you.isBanned && (until === null || until > now);
	room.ban.value = isBanned ? { until, reason: room.ban.value?.reason ?? null } : null;
	const held = message.resumed ? room.list.value : withoutGap(room.list.value, message.history);
	room.list.value = received(held, message.history);
}

/** More was missed than the welcome brings: what is older than it is dropped and comes again page by page. */
function withoutGap(list: ChatList, history: readonly ChatMessage[]): ChatList {
	const first = history[0]?.seq;
	if (first === undefined || list.lastSeq === 0 || first <= list.lastSeq + 1) return list;
	const undelivered = list.items.filter((item) => item.seq === null);
	return { items: undelivered, view: null, unseen: 0, lastSeq: 0, older: { kind: "start" } };
}

function refuse(room: RoomState, error: ChatServerMessage & { t: "error" }, now: number): void {
	if (error.clientMsgID !== undefined) {
		room.list.value = refused(room.list.value, error.clientMsgID, error.reason ?? error.detail);
	}
	if (error.code === "banned") {
		room.ban.value = { until: timeOf(error.bannedUntil ?? null), reason: error.reason ?? null };
	}
	if (error.code === "rate-limited" || error.code === "slow-mode") {
		const why = error.code === "slow-mode" ? "Slow mode" : "You write too fast";
		room.pause.value = { until: now + (error.retryAfterMs ?? 3000), why };
	}
}

function timeOf(timestamp: string | null): number | null {
	return timestamp === null ? null : Date.parse(timestamp);
}
