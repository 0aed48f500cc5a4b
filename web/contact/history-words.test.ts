import { expect, test } from "vitest";
import type { CallHistoryItem } from "../../protocol/call.ts";
import { CallID, JoinCode, UserID } from "../../protocol/ids.ts";
import { historyWords } from "./history-words.ts";

const ADA = { userID: UserID.parse("us_01HZZZZZZZZZZZZZZZZZZZZZZA"), displayName: "Ada" };
const ITEM: CallHistoryItem = {
	callID: CallID.parse("ca_01HZZZZZZZZZZZZZZZZZZZZZZC"),
	code: JoinCode.parse("abc-defg-hjk"),
	kind: "video",
	title: "",
	hostID: ADA.userID,
	hostName: "Ada",
	state: "missed",
	access: "link",
	topology: "p2p",
	participantCount: 0,
	recordingState: "off",
	createdAt: "2027-01-01T00:00:00.000Z",
	startedAt: null,
	endedAt: null,
	direction: "incoming",
	outcome: "missed",
	others: [ADA],
};

test("a call that one did not take is missed, also when the caller gave up", () => {
	expect(historyWords(ITEM)).toEqual({ who: "Ada", what: "Missed", isMissed: true });
	expect(historyWords({ ...ITEM, outcome: "cancelled" }).isMissed).toBe(true);
	expect(historyWords({ ...ITEM, direction: "outgoing" })).toMatchObject({
		what: "Not answered",
		isMissed: false,
	});
});

test("a call is named by its title, its people, or the link", () => {
	expect(historyWords({ ...ITEM, title: "Plans" }).who).toBe("Plans");
	expect(historyWords({ ...ITEM, others: [ADA, ADA, ADA] }).who).toBe("Ada and 2 others");
	expect(historyWords({ ...ITEM, others: [] }).who).toBe("Call by link");
});
