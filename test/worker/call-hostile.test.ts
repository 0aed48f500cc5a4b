import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import * as z from "zod";
import type { CallRoom } from "../../durable-objects/call-room.ts";
import type { Call } from "../../protocol/call.ts";
import { ParticipantID } from "../../protocol/ids.ts";
import {
	CAPABILITIES,
	joinAs,
	makeCall,
	makeGuest,
	openSocket,
	signalTicket,
	takePlace,
} from "./call-client.ts";
import { befriend, putAnswer, registerFriends } from "./calling.ts";
import { registerUser, type Session, send } from "./client.ts";

/** A host and a guest inside. */
async function gatherTwo(wishes: object = {}) {
	const host = await registerUser();
	const call = await makeCall(host, wishes);
	const first = await joinAs(host, call.callID);
	const guest = await joinAs(await makeGuest(), call.code);
	return { host, call, first, guest, stub: env.CALL_ROOM.getByName(call.callID) };
}

const Place = z.object({ participantID: ParticipantID, wsURL: z.string(), ticket: z.string() });

describe("a socket that was sent away", () => {
	test("does nothing more, even if its client goes on talking", async () => {
		const { call, first, guest } = await gatherTwo();
		const path = `/calls/${call.callID}/signal?resume=${guest.welcome.sessionID}`;
		const { webSocket: stubborn } = await openSocket(path, await signalTicket(guest.session, call.callID));
		// Gets the close, and does not answer it.
		stubborn?.accept({ allowHalfOpen: true });
		const sentAway = new Promise<number>((resolve) => {
			stubborn?.addEventListener("close", ({ code }) => resolve(code));
		});
		(await openSocket(path, await signalTicket(guest.session, call.callID))).webSocket?.accept();
		expect(await sentAway).toBe(4409);

		stubborn?.send(JSON.stringify({ t: "hand", raised: true }));
		stubborn?.send(JSON.stringify({ t: "leave" }));

		for (let turn = 0; turn < 3; turn++) await first.client.settled();
		expect(first.client.all("participant.updated")).toEqual([]);
		expect(first.client.all("participant.left")).toEqual([]);
	});

	test("by a close code that nobody may send is lost like any other", async () => {
		const { first, guest, stub } = await gatherTwo();

		await runInDurableObject(stub, (room: CallRoom, state) => {
			const [socket] = state.getWebSockets(guest.participantID);
			if (socket) room.webSocketClose(socket, 1015, "");
		});

		const { connection } = await first.client.next("participant.updated");
		expect(connection).toBe("reconnecting");
	});
});

describe("an invitation", () => {
	async function invite(by: Session, call: Call, guest: Session): Promise<void> {
		await send("POST", `/calls/${call.callID}/invitations`, {
			token: by.accessToken,
			body: { userIDs: [guest.user.userID] },
		});
	}

	test("that was taken back opens no door", async () => {
		const [host, guest] = await registerFriends();
		const call = await makeCall(host, { access: "invite" });
		await invite(host, call, guest);
		const before = await takePlace(guest, call.callID);

		await putAnswer(host, call, guest, { state: "cancelled" });

		expect(before.status).toBe(201);
		expect((await takePlace(guest, call.code)).status).toBe(403);
		expect((await takePlace(guest, call.callID)).status).toBe(404);
	});

	test("is what shows who is inside a call for those invited, its code alone does not", async () => {
		const [host, guest] = await registerFriends();
		const call = await makeCall(host, { access: "invite" });
		await joinAs(host, call.callID);
		await invite(host, call, guest);
		const insideFor = async (reader: Session) => {
			const reply = await send("GET", `/calls/${call.code}`, { token: reader.accessToken });
			return (await reply.json<{ inside: unknown[] }>()).inside;
		};

		expect(await insideFor(guest)).toHaveLength(1);
		expect(await insideFor(await registerUser())).toEqual([]);
	});

	test("leads past the lobby if it is a host's, not if it is any member's", async () => {
		const [host, invited] = await registerFriends();
		const call = await makeCall(host, { access: "lobby" });
		await joinAs(host, call.callID);
		await invite(host, call, invited);
		await joinAs(invited, call.callID);
		const friend = await registerUser();
		await befriend(invited, friend);
		await invite(invited, call, friend);

		const reply = await takePlace(friend, call.callID);

		expect(reply.status).toBe(202);
		expect(await reply.json()).toMatchObject({ isWaiting: true });
	});
});

