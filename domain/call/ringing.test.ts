import { describe, expect, test } from "vitest";
import { CALL_LIMITS, type CallState, type Invitation } from "../../protocol/call.ts";
import type { UserID } from "../../protocol/ids.ts";
import { userID } from "./fixtures.ts";
import { type Answer, type Becomes, Ringing, type RoomState } from "./ringing.ts";

const HOST = userID(1);
const ANN = userID(2);
const BOB = userID(3);
const EVE = userID(4);
const START = 1_000_000;
const END = START + CALL_LIMITS.ringSeconds * 1000;
const RINGING: RoomState = { state: "ringing", hasOthers: false };
const invitee = (userID: UserID) => ({ userID, displayName: "N" });

/** A call that rings these people since START, on the host's behalf. */
function ringing(...userIDs: UserID[]): Ringing {
	const rung = new Ringing();
	rung.ring(userIDs.map(invitee), HOST, START);
	return rung;
}

function answer(userID: UserID, state: Answer["state"], more: Partial<Answer> = {}): Answer {
	const byHost = state === "cancelled";
	return { caller: byHost ? HOST : userID, isHost: byHost, userID, state, deviceID: null, ...more };
}

/** What happens to Ann's invitation. */
const EVENTS = {
	accept: (rung: Ringing, room: RoomState) => rung.answer(answer(ANN, "accepted"), room, START + 1),
	decline: (rung: Ringing, room: RoomState) => rung.answer(answer(ANN, "declined"), room, START + 1),
	"say busy": (rung: Ringing, room: RoomState) => rung.answer(answer(ANN, "busy"), room, START + 1),
	"be in another call": (rung: Ringing, room: RoomState) => rung.busy(ANN, room),
	"be cancelled": (rung: Ringing, room: RoomState) => rung.answer(answer(ANN, "cancelled"), room, START + 1),
	"all be cancelled": (rung: Ringing, room: RoomState) => rung.cancelAll(HOST, room),
	expire: (rung: Ringing, room: RoomState) => rung.expire(room, END),
};

describe("a ringing call of two", () => {
	test.each([
		["accept", "accepted", "open"],
		["decline", "declined", "declined"],
		["say busy", "busy", "declined"],
		["be in another call", "busy", "declined"],
		["be cancelled", "cancelled", "cancelled"],
		["all be cancelled", "cancelled", "cancelled"],
		["expire", "missed", "missed"],
	] as const satisfies [keyof typeof EVENTS, Invitation["state"], Becomes][])(
		"when the invitee shall %s: the invitation is %s, the call %s",
		(event, state, becomes) => {
			const rung = ringing(ANN);

			const change = EVENTS[event](rung, RINGING);

			expect(rung.find(ANN)?.state).toBe(state);
			expect(change.becomes).toBe(becomes);
			expect(change.changed.map(({ userID }) => userID)).toEqual([ANN]);
			expect(rung.nextDeadline()).toBeNull();
		},
	);

	test("does nothing before its time is over", () => {
		const rung = ringing(ANN);

		const change = rung.expire(RINGING, END - 1);

		expect(change).toEqual({ changed: [], becomes: null });
		expect(rung.nextDeadline()).toBe(END);
	});
});

describe("while somebody else still rings", () => {
	test.each([
		["accept", "open"],
		["decline", null],
		["say busy", null],
		["be in another call", null],
		["be cancelled", null],
	] as const satisfies [keyof typeof EVENTS, Becomes][])("%s: the call becomes %s", (event, becomes) => {
		const rung = ringing(ANN, BOB);

		const change = EVENTS[event](rung, RINGING);

		expect(change.becomes).toBe(becomes);
		expect(rung.find(BOB)?.state).toBe("ringing");
	});

	test("the last one to end decides how the call ended", () => {
		const rung = ringing(ANN, BOB);
		rung.answer(answer(ANN, "declined"), RINGING, START + 1);

		const change = rung.expire(RINGING, END);

		expect(change.becomes).toBe("missed");
	});
});

describe("a call that is open", () => {
	test.each(Object.keys(EVENTS).filter((name): name is keyof typeof EVENTS => name in EVENTS))(
		"stays open whatever its invitation does: %s",
		(event) => {
			const change = EVENTS[event](ringing(ANN), { state: "open", hasOthers: true });

			expect(change.becomes).toBeNull();
			expect(change.changed).toHaveLength(1);
		},
	);

	test("that somebody entered by the link while it rang is open when the ringing ends", () => {
		const change = ringing(ANN).expire({ state: "ringing", hasOthers: true }, END);

		expect(change.becomes).toBe("open");
	});
});

