import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { register } from "../../protocol/account.ts";
import { type Call, createCall, getTopology, listParticipants, updateCall } from "../../protocol/call.ts";
import { addSfuTracks, closeSfuTracks, createSfuSession, setPreferences } from "../../protocol/call-sfu.ts";
import { ParticipantID } from "../../protocol/ids.ts";
import { SyntheticCaller } from "../support/synthetic-caller.ts";
import { Caller, eventually, System } from "../support/system.ts";

const PUBLISHERS = 25;
const MEMBERS = 100;

let system: System;
let host: Caller;

beforeAll(async () => {
	system = await System.start(18_700);
	host = new Caller(system.url);
	const name = `host_${Date.now()}`;
	host.token = (
		await host.call(register, { body: { userName: name, password: "correct horse battery" } })
	).accessToken;
});
afterAll(async () => {
	await system[Symbol.asyncDispose]();
});

function startCall(): Promise<Call> {
	return host.call(createCall, { body: { kind: "video" } });
}

async function settled(people: SyntheticCaller[]): Promise<void> {
	const before = people.map(({ received }) => received.length);
	await new Promise((resolve) => setTimeout(resolve, 300));
	if (people.some(({ received }, index) => received.length !== before[index])) await settled(people);
}

test("a hundred people, a quarter of whom send real sound, all have the same roster, and a mute costs under 15 KiB", async () => {
	await using stack = new AsyncDisposableStack();
	const call = await startCall();
	const people = [stack.use(await SyntheticCaller.join(system.url, call.callID, host))];
	while (people.length < MEMBERS) {
		const batch = Array.from({ length: Math.min(9, MEMBERS - people.length) }, () =>
			SyntheticCaller.join(system.url, call.code),
		);
		for (const person of await Promise.all(batch)) people.push(stack.use(person));
	}
	for (const person of people.slice(0, PUBLISHERS)) await person.publishSound();
	await settled(people);

	const { items } = await host.call(listParticipants, { params: { callID: call.callID } });
	const { topology } = await host.call(getTopology, { params: { callID: call.callID } });
	const rosters = people.map(({ roster }) => [...roster.values()].sort(byName));
	const announced = people
		.at(-1)
		?.all("tracks")
		.map(({ participantID }) => participantID);
	const before = people.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0);
	people[1]?.send({ t: "media", mic: false });
	await settled(people);
	const spent = people.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0) - before;

	expect(items).toHaveLength(MEMBERS);
	for (const roster of rosters) expect(roster).toEqual([...items].sort(byName));
	expect(new Set(announced)).toEqual(
		new Set(people.slice(0, PUBLISHERS).map(({ participantID }) => participantID)),
	);
	expect(topology).toBe("sfu");
	expect(
		people.every((person) => person.all("participant.updated").some(({ media }) => media?.mic === false)),
	).toBe(true);
	expect(spent).toBeLessThan(15 * 1024);
	expect(spent).toBeGreaterThan(0);
});

function byName(a: { participantID: string }, b: { participantID: string }): number {
	return a.participantID < b.participantID ? -1 : 1;
}

