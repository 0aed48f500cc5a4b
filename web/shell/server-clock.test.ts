import { describe, expect, test } from "vitest";
import { ServerClock } from "./server-clock.ts";

/** An answer of a server that is `aheadMs` ahead, asked at `sentAt` over a path of `roundTripMs`. */
function sample(aheadMs: number, sentAt: number, roundTripMs = 20) {
	const serverTime = sentAt + roundTripMs / 2 + aheadMs;
	return { sentAt, receivedAt: sentAt + roundTripMs, dateAt: Math.floor(serverTime / 1000) * 1000 };
}

describe("the server's clock", () => {
	test("is ours until an answer says otherwise", () => {
		const clock = new ServerClock();

		expect(clock.offsetMs).toBe(0);
	});

	test("stays ours while the cut-off seconds of the Date header allow it", () => {
		const clock = new ServerClock();

		for (const sentAt of [1_000_100, 1_001_930, 1_004_400]) clock.observe(sample(0, sentAt));

		expect(clock.offsetMs).toBe(0);
	});

	test("is found within 100 ms from answers at different parts of a second", () => {
		const clock = new ServerClock();

		for (let index = 0; index < 40; index += 1) clock.observe(sample(7_300, 1_000_000 + index * 1_037));

		expect(Math.abs(clock.offsetMs - 7_300)).toBeLessThan(100);
	});

	test("is estimated anew when answers contradict each other", () => {
		const clock = new ServerClock();
		clock.observe(sample(0, 1_000_000));

		clock.observe(sample(-60_000, 1_010_000));

		expect(Math.abs(clock.offsetMs + 60_000)).toBeLessThan(1_000);
	});
});
