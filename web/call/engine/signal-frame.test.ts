import { expect, test } from "vitest";
import { parseSignalFrame } from "./signal-frame.ts";

const reaction = { t: "reaction", participantID: "pt_01JZZZZZZZZZZZZZZZZZZZZZZZ", emoji: "👍" };

test("a frame is one message or several", () => {
	expect(parseSignalFrame(JSON.stringify(reaction))).toEqual([reaction]);
	expect(parseSignalFrame(JSON.stringify([reaction, reaction]))).toHaveLength(2);
});

test("what is not known is passed over, and the rest of the frame counts", () => {
	const frame = JSON.stringify([{ t: "dance" }, reaction, { t: "offer", from: "nobody", gen: -1, sdp: "" }]);

	expect(parseSignalFrame(frame)).toEqual([reaction]);
});

test("garbage is no message", () => {
	for (const data of ["", "{", "null", "[[]]", new ArrayBuffer(3), null]) {
		expect(parseSignalFrame(data)).toEqual([]);
	}
});

test("a frame of monstrous size is not even read", () => {
	expect(parseSignalFrame(`["${"x".repeat(5 * 1024 * 1024)}"]`)).toEqual([]);
});
