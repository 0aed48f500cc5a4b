import { describe, expect, test } from "vitest";
import { ChatMessage } from "../../protocol/chat.ts";
import { MessageID, UserID } from "../../protocol/ids.ts";
import type { ChatItem } from "./chat-item.ts";
import {
	type ChatList,
	cleared,
	deleted,
	delivered,
	detached,
	EMPTY_CHAT,
	following,
	forwarded,
	movedDown,
	movedUp,
	olderCursor,
	olderLoaded,
	pendingItems,
	ROWS,
	received,
	refused,
	retried,
	said,
	shownItems,
	withdrawn,
} from "./chat-list.ts";

const ADA = UserID.parse("us_01ARZ3NDEKTSV4RRFFQ69G5FAV");
const BOB = UserID.parse("us_01ARZ3NDEKTSV4RRFFQ69G5FAW");

function id(seq: number): MessageID {
	return MessageID.parse(`msg_${String(seq).padStart(26, "0")}`);
}

function message(seq: number, text = `line ${seq}`, userID = ADA): ChatMessage {
	return ChatMessage.parse({
		messageID: id(seq),
		seq,
		userID,
		userName: userID === ADA ? "ada" : "bob",
		message: text,
		emotes: [],
		sentAt: new Date(1_700_000_000_000 + seq * 10).toISOString(),
	});
}

function messages(from: number, to: number): ChatMessage[] {
	return Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
}

function draft(clientMsgID: string, text = "mine"): ChatItem {
	return {
		key: clientMsgID,
		messageID: null,
		seq: null,
		userID: BOB,
		userName: "bob",
		message: text,
		emotes: [],
		sentAt: 1_700_000_000_000,
		delivery: "pending",
		clientMsgID,
		refusal: null,
		isDeleted: false,
	};
}

function texts(list: ChatList): string[] {
	return shownItems(list).map((item) => item.message);
}

describe("messages that come in", () => {
	test("are shown in the order of their numbers, each once", () => {
		const list = received(received(EMPTY_CHAT, messages(1, 3)), [message(2), message(3), message(4)]);

		expect(texts(list)).toEqual(["line 1", "line 2", "line 3", "line 4"]);
		expect(list.lastSeq).toBe(4);
	});

	test("twice in one batch are shown once", () => {
		const list = received(EMPTY_CHAT, [message(1), message(1)]);

		expect(texts(list)).toEqual(["line 1"]);
	});

	test("late by number find their place", () => {
		const list = received(received(EMPTY_CHAT, [message(1), message(5)]), [message(3)]);

		expect(texts(list)).toEqual(["line 1", "line 3", "line 5"]);
	});

	test("never fill more rows than the cap, and what was cut can be fetched again", () => {
		const list = received(EMPTY_CHAT, messages(1, 1000));

		expect(shownItems(list)).toHaveLength(ROWS);
		expect(list.items).toHaveLength(ROWS);
		expect(list.older).toEqual({ kind: "start" });
	});
});

