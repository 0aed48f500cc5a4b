import { expect, test } from "vitest";
import { Negotiation } from "./negotiation.ts";

test("an offer and its answer belong together by their number", () => {
	const caller = new Negotiation(false);
	const callee = new Negotiation(true);

	const gen = caller.beginOffer();

	expect(callee.takeOffer(gen)).toBe("take");
	expect(caller.takeAnswer(gen)).toBe(true);
});

test("when both offer at once the polite one gives way and the other does not hear it", () => {
	const polite = new Negotiation(true);
	const impolite = new Negotiation(false);

	const fromPolite = polite.beginOffer();
	const fromImpolite = impolite.beginOffer();

	expect(polite.takeOffer(fromImpolite)).toBe("yield");
	expect(impolite.takeOffer(fromPolite)).toBe("drop");
	expect(impolite.takeAnswer(fromImpolite)).toBe(true);
});

test("a late offer, one that comes twice, and a late answer are dropped", () => {
	const one = new Negotiation(true);
	one.takeOffer(3);

	expect(one.takeOffer(2)).toBe("drop");
	expect(one.takeOffer(3)).toBe("drop");
	expect(one.takeAnswer(3)).toBe(false);
});

test("a newer offer is taken by the impolite one too, over its own older one", () => {
	const impolite = new Negotiation(false);
	const gen = impolite.beginOffer();

	expect(impolite.takeOffer(gen + 1)).toBe("yield");
	expect(impolite.takeAnswer(gen)).toBe(false);
});

test("our next offer has a higher number than any seen", () => {
	const one = new Negotiation(false);
	one.takeOffer(7);

	expect(one.beginOffer()).toBe(8);
});

test("candidates wait for their offer, and are dropped with an older one", () => {
	const one = new Negotiation(true);
	one.takeOffer(2);

	expect(one.takeCandidate(1)).toBe("drop");
	expect(one.takeCandidate(2)).toBe("take");
	expect(one.takeCandidate(3)).toBe("wait");
});
