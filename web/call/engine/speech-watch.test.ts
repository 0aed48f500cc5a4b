import { expect, test } from "vitest";
import { SpeechWatch } from "./speech-watch.ts";

/** Times at which the room is told, for a level looked at every 50 ms. */
function told(level: (now: number) => number, untilMs: number, hasFloor = false): number[] {
	const watch = new SpeechWatch();
	const times: number[] = [];
	for (let now = 0; now <= untilMs; now += 50) if (watch.observe(level(now), now, hasFloor)) times.push(now);
	return times;
}

test("speech is told once it has lasted for a moment", () => {
	expect(told((now) => (now >= 1000 ? 0.4 : 0), 2000)).toEqual([1150]);
});

test("a knock is no speech", () => {
	expect(told((now) => (now % 1000 < 100 ? 0.9 : 0), 10_000)).toEqual([]);
});

test("while somebody else has the floor it is said again, but not more than every 2 s", () => {
	const times = told(() => 0.5, 10_000);

	expect(times.length).toBeGreaterThan(3);
	for (const [index, at] of times.entries()) {
		if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(2000);
	}
});

test("whoever has the floor says nothing", () => {
	expect(told(() => 0.5, 5000, true)).toEqual([]);
});
