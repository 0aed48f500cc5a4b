import { expect, test } from "vitest";
import { fullJitterMs, pause, reconnectDelayMs } from "./backoff.ts";

test("the wait grows with each attempt up to the cap", () => {
	const waits = [0, 1, 2, 3, 10, 1000].map((attempt) =>
		fullJitterMs({ attempt, baseMs: 500, capMs: 20_000, random: 1 }),
	);

	expect(waits).toEqual([500, 1000, 2000, 4000, 20_000, 20_000]);
});

test("chance spreads clients over the whole wait", () => {
	expect(fullJitterMs({ attempt: 3, baseMs: 500, capMs: 20_000, random: 0 })).toBe(0);
	expect(fullJitterMs({ attempt: 3, baseMs: 500, capMs: 20_000, random: 0.5 })).toBe(2000);
});

test("a reconnect never comes at once", () => {
	expect(reconnectDelayMs(0, 0)).toBeGreaterThanOrEqual(250);
});

test("a wait that is called off ends without waiting", async () => {
	const controller = new AbortController();
	const started = performance.now();

	const waiting = pause(60_000, controller.signal);
	controller.abort();
	await waiting;

	expect(performance.now() - started).toBeLessThan(1000);
});