describe("somebody hostile", () => {
	test("pulls, closes and renames nothing that is not theirs, and nobody is disturbed", async () => {
		await using stack = new AsyncDisposableStack();
		const call = await startCall();
		const other = await startCall();
		const honest = stack.use(await SyntheticCaller.join(system.url, call.callID, host));
		const hostile = stack.use(await SyntheticCaller.join(system.url, call.code));
		const outsider = stack.use(await SyntheticCaller.join(system.url, other.code));
		const track = await honest.publishSound();
		await eventually(async () => hostile.all("tracks").length > 0, 5000);
		const own = await hostile.caller.call(createSfuSession, { params: { callID: call.callID }, body: {} });
		const foreign = await outsider.caller.call(createSfuSession, {
			params: { callID: other.callID },
			body: {},
		});
		const wish = [{ location: "remote" as const, sessionID: track.sessionID, trackName: track.trackName }];

		const attempts = [
			// A track of another call, by its right names.
			outsider.caller.call(addSfuTracks, {
				params: { callID: other.callID, sessionID: foreign.sessionID },
				body: { tracks: wish },
			}),
			// A session of another call.
			outsider.caller.call(addSfuTracks, {
				params: { callID: other.callID, sessionID: own.sessionID },
				body: { tracks: wish },
			}),
			// Somebody else's session in the same call.
			hostile.caller.call(closeSfuTracks, {
				params: { callID: call.callID, sessionID: track.sessionID },
				body: { tracks: [{ mid: track.mid }], force: true },
			}),
			// A name that nobody has announced.
			hostile.caller.call(addSfuTracks, {
				params: { callID: call.callID, sessionID: own.sessionID },
				body: {
					tracks: [{ ...wish[0], location: "remote" as const, sessionID: track.sessionID, trackName: "cam" }],
				},
			}),
			// A bomb instead of an offer.
			hostile.caller.call(addSfuTracks, {
				params: { callID: call.callID, sessionID: own.sessionID },
				body: {
					sessionDescription: { type: "offer", sdp: `v=0\r\n${"a=x\r\n".repeat(30_000)}` },
					tracks: [{ location: "local", mid: "0", trackName: "mic" }],
				},
			}),
			// Too many at once.
			hostile.caller.call(addSfuTracks, {
				params: { callID: call.callID, sessionID: own.sessionID },
				body: {
					sessionDescription: { type: "offer", sdp: "v=0" },
					tracks: Array.from({ length: 65 }, (_, index) => ({
						location: "local" as const,
						mid: String(index),
						trackName: `t${index}`,
					})),
				},
			}),
			// In another's name.
			hostile.caller.call(createSfuSession, {
				params: { callID: call.callID },
				body: { participantID: honest.participantID },
			}),
			hostile.caller.call(setPreferences, {
				params: { callID: call.callID },
				body: { participantID: honest.participantID, subscriptions: [] },
			}),
			hostile.caller.call(updateCall, { params: { callID: call.code }, body: { state: "ended" } }),
		];
		const outcomes = (await Promise.allSettled(attempts)).map((outcome) =>
			outcome.status === "rejected" ? /: (\d{3}) /.exec(String(outcome.reason))?.[1] : "done",
		);

		expect(outcomes).toEqual(["403", "404", "403", "403", "502", "422", "403", "403", "403"]);
		hostile.send({ t: "tracks.publish", id: "forged", tracks: [track] });
		await eventually(async () => hostile.all("error").some(({ id }) => id === "forged"), 5000);
		expect(honest.all("tracks")).toEqual([]);
		expect(honest.closeCode).toBeNull();
		const again = await hostile.caller.call(addSfuTracks, {
			params: { callID: call.callID, sessionID: own.sessionID },
			body: { tracks: wish },
		});
		expect(again.tracks[0]).toMatchObject({ trackName: "mic", sessionID: track.sessionID });
	});

	test("who leaves is cut off at the SFU: their sessions are gone and their tracks cannot be pulled", async () => {
		await using stack = new AsyncDisposableStack();
		const call = await startCall();
		const honest = stack.use(await SyntheticCaller.join(system.url, call.callID, host));
		const leaver = stack.use(await SyntheticCaller.join(system.url, call.code));
		const track = await leaver.publishSound();
		await eventually(async () => honest.all("tracks").length > 0, 5000);
		const { sessionID } = await honest.caller.call(createSfuSession, {
			params: { callID: call.callID },
			body: {},
		});

		leaver.send({ t: "leave" });
		await eventually(async () => honest.all("participant.left").length > 0, 5000);

		const wish = { location: "remote" as const, sessionID: track.sessionID, trackName: track.trackName };
		const pull = honest.caller.call(addSfuTracks, {
			params: { callID: call.callID, sessionID },
			body: { tracks: [wish] },
		});
		await expect(pull).rejects.toThrow("403 forbidden");
		await expect(
			leaver.caller.call(createSfuSession, { params: { callID: call.callID }, body: {} }),
		).rejects.toThrow("403 forbidden");
	});

	test("offers, candidates and edges for people of another call reach nobody", async () => {
		await using stack = new AsyncDisposableStack();
		const call = await startCall();
		const other = await startCall();
		const honest = stack.use(await SyntheticCaller.join(system.url, call.code));
		const outsider = stack.use(await SyntheticCaller.join(system.url, other.code));
		const nobody = ParticipantID.parse(`pt_${"0".repeat(26)}`);

		for (const to of [honest.participantID, nobody]) {
			outsider.send(
				{ t: "offer", to, gen: 1, sdp: "v=0" },
				{ t: "candidate", to, gen: 1, candidate: null },
				{ t: "edge.propose", peerID: to, direction: "recv", gen: 1, via: "sfu", reason: "loss" },
			);
		}
		await eventually(async () => outsider.all("error").length === 6, 5000);

		const heard = honest.received.map(({ t }) => t);
		expect(heard).toEqual(["welcome"]);
	});
});
