import { expect, test } from "vitest";
import { Downlink } from "./downlink.ts";

const SENT = 1_000_000;

test("an estimate that creeps up below what is sent limits nothing", () => {
	const downlink = new Downlink();

	for (let now = 0; now < 30_000; now += 200) downlink.noteEstimate(120_000 + now, SENT, now);

	expect(downlink.capBps).toBe(Number.POSITIVE_INFINITY);
});

test("a single fall of the estimate limits nothing", () => {
	const downlink = new Downlink();
	downlink.noteEstimate(900_000, SENT, 0);

	downlink.noteEstimate(700_000, SENT, 200);

	expect(downlink.capBps).toBe(Number.POSITIVE_INFINITY);
});

test("an estimate that falls twice below what is sent becomes the cap", () => {
	const downlink = congested(new Downlink(), 0);

	expect(downlink.capBps).toBe(500_000);
});

test("a deep fall becomes the cap at once", () => {
	const downlink = new Downlink();
	downlink.noteEstimate(900_000, SENT, 0);

	downlink.noteEstimate(500_000, SENT, 200);

	expect(downlink.capBps).toBe(500_000);
});

test("two reports of heavy loss in a row are enough, although the estimate rises", () => {
	const downlink = new Downlink();

	for (let now = 0; now < 400; now += 200) {
		downlink.noteEstimate(400_000 + now * 100, SENT, now);
		downlink.noteLoss(128, SENT, now);
	}

	expect(downlink.capBps).toBe(SENT * 0.5 * 0.85);
});

test("losses reported again and again lower the cap once a second, and never below what arrives", () => {
	const downlink = congested(new Downlink(), 0);

	for (let now = 700; now < 1_500; now += 50) downlink.noteLoss(178, 300_000, now);
	const before = downlink.capBps;
	for (let now = 1_650; now < 9_000; now += 50) downlink.noteLoss(250, 300_000, now);

	expect(before).toBe(500_000);
	expect(downlink.capBps).toBe(500_000 * 0.6);
});

test("falls that lie above what is sent limit nothing", () => {
	const downlink = new Downlink();

	for (const [index, estimate] of [9e6, 7e6, 5e6, 3e6].entries())
		downlink.noteEstimate(estimate, SENT, index);

	expect(downlink.capBps).toBe(Number.POSITIVE_INFINITY);
});

test("heavy loss limits, ordinary loss does not", () => {
	const lossy = new Downlink();
	const ordinary = new Downlink();

	for (const now of [0, 1_000]) {
		lossy.noteLoss(128, SENT, now);
		ordinary.noteLoss(25, SENT, now);
	}

	expect(lossy.capBps).toBe(SENT * 0.5 * 0.85);
	expect(ordinary.capBps).toBe(Number.POSITIVE_INFINITY);
});

test("after a while more is tried again, until there is no limit", () => {
	const downlink = congested(new Downlink(), 0);
	const caps: number[] = [];

	for (let now = 0; now < 120_000; now += 1_000) {
		downlink.tick(now);
		caps.push(downlink.capBps);
	}

	expect(caps[4]).toBe(500_000);
	expect(caps.at(-1)).toBe(Number.POSITIVE_INFINITY);
});

test("each try that fails doubles the wait for the next", () => {
	const downlink = congested(new Downlink(), 0);
	const raisedAt: number[] = [];
	let before = downlink.capBps;

	for (let now = 0; now < 60_000; now += 1_000) {
		downlink.tick(now);
		if (downlink.capBps > before) {
			raisedAt.push(now);
			congested(downlink, now);
		}
		before = downlink.capBps;
	}

	const waits = raisedAt.slice(1).map((at, index) => at - (raisedAt[index] ?? 0));
	expect(waits.length).toBeGreaterThan(1);
	for (const [index, wait] of waits.entries()) expect(wait).toBeGreaterThan((waits[index - 1] ?? 0) * 1.5);
});

test("a try that holds makes the next one come soon", () => {
	const downlink = congested(new Downlink(), 0);
	for (let now = 1_000; now < 8_000; now += 1_000) downlink.tick(now);
	congested(downlink, 8_000);
	const raisedAt: number[] = [];
	let before = downlink.capBps;

	for (let now = 9_000; now < 40_000; now += 1_000) {
		downlink.tick(now);
		if (downlink.capBps > before) raisedAt.push(now);
		before = downlink.capBps;
	}

	const [first = 0, second = 0, third = 0, fourth = 0] = raisedAt;
	expect(second - first).toBeGreaterThan(5_000);
	expect(fourth - third).toBe(5_000);
});

/** Two falls within a second, the last to 500 kbit/s. */
function congested(downlink: Downlink, now: number): Downlink {
	for (const [index, estimate] of [900_000, 600_000, 500_000].entries()) {
		downlink.noteEstimate(estimate, SENT, now + index * 300);
	}
	return downlink;
}
