import type { ChatMessage } from "../../protocol/chat.ts";
import type { MessageID, UserID } from "../../protocol/ids.ts";
import { type ChatItem, itemOf } from "./chat-item.ts";

/** Rows in the document at any time: what keeps 60 frames a second at 100 messages a second. */
export const ROWS = 300;
/** Rows by which the view moves through what is held. */
const STEP = 100;
/** Lines held while somebody reads further up; beyond it the oldest unread ones go. */
const HELD = 3000;

/** The chat as one client holds it. Values are never changed, only replaced. */
export interface ChatList {
	/** By `seq`; what is not delivered yet comes last. */
	items: readonly ChatItem[];
	/** Which part is shown; null = the newest, following. */
	view: { start: number; end: number } | null;
	/** Lines that came while the view did not follow. */
	unseen: number;
	/** Highest `seq` known: where to resume. */
	lastSeq: number;
	/** Where older pages go on: a cursor, `start` before the first page, `end` when there is nothing older. */
	older: { kind: "start" } | { kind: "cursor"; cursor: string } | { kind: "end" };
}

export const EMPTY_CHAT: ChatList = {
	items: [],
	view: null,
	unseen: 0,
	lastSeq: 0,
	older: { kind: "start" },
};

/** The rows to draw. */
export function shownItems({ items, view }: ChatList): readonly ChatItem[] {
	return view === null ? items.slice(-ROWS) : items.slice(view.start, view.end);
}

/** Messages from the server, live or as history, in any order and possibly seen before. */
export function received(list: ChatList, messages: readonly ChatMessage[]): ChatList {
	const fresh: ChatItem[] = [];
	let { items, lastSeq } = list;
	const known = new Set<string>();
	for (const message of messages) {
		if (known.has(message.messageID)) continue;
		known.add(message.messageID);
		if (message.seq > lastSeq) fresh.push(itemOf(message));
		else items = merged(items, message);
		lastSeq = Math.max(lastSeq, message.seq);
	}
	if (fresh.length === 0) return items === list.items ? list : { ...list, items, lastSeq };
	const tail = firstUndelivered(items);
	const joined = [...items.slice(0, tail), ...fresh, ...items.slice(tail)];
	const unseen = list.view === null ? 0 : list.unseen + fresh.length;
	return trimmed({ ...list, items: joined, unseen, lastSeq });
}

/** An own message, on its way. */
export function said(list: ChatList, item: ChatItem): ChatList {
	return trimmed({ ...list, items: [...list.items, item], view: null, unseen: 0 });
}

/** The server keeps an own message: it takes its place in the order. */
export function delivered(
	list: ChatList,
	ack: { clientMsgID: string; messageID: MessageID; seq: number; sentAt: string },
): ChatList {
	const own = list.items.find((item) => item.clientMsgID === ack.clientMsgID);
	if (own === undefined) return list;
	const settled: ChatItem = {
		...own,
		messageID: ack.messageID,
		seq: ack.seq,
		sentAt: Date.parse(ack.sentAt),
		delivery: own.delivery === "sent" ? "sent" : "delivered",
		refusal: null,
	};
	// The broadcast of the same message may have come first.
	const others = list.items.filter((item) => item !== own && item.messageID !== ack.messageID);
	const at = others.findIndex((item) => item.seq === null || item.seq > ack.seq);
	const place = at === -1 ? others.length : at;
	const items = [...others.slice(0, place), settled, ...others.slice(place)];
	return { ...list, items, lastSeq: Math.max(list.lastSeq, ack.seq) };
}

/** An own message was forwarded to everyone. */
export function forwarded(list: ChatList, messageID: MessageID): ChatList {
	return changed(list, (item) => item.messageID === messageID && item.delivery !== null, {
		delivery: "sent",
	});
}

/** An own message was refused, or nobody answered. */
export function refused(list: ChatList, clientMsgID: string, refusal: string): ChatList {
	return changed(list, (item) => item.clientMsgID === clientMsgID && item.seq === null, {
		delivery: "failed",
		refusal,
	});
}

/** An own message is tried again. */
export function retried(list: ChatList, clientMsgID: string): ChatList {
	return changed(list, (item) => item.clientMsgID === clientMsgID, { delivery: "pending", refusal: null });
}

/** An own message that failed is given up. */
export function withdrawn(list: ChatList, clientMsgID: string): ChatList {
	return { ...list, items: list.items.filter((item) => item.clientMsgID !== clientMsgID) };
}

