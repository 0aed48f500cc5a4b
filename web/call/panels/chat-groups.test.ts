import { expect, test } from "vitest";
import { ParticipantID } from "../../../protocol/ids.ts";
import type { CallChatLine } from "../engine/call-types.ts";
import { groupLines, splitLinks } from "./chat-groups.ts";

function line(who: number, seconds: number, message = "hi"): CallChatLine {
	return {
		clientMsgID: `${who}-${seconds}`,
		participantID: ParticipantID.parse(`pt_${String(who).padStart(26, "0")}`),
		displayName: `Person ${who}`,
		message,
		sentAt: new Date(seconds * 1000).toISOString(),
		status: "sent",
	};
}

test("what somebody says in one go stands under one name", () => {
	const groups = groupLines([line(1, 0), line(1, 20), line(2, 30), line(1, 40), line(1, 400)]);

	expect(groups.map((group) => `${group.displayName}: ${group.lines.length}`)).toEqual([
		"Person 1: 2",
		"Person 2: 1",
		"Person 1: 1",
		"Person 1: 1",
	]);
});

test("an address becomes a link without the full stop behind it", () => {
	expect(splitLinks("See https://example.org/a?b=1. And more")).toEqual([
		{ kind: "text", text: "See " },
		{ kind: "link", url: "https://example.org/a?b=1" },
		{ kind: "text", text: ". And more" },
	]);
});

test("only web addresses become links", () => {
	expect(splitLinks("javascript:alert(1) data:text/html,x")).toEqual([
		{ kind: "text", text: "javascript:alert(1) data:text/html,x" },
	]);
});
