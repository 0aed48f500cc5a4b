import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Participant } from "../../protocol/call.ts";
import {
	CAPABILITIES,
	CallClient,
	enter,
	type Joined,
	joinAs,
	makeCall,
	makeGuest,
	openSocket,
	signalTicket,
	takePlace,
} from "./call-client.ts";
import { registerUser, type Session, send } from "./client.ts";

function patchParticipant(
	by: Session,
	callID: string,
	{ participantID }: { participantID: string },
	body: object,
) {
	return send("PATCH", `/calls/${callID}/participants/${participantID}`, { token: by.accessToken, body });
}

/** A call with its host and some guests inside, in this order. */
async function gather(count: number, wishes: object = {}) {
	const host = await registerUser();
	const call = await makeCall(host, wishes);
	const people = [await joinAs(host, call.callID)];
	while (people.length < count) people.push(await joinAs(await makeGuest(), call.code));
	const [first, ...others] = people;
	if (!first) throw new Error("nobody came");
	return { call, host, first, others, people };
}

describe("joining", () => {
	test("gives the newcomer the whole room, and the others one entry", async () => {
		const { call, first } = await gather(1);
		const guest = await joinAs(await makeGuest("Ada"), call.code);

		const { participant, seq } = await first.client.next("participant.joined");

		expect(participant).toMatchObject({
			participantID: guest.participantID,
			displayName: "Ada",
			isGuest: true,
		});
		expect(guest.welcome).toMatchObject({ seq, isResumed: false, role: "member", edges: [] });
		expect(guest.welcome.roster.map(({ participantID }) => participantID)).toEqual([
			first.participantID,
			guest.participantID,
		]);
		expect(guest.welcome.config).toMatchObject({ topology: "p2p", threshold: 5, videoCodec: "vp8" });
	});

	test("from two devices makes two participants", async () => {
		const { call, host } = await gather(1);

		const second = await joinAs(host, call.callID);

		expect(second.welcome.roster).toHaveLength(2);
	});

	test("needs the code, an invitation or a rank", async () => {
		const { call } = await gather(1);
		const stranger = await registerUser();

		expect((await takePlace(stranger, call.callID)).status).toBe(404);
		expect((await takePlace(stranger, call.code)).status).toBe(201);
	});

	test("of a locked call is refused with 423, but not to its host", async () => {
		const { call, host } = await gather(1);
		await send("PATCH", `/calls/${call.callID}`, { token: host.accessToken, body: { isLocked: true } });

		expect((await takePlace(await makeGuest(), call.code)).status).toBe(423);
		expect((await takePlace(host, call.code)).status).toBe(201);
	});

	test("of a call that is over is refused with 410", async () => {
		const { call, host, first } = await gather(1);
		await send("PATCH", `/calls/${call.callID}`, { token: host.accessToken, body: { state: "ended" } });

		expect(await first.client.next("ended")).toMatchObject({ reason: "host" });
		expect((await first.client.closed).code).toBe(4410);
		expect((await takePlace(host, call.callID)).status).toBe(410);
	});

	test("with capabilities that are none is refused with a pointer", async () => {
		const { call, host } = await gather(1);

		const reply = await takePlace(host, call.code, { ...CAPABILITIES, maxHeight: 0 });

		expect(reply.status).toBe(422);
		expect(await reply.json()).toMatchObject({ errors: [{ pointer: "#/capabilities/maxHeight" }] });
	});
});

