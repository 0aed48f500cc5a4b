import { describe, expect, test } from "vitest";
import { CALL_LIMITS } from "../../protocol/call.ts";
import type { Call } from "./call.ts";
import { callOf, HOST, member, participantID, userID } from "./fixtures.ts";
import { changeParticipant, changeRoom, type Moderator, removeMember } from "./moderation.ts";

const host: Moderator = { userID: HOST, displayName: "Host", now: 1000 };
const second: Moderator = { userID: userID(2), displayName: "Second", now: 1000 };

function memberOf(call: Call, number: number) {
	const found = call.roster.get(participantID(number));
	if (!found) throw new Error(`nobody of number ${number}`);
	return found;
}

describe("somebody removed", () => {
	test("has no rank any more: a co-host cannot go on moderating from outside", () => {
		const call = callOf(3, { cohostIDs: [userID(2)] });

		removeMember(call, host, memberOf(call, 2));

		expect(call.facts).toMatchObject({ cohostIDs: [], removedIDs: [userID(2)] });
		expect(changeRoom(call, second, { isLocked: true })).toMatchObject({ ok: false, code: "forbidden" });
		expect(removeMember(call, second, memberOf(call, 3))).toMatchObject({ ok: false, code: "forbidden" });
	});

	test("by a host from outside leaves a deputy behind", () => {
		const call = callOf(3, { hostID: userID(9), cohostIDs: [userID(1)] });

		removeMember(call, { ...host, userID: userID(9) }, memberOf(call, 1));

		expect(call.facts.cohostIDs).toEqual([userID(2)]);
	});
});

describe("ranks", () => {
	test("of host go to people with an account, and are not given to oneself twice", () => {
		const call = callOf(2);
		call.roster.put(member(3, { isGuest: true }));

		const toGuest = changeParticipant(call, host, { member: memberOf(call, 3), change: { role: "host" } });
		const toSelf = changeParticipant(call, host, { member: memberOf(call, 1), change: { role: "host" } });
		const toSecond = changeParticipant(call, host, { member: memberOf(call, 2), change: { role: "host" } });

		expect(toGuest).toMatchObject({ ok: false, code: "forbidden" });
		expect(toSelf).toEqual({ ok: true, effects: [] });
		expect(toSecond.ok).toBe(true);
		expect(call.facts).toMatchObject({ hostID: userID(2), cohostIDs: [HOST] });
	});

	test("that let people in come with the list of those who wait", () => {
		const call = callOf(2);
		call.roster.put(member(3, { state: "waiting", isAdmitted: false }));

		const rise = changeParticipant(call, host, { member: memberOf(call, 2), change: { role: "cohost" } });

		expect(rise.ok && rise.effects).toContainEqual({
			do: "send",
			to: participantID(2),
			frame: expect.objectContaining({
				t: "participant.joined",
				participant: expect.objectContaining({ participantID: participantID(3), state: "waiting" }),
			}),
		});
	});
});

describe("a crowd in the lobby", () => {
	const place = { sessionID: "s", capabilities: member(1).capabilities, now: 1000 };
	const visitor = { displayName: "Visitor", isGuest: false, knowsCode: true, invitedByID: null };

	function crowded(inside: number): Call {
		const call = callOf(inside, { access: "lobby" });
		for (let number = inside + 1; number <= CALL_LIMITS.participants; number++)
			call.roster.put(member(number, { state: "waiting", isAdmitted: false }));
		return call;
	}

	test("keeps the host not out", () => {
		const call = crowded(3);

		const hostsOther = { ...place, participantID: participantID(500) };
		const stranger = { ...place, participantID: participantID(501) };

		expect(call.reserve({ ...visitor, userID: HOST }, hostsOther).ok).toBe(true);
		expect(call.reserve({ ...visitor, userID: userID(501) }, stranger)).toMatchObject({ code: "full" });
	});

	test("is let in up to the limit only", () => {
		const call = crowded(CALL_LIMITS.participants - 1);
		const last = changeParticipant(call, host, { member: memberOf(call, 100), change: { admitted: true } });
		call.roster.put(member(101, { state: "waiting", isAdmitted: false }));

		const tooMany = changeParticipant(call, host, {
			member: memberOf(call, 101),
			change: { admitted: true },
		});

		expect(last.ok).toBe(true);
		expect(tooMany).toMatchObject({ ok: false, code: "full" });
	});

	test("is told of once, however often somebody says that they want to join", () => {
		const call = callOf(1, { access: "lobby" });
		call.roster.put(member(2, { state: "waiting", isAdmitted: false }));
		const { displayName, capabilities, media } = member(2);

		const effects = call.join(participantID(2), { t: "join", displayName, capabilities, media }, 1000);

		expect(effects.map((effect) => effect.do === "send" && [effect.to, effect.frame.t])).toEqual([
			[participantID(2), "lobby"],
		]);
	});
});

test("one user holds ten places in a call at most", () => {
	const call = callOf(1);
	const visitor = {
		userID: userID(2),
		displayName: "Crowd",
		isGuest: false,
		knowsCode: true,
		invitedByID: null,
	};
	const capabilities = member(1).capabilities;

	const outcomes = Array.from({ length: 12 }, (_, index) => {
		const place = { participantID: participantID(10 + index), sessionID: "s", capabilities, now: index };
		const entry = call.reserve(visitor, place);
		if (entry.ok) call.enter(entry.member, index);
		return entry.ok;
	});

	expect(outcomes.filter((ok) => ok)).toHaveLength(10);
});
