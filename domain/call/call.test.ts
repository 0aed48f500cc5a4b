import { describe, expect, test } from "vitest";
import { judgeEntry, type Visitor } from "./admission.ts";
import { Call } from "./call.ts";
import type { CallEffect } from "./effects.ts";
import { callOf, facts, HOST, member, participantID, userID } from "./fixtures.ts";

const visitor: Visitor = {
	userID: userID(9),
	displayName: "Visitor",
	isGuest: true,
	knowsCode: true,
	invitedByID: null,
};

function kinds(effects: readonly CallEffect[]): string[] {
	return effects.map((effect) => effect.do);
}

describe("entry", () => {
	test.each([
		["by code into a call by link", {}, {}, 0, true],
		["by code into a lobby", { access: "lobby" as const }, {}, 0, false],
		[
			"of somebody the host invited past the lobby",
			{ access: "lobby" as const },
			{ invitedByID: HOST },
			0,
			true,
		],
		[
			"of a member's guest into the lobby",
			{ access: "lobby" as const },
			{ invitedByID: userID(5) },
			0,
			false,
		],
		["of the host into a locked call", { isLocked: true }, { userID: HOST }, 0, true],
		["of a co-host into a locked call", { isLocked: true, cohostIDs: [userID(9)] }, {}, 0, true],
	])("%s", (_name, room, who, size, isAdmitted) => {
		expect(judgeEntry(facts(room), { ...visitor, ...who }, size)).toEqual({ ok: true, isAdmitted });
	});

	test.each([
		["call-ended", "of a call that is over", { endedAt: 5 }, {}, 0],
		["not-found", "without code or invitation", {}, { knowsCode: false }, 0],
		["forbidden", "of somebody removed", { removedIDs: [userID(9)] }, {}, 0],
		["forbidden", "into a call for those invited", { access: "invite" as const }, {}, 0],
		["locked", "into a locked call", { isLocked: true }, {}, 0],
		["full", "of the hundred and first", {}, {}, 100],
		["full", "of the host into a full call", {}, { userID: HOST }, 100],
	])("is refused as %s: %s", (code, _name, room, who, size) => {
		expect(judgeEntry(facts(room), { ...visitor, ...who }, size)).toMatchObject({ ok: false, code });
	});
});

describe("places", () => {
	test("that nobody comes to are given up after 30 s, unseen", () => {
		const call = callOf(1);
		const { capabilities } = member(2);
		call.reserve(visitor, { participantID: participantID(2), sessionID: "s", capabilities, now: 1000 });

		expect(call.nextDeadline()).toBe(31_000);
		expect(kinds(call.due(31_000))).toEqual(["forget"]);
		expect(call.roster.size).toBe(1);
	});

	test("that one user keeps reserving without coming take the place of that user's oldest", () => {
		const call = callOf(1);
		const { capabilities } = member(2);

		for (let number = 2; number < 20; number++) {
			const place = { participantID: participantID(number), sessionID: "s", capabilities, now: number };
			call.reserve(visitor, place);
		}

		expect(call.roster.ofUser(visitor.userID).map((held) => held.participantID)).toEqual(
			[17, 18, 19].map(participantID),
		);
	});

	test("of a lost socket are kept for 15 s", () => {
		const call = callOf(2);

		call.disconnected(participantID(2), 1000);

		expect(call.nextDeadline()).toBe(16_000);
		expect(call.due(15_999)).toEqual([]);
		call.due(16_000);
		expect(call.roster.get(participantID(2))).toBeNull();
	});

	test("that are resumed in time have no deadline any more", () => {
		const call = callOf(2);
		call.disconnected(participantID(2), 1000);

		call.resumed(participantID(2));

		expect(call.nextDeadline()).toBeNull();
	});

	test("of people who are all there ask for no alarm", () => {
		expect(callOf(50).nextDeadline()).toBeNull();
	});
});

describe("a call", () => {
	test("by link that everybody has left may be gone back to for five minutes", () => {
		const call = callOf(1);

		call.leave(participantID(1), "left", 1000);

		expect(call.facts.endedAt).toBeNull();
		expect(call.nextDeadline()).toBe(301_000);
		call.due(301_000);
		expect(call.facts).toMatchObject({ state: "ended", endedAt: 301_000 });
	});

	test("made by ringing is over as soon as one is left alone", () => {
		const call = callOf(2, { isRung: true });

		const effects = call.leave(participantID(2), "left", 1000);

		expect(call.facts).toMatchObject({ state: "ended", endedAt: 1000 });
		expect(effects).toContainEqual({
			do: "send",
			to: participantID(1),
			frame: { t: "ended", reason: "empty" },
		});
	});

	test("made by ringing goes on for the one who is left while others are being rung, and not longer", () => {
		const call = callOf(2, { isRung: true });
		call.isAwaiting = () => true;

		call.leave(participantID(2), "left", 1000);
		const whileRinging = call.facts.endedAt;
		call.stopAwaiting(2000);

		expect(whileRinging).toBeNull();
		expect(call.facts).toMatchObject({ state: "ended", endedAt: 2000 });
	});

	test("made by ringing does not end for those who were not left alone, when nobody rings any more", () => {
		const call = callOf(2, { isRung: true });
		call.isAwaiting = () => true;
		call.leave(participantID(2), "left", 1000);
		call.enter(member(3), 1500);

		expect(call.stopAwaiting(2000)).toEqual([]);
		expect(callOf(1, { isRung: true }).stopAwaiting(2000)).toEqual([]);
	});

	test("that rings stays ringing while only the caller is inside, and its clock starts with the first answer", () => {
		const call = new Call({
			facts: facts({ state: "ringing", isRung: true }),
			members: [],
			edges: [],
			seq: 0,
		});
		call.enter(member(1), 100);
		const before = call.facts;

		call.enter(member(2), 500);

		expect(before).toMatchObject({ state: "ringing", startedAt: null });
		expect(call.facts).toMatchObject({ state: "open", startedAt: 500 });
	});

	test("that rings nobody, as its caller was cut off, is given up", () => {
		const call = new Call({
			facts: facts({ state: "ringing", isRung: true, emptySince: 0 }),
			members: [],
			edges: [],
			seq: 0,
		});

		call.due(call.nextDeadline() ?? 0);

		expect(call.facts).toMatchObject({ state: "cancelled", endedAt: 90_000 });
	});

	test("whose caller hangs up while it rings is cancelled", () => {
		const call = callOf(1, { state: "ringing", isRung: true, startedAt: null });

		call.leave(participantID(1), "left", 1000);

		expect(call.facts.state).toBe("cancelled");
	});

	test("that is recorded goes through the SFU, however small", () => {
		const call = callOf(2);

		call.changeFacts({ isRecording: true }, 1000);

		expect(call.edges.policy).toBe("sfu");
		expect(call.edges.get(participantID(1), participantID(2)).pending).toMatchObject({
			via: "sfu",
			reason: "recording",
		});
	});

	test.each([
		["p2p", 7, "p2p"],
		["sfu", 2, "sfu"],
		["auto", 4, "p2p"],
		["auto", 5, "sfu"],
	] as const)("with topology %s and %i people goes by %s", (choice, size, policy) => {
		expect(callOf(size, { choice }).edges.policy).toBe(policy);
	});
});
