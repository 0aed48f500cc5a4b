import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { ChatMessage } from "../../protocol/chat.ts";
import { ChatClient, joinChat, makeChannel, registerUser, send, ticketFor, upgrade } from "./client.ts";

async function page(channelID: string, query = "") {
	const reply = await send("GET", `/channels/${channelID}/live-stream/messages${query}`);
	return reply.json<{ messages: ChatMessage[]; nextCursor: string | null }>();
}

describe("a message", () => {
	test("reaches everyone with its emotes, and its author sees delivered, then sent", async () => {
		const owner = await registerUser();
		const { channelID } = await makeChannel(owner);
		const author = await joinChat(channelID, owner);
		const reader = await joinChat(channelID);

		author.say("hello :wave", "c1");

		const ack = await author.next("ack");
		const status = await author.next("status");
		expect(ack).toMatchObject({ clientMsgID: "c1", seq: 1, status: "delivered" });
		expect(status).toMatchObject({ messageID: ack.messageID, status: "sent", sentTo: 2 });
		expect(await reader.next("message")).toMatchObject({
			messageID: ack.messageID,
			userID: owner.user.userID,
			message: "hello :wave",
			emotes: [{ emoteID: "wave", start: 6, end: 11 }],
		});
	});

	test("in the seeds' bare form is accepted", async () => {
		const owner = await registerUser();
		const { channelID } = await makeChannel(owner);
		const author = await joinChat(channelID, owner);

		author.send({ message: "hi" });

		expect(await author.next("message")).toMatchObject({ message: "hi", userID: owner.user.userID });
	});

	test("sent twice under one clientMsgID is stored and shown once", async () => {
		const owner = await registerUser();
		const { channelID } = await makeChannel(owner);
		const author = await joinChat(channelID, owner);

		author.say("once", "same");
		const first = await author.next("ack");
		author.say("once", "same");
		author.say("end", "last");
		await author.next("message", (message) => message.message === "end");

		expect(author.all("ack").filter((ack) => ack.messageID === first.messageID)).toHaveLength(2);
		expect(author.all("message").map((message) => message.message)).toEqual(["once", "end"]);
	});

	test("of a reader without an account is refused", async () => {
		const { channelID } = await makeChannel(await registerUser());
		const reader = await joinChat(channelID);

		reader.say("hi");

		expect(await reader.next("error")).toMatchObject({ code: "unauthenticated" });
		expect((await page(channelID)).messages).toEqual([]);
	});
});

describe("a ban", () => {
	test("is told at once, refuses the next message, and keeps the past ones", async () => {
		const owner = await registerUser();
		const spammer = await registerUser();
		const { channelID } = await makeChannel(owner);
		const socket = await joinChat(channelID, spammer);
		socket.say("before");
		await socket.next("ack");

		const reply = await send("PUT", `/channels/${channelID}/bans/${spammer.user.userID}`, {
			token: owner.accessToken,
			body: { reason: "spam", durationSeconds: 600 },
		});
		const alert = await socket.next("you.banned");
		socket.say("after");

		expect(reply.status).toBe(201);
		expect(alert.reason).toBe("spam");
		expect(await socket.next("error")).toMatchObject({
			code: "banned",
			reason: "spam",
			bannedUntil: alert.bannedUntil,
		});
		expect((await page(channelID)).messages.map((message) => message.message)).toEqual(["before"]);
	});

	test("survives the hub's eviction, and its lifting is told", async () => {
		const owner = await registerUser();
		const spammer = await registerUser();
		const { channelID } = await makeChannel(owner);
		await send("POST", `/channels/${channelID}/bans`, {
			token: owner.accessToken,
			body: { userID: spammer.user.userID },
		});
		await evictDurableObject(env.CHAT_HUB.getByName(channelID));

		const socket = await joinChat(channelID, spammer);
		const welcome = await socket.next("welcome");
		await send("DELETE", `/channels/${channelID}/bans/${spammer.user.userID}`, { token: owner.accessToken });
		await socket.next("you.unbanned");
		socket.say("again");

		expect(welcome.you).toMatchObject({ isBanned: true, bannedUntil: null });
		expect(await socket.next("ack")).toBeDefined();
	});

	test("is the owner's to give, and never of the owner", async () => {
		const owner = await registerUser();
		const stranger = await registerUser();
		const { channelID } = await makeChannel(owner);

		const byStranger = await send("PUT", `/channels/${channelID}/bans/${owner.user.userID}`, {
			token: stranger.accessToken,
			body: {},
		});
		const ofOwner = await send("PUT", `/channels/${channelID}/bans/${owner.user.userID}`, {
			token: owner.accessToken,
			body: {},
		});

		expect(byStranger.status).toBe(403);
		expect(await ofOwner.json()).toMatchObject({ code: "cannot-ban-owner" });
	});
});

