import { expect, test } from "vitest";
import { parseFrame } from "./chat-socket.ts";

const watchers = { t: "watchers", currentWatcherCount: 7 };

test("a frame is one message or several", () => {
	expect(parseFrame(JSON.stringify(watchers))).toEqual([watchers]);
	expect(parseFrame(JSON.stringify([watchers, { t: "you.unbanned" }]))).toHaveLength(2);
});

test("a message of a newer server does not take the others with it", () => {
	expect(parseFrame(JSON.stringify([{ t: "poll", question: "?" }, watchers]))).toEqual([watchers]);
});

test("nonsense is passed over", () => {
	expect(parseFrame("pong?")).toEqual([]);
	expect(parseFrame('{"t":"watchers"}')).toEqual([]);
	expect(parseFrame("null")).toEqual([]);
});
