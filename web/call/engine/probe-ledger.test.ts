import { expect, test } from "vitest";
import { ProbeLedger } from "./probe-ledger.ts";

test("probes that come back make a good path, and tell the round trip", () => {
	const ledger = new ProbeLedger();
	for (let now = 0; now < 5000; now += 500) ledger.echoed(ledger.send(now), now + 40);

	expect(ledger.isGood(5000)).toBe(true);
	expect(ledger.roundTripMs).toBe(40);
});

test("a path on which nothing comes back is not good, nor one that stops", () => {
	const ledger = new ProbeLedger();
	ledger.send(0);
	expect(ledger.isGood(100)).toBe(false);
	ledger.echoed(1, 150);
	expect(ledger.isGood(200)).toBe(true);

	for (let now = 500; now < 3000; now += 500) ledger.send(now);

	expect(ledger.isGood(3000)).toBe(false);
});

test("a slow path is not good", () => {
	const ledger = new ProbeLedger();
	for (let now = 0; now < 5000; now += 500) ledger.echoed(ledger.send(now), now + 900);

	expect(ledger.isGood(6000)).toBe(false);
});