describe("of several answers", () => {
	test("the first counts: of two devices that accept at once one wins", () => {
		const rung = ringing(ANN);

		const first = rung.answer(answer(ANN, "accepted", { deviceID: "phone" }), RINGING, START + 1);
		const second = rung.answer(
			answer(ANN, "accepted", { deviceID: "laptop" }),
			{ state: "open", hasOthers: false },
			START + 1,
		);

		expect([first.refused, second.refused]).toEqual([null, "already-answered"]);
		expect(second.changed).toEqual([]);
	});

	test("two from devices without a name are two devices", () => {
		const rung = ringing(ANN);
		rung.answer(answer(ANN, "accepted"), RINGING, START + 1);

		const second = rung.answer(answer(ANN, "accepted"), RINGING, START + 1);

		expect(second.refused).toBe("already-answered");
	});

	test("a repeat from the same device is answered as the first time and changes nothing", () => {
		const rung = ringing(ANN);
		rung.answer(answer(ANN, "declined", { deviceID: "phone" }), RINGING, START + 1);

		const repeat = rung.answer(
			answer(ANN, "declined", { deviceID: "phone" }),
			{ state: "declined", hasOthers: false },
			END + 1,
		);

		expect(repeat).toMatchObject({
			refused: null,
			changed: [],
			becomes: null,
			invitation: { state: "declined" },
		});
	});

	test("another answer from the same device is refused", () => {
		const rung = ringing(ANN);
		rung.answer(answer(ANN, "declined", { deviceID: "phone" }), RINGING, START + 1);

		const changedMind = rung.answer(answer(ANN, "accepted", { deviceID: "phone" }), RINGING, START + 2);

		expect(changedMind.refused).toBe("already-answered");
		expect(rung.find(ANN)?.state).toBe("declined");
	});

	test("taking back twice is taking back once; taking back what was accepted is refused", () => {
		const rung = ringing(ANN, BOB);
		rung.answer(answer(ANN, "cancelled"), RINGING, START + 1);
		rung.answer(answer(BOB, "accepted"), RINGING, START + 1);

		const again = rung.answer(answer(ANN, "cancelled"), RINGING, START + 2);
		const tooLate = rung.answer(answer(BOB, "cancelled"), RINGING, START + 2);

		expect([again.refused, tooLate.refused]).toEqual([null, "already-answered"]);
	});

	test("one after the time is refused, and the call is missed at once", () => {
		const rung = ringing(ANN);

		const late = rung.answer(answer(ANN, "accepted"), RINGING, END);

		expect(late).toMatchObject({ refused: "call-ended", becomes: "missed", invitation: { state: "missed" } });
	});

	test.each(["missed", "cancelled", "ended"] as const satisfies CallState[])(
		"one to a call that is %s is refused as over",
		(state) => {
			const rung = ringing(ANN);
			rung.cancelAll(HOST, RINGING);

			const late = rung.answer(answer(ANN, "accepted"), { state, hasOthers: false }, START + 1);

			expect(late.refused).toBe("call-ended");
		},
	);
});

describe("who may answer", () => {
	const cases: [string, Answer, Answer["state"] | "forbidden" | "not-found"][] = [
		["the invitee accepts", answer(ANN, "accepted"), "accepted"],
		["the invitee may not take back", answer(ANN, "cancelled", { caller: ANN, isHost: false }), "forbidden"],
		["another invitee may not answer", answer(ANN, "accepted", { caller: BOB }), "forbidden"],
		["a stranger may not answer", answer(ANN, "declined", { caller: EVE }), "forbidden"],
		["a stranger may not take back", answer(ANN, "cancelled", { caller: EVE, isHost: false }), "forbidden"],
		["a stranger does not learn who is rung", answer(EVE, "declined", { caller: HOST }), "forbidden"],
		[
			"the host may not accept for them",
			answer(ANN, "accepted", { caller: HOST, isHost: true }),
			"forbidden",
		],
		["the host takes back", answer(ANN, "cancelled"), "cancelled"],
		["who was not rung has nothing to answer", answer(EVE, "accepted"), "not-found"],
		["the host takes back only what there is", answer(EVE, "cancelled"), "not-found"],
	];
	test.each(cases)("%s", (_what, given, expected) => {
		const { refused, invitation } = ringing(ANN, BOB).answer(given, RINGING, START + 1);

		expect(refused ?? invitation?.state).toBe(expected);
	});

	test("a member who invited somebody takes back that invitation, and not the host's", () => {
		const rung = ringing(ANN);
		rung.ring([invitee(BOB)], EVE, START);
		const byEve = (userID: UserID) => answer(userID, "cancelled", { caller: EVE, isHost: false });

		const own = rung.answer(byEve(BOB), RINGING, START + 1);
		const hosts = rung.answer(byEve(ANN), RINGING, START + 1);

		expect([own.refused, hosts.refused]).toEqual([null, "forbidden"]);
	});
});

describe("ringing again", () => {
	test("restarts an invitation that is over, not one that rings", () => {
		const rung = ringing(ANN, BOB);
		rung.answer(answer(ANN, "declined"), RINGING, START + 1);

		const anew = rung.ring([invitee(ANN), invitee(BOB)], HOST, START + 5000);

		expect(anew.map(({ userID, expiresAt }) => [userID, expiresAt])).toEqual([[ANN, END + 5000]]);
		expect(rung.nextDeadline()).toBe(END);
	});
});

test("what was written down is read back: who rings, until when, and whose answer counted", () => {
	const before = ringing(ANN, BOB);
	before.answer(answer(ANN, "accepted", { deviceID: "phone" }), RINGING, START + 1);

	const after = new Ringing(structuredClone(before.snapshot()));

	expect(after.nextDeadline()).toBe(END);
	const again = (deviceID: string) => after.answer(answer(ANN, "accepted", { deviceID }), RINGING, START + 2);
	expect([again("phone").refused, again("laptop").refused]).toEqual([null, "already-answered"]);
});
