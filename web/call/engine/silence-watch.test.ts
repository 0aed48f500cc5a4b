import { expect, test } from "vitest";
import { SilenceWatch } from "./silence-watch.ts";

test("one who is heard is enough", () => {
	const watch = new SilenceWatch();

	expect(watch.observe([0, 9900], 10_000)).toBe(false);
	expect(watch.observe([], 10_000)).toBe(false);
});

test("when nothing comes from anybody for a second the paths are made anew, and again with growing waits", () => {
	const watch = new SilenceWatch();
	const times: number[] = [];
	for (let now = 0; now < 60_000; now += 100) if (watch.observe([0, 50], now)) times.push(now);

	expect(times).toEqual([1100, 4100, 10_100, 22_100, 46_100]);
});

test("once something has come the waits are short again", () => {
	const watch = new SilenceWatch();
	for (let now = 0; now < 20_000; now += 100) watch.observe([0], now);
	watch.observe([20_000], 20_000);

	expect(watch.observe([20_000], 21_000)).toBe(true);
});