/** A moderator removed one message. Its place stays. */
export function deleted(list: ChatList, messageID: MessageID): ChatList {
	return changed(list, (item) => item.messageID === messageID, { isDeleted: true });
}

/** A moderator removed everything that somebody said. */
export function cleared(list: ChatList, userID: UserID): ChatList {
	return changed(list, (item) => item.userID === userID, { isDeleted: true });
}

/** What has no `seq` yet and waits for an answer, oldest first. */
export function pendingItems(list: ChatList): readonly ChatItem[] {
	return list.items.filter((item) => item.delivery === "pending");
}

/** The reader went up: the view stays where it is while messages come. */
export function detached(list: ChatList): ChatList {
	if (list.view !== null) return list;
	const end = list.items.length;
	return { ...list, view: { start: Math.max(0, end - ROWS), end }, unseen: 0 };
}

/** Back to the newest. */
export function following(list: ChatList): ChatList {
	return trimmed({ ...list, view: null, unseen: 0 });
}

/** The view goes up through what is held; null if an older page is needed first. */
export function movedUp(list: ChatList): ChatList | null {
	const { view } = detached(list);
	if (view === null || view.start === 0) return null;
	const start = Math.max(0, view.start - STEP);
	return { ...list, view: { start, end: Math.min(view.end, start + ROWS) } };
}

/** The view goes down; at the newest it follows again. */
export function movedDown(list: ChatList): ChatList {
	if (list.view === null || list.view.end >= list.items.length) return following(list);
	const end = Math.min(list.items.length, list.view.end + STEP);
	const unseen = Math.min(list.unseen, list.items.length - end);
	return { ...list, view: { start: Math.max(0, end - ROWS), end }, unseen };
}

/** An older page came. */
export function olderLoaded(
	list: ChatList,
	page: { messages: readonly ChatMessage[]; nextCursor: string | null },
): ChatList {
	const held = new Set(list.items.map((item) => item.messageID));
	const fresh = page.messages
		.filter((message) => !held.has(message.messageID))
		.map(itemOf)
		.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
	const { view } = detached(list);
	const older: ChatList["older"] =
		page.nextCursor === null ? { kind: "end" } : { kind: "cursor", cursor: page.nextCursor };
	const start = (view?.start ?? 0) + Math.max(0, fresh.length - STEP);
	const end = Math.min((view?.end ?? 0) + fresh.length, start + ROWS);
	return { ...list, items: [...fresh, ...list.items], view: { start, end }, older };
}

/** The cursor for the next older page; null if there is none. A raw time is given with its ties, which are then known already. */
export function olderCursor(list: ChatList): string | null {
	if (list.older.kind === "end") return null;
	if (list.older.kind === "cursor") return list.older.cursor;
	const oldest = list.items.find((item) => item.seq !== null);
	return oldest === undefined ? null : new Date(oldest.sentAt + 1).toISOString();
}

function firstUndelivered(items: readonly ChatItem[]): number {
	let index = items.length;
	while (index > 0 && items[index - 1]?.seq === null) index -= 1;
	return index;
}

/** A message that may be held already, own ones without emotes: the server's version is the true one. */
function merged(items: readonly ChatItem[], message: ChatMessage): readonly ChatItem[] {
	const at = items.findIndex((item) => item.messageID === message.messageID);
	const held = items[at];
	if (held === undefined) return inserted(items, itemOf(message));
	if (held.emotes.length === message.emotes.length && held.seq === message.seq) return items;
	return items.map((item) => (item === held ? { ...item, emotes: message.emotes, seq: message.seq } : item));
}

function inserted(items: readonly ChatItem[], item: ChatItem): readonly ChatItem[] {
	const at = items.findIndex((other) => other.seq === null || other.seq > (item.seq ?? 0));
	const place = at === -1 ? items.length : at;
	return [...items.slice(0, place), item, ...items.slice(place)];
}

function changed(list: ChatList, matches: (item: ChatItem) => boolean, change: Partial<ChatItem>): ChatList {
	if (!list.items.some(matches)) return list;
	return { ...list, items: list.items.map((item) => (matches(item) ? { ...item, ...change } : item)) };
}

/** Forgets what no view needs. While following, older pages are fetched anew when somebody goes up. */
function trimmed(list: ChatList): ChatList {
	if (list.view === null) {
		if (list.items.length <= ROWS) return list;
		return { ...list, items: list.items.slice(-ROWS), older: { kind: "start" } };
	}
	const excess = list.items.length - HELD;
	if (excess <= 0) return list;
	const { end } = list.view;
	return { ...list, items: [...list.items.slice(0, end), ...list.items.slice(end + excess)] };
}