describe("history", () => {
	test("is paged from the newest back, by our cursor and by the seeds' raw sentAt, without repeats", async () => {
		const owner = await registerUser();
		const { channelID } = await makeChannel(owner);
		const author = await joinChat(channelID, owner);
		for (let number = 0; number < 7; number++) author.say(`m${number}`);
		await author.next("ack", (ack) => ack.seq === 7);

		const first = await page(channelID, "?limit=3");
		author.say("newer");
		await author.next("ack", (ack) => ack.seq === 8);
		const second = await page(channelID, `?limit=3&nextCursor=${first.nextCursor}`);
		const third = await page(channelID, `?limit=3&nextCursor=${second.nextCursor}`);
		const bySentAt = await page(channelID, `?limit=3&nextCursor=${first.messages.at(-1)?.sentAt}`);

		const texts = [first, second, third].map((one) => one.messages.map((message) => message.message));
		expect(texts).toEqual([["m6", "m5", "m4"], ["m3", "m2", "m1"], ["m0"]]);
		expect(third.nextCursor).toBeNull();
		expect(bySentAt.messages.every((message) => message.sentAt < (first.messages.at(-1)?.sentAt ?? ""))).toBe(
			true,
		);
	});

	test("is in the welcome, and a resume brings exactly what was missed", async () => {
		const owner = await registerUser();
		const { channelID } = await makeChannel(owner);
		const author = await joinChat(channelID, owner);
		for (let number = 1; number <= 5; number++) author.say(`m${number}`);
		await author.next("ack", (ack) => ack.seq === 5);

		const newcomer = await (await joinChat(channelID)).next("welcome");
		const returning = await (await joinChat(channelID, undefined, 3)).next("welcome");

		expect(newcomer.history.map((message) => message.seq)).toEqual([1, 2, 3, 4, 5]);
		expect(returning).toMatchObject({ resumed: true, seq: 5 });
		expect(returning.history.map((message) => message.seq)).toEqual([4, 5]);
	});

	test("and sequence numbers survive the hub's eviction with its sockets hibernated", async () => {
		const owner = await registerUser();
		const { channelID } = await makeChannel(owner);
		const author = await joinChat(channelID, owner);
		author.say("one");
		await author.next("ack");

		await evictDurableObject(env.CHAT_HUB.getByName(channelID), { webSockets: "hibernate" });
		author.say("two");

		expect(await author.next("ack", (ack) => ack.seq === 2)).toBeDefined();
		expect(await author.next("message", (message) => message.message === "two")).toBeDefined();
	});
});

test("two tabs of one viewer count once, and the studio's own chat does not count", async () => {
	const { channelID } = await makeChannel(await registerUser());
	const hello = { t: "hello", viewerSessionID: "viewer-session-one" } as const;
	for (const frame of [
		hello,
		hello,
		{ ...hello, viewerSessionID: "viewer-session-two" },
		{ t: "hello", playing: false } as const,
	]) {
		const { webSocket } = await upgrade(channelID, ["chat.v1"]);
		if (!webSocket) throw new Error("no socket");
		const client = new ChatClient(webSocket);
		client.send(frame);
		await client.next("welcome");
	}

	expect(await env.CHAT_HUB.getByName(channelID).watcherCount()).toBe(2);
});

describe("a socket", () => {
	test("says hello or not: after a second it is welcomed", async () => {
		const { channelID } = await makeChannel(await registerUser());
		const { webSocket } = await upgrade(channelID, []);

		if (!webSocket) throw new Error("no socket");
		expect((await new ChatClient(webSocket).next("welcome")).history).toEqual([]);
	});

	test("opens with a ticket once, and not with another channel's", async () => {
		const session = await registerUser();
		const [mine, other] = [await makeChannel(session), await makeChannel(session)];
		const ticket = await ticketFor(session, mine.channelID);

		const statuses = [
			(await upgrade(other.channelID, ["chat.v1", `ticket.${ticket}`])).status,
			(await upgrade(mine.channelID, ["chat.v1", `ticket.${ticket}`])).status,
			(await upgrade(mine.channelID, ["chat.v1", `ticket.${ticket}`])).status,
		];

		expect(statuses).toEqual([401, 101, 401]);
	});

	test("of a user's eleventh tab takes the place of the first", async () => {
		const session = await registerUser();
		const { channelID } = await makeChannel(session);
		const first = await joinChat(channelID, session);

		for (let count = 0; count < 10; count++) await joinChat(channelID, session);

		expect(await first.closed).toMatchObject({ code: 4409 });
	});

	test("of a page on another site is refused", async () => {
		const { channelID } = await makeChannel(await registerUser());

		const reply = await upgrade(channelID, ["chat.v1"], { origin: "https://evil.example" });

		expect(reply.status).toBe(403);
	});

	test("that sends nonsense is told so and stays open, until it goes on for too long", async () => {
		const { channelID } = await makeChannel(await registerUser());
		const client = await joinChat(channelID);
		const closed = new Promise<number>((resolve) =>
			client.socket.addEventListener("close", (event) => resolve(event.code)),
		);

		for (const frame of ["{", "[]", "null", '{"t":"nope"}', "x".repeat(20_000)]) client.socket.send(frame);
		await client.next("error", (error) => error.code === "bad-frame");
		expect(client.socket.readyState).toBe(WebSocket.OPEN);
		for (let number = 0; number < 20; number++) client.socket.send("{");

		expect(await closed).toBe(4400);
	});
});
