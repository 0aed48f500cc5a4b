import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Call } from "../../protocol/call.ts";
import { joinAs, makeCall, makeGuest } from "./call-client.ts";
import { registerUser, type Session, send } from "./client.ts";

async function gatherTwo() {
	const host = await registerUser();
	const call = await makeCall(host);
	const first = await joinAs(host, call.callID);
	const guest = await joinAs(await makeGuest(), call.code);
	return { host, call, first, guest, stub: env.CALL_ROOM.getByName(call.callID) };
}

function rowOf({ callID }: Call) {
	return env.DB.prepare("SELECT * FROM calls WHERE callID = ?").bind(callID).first();
}

/** Sets times in the room's storage back, so that they are over when it wakes. */
async function letTimePass({ callID }: Call, names: string[]): Promise<void> {
	const stub = env.CALL_ROOM.getByName(callID);
	const past = (json: string) =>
		JSON.stringify(JSON.parse(json), (key, value: unknown) =>
			names.includes(key) && typeof value === "number" ? 1 : value,
		);
	await runInDurableObject(stub, (_room, { storage: { sql } }) => {
		for (const { participantID, json } of sql.exec<{ participantID: string; json: string }>(
			"SELECT participantID, json FROM members",
		))
			sql.exec("UPDATE members SET json = ? WHERE participantID = ?", past(json), participantID);
		for (const { name, json } of sql.exec<{ name: string; json: string }>("SELECT name, json FROM facts"))
			sql.exec("UPDATE facts SET json = ? WHERE name = ?", names.includes(name) ? "1" : past(json), name);
	});
	await evictDurableObject(stub);
	await runDurableObjectAlarm(stub);
}

test("a call that was never made leaves nothing on disk, however often it is asked for", async () => {
	const { accessToken: token } = await registerUser();
	const callID = `ca_${"9".repeat(26)}`;

	const replies = await Promise.all([
		send("GET", `/calls/${callID}/participants`, { token }),
		send("GET", `/calls/${callID}/topology`, { token }),
		send("POST", `/calls/${callID}/sfu/sessions`, { token, body: {} }),
		send("PUT", `/calls/${callID}/preferences`, { token, body: { subscriptions: [] } }),
	]);

	expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
	const tables = await runInDurableObject(env.CALL_ROOM.getByName(callID), (_room, { storage }) =>
		storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
	);
	expect(tables).toEqual([]);
});

test("a room whose sockets a crash has taken unseen finds out by itself, and its row follows", async () => {
	const { call, stub } = await gatherTwo();
	await expect.poll(() => rowOf(call)).toMatchObject({ state: "open", participantCount: 2 });

	const remainingMs = async () =>
		((await runInDurableObject(stub, (_room, { storage }) => storage.getAlarm())) ?? 0) - Date.now();
	await expect.poll(remainingMs).toBeGreaterThan(3_000_000);
	await evictDurableObject(stub, { webSockets: "close" });
	const hasRung = await runDurableObjectAlarm(stub);
	await letTimePass(call, ["expiresAt"]);
	await letTimePass(call, ["emptySince"]);

	expect(hasRung).toBe(true);
	await expect.poll(() => rowOf(call)).toMatchObject({ state: "ended", participantCount: 0 });
});

test("what the catalogue could not be told is told later", async () => {
	const { host, call } = await gatherTwo();
	await expect.poll(() => rowOf(call)).toMatchObject({ participantCount: 2 });
	const room = env.CALL_ROOM.getByName(call.callID);

	await env.DB.exec("ALTER TABLE calls RENAME TO away");
	const by = { ...host.user };
	await room.updateCall(by, { title: "Told later" });
	await runInDurableObject(room, async () => {
		await new Promise((resolve) => setTimeout(resolve, 200));
	});
	await env.DB.exec("ALTER TABLE away RENAME TO calls");
	expect(await rowOf(call)).toMatchObject({ title: "" });
	await letTimePass(call, ["staleSince"]);

	await expect.poll(() => rowOf(call)).toMatchObject({ title: "Told later" });
});

test("a call that was handed over is its new host's in every list", async () => {
	const { host, call } = await gatherTwo();
	const heir = await joinAs(await registerUser(), call.code);

	const reply = await send("PATCH", `/calls/${call.callID}/participants/${heir.participantID}`, {
		token: host.accessToken,
		body: { role: "host" },
	});

	expect(reply.status).toBe(200);
	await expect.poll(() => rowOf(call)).toMatchObject({ hostID: heir.session.user.userID });
	expect(await historyOf(host)).toMatchObject([{ hostID: heir.session.user.userID, direction: "outgoing" }]);
});

async function historyOf({ accessToken }: Session): Promise<unknown[]> {
	const reply = await send("GET", "/calls", { token: accessToken });
	return (await reply.json<{ items: unknown[] }>()).items;
}
