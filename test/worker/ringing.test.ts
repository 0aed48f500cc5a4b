import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { CALL_LIMITS } from "../../protocol/call.ts";
import { CallID } from "../../protocol/ids.ts";
import { joinAs } from "./call-client.ts";
import {
	befriend,
	openDevice,
	outcomeFor,
	postCall,
	putAnswer,
	putContact,
	registerFriends,
	startCall,
	upgradeNotify,
} from "./calling.ts";
import { makeChannel, registerUser, type Session, send, ticketFor } from "./client.ts";

afterEach(() => {
	vi.useRealTimers();
});

/** Lets the ringing time of a call pass. */
async function waitUntilMissed(callID: CallID): Promise<void> {
	vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + CALL_LIMITS.ringSeconds * 1000 });
	await runDurableObjectAlarm(env.CALL_ROOM.getByName(callID));
}

async function stateOf(session: Session, callID: CallID): Promise<unknown> {
	const reply = await send("GET", `/calls/${callID}`, { token: session.accessToken });
	return (await reply.json<{ state: string }>()).state;
}

describe("a call to a contact", () => {
	test("rings all their devices, with who calls and until when", async () => {
		const [caller, callee] = await registerFriends();
		const devices = [await openDevice(callee), await openDevice(callee)];
		const before = Date.now();

		const call = await startCall(caller, [callee], { title: "Lunch?" });

		expect(call.state).toBe("ringing");
		for (const device of devices) {
			const { expiresAt, ...ringing } = await device.next("call.ringing");
			expect(ringing).toEqual({
				t: "call.ringing",
				callID: call.callID,
				code: call.code,
				kind: "video",
				title: "Lunch?",
				from: {
					userID: caller.user.userID,
					userName: caller.user.userName,
					displayName: caller.user.displayName,
				},
			});
			const ringsForMs = Date.parse(expiresAt) - before;
			expect(ringsForMs).toBeGreaterThanOrEqual(45_000);
			expect(ringsForMs).toBeLessThan(50_000);
		}
	});

	test("is open once they accept, and every device of both sides knows", async () => {
		const [caller, callee] = await registerFriends();
		const devices = [await openDevice(caller), await openDevice(callee), await openDevice(callee)];
		const call = await startCall(caller, [callee]);

		const reply = await putAnswer(callee, call, callee, { state: "accepted" });

		const { userID, displayName } = callee.user;
		expect([reply.status, await reply.json()]).toEqual([200, { userID, displayName, state: "accepted" }]);
		for (const device of devices) {
			expect(await device.next("call.accepted")).toMatchObject({ callID: call.callID, userID });
		}
		expect(await outcomeFor(caller, call)).toEqual({
			state: "open",
			direction: "outgoing",
			outcome: "answered",
		});
		expect(await outcomeFor(callee, call)).toEqual({
			state: "open",
			direction: "incoming",
			outcome: "answered",
		});
	});

	test.each(["accepted", "declined"] as const)("is %s also by the device's own socket", async (state) => {
		const [caller, callee] = await registerFriends();
		const [phone, watcher] = [await openDevice(callee), await openDevice(caller)];
		const { callID } = await startCall(caller, [callee]);
		await phone.next("call.ringing");

		phone.send({ t: "call.answer", callID, state });

		await watcher.next(`call.${state}`);
		await phone.next(`call.${state}`);
		expect(await stateOf(caller, callID)).toBe(state === "accepted" ? "open" : "declined");
	});

	test("is over when they decline", async () => {
		const [caller, callee] = await registerFriends();
		const watcher = await openDevice(caller);
		const call = await startCall(caller, [callee]);

		await putAnswer(callee, call, callee, { state: "declined" });

		expect(await watcher.next("call.declined")).toMatchObject({
			userID: callee.user.userID,
			reason: "declined",
		});
		expect(await outcomeFor(caller, call)).toMatchObject({ state: "declined", outcome: "declined" });
		expect(await outcomeFor(callee, call)).toMatchObject({ state: "declined", outcome: "declined" });
	});

	test("stops ringing when the caller hangs up, and they have missed it", async () => {
		const [caller, callee] = await registerFriends();
		const phone = await openDevice(callee);
		const call = await startCall(caller, [callee]);

		const statuses = [
			(await putAnswer(caller, call, callee, { state: "cancelled" })).status,
			(await putAnswer(caller, call, callee, { state: "cancelled" })).status,
			(await putAnswer(callee, call, callee, { state: "accepted" })).status,
		];

		expect(statuses).toEqual([200, 200, 410]);
		await phone.next("call.cancelled");
		expect((await (await openDevice(callee)).next("welcome")).ringing).toEqual([]);
		expect(await outcomeFor(caller, call)).toMatchObject({ state: "cancelled", outcome: "cancelled" });
		expect(await outcomeFor(callee, call)).toMatchObject({ state: "cancelled", outcome: "missed" });
	});

	test("is missed after its time, and takes no answer any more", async () => {
		const [caller, callee] = await registerFriends();
		const devices = [await openDevice(caller), await openDevice(callee)];
		const call = await startCall(caller, [callee]);

		await waitUntilMissed(call.callID);
		const late = await putAnswer(callee, call, callee, { state: "accepted" });

		for (const device of devices) {
			expect(await device.next("call.missed")).toMatchObject({ userID: callee.user.userID });
		}
		expect(await late.json()).toMatchObject({ status: 410, code: "call-ended" });
		expect(await outcomeFor(caller, call)).toMatchObject({ state: "missed", outcome: "missed" });
		expect(await outcomeFor(callee, call)).toMatchObject({ state: "missed", outcome: "missed" });
	});

	test("is not yet missed when the room wakes too early", async () => {
		const [caller, callee] = await registerFriends();
		const { callID } = await startCall(caller, [callee]);

		await runDurableObjectAlarm(env.CALL_ROOM.getByName(callID));

		expect(await stateOf(caller, callID)).toBe("ringing");
	});
});

