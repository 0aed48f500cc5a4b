import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { RealtimeSfu } from "../../adapters/realtime-sfu.ts";
import { callOf, member, participantID } from "../../domain/call/fixtures.ts";
import { CallSfu } from "../../durable-objects/call-sfu.ts";
import { CallStore } from "../../durable-objects/call-store.ts";
import type { PublishedTrack } from "../../protocol/signal.ts";
import { joinAs, makeCall } from "./call-client.ts";
import { registerUser } from "./client.ts";

interface Asked {
	path: string;
	body: { tracks?: unknown[] };
}

/** An SFU that answers as `answer` says, and everything that was asked of it. */
function fakeSfu(answer: (asked: Asked) => { status?: number; body: object } | Promise<{ body: object }>) {
	const asked: Asked[] = [];
	const fetcher: typeof fetch = async (input, init) => {
		const path = new URL(String(input)).pathname.split("/apps/app").at(-1) ?? "";
		const call = { path, body: JSON.parse(String(init?.body ?? "{}")) };
		asked.push(call);
		const { status = 200, body } = { status: 200, ...(await answer(call)) };
		return Response.json(body, { status });
	};
	const settings = { baseURL: "http://sfu/v1", appID: "app", appSecret: "s", retryTotalMs: 0 };
	return { asked, sfu: () => new RealtimeSfu({ ...settings, fetcher }) };
}

const session = (number: number) => String(number).padStart(32, "0");

/** Runs with a store of its own, in an object that is nobody's room. */
function withStore<T>(body: (store: CallStore) => Promise<T>): Promise<T> {
	const stub = env.CALL_ROOM.getByName(crypto.randomUUID());
	return runInDurableObject(stub, (_room, { storage }) => body(new CallStore(storage.sql)));
}

test("a hundred layers that change at once are asked for in batches that the SFU takes", async () => {
	const { asked, sfu } = fakeSfu(({ body }) => ({ body: { tracks: body.tracks ?? [] } }));
	const call = callOf(90, { choice: "sfu" });
	const layers = [
		{ rid: "a", height: 720 },
		{ rid: "c", height: 180 },
	];

	await withStore(async (store) => {
		const room = new CallSfu(store, sfu);
		store.addSession(session(1), participantID(1));
		for (let number = 2; number <= 90; number++) {
			const track: PublishedTrack = {
				source: "cam",
				sessionID: session(number),
				mid: "0",
				trackName: "cam",
				rids: layers,
			};
			call.roster.put(member(number, { tracks: [track] }));
			const remote = { sessionID: session(number), rid: "a" };
			store.putTrack({ sessionID: session(1), mid: String(number), trackName: "cam", remote });
		}
		const wishes = call.roster
			.joinedIDs()
			.map((wanted) => ({ participantID: wanted, source: "cam" as const, height: 180, priority: 1 }));
		call.forwarding.set(participantID(1), wishes, 720);

		await room.follow(call, participantID(1));
		await room.follow(call, participantID(1));
	});

	expect(asked.map(({ body }) => body.tracks?.length)).toEqual([64, 25]);
});

test("somebody who leaves while a session or a track is being made for them keeps neither", async () => {
	const call = callOf(2, { choice: "sfu" });
	const { asked, sfu } = fakeSfu(({ path }) => {
		call.leave(participantID(2), "kicked", 1);
		if (path.endsWith("/new") && path.includes("tracks"))
			return { body: { tracks: [{ mid: "0", trackName: "mic" }], sessionDescription: answer } };
		return { body: path === "/sessions/new" ? { sessionId: session(9) } : {} };
	});
	const answer = { type: "answer", sdp: "v=0" };
	const leaver = member(2);

	const sessions = await withStore(async (store) => {
		const room = new CallSfu(store, sfu);
		const making = room.carryOut(call, leaver, { do: "create" });
		await expect(making).rejects.toMatchObject({ code: "forbidden" });

		call.roster.put(leaver);
		store.addSession(session(2), leaver.participantID);
		await room.carryOut(call, leaver, {
			do: "add",
			sessionID: session(2),
			body: {
				sessionDescription: { type: "offer", sdp: "v=0" },
				tracks: [{ location: "local", mid: "0", trackName: "mic" }],
			},
		});
		return store.sessions(leaver.participantID);
	});

	expect(sessions).toEqual([]);
	expect(asked.at(-1)).toMatchObject({ path: `/sessions/${session(2)}/tracks/close` });
});

test("a session that could not be closed is tried again, one that is gone is not", async () => {
	const call = callOf(1);
	let status = 500;
	const { asked, sfu } = fakeSfu(() => ({ status, body: { errorCode: "internal_error" } }));

	await withStore(async (store) => {
		const room = new CallSfu(store, sfu);
		store.addSession(session(5), participantID(5));
		store.putTrack({ sessionID: session(5), mid: "0", trackName: "mic", remote: null });

		await room.evict(participantID(5));
		const retryAt = room.nextDeadline() ?? 0;
		await room.evictStrays(call, retryAt - 1);
		expect(asked).toHaveLength(1);

		status = 410;
		await room.evictStrays(call, retryAt);
		expect(asked).toHaveLength(2);
		expect(room.nextDeadline()).toBeNull();
		expect(store.owners()).toEqual([]);
	});
});

test("sessions that a crash left behind are seen to when the room wakes", async () => {
	const host = await registerUser();
	const call = await makeCall(host);
	await joinAs(host, call.callID);
	const stub = env.CALL_ROOM.getByName(call.callID);
	await runInDurableObject(stub, (_room, { storage: { sql } }) =>
		sql.exec(
			"INSERT INTO sfuSessions (sessionID, participantID) VALUES (?, ?)",
			session(7),
			participantID(7),
		),
	);

	await evictDurableObject(stub);
	await runInDurableObject(stub, () => undefined);
	await runDurableObjectAlarm(stub);

	const left = await runInDurableObject(stub, (_room, { storage: { sql } }) =>
		sql.exec("SELECT * FROM sfuSessions").toArray(),
	);
	expect(left).toEqual([]);
});
