import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MessageID, UserID } from "../../protocol/ids.ts";
import { Chat, type ChatEffect, type Speaker } from "./chat.ts";
import { countCodePoints, findEmotes } from "./emotes.ts";
import { FanOut, tickMs } from "./fan-out.ts";
import { planResume } from "./resume.ts";
import { WatcherCount } from "./watcher-count.ts";

const ALICE = UserID.parse(`us_${"0".repeat(25)}A`);
const messageID = MessageID.parse(`msg_${"0".repeat(26)}`);
const alice: Speaker = { sessionID: "s", userID: ALICE, userName: "alice", role: "viewer" };

function room(slowModeSeconds = 0): Chat {
	return new Chat({ seq: 0, slowModeSeconds, bans: [] });
}

function say(chat: Chat, message: string, now = 0, speaker = alice): ChatEffect[] {
	return chat.say(speaker, { message, clientMsgID: "c" }, { messageID, now });
}

function refusal(effects: ChatEffect[]): string | undefined {
	const frame = effects[0]?.do === "reply" ? effects[0].frame : undefined;
	return frame?.t === "error" ? frame.code : undefined;
}

describe("a line", () => {
	test("is stored before it is acknowledged, and acknowledged before others get it", () => {
		const effects = say(room(), "hi");

		expect(effects.map((effect) => effect.do)).toEqual(["store", "reply", "broadcast"]);
	});

	test("of somebody without an account, an empty one and one too long are refused and take no number", () => {
		const chat = room();

		const codes = [
			refusal(say(chat, "hi", 0, { ...alice, userID: null, userName: null, role: "anonymous" })),
			refusal(say(chat, "  ")),
			refusal(say(chat, "😀".repeat(501))),
		];

		expect(codes).toEqual(["unauthenticated", "empty", "too-long"]);
		expect(chat.seq).toBe(0);
	});

	test("of 500 emoji is not too long: code points count, not units", () => {
		expect(refusal(say(room(), "😀".repeat(500)))).toBeUndefined();
	});

	test("is refused after twenty in thirty seconds, with the time to wait", () => {
		const chat = room();
		for (let now = 0; now < 20; now++) say(chat, "hi", now * 100);

		const effects = say(chat, "hi", 2000);

		expect(effects[0]).toMatchObject({ frame: { code: "rate-limited", retryAfterMs: 28_000 } });
		expect(refusal(say(chat, "hi", 30_000))).toBeUndefined();
	});

	test("waits for slow mode, except the owner's", () => {
		const chat = room(10);
		say(chat, "hi", 0);

		expect(refusal(say(chat, "hi", 9999))).toBe("slow-mode");
		expect(refusal(say(chat, "hi", 10_000))).toBeUndefined();
		expect(refusal(say(chat, "hi", 10_001, { ...alice, role: "owner" }))).toBeUndefined();
	});
});

describe("a ban", () => {
	test("refuses every line with its reason until it is lifted", () => {
		const chat = room();
		chat.banned(ALICE, { reason: "spam", expiresAt: null });

		expect(say(chat, "hi")[0]).toMatchObject({
			frame: { code: "banned", reason: "spam", bannedUntil: null },
		});
		chat.unbanned(ALICE);
		expect(refusal(say(chat, "hi"))).toBeUndefined();
	});

	test("for a time ends by itself", () => {
		const chat = room();
		chat.banned(ALICE, { reason: null, expiresAt: 1000 });

		expect(refusal(say(chat, "hi", 999))).toBe("banned");
		expect(refusal(say(chat, "hi", 1000))).toBeUndefined();
	});
});

describe("emotes", () => {
	test("are found by code point, and a longer word is not an emote", () => {
		expect(findEmotes("😀 :wave and :waves :wave!")).toEqual([
			{ emoteID: "wave", start: 2, end: 7 },
			{ emoteID: "wave", start: 19, end: 24 },
		]);
	});

	test("of any text lie inside it, in order, apart, and name what stands there", () => {
		const piece = fc.constantFrom(":wave", ":heart", ":nope", ":", " ", "😀", "a", "_", ":wa");
		fc.assert(
			fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
				const text = pieces.join("");
				const points = [...text];
				let before = 0;
				for (const { emoteID, start, end } of findEmotes(text)) {
					expect(start).toBeGreaterThanOrEqual(before);
					expect(points.slice(start, end).join("")).toBe(`:${emoteID}`);
					before = end;
				}
				expect(before).toBeLessThanOrEqual(countCodePoints(text));
			}),
		);
	});
});

describe("fan-out", () => {
	test("sends at once while the room is quiet", () => {
		const fanOut = new FanOut();

		expect(fanOut.add("{}", 100, 0)).toBe(0);
		fanOut.flush(0);
		expect(fanOut.add("{}", 100, 50)).toBe(0);
	});

	test("collects what comes within a tick into one array frame", () => {
		const fanOut = new FanOut();
		fanOut.add('{"a":0}', 100, 0);
		fanOut.flush(0);

		expect(fanOut.add('{"a":1}', 100, 10)).toBe(40);
		expect(fanOut.add('{"a":2}', 100, 20)).toBeNull();
		expect(fanOut.flush(50)).toEqual(['[{"a":1},{"a":2}]']);
	});

	test("makes the tick longer the more sockets there are", () => {
		expect([tickMs(10), tickMs(1000), tickMs(5000)]).toEqual([50, 50, 250]);
	});

	test("never packs more than 64 KiB into a frame, and loses nothing", () => {
		const fanOut = new FanOut();
		const messages = Array.from({ length: 200 }, (_, number) =>
			JSON.stringify({ number, text: "x".repeat(1000) }),
		);
		for (const message of messages) fanOut.add(message, 1, 0);

		const frames = fanOut.flush(0);

		expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThanOrEqual(64 * 1024 + 2);
		expect(frames.flatMap((frame) => [JSON.parse(frame)].flat())).toHaveLength(200);
	});
});

describe("a resume", () => {
	const message = (seq: number) => ({
		messageID,
		seq,
		userID: ALICE,
		userName: "a",
		message: "m",
		emotes: [],
		sentAt: "2026-01-01T00:00:00.000Z",
	});
	const messages = (count: number) => Array.from({ length: count }, (_, seq) => message(seq + 1));

	test("of little comes with the welcome, of more in batches, of too much as a gap", () => {
		const plan = (count: number) =>
			planResume({ resumeFrom: 0, missed: messages(count), latest: () => [message(9)], seq: count });

		expect(plan(50)).toMatchObject({ resumed: true, batches: [], gap: null });
		expect(plan(50).history).toHaveLength(50);
		expect(plan(120).batches.map((batch) => batch.length)).toEqual([50, 50, 20]);
		expect(plan(1001)).toMatchObject({ resumed: false, gap: { from: 1, to: 1001 } });
	});
});

describe("the watcher count", () => {
	test("counts a viewer with two sockets and a beacon once", () => {
		const watchers = new WatcherCount();
		watchers.beacon("one", false, 0);

		expect(watchers.count(["one", "one", "two"], 1000)).toBe(2);
	});

	test("forgets a player 45 s after its last beacon, and at once when it says so", () => {
		const watchers = new WatcherCount();
		watchers.beacon("one", false, 0);
		watchers.beacon("two", false, 0);
		watchers.beacon("two", true, 1);

		expect(watchers.count([], 44_999)).toBe(1);
		expect(watchers.count([], 45_000)).toBe(0);
	});
});
