import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { callOf, participantID } from "../../domain/call/fixtures.ts";
import { CallBudget } from "../../durable-objects/call-budget.ts";
import { CallReports } from "../../durable-objects/call-reports.ts";
import type { CallRoom } from "../../durable-objects/call-room.ts";
import type { EdgeReport } from "../../protocol/signal.ts";
import { joinAs, makeCall, makeGuest, openSocket, signalTicket, takePlace } from "./call-client.ts";
import { registerUser, type Session, send } from "./client.ts";

async function gatherTwo() {
	const host = await registerUser();
	const call = await makeCall(host);
	const first = await joinAs(host, call.callID);
	const guest = await joinAs(await makeGuest(), call.code);
	return { host, call, first, guest };
}

describe("a budget", () => {
	test("is spent, fills by the second, and is each one's own", () => {
		const budget = new CallBudget<string>({ burst: 10, perSecond: 2 });

		expect(budget.spend("a", 8, 0)).toBe(true);
		expect(budget.spend("a", 3, 0)).toBe(false);
		expect(budget.spend("b", 10, 0)).toBe(true);
		expect(budget.spend("a", 3, 500)).toBe(true);
		expect(budget.spend("a", 11, 60_000)).toBe(false);
	});
});

describe("somebody who floods", () => {
	test("does not begin anew with a new socket", async () => {
		const { call, guest } = await gatherTwo();
		const path = `/calls/${call.callID}/signal?resume=${guest.welcome.sessionID}`;

		for (let sent = 0; sent < 300; sent++) guest.client.send({ t: "reaction", emoji: "🔥" });
		const { code } = await guest.client.closed;
		const replies = await Promise.all(
			Array.from({ length: 60 }, async () =>
				openSocket(path, await signalTicket(guest.session, call.callID)),
			),
		);

		expect(code).toBe(4429);
		expect(replies.map(({ status }) => status)).toContain(429);
	}, 60_000);

	test("by few but large messages is sent away too", async () => {
		const { first, guest } = await gatherTwo();
		const sdp = "a".repeat(60_000);

		for (let sent = 0; sent < 60; sent++)
			guest.client.send({ t: "offer", to: first.participantID, gen: sent, sdp });

		expect((await guest.client.closed).code).toBe(4429);
		await first.client.settled();
		expect(first.client.all("offer").length).toBeLessThan(60);
	}, 60_000);

	test("by requests is told to wait, and others are not", async () => {
		const { host, call, guest } = await gatherTwo();

		// What a fast client would get through within a second.
		const [byGuest, byHost] = await runInDurableObject(
			env.CALL_ROOM.getByName(call.callID),
			async (room: CallRoom) => {
				const order = ({ user }: Session) =>
					room.setPreferences({ userID: user.userID, participantID: undefined, subscriptions: [] });
				const outcomes = await Promise.all(Array.from({ length: 500 }, () => order(guest.session)));
				return [outcomes.at(-1), await order(host)];
			},
		);

		expect(byGuest).toMatchObject({ ok: false, code: "rate-limited", status: 429 });
		expect(byHost).toMatchObject({ ok: true });
	}, 60_000);

	test("by joining over and over is told to wait", async () => {
		const { call } = await gatherTwo();
		const eager = await makeGuest();

		const replies = await Promise.all(Array.from({ length: 25 }, () => takePlace(eager, call.code)));

		expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201, 429]));
	}, 60_000);
});

describe("what the room keeps", () => {
	test("of chat is what late joiners are shown", async () => {
		const { call, first } = await gatherTwo();
		const stub = env.CALL_ROOM.getByName(call.callID);
		await runInDurableObject(stub, (_room, { storage: { sql } }) => {
			for (let line = 0; line < 300; line++) {
				const json = JSON.stringify({ message: `line ${line}` });
				sql.exec(
					"INSERT INTO chat (participantID, clientMsgID, json) VALUES ('x', ?, ?)",
					`id-${line}`,
					json,
				);
			}
		});

		first.client.send({ t: "chat", clientMsgID: "newest", message: "newest" });
		await first.client.next("chat");

		const kept = await runInDurableObject(stub, (_room, { storage: { sql } }) =>
			sql.exec<{ clientMsgID: string }>("SELECT clientMsgID FROM chat ORDER BY place").toArray(),
		);
		expect(kept).toHaveLength(200);
		expect(kept.at(-1)).toMatchObject({ clientMsgID: "newest" });
	});

	test("of chat is nothing once the call is over", async () => {
		const { host, call, first } = await gatherTwo();
		first.client.send({ t: "chat", clientMsgID: "a", message: "between us" });
		await first.client.next("chat");

		await send("PATCH", `/calls/${call.callID}`, { token: host.accessToken, body: { state: "ended" } });

		const kept = await runInDurableObject(
			env.CALL_ROOM.getByName(call.callID),
			(_room, { storage: { sql } }) => sql.exec("SELECT * FROM chat").toArray(),
		);
		expect(kept).toEqual([]);
	});

	test("of reports is about people inside, by people inside", () => {
		const { roster } = callOf(3);
		const reports = new CallReports();
		const report = (number: number): EdgeReport => ({
			peerID: participantID(number),
			direction: "recv",
			route: "sfu",
			rid: null,
			kbps: 1,
			rttMs: null,
			lossPercent: 0,
		});

		reports.add(
			roster,
			participantID(1),
			Array.from({ length: 200 }, (_, index) => report(index)),
		);
		reports.add(roster, participantID(99), [report(1)]);

		expect(reports.size).toBe(2);
	});
});