describe("somebody without an open page", () => {
	test("is rung when they open one in time", async () => {
		const [caller, callee] = await registerFriends();
		const call = await startCall(caller, [callee]);

		const phone = await openDevice(callee);

		const { ringing } = await phone.next("welcome");
		expect(ringing.map(({ callID }) => callID)).toEqual([call.callID]);
		phone.send({ t: "call.answer", callID: call.callID, state: "accepted" });
		await phone.next("call.accepted");
	});

	test("has missed the call if they come later", async () => {
		const [caller, callee] = await registerFriends();
		const call = await startCall(caller, [callee]);

		await waitUntilMissed(call.callID);

		expect((await (await openDevice(callee)).next("welcome")).ringing).toEqual([]);
		expect(await outcomeFor(callee, call)).toMatchObject({ outcome: "missed" });
	});
});

test("a device that comes at the very moment of the call is welcomed first and rung once", async () => {
	const [caller, callee] = await registerFriends();

	const [call, ...devices] = await Promise.all([
		startCall(caller, [callee]),
		...Array.from({ length: 6 }, () => openDevice(callee)),
	]);

	for (const device of devices) {
		const { ringing } = await device.next("welcome");
		if (ringing.length === 0) await device.next("call.ringing");
		expect([device.received[0]?.t, ringing.length + device.all("call.ringing").length]).toEqual([
			"welcome",
			1,
		]);
	}
	expect(call.state).toBe("ringing");
});

