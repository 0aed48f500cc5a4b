import { listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { Contact } from "../../protocol/contact.ts";
import { UserID } from "../../protocol/ids.ts";
import { befriend, openDevice, putContact, registerFriends } from "./calling.ts";
import { registerUser, type Session, send } from "./client.ts";

async function contactsOf(session: Session, query = "") {
	const reply = await send("GET", `/users/me/contacts${query}`, { token: session.accessToken });
	const { items } = await reply.json<{ items: unknown[] }>();
	return items.map((item) => Contact.parse(item));
}

async function statesOf(one: Session, other: Session) {
	const own = (await contactsOf(one)).find(({ userID }) => userID === other.user.userID)?.state;
	const theirs = (await contactsOf(other)).find(({ userID }) => userID === one.user.userID)?.state;
	return [own, theirs];
}

const drop = (by: Session, other: Session) =>
	send("DELETE", `/users/me/contacts/${other.user.userID}`, { token: by.accessToken });

describe("asking somebody to be a contact", () => {
	test("is a request on one side, pending on the other, until that one asks too", async () => {
		const [one, other] = [await registerUser(), await registerUser()];

		const asked = await putContact(one, other, "accepted");
		const between = await statesOf(one, other);
		const accepted = await putContact(other, one, "accepted");

		expect([asked.status, accepted.status]).toEqual([201, 200]);
		expect(await asked.json()).toEqual({ state: "requested" });
		expect(between).toEqual(["requested", "pending"]);
		expect(await accepted.json()).toEqual({ state: "accepted" });
		expect(await statesOf(one, other)).toEqual(["accepted", "accepted"]);
	});

	test("from both sides at once makes contacts", async () => {
		const [one, other] = [await registerUser(), await registerUser()];

		await Promise.all([putContact(one, other, "accepted"), putContact(other, one, "accepted")]);

		expect(await statesOf(one, other)).toEqual(["accepted", "accepted"]);
	});

	test("again changes nothing, not even since when", async () => {
		const [one, other] = [await registerUser(), await registerUser()];
		await putContact(one, other, "accepted");
		const [before] = await contactsOf(one);

		const again = await putContact(one, other, "accepted");

		expect(again.status).toBe(200);
		expect(await again.json()).toEqual({ state: "requested" });
		expect(await contactsOf(one)).toEqual([before]);
		expect(await statesOf(one, other)).toEqual(["requested", "pending"]);
	});

	test("is refused while a hundred others have not answered, accepting is not", async () => {
		const [one, other, third] = [await registerUser(), await registerUser(), await registerUser()];
		const strangers = Array.from({ length: 100 }, (_, index) => `us_${String(index).padStart(26, "0")}`);
		await env.DB.batch(
			strangers.flatMap((userID) => [
				env.DB.prepare(
					"INSERT INTO users (userID, userName, displayName, passwordHash, createdAt) VALUES (?1, ?1, 'X', 'x', 1)",
				).bind(userID),
				env.DB.prepare(
					"INSERT INTO contacts (userID, otherID, state, since) VALUES (?, ?, 'requested', 1)",
				).bind(one.user.userID, userID),
			]),
		);
		await putContact(third, one, "accepted");

		const asked = await putContact(one, other, "accepted");
		const accepted = await putContact(one, third, "accepted");

		expect([asked.status, accepted.status]).toEqual([429, 200]);
		expect(await asked.json()).toMatchObject({ code: "rate-limited" });
	});

	test("of nobody, of oneself, and by a guest is refused", async () => {
		const one = await registerUser();
		const guest = await send("POST", "/auth/guest", { body: { displayName: "Gast" } });
		const { accessToken } = await guest.json<{ accessToken: string }>();
		const put = (token: string, userID: string) =>
			send("PUT", `/users/me/contacts/${userID}`, { token, body: { state: "accepted" } });

		const replies = await Promise.all([
			put(one.accessToken, "us_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
			put(one.accessToken, one.user.userID),
			put(accessToken, one.user.userID),
		]);

		expect(replies.map((reply) => reply.status)).toEqual([404, 422, 403]);
		expect(await contactsOf(one)).toEqual([]);
	});
});

describe("a block", () => {
	test("ends the contact and refuses requests until it is lifted", async () => {
		const [one, other] = await registerFriends();

		await putContact(one, other, "blocked");
		const refused = await putContact(other, one, "accepted");
		const states = await statesOf(one, other);
		await drop(one, other);
		const asked = await putContact(other, one, "accepted");

		expect(await refused.json()).toMatchObject({ status: 409, code: "blocked-by-user" });
		expect(states).toEqual(["blocked", undefined]);
		expect(await asked.json()).toEqual({ state: "requested" });
	});

	test("is not lifted by the one it is against, and each may block the other", async () => {
		const [one, other] = [await registerUser(), await registerUser()];
		await putContact(one, other, "blocked");

		const dropped = await drop(other, one);
		await putContact(other, one, "blocked");

		expect(dropped.status).toBe(204);
		expect(await statesOf(one, other)).toEqual(["blocked", "blocked"]);
	});

	test("ends when who set it asks for the contact", async () => {
		const [one, other] = [await registerUser(), await registerUser()];
		await putContact(one, other, "blocked");

		await putContact(one, other, "accepted");

		expect(await statesOf(one, other)).toEqual(["requested", "pending"]);
	});
});

test("a contact that is ended is gone on both sides, and ending it again is harmless", async () => {
	const [one, other] = await registerFriends();

	const statuses = [(await drop(one, other)).status, (await drop(one, other)).status];

	expect(statuses).toEqual([204, 204]);
	expect(await statesOf(one, other)).toEqual([undefined, undefined]);
});

describe("the list of contacts", () => {
	test("comes page by page, each once, and by state", async () => {
		const one = await registerUser();
		const others = await Promise.all([registerUser(), registerUser(), registerUser()]);
		for (const other of others) await putContact(one, other, "accepted");
		const [first] = others;
		if (first) await putContact(first, one, "accepted");
		const seen: string[] = [];
		let cursor: string | null = "";

		while (cursor !== null) {
			const reply = await send("GET", `/users/me/contacts?limit=2${cursor && `&cursor=${cursor}`}`, {
				token: one.accessToken,
			});
			const page: { items: Contact[]; nextCursor: string | null } = await reply.json();
			seen.push(...page.items.map(({ userID }) => userID));
			cursor = page.nextCursor;
		}

		expect(seen).toEqual(others.map(({ user }) => user.userID).sort());
		expect((await contactsOf(one, "?state=accepted")).map(({ userID }) => userID)).toEqual([
			first?.user.userID,
		]);
		const bad = await send("GET", "/users/me/contacts?cursor=made.up.one", { token: one.accessToken });
		expect(await bad.json()).toMatchObject({ code: "bad-cursor" });
	});

	test("tells who is there, and only of those who have accepted", async () => {
		const [one, friend] = await registerFriends();
		const stranger = await registerUser();
		await putContact(one, stranger, "accepted");

		await openDevice(friend);
		await openDevice(stranger);

		const online = (await contactsOf(one)).filter(({ isOnline }) => isOnline);
		expect(online.map(({ userID }) => userID)).toEqual([friend.user.userID]);
	});

	test("is to be read again: open pages of both sides are told", async () => {
		const [one, other] = [await registerUser(), await registerUser()];
		const devices = [await openDevice(one), await openDevice(other)];

		await putContact(one, other, "accepted");

		for (const device of devices) expect(await device.next("contacts")).toEqual({ t: "contacts" });
	});

	test("is not to be read again when nothing has changed, and nobody is woken who does not exist", async () => {
		const [one, other, third] = [await registerUser(), await registerUser(), await registerUser()];
		const device = await openDevice(other);
		const nobody = { ...other, user: { ...other.user, userID: UserID.parse(`us_${"8".repeat(26)}`) } };
		await putContact(one, other, "accepted");
		const hubs = (await listDurableObjectIds(env.USER_HUB)).length;

		for (let again = 0; again < 3; again++) await putContact(one, other, "accepted");
		await drop(one, nobody);
		await drop(third, other);

		expect(await listDurableObjectIds(env.USER_HUB)).toHaveLength(hubs);
		await drop(one, other);
		await expect.poll(() => device.all("contacts").length).toBe(2);
	});
});

describe("presence", () => {
	test("of a contact is in the welcome, and its coming is told to those who are there", async () => {
		const [one, other] = await registerFriends();
		const first = await openDevice(one);

		const second = await openDevice(other);

		expect(await first.next("presence")).toEqual({
			t: "presence",
			userID: other.user.userID,
			online: true,
		});
		expect((await second.next("welcome")).online).toEqual([one.user.userID]);
		expect((await first.next("welcome")).online).toEqual([]);
	});

	test("does not flicker when a page is loaded again, and ends a while after the last device", async () => {
		const [one, other] = await registerFriends();
		const watcher = await openDevice(one);
		const [phone, laptop] = [await openDevice(other), await openDevice(other)];
		const hub = env.USER_HUB.getByName(other.user.userID);
		const isLeaving = () =>
			runInDurableObject(hub, async (_, { storage }) => (await storage.getAlarm()) !== null);
		phone.socket.close(1000);
		laptop.socket.close(1000);
		await expect.poll(isLeaving).toBe(true);
		const reloaded = await openDevice(other);
		const ranWhileThere = await runDurableObjectAlarm(hub);

		reloaded.socket.close(1000);
		await expect.poll(isLeaving).toBe(true);
		await runDurableObjectAlarm(hub);

		expect(ranWhileThere).toBe(false);
		await watcher.next("presence", ({ online }) => !online);
		expect(watcher.all("presence").map(({ online }) => online)).toEqual([true, false]);
		expect(await hub.isOnline()).toBe(false);
	});

	test("is nobody's business who is blocked", async () => {
		const [one, other] = await registerFriends();
		await putContact(one, other, "blocked");
		const watcher = await openDevice(other);

		await openDevice(one);
		await befriend(other, await registerUser());

		await watcher.next("contacts");
		expect(watcher.all("presence")).toEqual([]);
	});
});

test("a person is found by the exact user name", async () => {
	const [one, other] = [await registerUser(), await registerUser()];
	const find = async (userName: string) =>
		(await send("GET", `/users?userName=${userName}`, { token: one.accessToken })).json();

	expect(await find(other.user.userName.toUpperCase())).toEqual({
		items: [
			{
				userID: other.user.userID,
				userName: other.user.userName,
				displayName: other.user.displayName,
			},
		],
	});
	expect(await find(other.user.userName.slice(0, -1))).toEqual({ items: [] });
});
