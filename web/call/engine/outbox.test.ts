import { expect, test } from "vitest";
import { Outbox } from "./outbox.ts";

test("messages wait in their order, and are given out once", () => {
	const outbox = new Outbox();
	outbox.put({ t: "hand", raised: true });
	outbox.put({ t: "chat", clientMsgID: "1", message: "hello" });

	expect(outbox.take().map(({ t }) => t)).toEqual(["hand", "chat"]);
	expect(outbox.take()).toEqual([]);
});

test("a new wish takes the place of the old one", () => {
	const outbox = new Outbox();
	outbox.put({ t: "hand", raised: true });
	outbox.put({ t: "hand", raised: false });

	expect(outbox.take()).toEqual([{ t: "hand", raised: false }]);
});

test("numbers and reactions of a moment that is over are not kept", () => {
	const outbox = new Outbox();
	outbox.put({ t: "stats", edges: [] });
	outbox.put({ t: "reaction", emoji: "👍" });

	expect(outbox.take()).toEqual([]);
});
