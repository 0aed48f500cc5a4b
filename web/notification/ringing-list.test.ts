import { expect, test } from "vitest";
import { CallID, JoinCode, UserID } from "../../protocol/ids.ts";
import type { RingingCall } from "../../protocol/notification.ts";
import { onlineAfter, ringingAfter } from "./ringing-list.ts";

const ME = UserID.parse("us_01HZZZZZZZZZZZZZZZZZZZZZZA");
const ADA = UserID.parse("us_01HZZZZZZZZZZZZZZZZZZZZZZB");
const CALL: RingingCall = {
	callID: CallID.parse("ca_01HZZZZZZZZZZZZZZZZZZZZZZC"),
	code: JoinCode.parse("abc-defg-hjk"),
	kind: "video",
	title: "",
	from: { userID: ADA, userName: "ada", displayName: "Ada" },
	expiresAt: "2027-01-01T00:00:45.000Z",
};

test("a call rings once, however often it is told of", () => {
	const once = ringingAfter([], { t: "call.ringing", ...CALL }, ME);

	expect(ringingAfter(once, { t: "call.ringing", ...CALL }, ME)).toEqual([CALL]);
});

test("whatever was answered on another device rings no more here", () => {
	for (const t of ["call.accepted", "call.cancelled", "call.missed"] as const) {
		expect(ringingAfter([CALL], { t, callID: CALL.callID, userID: ME }, ME)).toEqual([]);
	}
});

test("what others answered goes on ringing here", () => {
	const message = { t: "call.declined", callID: CALL.callID, userID: ADA, reason: "busy" } as const;

	expect(ringingAfter([CALL], message, ME)).toEqual([CALL]);
});

test("a new connection begins with what rings and who is there", () => {
	const welcome = { t: "welcome" as const, ringing: [CALL], online: [ADA] };

	expect(ringingAfter([], welcome, ME)).toEqual([CALL]);
	expect([...onlineAfter(new Set(), welcome)]).toEqual([ADA]);
	expect([...onlineAfter(new Set([ADA]), { t: "presence", userID: ADA, online: false })]).toEqual([]);
});
