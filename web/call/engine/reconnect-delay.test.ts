import { expect, test } from "vitest";
import { sfuDelayMs, signalDelayMs } from "./reconnect-delay.ts";

test("the first attempt at the socket comes nearly at once, later ones within a few seconds", () => {
	expect(signalDelayMs(0, 0.99)).toBeLessThan(150);
	for (let attempt = 1; attempt < 40; attempt += 1) {
		expect(signalDelayMs(attempt, 0)).toBe(150);
		expect(signalDelayMs(attempt, 0.999)).toBeLessThanOrEqual(4150);
	}
});

test("waits for the SFU double from 0.3 s to 5 s", () => {
	expect([0, 1, 2, 3, 9].map((attempt) => sfuDelayMs(attempt, 0.5))).toEqual([300, 600, 1200, 2400, 5000]);
	expect(sfuDelayMs(0, 0)).not.toBe(sfuDelayMs(0, 0.9));
});
