import { expect, test } from "vitest";
import { type LinkMessage, readLinkMessage, writeLinkMessage } from "./link-messages.ts";

test("messages survive the way", () => {
	const messages: LinkMessage[] = [
		{ kind: "probe", number: 1 },
		{ kind: "echo", number: 123_456 },
		{ kind: "wish", cam: 360, screen: 0 },
	];

	expect(messages.map((message) => readLinkMessage(writeLinkMessage(message)))).toEqual(messages);
});

test("what is none is nothing", () => {
	for (const data of [
		"",
		"p",
		"pp1",
		"e-1",
		"p1234567890",
		"w1",
		"w1,2,3",
		"w99999,1",
		null,
		new Uint8Array(2),
	]) {
		expect(readLinkMessage(data)).toBeNull();
	}
});

test("nobody is asked for more lines than there are", () => {
	expect(readLinkMessage("w9999,9999")).toEqual({ kind: "wish", cam: 4320, screen: 4320 });
});
