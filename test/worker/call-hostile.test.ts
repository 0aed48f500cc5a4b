import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { CallRoom } from "../../durable-objects/call-room.ts";
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
import { registerUser } from "./client.ts";

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