describe("a place", () => {
	test("whose first socket was lost before it joined is joined by the second one, and can be lost again", async () => {
		const { call, first, stub } = await gatherTwo();
		const visitor = await makeGuest();
		const place = Place.parse(await (await takePlace(visitor, call.code)).json());
		const { webSocket: lost } = await openSocket(place.wsURL, place.ticket);
		lost?.accept();
		lost?.close(1000);
		await expect
			.poll(() =>
				runInDurableObject(stub, (_, state) =>
					state.getWebSockets(place.participantID).filter(({ readyState }) => readyState === WebSocket.OPEN),
				),
			)
			.toEqual([]);

		const { webSocket: second } = await openSocket(place.wsURL, await signalTicket(visitor, call.callID));
		second?.accept();
		second?.send(JSON.stringify({ t: "join", displayName: "Visitor", capabilities: CAPABILITIES }));
		const { participant } = await first.client.next(
			"participant.joined",
			(frame) => frame.participant.participantID === place.participantID,
		);
		second?.close(1000);

		expect(participant.connection).toBe("online");
		await first.client.next(
			"participant.updated",
			({ participantID, connection }) =>
				participantID === place.participantID && connection === "reconnecting",
		);
	});

	test("that is given up while its socket is being opened opens none", async () => {
		const { call, guest, stub } = await gatherTwo();
		const visitor = { userID: guest.session.user.userID, participantID: guest.participantID, resume: null };
		const request = new Request(`http://room/calls/${call.callID}/signal`, {
			headers: {
				Upgrade: "websocket",
				"x-visitor": JSON.stringify({
					...visitor,
					ticket: { ticketID: "t", expiresAt: Date.now() + 30_000 },
				}),
			},
		});

		const status = await runInDurableObject(stub, async (room: CallRoom) => {
			const opening = room.fetch(request);
			await room.removeParticipant({ ...guest.session.user }, guest.participantID);
			return (await opening).status;
		});

		expect(status).toBe(404);
	});
});

describe("a line that died without a word", () => {
	/** Both say "ping", and then the room believes that the guest did so a minute ago, or just now. */
	async function complain({ guestIsSilent }: { guestIsSilent: boolean }) {
		const { call, first, guest, stub } = await gatherTwo();
		for (const { client } of [first, guest]) {
			client.socket.send("ping");
			await client.settled();
		}
		const { participantID: peerID } = guest;

		vi.useFakeTimers({ now: Date.now() + (guestIsSilent ? 60_000 : 0), toFake: ["Date"] });
		try {
			first.client.send({
				t: "edge.propose",
				peerID,
				direction: "recv",
				gen: 1,
				via: "sfu",
				reason: "no-media",
			});
			await first.client.settled();
			await evictDurableObject(stub);
			await runDurableObjectAlarm(stub);
		} finally {
			vi.useRealTimers();
		}
		return { call, first, guest };
	}

	test("is found when somebody misses its media, and has the usual time to come back", async () => {
		const { first, guest } = await complain({ guestIsSilent: true });

		expect((await guest.client.closed).code).toBe(4408);
		const { participantID, connection } = await first.client.next("participant.updated");
		expect([participantID, connection]).toEqual([guest.participantID, "reconnecting"]);
	});

	test("is not taken for dead because somebody says so", async () => {
		const { first, guest } = await complain({ guestIsSilent: false });

		await guest.client.settled();
		expect(first.client.all("participant.updated")).toEqual([]);
	});
});