describe("the socket", () => {
	test("opens only with a fresh ticket of the place's owner", async () => {
		const { call, host, first } = await gather(1);
		const stranger = await registerUser();
		const path = `/calls/${call.callID}/signal?participantID=${first.participantID}`;
		const ticket = await signalTicket(host, call.callID);

		const own = await openSocket(path, ticket);
		const again = await openSocket(path, ticket);
		const foreign = await openSocket(path, await signalTicket(stranger, call.callID));
		const none = await send("GET", path, { headers: { Upgrade: "websocket" } });
		const plain = await send("GET", path);

		expect([own, again, foreign, none, plain].map(({ status }) => status)).toEqual([101, 401, 403, 401, 426]);
	});

	test("of another call's ticket stays shut", async () => {
		const { host, first, call } = await gather(1);
		const other = await makeCall(host);

		const reply = await openSocket(
			`/calls/${call.callID}/signal?participantID=${first.participantID}`,
			await signalTicket(host, other.callID),
		);

		expect(reply.status).toBe(401);
	});

	test("gives way to a newer one of the same participant", async () => {
		const { call, host, first } = await gather(1);

		const reply = await openSocket(
			`/calls/${call.callID}/signal?resume=${first.welcome.sessionID}&seq=${first.welcome.seq}`,
			await signalTicket(host, call.callID),
		);

		expect(reply.status).toBe(101);
		expect((await first.client.closed).code).toBe(4409);
	});

	test("answers rubbish and stays open, until there is too much of it", async () => {
		const { first } = await gather(1);

		first.client.socket.send("{");
		first.client.socket.send('{"t":"offer"}');
		first.client.socket.send(new ArrayBuffer(8));
		await first.client.settled();
		expect(first.client.all("error").filter(({ code }) => code === "bad-frame")).toHaveLength(3);

		for (let sent = 0; sent < 20; sent++) first.client.socket.send("[]!");
		expect((await first.client.closed).code).toBe(4400);
	});

	test("of a flooder is closed, and nobody else is disturbed", async () => {
		const { first, others: guests } = await gather(2);
		const [flooder] = guests;

		for (let sent = 0; sent < 800; sent++) flooder?.client.send({ t: "hand", raised: sent % 2 === 0 });

		expect((await flooder?.client.closed)?.code).toBe(4429);
		await first.client.settled();
	}, 60_000);
});

describe("a lost socket", () => {
	test("is resumed with the same roster, and the others see reconnecting, then online", async () => {
		const { call, first, people } = await gather(3);
		const [, lost] = people;
		if (!lost) throw new Error("nobody");

		lost.client.socket.close(1000);
		await first.client.next("participant.updated", ({ connection }) => connection === "reconnecting");
		const reply = await openSocket(
			`/calls/${call.callID}/signal?resume=${lost.welcome.sessionID}&seq=${lost.welcome.seq}`,
			await signalTicket(lost.session, call.callID),
		);

		if (!reply.webSocket) throw new Error("no socket");
		const resumed = await new CallClient(reply.webSocket).next("welcome");
		expect(resumed).toMatchObject({ isResumed: true, participantID: lost.participantID });
		expect(resumed.roster).toHaveLength(3);
		await first.client.next(
			"participant.updated",
			({ connection, participantID }) => connection === "online" && participantID === lost.participantID,
		);
		expect(first.client.all("participant.left")).toEqual([]);
	});

	test("that stays away becomes a departure when the grace is over", async () => {
		const { call, first, others: guests } = await gather(2);
		guests[0]?.client.socket.close(1000);
		await first.client.next("participant.updated", ({ connection }) => connection === "reconnecting");

		await passGrace(call.callID);

		expect(await first.client.next("participant.left")).toMatchObject({ reason: "lost" });
	});

	test("is not opened by a guessed session", async () => {
		const { call, host } = await gather(1);

		const reply = await openSocket(
			`/calls/${call.callID}/signal?resume=${"0".repeat(32)}`,
			await signalTicket(host, call.callID),
		);

		expect(reply.status).toBe(404);
	});
});

/** Lets the deadlines of a room pass: their times are set back, and the alarm runs. */
async function passGrace(callID: string): Promise<void> {
	const stub = env.CALL_ROOM.getByName(callID);
	await runInDurableObject(stub, (_room, state) => {
		for (const { participantID, json } of state.storage.sql.exec<{ participantID: string; json: string }>(
			"SELECT participantID, json FROM members",
		)) {
			const member = JSON.parse(json);
			const expired = JSON.stringify({ ...member, expiresAt: member.expiresAt && 1 });
			state.storage.sql.exec("UPDATE members SET json = ? WHERE participantID = ?", expired, participantID);
		}
	});
	await evictDurableObject(stub);
	await runDurableObjectAlarm(stub);
}