describe("an own message", () => {
	test("goes from pending over delivered to sent, without a second row", () => {
		const spoken = said(received(EMPTY_CHAT, messages(1, 2)), draft("c1"));
		const acked = delivered(spoken, {
			clientMsgID: "c1",
			messageID: id(3),
			seq: 3,
			sentAt: message(3).sentAt,
		});
		const echoed = received(acked, [message(3, "mine", BOB)]);
		const done = forwarded(echoed, id(3));

		expect([spoken, acked, done].map((list) => list.items.at(-1)?.delivery)).toEqual([
			"pending",
			"delivered",
			"sent",
		]);
		expect(texts(done)).toEqual(["line 1", "line 2", "mine"]);
		expect(done.items.at(-1)?.key).toBe("c1");
	});

	test("is one row even when its broadcast comes before its acknowledgement", () => {
		const echoed = received(said(EMPTY_CHAT, draft("c1")), [message(1, "mine", BOB)]);
		const acked = delivered(echoed, {
			clientMsgID: "c1",
			messageID: id(1),
			seq: 1,
			sentAt: message(1).sentAt,
		});

		expect(texts(acked)).toEqual(["mine"]);
	});

	test("stays last while it is pending, and takes its place when it is delivered", () => {
		const waiting = received(said(EMPTY_CHAT, draft("c1")), [message(1)]);
		const overtaken = received(waiting, [message(3)]);
		const acked = delivered(overtaken, {
			clientMsgID: "c1",
			messageID: id(2),
			seq: 2,
			sentAt: message(2).sentAt,
		});

		expect(texts(waiting)).toEqual(["line 1", "mine"]);
		expect(texts(acked)).toEqual(["line 1", "mine", "line 3"]);
	});

	test("that is refused says why, can be tried again and given up", () => {
		const failed = refused(said(EMPTY_CHAT, draft("c1")), "c1", "Too fast");
		const again = retried(failed, "c1");

		expect(failed.items[0]).toMatchObject({ delivery: "failed", refusal: "Too fast" });
		expect(pendingItems(failed)).toHaveLength(0);
		expect(pendingItems(again)).toHaveLength(1);
		expect(withdrawn(failed, "c1").items).toHaveLength(0);
	});

	test("that was delivered is not made to fail by a late error", () => {
		const acked = delivered(said(EMPTY_CHAT, draft("c1")), {
			clientMsgID: "c1",
			messageID: id(1),
			seq: 1,
			sentAt: message(1).sentAt,
		});

		expect(refused(acked, "c1", "no answer").items[0]?.delivery).toBe("delivered");
	});
});

describe("moderation", () => {
	test("a deleted message keeps its place", () => {
		const list = deleted(received(EMPTY_CHAT, messages(1, 2)), id(1));

		expect(list.items.map((item) => item.isDeleted)).toEqual([true, false]);
	});

	test("clearing somebody deletes only what they said", () => {
		const list = cleared(received(EMPTY_CHAT, [message(1), message(2, "x", BOB)]), BOB);

		expect(list.items.map((item) => item.isDeleted)).toEqual([false, true]);
	});
});

describe("a reader further up", () => {
	test("is not moved by new messages and sees their number", () => {
		const list = received(detached(received(EMPTY_CHAT, messages(1, 10))), messages(11, 15));

		expect(texts(list)).toEqual(messages(1, 10).map((each) => each.message));
		expect(list.unseen).toBe(5);
		expect(following(list).unseen).toBe(0);
		expect(texts(following(list)).at(-1)).toBe("line 15");
	});

	test("gets older pages above what is shown, and never too many rows", () => {
		const start = received(EMPTY_CHAT, messages(501, 800));
		const page = { messages: messages(451, 500).reverse(), nextCursor: "older" };

		const list = olderLoaded(start, page);

		expect(texts(list)[0]).toBe("line 451");
		expect(shownItems(list).length).toBeLessThanOrEqual(ROWS);
		expect(olderCursor(list)).toBe("older");
	});

	test("goes down again row by row and then follows", () => {
		let list = olderLoaded(received(EMPTY_CHAT, messages(501, 800)), {
			messages: messages(401, 500),
			nextCursor: null,
		});
		expect(texts(list).at(-1)).toBe("line 700");

		list = movedDown(list);
		expect(texts(list).at(-1)).toBe("line 800");
		list = movedDown(list);

		expect(list.view).toBeNull();
	});

	test("goes up through what is held before a page is asked for", () => {
		const held = detached(received(detached(received(EMPTY_CHAT, messages(1, 300))), messages(301, 600)));
		const low = movedDown(movedDown(movedDown({ ...held })));
		const kept = { ...held, view: { start: 300, end: 600 } };

		expect(low.view).not.toBeUndefined();
		expect(texts({ ...kept, ...(movedUp(kept) ?? {}) })[0]).toBe("line 201");
		expect(movedUp({ ...held, view: { start: 0, end: 300 } })).toBeNull();
	});

	test("asks for the first older page by the time of the oldest line, ties included", () => {
		const list = received(EMPTY_CHAT, [message(5)]);

		expect(olderCursor(list)).toBe(new Date(Date.parse(message(5).sentAt) + 1).toISOString());
		expect(olderCursor(olderLoaded(list, { messages: [], nextCursor: null }))).toBeNull();
	});
});
