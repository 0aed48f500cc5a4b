import { expect, test } from "vitest";
import type { SignalClientMessage } from "../../protocol/signal.ts";
import { act } from "./act.ts";
import { callOf, participantID } from "./fixtures.ts";

const context = { now: 1, ownsTrack: () => true };

test("a negotiation with a number that leaves the peer no next one is refused", () => {
	const call = callOf(2);
	const offer = (gen: number): Exclude<SignalClientMessage, { t: "stats" }> => ({
		t: "offer",
		to: participantID(2),
		gen,
		sdp: "v=0",
	});

	const far = act(call, participantID(1), offer(2 ** 31 - 1), context);
	const near = act(call, participantID(1), offer(1_000_000), context);

	expect(far).toMatchObject([{ to: participantID(1), frame: { t: "error", code: "validation" } }]);
	expect(near).toMatchObject([{ to: participantID(2), frame: { t: "offer" } }]);
});