describe("the roster", () => {
	test("survives the object's eviction with sockets open", async () => {
		const { call, first, others: guests } = await gather(3);
		guests[0]?.client.send({ t: "hand", raised: true });
		await first.client.next("participant.updated");

		await evictDurableObject(env.CALL_ROOM.getByName(call.callID));
		guests[1]?.client.send({ t: "media", mic: false });

		const update = await first.client.next("participant.updated", ({ media }) => media?.mic === false);
		expect(update.seq).toBeGreaterThan(first.client.all("participant.updated")[0]?.seq ?? 0);
		const late = await joinAs(await makeGuest(), call.code);
		expect(late.welcome.roster).toHaveLength(4);
		expect(late.welcome.roster[1]?.handRaisedAt).not.toBeNull();
		expect(late.welcome.roster[2]?.media.mic).toBe(false);
	});

	test("changes by deltas: one mute among a hundred costs less than 15 KiB in all", async () => {
		const { people } = await gather(100);
		const [muter] = people;
		await Promise.all(people.map(({ client }) => client.settled()));
		const before = people.reduce((sum, { client }) => sum + client.size, 0);

		muter?.client.send({ t: "media", mic: false });
		await Promise.all(
			people.map(({ client }) => client.next("participant.updated", ({ media }) => media?.mic === false)),
		);

		const spent = people.reduce((sum, { client }) => sum + client.size, 0) - before;
		expect(people.every(({ client }) => client.all("participant.joined").length < 100)).toBe(true);
		expect(spent).toBeLessThan(15 * 1024);
	}, 60_000);

	test("holds a hundred, and the next one is told that the call is full", async () => {
		const { call } = await gather(100);

		const reply = await takePlace(await makeGuest(), call.code);

		expect(reply.status).toBe(409);
		expect(await reply.json()).toMatchObject({ code: "full" });
	}, 60_000);

	test("is the same for everybody when all is said", async () => {
		const { call, host, people } = await gather(6);
		for (const { client } of people) client.sendAll({ t: "media", cam: false }, { t: "hand", raised: true });
		await Promise.all(people.map(({ client }) => client.settled()));

		const rosters = people.map((person) => replay(person));

		const reply = await send("GET", `/calls/${call.callID}/participants`, { token: host.accessToken });
		const { items } = await reply.json<{ items: Participant[] }>();
		for (const roster of rosters) expect(roster).toEqual(items);
	});
});

/** The roster as a client has it that applies all deltas. */
function replay({ welcome, client }: Joined): Participant[] {
	const roster = new Map(welcome.roster.map((participant) => [participant.participantID, participant]));
	for (const frame of client.received) {
		if (frame.t === "participant.joined") roster.set(frame.participant.participantID, frame.participant);
		if (frame.t === "participant.left") roster.delete(frame.participantID);
		if (frame.t !== "participant.updated") continue;
		const known = roster.get(frame.participantID);
		const { t, seq, media, ...change } = frame;
		if (known) roster.set(frame.participantID, merge(known, change, media));
	}
	return [...roster.values()];
}

function merge(known: Participant, change: object, media: object = {}): Participant {
	return { ...known, ...change, media: { ...known.media, ...media } };
}

describe("capabilities", () => {
	test("are the minimum of those inside, and rise again when the weak one leaves", async () => {
		const { call, first } = await gather(1);
		const weak = await joinAs(await makeGuest(), call.code, {
			capabilities: { ...CAPABILITIES, maxHeight: 360, maxWidth: 640, recvCodecs: ["h264", "opus"] },
		});

		const lowered = await first.client.next("config");
		weak.client.send({ t: "leave" });
		const raised = await first.client.next("config", ({ maxHeight }) => maxHeight === 720);

		expect(lowered).toMatchObject({ maxHeight: 360, videoCodec: "h264" });
		expect(raised).toMatchObject({ maxHeight: 720, videoCodec: "vp8" });
	});

	test("that change during the call change the minimum", async () => {
		const { first, others: guests } = await gather(2);

		guests[0]?.client.send({ t: "capabilities", capabilities: { ...CAPABILITIES, downlinkKbps: 250 } });

		expect(await first.client.next("config")).toMatchObject({ maxKbps: 250 });
	});
});

