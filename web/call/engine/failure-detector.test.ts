import { expect, test } from "vitest";
import { FailureDetector, type LinkReading } from "./failure-detector.ts";

const good: LinkReading = { at: 0, state: "connected", packets: 0, packetsLost: 0, isMediaExpected: true };

/** Feeds a reading every 250 ms and returns the first failure with its time. */
function run(untilMs: number, at: (now: number) => Partial<LinkReading>) {
	const detector = new FailureDetector();
	for (let now = 0; now <= untilMs; now += 250) {
		const failure = detector.observe({ ...good, packets: now, ...at(now), at: now });
		if (failure !== null) return { now, ...failure };
	}
	return null;
}

test("a link whose packets come is left alone", () => {
	expect(run(20_000, () => ({}))).toBeNull();
});

test("a link that is gone for more than 1.5 s has failed both ways", () => {
	const failure = run(10_000, (now) => (now < 2000 ? {} : { state: "disconnected" }));

	expect(failure).toEqual({ now: 3500, directions: ["send", "recv"], reason: "ice-failed" });
});

test("a short interruption is none", () => {
	expect(run(10_000, (now) => (now >= 2000 && now < 3250 ? { state: "disconnected" } : {}))).toBeNull();
});

test("a failed link is left at once", () => {
	expect(run(5000, (now) => (now < 1000 ? {} : { state: "failed" }))?.now).toBe(1000);
});

test("a link that has never been there is given more time", () => {
	expect(run(5900, () => ({ state: "connecting" }))).toBeNull();
	expect(run(9000, () => ({ state: "connecting" }))?.reason).toBe("ice-failed");
});

test("silence of somebody who sends is a failure of that direction only", () => {
	const failure = run(10_000, (now) => ({ packets: Math.min(now, 2000) }));

	expect(failure).toMatchObject({ directions: ["recv"], reason: "no-media" });
	expect(failure?.now).toBeLessThanOrEqual(4000);
});

test("silence of somebody who sends nothing is no failure", () => {
	expect(run(10_000, () => ({ packets: 5, isMediaExpected: false }))).toBeNull();
});

test("more than a tenth of the packets lost over three seconds is a failure, less is not", () => {
	expect(run(10_000, (now) => ({ packetsLost: now * 0.2 }))).toMatchObject({
		now: 3000,
		directions: ["recv"],
		reason: "loss",
	});
	expect(run(10_000, (now) => ({ packetsLost: now * 0.05 }))).toBeNull();
});
