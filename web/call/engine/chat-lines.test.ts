import { expect, test } from "vitest";
import { ParticipantID } from "../../../protocol/ids.ts";
import type { CallChatMessage } from "../../../protocol/signal.ts";
import { heard, notSaid, pendingLines, recalled, saying } from "./chat-lines.ts";

const me = ParticipantID.parse("pt_01JAAAAAAAAAAAAAAAAAAAAAAA");
const ann = ParticipantID.parse("pt_01JBBBBBBBBBBBBBBBBBBBBBBB");

function line(clientMsgID: string, participantID = me): CallChatMessage {
	return {
		clientMsgID,
		participantID,
		displayName: "N",
		message: clientMsgID,
		sentAt: "2026-01-01T00:00:00.000Z",
	};
}

test("an own line is pending until the room repeats it, once", () => {
	const said = saying([], line("1"));
	const sent = heard(said, line("1"));

	expect(said[0]?.status).toBe("pending");
	expect(sent.map(({ status }) => status)).toEqual(["sent"]);
	expect(heard(sent, line("1"))).toHaveLength(1);
});

test("lines stand in the room's order, and what is pending stands below", () => {
	let lines = saying([], line("mine"));
	lines = heard(lines, line("hers", ann));

	expect(lines.map(({ clientMsgID }) => clientMsgID)).toEqual(["hers", "mine"]);
});

test("the same number of somebody else is another line", () => {
	expect(heard(saying([], line("1")), line("1", ann))).toHaveLength(2);
});

test("a refused line fails, and can be told from those still on their way", () => {
	const lines = notSaid(saying(saying([], line("1")), line("2")), "1");

	expect(lines.map(({ status }) => status)).toEqual(["failed", "pending"]);
	expect(pendingLines(lines, me).map(({ clientMsgID }) => clientMsgID)).toEqual(["2"]);
});

test("the history of a welcome is not said twice", () => {
	const lines = recalled(heard(saying([], line("2")), line("1", ann)), [line("1", ann), line("2")]);

	expect(lines.map(({ clientMsgID, status }) => [clientMsgID, status])).toEqual([
		["1", "sent"],
		["2", "sent"],
	]);
});