describe("negotiation", () => {
	test("reaches the one it is for, from whom it is, and nobody else", async () => {
		const { first, people } = await gather(3);
		const [, second, third] = people;
		if (!second || !third) throw new Error("nobody");

		first.client.sendAll(
			{ t: "offer", to: second.participantID, gen: 1, sdp: "v=0" },
			{
				t: "candidate",
				to: second.participantID,
				gen: 1,
				candidate: { candidate: "candidate:1", sdpMid: "0" },
			},
			{ t: "candidate", to: second.participantID, gen: 1, candidate: null },
		);
		await second.client.next("candidate", ({ candidate }) => candidate === null);
		second.client.send({ t: "answer", to: first.participantID, gen: 1, sdp: "v=0" });

		expect(await first.client.next("answer")).toMatchObject({ from: second.participantID, gen: 1 });
		expect(second.client.received.map(({ t }) => t).slice(-3)).toEqual(["offer", "candidate", "candidate"]);
		await third.client.settled();
		expect(third.client.all("offer")).toEqual([]);
	});

	test("with somebody of another call, with oneself, or with a bomb is refused", async () => {
		const { first } = await gather(2);
		const elsewhere = await gather(1);

		for (const to of [elsewhere.first.participantID, first.participantID]) {
			first.client.send({ t: "offer", id: to, to, gen: 1, sdp: "v=0" });
			expect(await first.client.next("error", ({ id }) => id === to)).toMatchObject({ code: "not-found" });
		}
		first.client.send({ t: "offer", to: first.participantID, gen: 1, sdp: "a".repeat(65 * 1024) });
		expect(await first.client.next("error", ({ code }) => code === "bad-frame")).toBeDefined();
		await elsewhere.first.client.settled();
		expect(elsewhere.first.client.all("offer")).toEqual([]);
	});
});

describe("topology", () => {
	test("is a mesh of four; the fifth moves all pairs to the SFU, one departure moves them back", async () => {
		const { call, host, people } = await gather(4);
		const fifth = await joinAs(await makeGuest(), call.code);
		const [first] = people;
		if (!first) throw new Error("nobody");

		await first.client.next("edge.accept", ({ direction }) => direction === "recv");
		await Promise.all(people.map(({ client }) => client.settled()));
		expect(first.client.all("edge.accept")).toHaveLength(6);
		expect(
			first.client.all("edge.accept").every(({ via, reason }) => via === "sfu" && reason === "group-size"),
		).toBe(true);
		expect(fifth.welcome.config.topology).toBe("sfu");
		expect(fifth.client.all("edge.accept")).toEqual([]);

		await makeReady(people);
		expect(await topologyOf(host, call.callID)).toMatchObject({ topology: "sfu" });

		fifth.client.send({ t: "leave" });
		await first.client.next("edge.accept", ({ via }) => via === "p2p");
		await Promise.all(people.map(({ client }) => client.settled()));
		await makeReady(people);
		expect(await topologyOf(host, call.callID)).toMatchObject({ topology: "p2p" });
	});

	test("of one direction moves when both ends agree, and only then", async () => {
		const { call, host, first, others: guests } = await gather(2);
		const [guest] = guests;
		if (!guest) throw new Error("nobody");
		const toGuest = { peerID: guest.participantID, direction: "recv", gen: 1 } as const;
		const toFirst = { peerID: first.participantID, direction: "send", gen: 1 } as const;

		first.client.send({ t: "edge.propose", ...toGuest, via: "sfu", reason: "no-media" });
		expect(await guest.client.next("edge.propose")).toMatchObject({
			...toFirst,
			via: "sfu",
			reason: "no-media",
		});
		guest.client.send({ t: "edge.accept", ...toFirst });
		expect(await first.client.next("edge.accept")).toMatchObject({ ...toGuest, via: "sfu" });
		first.client.send({ t: "edge.ready", ...toGuest });
		await guest.client.next("edge.ready");
		expect(await topologyOf(host, call.callID)).toMatchObject({ topology: "p2p" });
		guest.client.send({ t: "edge.ready", ...toFirst });
		await first.client.next("edge.ready");

		const { topology, edges } = await topologyOf(host, call.callID);
		expect(topology).toBe("mixed");
		expect(edges.find(({ from }) => from === guest.participantID)).toMatchObject({
			via: "sfu",
			reason: "no-media",
		});
		expect(edges.find(({ from }) => from === first.participantID)).toMatchObject({ via: "p2p" });
	});

	test("is for hosts to see", async () => {
		const { call, others: guests } = await gather(2);

		const reply = await send("GET", `/calls/${call.callID}/topology`, {
			token: guests[0]?.session.accessToken ?? "",
		});

		expect(reply.status).toBe(403);
	});
});

