import { expect, test } from "vitest";
import { parseNotifyFrame } from "./notify-socket.ts";

const PRESENCE = { t: "presence", userID: "us_01HZZZZZZZZZZZZZZZZZZZZZZZ", online: true };

test("a frame is one message or several", () => {
	expect(parseNotifyFrame(JSON.stringify(PRESENCE))).toHaveLength(1);
	expect(parseNotifyFrame(JSON.stringify([PRESENCE, { t: "contacts" }]))).toHaveLength(2);
});

test("what a newer server says besides is passed over", () => {
	expect(parseNotifyFrame(JSON.stringify([{ t: "confetti" }, PRESENCE]))).toEqual([PRESENCE]);
	expect(parseNotifyFrame("not json")).toEqual([]);
});
