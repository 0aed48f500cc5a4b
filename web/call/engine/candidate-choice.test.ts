import { expect, test } from "vitest";
import { type Candidate, chooseCandidate } from "./candidate-choice.ts";

const direct = { key: {}, via: "p2p", isFlowing: true } satisfies Candidate;
const relayed = { key: {}, via: "sfu", isFlowing: true } satisfies Candidate;

test("the new way is not shown before its first frame", () => {
	const candidates = [direct, { ...relayed, isFlowing: false }];

	expect(chooseCandidate(candidates, "sfu", direct.key)?.key).toBe(direct.key);
	expect(chooseCandidate([direct, relayed], "sfu", direct.key)?.key).toBe(relayed.key);
});

test("of two tracks by the same way the newer one is shown once it flows", () => {
	const newer = { ...relayed, key: {} };

	expect(chooseCandidate([{ ...newer, isFlowing: false }, relayed], "sfu", relayed.key)?.key).toBe(
		relayed.key,
	);
	expect(chooseCandidate([newer, relayed], "sfu", relayed.key)?.key).toBe(newer.key);
});

test("when nothing flows what is shown stays, so that the last picture does", () => {
	const still = { ...direct, isFlowing: false };

	expect(chooseCandidate([{ ...relayed, isFlowing: false }, still], "sfu", still.key)?.key).toBe(still.key);
});

test("a way that still works is shown although the edge goes elsewhere", () => {
	expect(chooseCandidate([{ ...relayed, isFlowing: false }, direct], "sfu", relayed.key)?.key).toBe(
		direct.key,
	);
});

test("what is gone is not shown", () => {
	expect(chooseCandidate([relayed], "p2p", direct.key)?.key).toBe(relayed.key);
	expect(chooseCandidate([], "p2p", direct.key)).toBeNull();
});