async function topologyOf(host: Session, callID: string) {
	const reply = await send("GET", `/calls/${callID}/topology`, { token: host.accessToken });
	return reply.json<{ topology: string; edges: { from: string; via: string }[] }>();
}

/** Everybody says that the moves they were told of last are made. */
async function makeReady(people: Joined[]): Promise<void> {
	for (const { client } of people) {
		const latest = Math.max(...client.all("edge.accept").map(({ gen }) => gen));
		for (const { peerID, direction, gen } of client.all("edge.accept"))
			if (gen === latest) client.send({ t: "edge.ready", peerID, direction, gen });
		await client.settled();
	}
}

describe("a host", () => {
	test("mutes others and never unmutes them; nobody else mutes anybody", async () => {
		const { call, host, first, others: guests } = await gather(3);
		const [guest, other] = guests;
		if (!guest || !other) throw new Error("nobody");

		const muted = await patchParticipant(host, call.callID, guest, { muted: { mic: true } });
		const unmuted = await patchParticipant(host, call.callID, guest, { muted: { mic: false } });
		const byGuest = await patchParticipant(other.session, call.callID, guest, { muted: { cam: true } });

		expect([muted, unmuted, byGuest].map(({ status }) => status)).toEqual([200, 403, 403]);
		expect(await unmuted.json()).toMatchObject({ code: "cannot-unmute-others" });
		expect(await guest.client.next("mute")).toMatchObject({ source: "mic" });
		expect(await first.client.next("participant.updated")).toMatchObject({ media: { mic: false } });
		await guest.client.settled();
		expect(guest.client.all("mute")).toHaveLength(1);
	});

	test("removes somebody, who does not come in again; others cannot", async () => {
		const { call, host, first, others: guests } = await gather(3);
		const [guest, other] = guests;
		if (!guest || !other) throw new Error("nobody");
		const path = `/calls/${call.callID}/participants/${guest.participantID}`;

		expect((await send("DELETE", path, { token: other.session.accessToken })).status).toBe(403);
		expect((await send("DELETE", path, { token: host.accessToken })).status).toBe(204);

		expect(await guest.client.next("kicked")).toMatchObject({ reason: "removed" });
		expect((await guest.client.closed).code).toBe(4403);
		expect(await first.client.next("participant.left")).toMatchObject({ reason: "kicked" });
		expect((await takePlace(guest.session, call.code)).status).toBe(403);
	});

	test("lets people in from the lobby, once, or turns them away", async () => {
		const { call, host, first } = await gather(1, { access: "lobby" });
		const patient = await enter(await makeGuest("Patient"), call.code);
		const denied = await enter(await makeGuest("Denied"), call.code);
		await patient.client.next("lobby");
		await denied.client.next("lobby");
		expect(await first.client.next("participant.joined")).toMatchObject({
			participant: { state: "waiting" },
		});

		expect((await patchParticipant(patient.session, call.callID, patient, { admitted: true })).status).toBe(
			403,
		);
		const let1 = await patchParticipant(host, call.callID, patient, { admitted: true });
		const let2 = await patchParticipant(host, call.callID, patient, { admitted: true });
		await patchParticipant(host, call.callID, denied, { admitted: false });

		expect([let1.status, let2.status]).toEqual([200, 200]);
		expect((await patient.client.next("welcome")).roster).toHaveLength(2);
		expect(await denied.client.next("kicked")).toMatchObject({ reason: "denied" });
		await first.client.settled();
		const entries = first.client
			.all("participant.joined")
			.filter(({ participant }) => participant.state === "joined");
		expect(entries).toHaveLength(1);
	});

	test("alone sees who waits in the lobby", async () => {
		const { call, host, first } = await gather(1, { access: "lobby" });
		const member = await enter(await makeGuest(), call.code);
		await member.client.next("lobby");
		await patchParticipant(host, call.callID, member, { admitted: true });
		await member.client.next("welcome");

		const waiting = await enter(await makeGuest(), call.code);
		await waiting.client.next("lobby");

		await first.client.next(
			"participant.joined",
			({ participant }) => participant.participantID === waiting.participantID,
		);
		await member.client.settled();
		expect(member.client.all("participant.joined")).toEqual([]);
		waiting.client.send({ t: "chat", clientMsgID: "x", message: "let me in" });
		await first.client.settled();
		expect(first.client.all("chat")).toEqual([]);
	});

	test("makes a co-host, who may admit and mute but not end the call", async () => {
		const { call, host, others: guests } = await gather(3);
		const [guest, other] = guests;
		if (!guest || !other) throw new Error("nobody");

		await patchParticipant(host, call.callID, guest, { role: "cohost" });
		await other.client.next("participant.updated", ({ role }) => role === "cohost");
		const muted = await patchParticipant(guest.session, call.callID, other, { muted: { mic: true } });
		const ended = await send("PATCH", `/calls/${call.code}`, {
			token: guest.session.accessToken,
			body: { state: "ended" },
		});

		expect(muted.status).toBe(200);
		expect(ended.status).toBe(403);
	});

	test("who leaves is followed by whoever has an account and is there longest", async () => {
		const { call, first } = await gather(1);
		const guest = await joinAs(await makeGuest(), call.code);
		const member = await joinAs(await registerUser(), call.code);

		first.client.send({ t: "leave" });

		expect(await guest.client.next("participant.updated", ({ role }) => role === "cohost")).toMatchObject({
			participantID: member.participantID,
		});
	});
});

