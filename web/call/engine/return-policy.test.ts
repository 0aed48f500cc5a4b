import { expect, test } from "vitest";
import { ReturnPolicy } from "./return-policy.ts";

/** When the policy first says yes, looking every 500 ms at a path that is good from `from` on. */
function firstReturn(policy: ReturnPolicy, from: number): number {
	for (let now = from; ; now += 500) if (policy.observe(true, now)) return now;
}

test("a path that has been good for 10 s is gone back to", () => {
	const policy = new ReturnPolicy();
	policy.left(0);

	expect(firstReturn(policy, 1000)).toBe(11_000);
});

test("one bad moment starts the ten seconds anew", () => {
	const policy = new ReturnPolicy();
	policy.observe(true, 0);
	policy.observe(false, 9500);

	expect(firstReturn(policy, 9600)).toBe(19_600);
});

test("after returns that do not last the waits grow: 30, 60, 120 s", () => {
	const policy = new ReturnPolicy();
	const waits: number[] = [];
	let now = 0;
	for (let round = 0; round < 3; round += 1) {
		now = firstReturn(policy, now);
		policy.returned(now);
		policy.left(now + 1000);
		waits.push(firstReturn(policy, now + 1000) - (now + 1000));
		now += 1000;
	}

	expect(waits).toEqual([30_000, 60_000, 120_000]);
});

test("a return that held for a minute wipes the slate", () => {
	const policy = new ReturnPolicy();
	policy.returnFailed(0);
	policy.returned(40_000);

	policy.left(140_000);

	expect(firstReturn(policy, 140_000)).toBe(150_000);
});