describe("of several devices", () => {
	test("that accept at the same moment one wins, the other is told that it was too late", async () => {
		const [caller, callee] = await registerFriends();
		const call = await startCall(caller, [callee]);

		const replies = await Promise.all(
			Array.from({ length: 6 }, () => putAnswer(callee, call, callee, { state: "accepted" })),
		);

		expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
		const loser = replies.find(({ status }) => status === 409);
		expect(await loser?.json()).toMatchObject({ code: "already-answered", state: "accepted" });
	});

	test("that answer by their sockets the second is refused, and both hear the first answer once", async () => {
		const [caller, callee] = await registerFriends();
		const [phone, laptop] = [await openDevice(callee), await openDevice(callee)];
		const { callID } = await startCall(caller, [callee]);
		await Promise.all([phone.next("call.ringing"), laptop.next("call.ringing")]);

		phone.send({ t: "call.answer", callID, state: "accepted" });
		await laptop.next("call.accepted");
		laptop.send({ t: "call.answer", callID, state: "declined" });

		expect(await laptop.next("error")).toMatchObject({ code: "already-answered", callID });
		expect([phone, laptop].map((device) => device.all("call.accepted").length)).toEqual([1, 1]);
		expect([phone, laptop].map((device) => device.all("call.declined").length)).toEqual([0, 0]);
		expect(phone.all("error")).toEqual([]);
	});

	test("all learn which one has accepted, if it has a name", async () => {
		const [caller, callee] = await registerFriends();
		const [phone, laptop] = [await openDevice(callee), await openDevice(callee)];
		const { callID } = await startCall(caller, [callee]);
		await Promise.all([phone.next("call.ringing"), laptop.next("call.ringing")]);

		phone.send({ t: "call.answer", callID, state: "accepted", deviceID: "phone" });
		laptop.send({ t: "call.answer", callID, state: "accepted", deviceID: "laptop" });
		const heard = await Promise.all([phone.next("call.accepted"), laptop.next("call.accepted")]);

		const [winner, other] = heard.map(({ deviceID }) => deviceID);
		expect(["phone", "laptop"]).toContain(winner);
		expect(other).toBe(winner);
		const loser = winner === "phone" ? laptop : phone;
		expect(await loser.next("error")).toMatchObject({ code: "already-answered", callID });
	});

	test("one may repeat its own answer, and is answered as the first time", async () => {
		const [caller, callee] = await registerFriends();
		const call = await startCall(caller, [callee]);
		const answer = (deviceID: string) => putAnswer(callee, call, callee, { state: "accepted", deviceID });

		const replies = [await answer("phone"), await answer("phone"), await answer("laptop")];

		expect(replies.map(({ status }) => status)).toEqual([200, 200, 409]);
	});

	test("the eleventh takes the place of the first", async () => {
		const session = await registerUser();
		const first = await openDevice(session);

		for (let count = 0; count < 10; count++) await openDevice(session);

		expect(await first.closed).toMatchObject({ code: 4409 });
	});
});

describe("a call to several", () => {
	test("opens with the first who accepts, whatever the others do", async () => {
		const [caller, one] = await registerFriends();
		const two = await registerUser();
		await befriend(caller, two);
		const call = await startCall(caller, [one, two]);

		await putAnswer(one, call, one, { state: "declined" });
		const between = await stateOf(caller, call.callID);
		await putAnswer(two, call, two, { state: "accepted" });

		expect(between).toBe("ringing");
		expect(await stateOf(caller, call.callID)).toBe("open");
		expect(await outcomeFor(caller, call)).toMatchObject({ outcome: "answered" });
	});

	test("rings no longer when the host ends it", async () => {
		const [caller, one] = await registerFriends();
		const two = await registerUser();
		await befriend(caller, two);
		const phone = await openDevice(two);
		const call = await startCall(caller, [one, two]);
		await putAnswer(one, call, one, { state: "accepted" });

		await send("PATCH", `/calls/${call.callID}`, {
			token: caller.accessToken,
			body: { state: "ended" },
		});

		expect(await phone.next("call.cancelled")).toMatchObject({ callID: call.callID });
		expect(await outcomeFor(two, call)).toMatchObject({ state: "ended", outcome: "missed" });
	});

	test("can be widened: somebody invited later rings, somebody who declined rings again", async () => {
		const [caller, one] = await registerFriends();
		const two = await registerUser();
		await befriend(caller, two);
		const call = await startCall(caller);
		const invite = (...invitees: Session[]) =>
			send("POST", `/calls/${call.callID}/invitations`, {
				token: caller.accessToken,
				body: { userIDs: invitees.map(({ user }) => user.userID) },
			});
		await invite(one);
		await putAnswer(one, call, one, { state: "declined" });
		const phones = [await openDevice(one), await openDevice(two)];

		const reply = await invite(one, two);

		expect(reply.status).toBe(202);
		const { items } = await reply.json<{ items: { state: string }[] }>();
		expect(items.map(({ state }) => state)).toEqual(["ringing", "ringing"]);
		for (const phone of phones) await phone.next("call.ringing");
		expect(await stateOf(caller, call.callID)).toBe("open");
	});
});