describe("in the room", () => {
	test("chat is in one order for all, and late joiners read it", async () => {
		const { call, first, others: guests } = await gather(2);

		first.client.send({ t: "chat", clientMsgID: "a", message: "one" });
		await guests[0]?.client.next("chat");
		guests[0]?.client.send({ t: "chat", clientMsgID: "b", message: "two" });
		first.client.send({ t: "chat", clientMsgID: "a", message: "one" });
		await first.client.next("chat", ({ message }) => message === "two");

		const late = await joinAs(await makeGuest(), call.code);
		expect(late.welcome.chat.map(({ message }) => message)).toEqual(["one", "two"]);
		expect(guests[0]?.client.all("chat").map(({ message }) => message)).toEqual(["one", "two"]);
	});

	test("hands are raised in order and reactions reach everybody", async () => {
		const { people } = await gather(3);
		const [first, second, third] = people;
		if (!first || !second || !third) throw new Error("nobody");

		third.client.send({ t: "hand", raised: true });
		await first.client.next("participant.updated");
		second.client.sendAll({ t: "hand", raised: true }, { t: "reaction", emoji: "👍" });

		expect(await third.client.next("reaction")).toMatchObject({ participantID: second.participantID });
		const hands = first.client.all("participant.updated").map(({ participantID }) => participantID);
		expect(hands).toEqual([third.participantID, second.participantID]);
	});

	test("whoever begins to speak is the speaker, unless muted", async () => {
		const { first, others: guests } = await gather(2);
		const [guest] = guests;

		guest?.client.sendAll(
			{ t: "media", mic: false, speaking: true },
			{ t: "media", mic: true, speaking: true },
		);

		expect(await first.client.next("speaker")).toMatchObject({ participantID: guest?.participantID });
		expect(first.client.all("speaker")).toHaveLength(1);
	});

	test("nobody sees or changes a room that they are not in", async () => {
		const { call, first } = await gather(1);
		const stranger = await registerUser();
		const token = stranger.accessToken;

		const replies = await Promise.all([
			send("GET", `/calls/${call.callID}/participants`, { token }),
			patchParticipant(stranger, call.callID, first, { muted: { mic: true } }),
			send("DELETE", `/calls/${call.callID}/participants/${first.participantID}`, { token }),
			send("PUT", `/calls/${call.callID}/preferences`, { token, body: { subscriptions: [] } }),
			send("GET", `/calls/${call.callID}/topology`, { token }),
			send("POST", `/calls/${call.callID}/sfu/sessions`, { token, body: {} }),
		]);

		expect(replies.map(({ status }) => status)).toEqual([403, 404, 404, 403, 403, 403]);
		await first.client.settled();
		expect(first.client.all("mute")).toEqual([]);
	});
});
