import { signal } from "@preact/signals";
import { describe, expect, test } from "vitest";
import { ChatServerMessage } from "../../protocol/chat.ts";
import { applyMessages, type RoomState } from "./apply-messages.ts";
import { EMPTY_CHAT, shownItems } from "./chat-list.ts";

const USER = "us_01ARZ3NDEKTSV4RRFFQ69G5FAV";

function room(): RoomState {
	return {
		list: signal(EMPTY_CHAT),
		self: signal({ userID: null, userName: null, role: "anonymous" }),
		settings: signal({ slowModeSeconds: 0 }),
		watchers: signal(null),
		stream: signal(null),
		ban: signal(null),
		pause: signal(null),
	};
}

function line(seq: number) {
	return {
		messageID: `msg_${String(seq).padStart(26, "0")}`,
		seq,
		userID: USER,
		userName: "ada",
		message: `line ${seq}`,
		emotes: [],
		sentAt: "2026-11-21T12:00:00.000Z",
	};
}

function welcome(history: number[], more: object = {}) {
	return ChatServerMessage.parse({
		t: "welcome",
		sessionID: "s",
		streamID: null,
		seq: Math.max(0, ...history),
		currentWatcherCount: 3,
		you: { userID: USER, userName: "ada", role: "viewer", isBanned: false },
		settings: { slowModeSeconds: 5 },
		history: history.map(line),
		resumed: false,
		...more,
	});
}

function lines(state: RoomState) {
	return shownItems(state.list.value).map((item) => item.message);
}

describe("a room", () => {
	test("takes who it is, the history and the watchers from the welcome", () => {
		const state = room();

		applyMessages(state, [welcome([1, 2])]);

		expect(lines(state)).toEqual(["line 1", "line 2"]);
		expect(state.self.value.userName).toBe("ada");
		expect(state.watchers.value).toBe(3);
		expect(state.settings.value.slowModeSeconds).toBe(5);
	});

	test("goes on without a gap when it resumes", () => {
		const state = room();
		applyMessages(state, [welcome([1, 2])]);

		applyMessages(state, [welcome([3, 4], { resumed: true })]);

		expect(lines(state)).toEqual(["line 1", "line 2", "line 3", "line 4"]);
	});

	test("begins anew when more was missed than the welcome brings", () => {
		const state = room();
		applyMessages(state, [welcome([1, 2])]);

		applyMessages(state, [welcome([90, 91])]);

		expect(lines(state)).toEqual(["line 90", "line 91"]);
	});

	test("is told of a ban at once, with reason and end, and of its end", () => {
		const state = room();
		const banned = ChatServerMessage.parse({
			t: "you.banned",
			reason: "spam",
			bannedUntil: "2026-11-21T12:10:00.000Z",
		});

		applyMessages(state, [banned]);
		expect(state.ban.value).toEqual({ until: Date.parse("2026-11-21T12:10:00.000Z"), reason: "spam" });

		applyMessages(state, [{ t: "you.unbanned" }]);
		expect(state.ban.value).toBeNull();
	});

	test("a ban that is over by the welcome is none", () => {
		const state = room();
		const you = {
			userID: USER,
			userName: "ada",
			role: "viewer",
			isBanned: true,
			bannedUntil: "2026-11-21T12:00:00.000Z",
		};

		applyMessages(state, [welcome([], { you })], Date.parse("2026-11-21T12:00:01.000Z"));

		expect(state.ban.value).toBeNull();
	});

	test("a refusal for speed says when the next line may come", () => {
		const state = room();

		applyMessages(
			state,
			[{ t: "error", code: "rate-limited", detail: "Too fast", retryAfterMs: 4000 }],
			1000,
		);

		expect(state.pause.value).toEqual({ until: 5000, why: "You write too fast" });
	});
});