describe("nobody is rung", () => {
	test("who has not accepted the caller as a contact", async () => {
		const [caller, friend] = await registerFriends();
		const stranger = await registerUser();
		await putContact(caller, stranger, "accepted");
		const phones = [await openDevice(friend), await openDevice(stranger)];

		const replies = [
			await postCall(caller, [friend, stranger]),
			await send("POST", "/calls", {
				token: caller.accessToken,
				body: { kind: "audio", inviteeIDs: ["us_01ARZ3NDEKTSV4RRFFQ69G5FAV"] },
			}),
			await postCall(caller, [caller]),
		];

		expect(await replies[0]?.json()).toMatchObject({
			status: 403,
			code: "not-a-contact",
			userIDs: [stranger.user.userID],
		});
		expect(replies.map(({ status }) => status)).toEqual([403, 403, 403]);
		await putContact(stranger, caller, "accepted");
		for (const phone of phones) expect(phone.all("call.ringing")).toEqual([]);
	});

	test("who has blocked the caller, not even into a call that is open", async () => {
		const [caller, callee] = await registerFriends();
		const { callID } = await startCall(caller);
		await putContact(callee, caller, "blocked");
		const phone = await openDevice(callee);

		const replies = [
			await postCall(caller, [callee]),
			await send("POST", `/calls/${callID}/invitations`, {
				token: caller.accessToken,
				body: { userIDs: [callee.user.userID] },
			}),
		];

		for (const reply of replies) {
			expect(await reply.json()).toMatchObject({ status: 409, code: "callee-blocked" });
		}
		expect(phone.all("call.ringing")).toEqual([]);
	});

	test("by a guest, or into a call by somebody who is not in it", async () => {
		const [caller, callee] = await registerFriends();
		const stranger = await registerUser();
		await befriend(stranger, callee);
		const { callID } = await startCall(caller);
		const guest = await send("POST", "/auth/guest", { body: { displayName: "Gast" } });
		const { accessToken } = await guest.json<{ accessToken: string }>();

		const byGuest = await send("POST", "/calls", { token: accessToken, body: { kind: "audio" } });
		const byStranger = await send("POST", `/calls/${callID}/invitations`, {
			token: stranger.accessToken,
			body: { userIDs: [callee.user.userID] },
		});

		expect([byGuest.status, byStranger.status]).toEqual([403, 403]);
	});
});

describe("an invitation", () => {
	test("is answered by nobody but the invitee, and taken back by nobody but who invited", async () => {
		const [caller, callee] = await registerFriends();
		const stranger = await registerUser();
		const call = await startCall(caller, [callee]);

		const replies = await Promise.all([
			putAnswer(stranger, call, callee, { state: "accepted" }),
			putAnswer(stranger, call, callee, { state: "cancelled" }),
			putAnswer(stranger, call, stranger, { state: "accepted" }),
			putAnswer(caller, call, callee, { state: "accepted" }),
			putAnswer(callee, call, callee, { state: "cancelled" }),
		]);

		expect(replies.map(({ status }) => status)).toEqual([403, 403, 404, 403, 403]);
		expect(await stateOf(caller, call.callID)).toBe("ringing");
	});

	test("survives the eviction of the room and of the hub, with the device's socket hibernated", async () => {
		const [caller, callee] = await registerFriends();
		const [watcher, phone] = [await openDevice(caller), await openDevice(callee)];
		const { callID } = await startCall(caller, [callee]);
		await phone.next("call.ringing");

		await evictDurableObject(env.CALL_ROOM.getByName(callID), { webSockets: "hibernate" });
		await evictDurableObject(env.USER_HUB.getByName(callee.user.userID), { webSockets: "hibernate" });
		const { ringing } = await (await openDevice(callee)).next("welcome");
		phone.send({ t: "call.answer", callID, state: "accepted" });

		expect(ringing.map((call) => call.callID)).toEqual([callID]);
		await watcher.next("call.accepted");
		await phone.next("call.accepted");
	});

	test("rings on after the eviction, and is missed in time", async () => {
		const [caller, callee] = await registerFriends();
		const watcher = await openDevice(caller);
		const { callID } = await startCall(caller, [callee]);

		await evictDurableObject(env.CALL_ROOM.getByName(callID));
		await waitUntilMissed(callID);

		await watcher.next("call.missed");
		expect(await stateOf(caller, callID)).toBe("missed");
	});
});

describe("a notify socket", () => {
	test("opens with an own ticket of its kind, once", async () => {
		const session = await registerUser();
		const { channelID } = await makeChannel(session);
		const ticket = await ticketFor(session, session.user.userID, "notify");

		const replies = [
			await upgradeNotify(null),
			await upgradeNotify("made.up.ticket"),
			await upgradeNotify(session.accessToken),
			await upgradeNotify(await ticketFor(session, channelID)),
			await upgradeNotify(ticket),
			await upgradeNotify(ticket),
		];

		expect(replies.map(({ status }) => status)).toEqual([401, 401, 401, 401, 101, 401]);
		expect(replies[4]?.headers.get("sec-websocket-protocol")).toBe("notify.v1");
	});

	test("has no ticket for somebody else's notifications, for guests, for other sites and plain requests", async () => {
		const [one, other] = [await registerUser(), await registerUser()];
		const ticket = () => ticketFor(one, one.user.userID, "notify");

		const foreign = await send("POST", "/ws-tickets", {
			token: one.accessToken,
			body: { audience: "notify", resource: other.user.userID },
		});
		const elsewhere = await upgradeNotify(await ticket(), { origin: "https://evil.example" });
		const plain = await send("GET", `/notifications/socket?ticket=${await ticket()}`);

		expect([foreign.status, elsewhere.status, plain.status]).toEqual([403, 403, 426]);
	});

	test("that sends nonsense is told so and stays open, until it goes on for too long", async () => {
		const device = await openDevice(await registerUser());

		for (const frame of ["{", "[]", "null", '{"t":"nope"}', '{"t":"call.answer"}', "x".repeat(20_000)]) {
			device.socket.send(frame);
		}
		await device.next("error", ({ code }) => code === "bad-frame");
		expect(device.socket.readyState).toBe(WebSocket.OPEN);
		for (let count = 0; count < 20; count++) device.socket.send("{");

		expect(await device.closed).toMatchObject({ code: 4400 });
	});

	test("is kept alive by the runtime while the hub sleeps, without a timer", async () => {
		const session = await registerUser();
		const { socket } = await openDevice(session);
		const hub = env.USER_HUB.getByName(session.user.userID);
		await evictDurableObject(hub, { webSockets: "hibernate" });

		const ponged = new Promise((resolve) => {
			socket.addEventListener("message", (event) => resolve(event.data), { once: true });
		});
		socket.send("ping");

		expect(await ponged).toBe("pong");
		const [answeredAt, alarmAt] = await runInDurableObject(hub, async (_, state) => {
			const [open] = state.getWebSockets();
			return [open && state.getWebSocketAutoResponseTimestamp(open), await state.storage.getAlarm()];
		});
		expect(answeredAt).toBeInstanceOf(Date);
		expect(alarmAt).toBeNull();
	});

	test("that repeats its answer over and over is told to stop", async () => {
		const [caller, callee] = await registerFriends();
		const device = await openDevice(callee);
		const { callID } = await startCall(caller, [callee]);

		for (let count = 0; count < 60; count++)
			device.send({ t: "call.answer", callID, state: "accepted", deviceID: "phone" });

		await device.next("error", ({ code }) => code === "rate-limited");
		expect(await stateOf(caller, callID)).toBe("open");
	});

	test("cannot answer a call that has not rung there", async () => {
		const [caller, callee] = await registerFriends();
		const stranger = await openDevice(await registerUser());
		const { callID } = await startCall(caller, [callee]);

		stranger.send({ t: "call.answer", callID, state: "declined" });
		stranger.send({
			t: "call.answer",
			callID: CallID.parse("ca_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
			state: "accepted",
		});

		await stranger.next("error", (error) => error.callID !== callID);
		expect(stranger.all("error").map(({ code }) => code)).toEqual(["not-found", "not-found"]);
		expect(await stateOf(caller, callID)).toBe("ringing");
	});
});

describe("somebody who is in another call", () => {
	/** In a call of their own with somebody else. */
	async function occupy(session: Session) {
		const other = await startCall(session);
		const joined = await joinAs(session, other.code);
		await expect.poll(async () => (await outcomeFor(session, other))?.outcome).toBe("joined");
		await vi.waitUntil(() => isBusy(session));
		return joined;
	}

	/** Whether the hub knows that they are in a call. */
	function isBusy(session: Session): Promise<boolean> {
		return runInDurableObject(
			env.USER_HUB.getByName(session.user.userID),
			(_, { storage }) => storage.sql.exec("SELECT 1 FROM busy").toArray().length > 0,
		);
	}

	test("is busy: the caller is told at once, nothing rings, and they find a missed call", async () => {
		const [caller, callee] = await registerFriends();
		await occupy(callee);
		const [watcher, phone] = [await openDevice(caller), await openDevice(callee)];

		const call = await startCall(caller, [callee]);

		expect(call.state).toBe("declined");
		expect(await watcher.next("call.declined")).toMatchObject({
			callID: call.callID,
			userID: callee.user.userID,
			reason: "busy",
		});
		await phone.next("call.declined");
		expect(phone.all("call.ringing")).toEqual([]);
		expect(await outcomeFor(caller, call)).toMatchObject({ state: "declined", outcome: "busy" });
		expect(await outcomeFor(callee, call)).toMatchObject({ outcome: "missed" });
	});

	test("rings again once they have left it", async () => {
		const [caller, callee] = await registerFriends();
		const { client } = await occupy(callee);
		client.send({ t: "leave" });
		await vi.waitUntil(async () => !(await isBusy(callee)));

		const call = await startCall(caller, [callee]);

		expect(call.state).toBe("ringing");
	});

	test("is not busy for ever with a room that has broken down", async () => {
		const [caller, callee] = await registerFriends();
		const hub = env.USER_HUB.getByName(callee.user.userID);
		await hub.setBusy(CallID.parse("ca_01ARZ3NDEKTSV4RRFFQ69G5FAV"), true);

		const call = await startCall(caller, [callee]);

		expect(call.state).toBe("ringing");
		expect(await isBusy(callee)).toBe(false);
	});

	test("does not keep others of the same call from being rung", async () => {
		const [caller, callee] = await registerFriends();
		const free = await registerUser();
		await befriend(caller, free);
		await occupy(callee);

		const call = await startCall(caller, [callee, free]);

		expect(call.state).toBe("ringing");
	});
});

describe("somebody who comes in by the link", () => {
	test("while they are rung has accepted", async () => {
		const [caller, callee] = await registerFriends();
		const [watcher, phone] = [await openDevice(caller), await openDevice(callee)];
		const call = await startCall(caller, [callee]);

		await joinAs(callee, call.code);

		for (const device of [watcher, phone]) await device.next("call.accepted");
		await expect
			.poll(() => outcomeFor(callee, call))
			.toMatchObject({
				state: "open",
				outcome: "answered",
			});
	});

	test("is inside, and not rung when somebody invites them", async () => {
		const [host, member] = await registerFriends();
		const call = await startCall(host);
		await joinAs(member, call.code);
		const phone = await openDevice(member);

		const reply = await send("POST", `/calls/${call.callID}/invitations`, {
			token: host.accessToken,
			body: { userIDs: [member.user.userID] },
		});

		const { userID, displayName } = member.user;
		expect(await reply.json()).toEqual({ items: [{ userID, displayName, state: "accepted" }] });
		expect(phone.all("call.ringing")).toEqual([]);
	});
});

test("a caller who leaves the room while it rings has hung up", async () => {
	const [caller, callee] = await registerFriends();
	const phone = await openDevice(callee);
	const call = await startCall(caller, [callee]);
	const { client } = await joinAs(caller, call.callID);

	client.send({ t: "leave" });

	expect(await phone.next("call.cancelled")).toMatchObject({ callID: call.callID });
	await expect.poll(() => outcomeFor(caller, call)).toMatchObject({ outcome: "cancelled" });
	expect(await stateOf(caller, call.callID)).toBe("cancelled");
});

test("who is left alone while a third one is being rung waits for them, and no longer", async () => {
	const [caller, callee] = await registerFriends();
	const third = await registerUser();
	await befriend(caller, third);
	const call = await startCall(caller, [callee]);
	const host = await joinAs(caller, call.callID);
	const guest = await joinAs(callee, call.callID);
	await send("POST", `/calls/${call.callID}/invitations`, {
		token: caller.accessToken,
		body: { userIDs: [third.user.userID] },
	});

	guest.client.send({ t: "leave" });
	await host.client.next("participant.left");
	const whileRinging = await stateOf(caller, call.callID);
	await putAnswer(third, call, third, { state: "declined" });

	expect(whileRinging).toBe("open");
	expect(await host.client.next("ended")).toMatchObject({ reason: "empty" });
});
