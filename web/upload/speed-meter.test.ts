import { describe, expect, test } from "vitest";
import { formatBytes, formatTimeLeft, SpeedMeter, timeLeftMs } from "./speed-meter.ts";

describe("the speed", () => {
	test("is unknown until a second has been seen", () => {
		const meter = new SpeedMeter();
		meter.observe(0, 0);
		meter.observe(500, 500);

		expect(meter.bytesPerSecond(500)).toBeNull();
	});

	test("is the mean of the last eight seconds, not of the whole upload", () => {
		const meter = new SpeedMeter();
		for (let second = 0; second <= 20; second += 1) meter.observe(second * 1000, second * 1000);
		for (let second = 21; second <= 30; second += 1) {
			meter.observe(20_000 + (second - 20) * 100, second * 1000);
		}

		expect(meter.bytesPerSecond(30_000)).toBeCloseTo(100, 5);
	});

	test("falls while nothing comes", () => {
		const meter = new SpeedMeter();
		meter.observe(0, 0);
		meter.observe(4000, 2000);

		expect(meter.bytesPerSecond(4000)).toBe(1000);
	});

	test("is never negative when a chunk has to go again", () => {
		const meter = new SpeedMeter();
		meter.observe(0, 0);
		meter.observe(9000, 1000);
		meter.observe(1000, 2000);
		meter.observe(2000, 3000);

		expect(meter.bytesPerSecond(3000)).toBe(1000);
	});
});

describe("the time left", () => {
	test("is remaining bytes over speed", () => {
		expect(timeLeftMs(5000, 1000)).toBe(5000);
	});

	test("is unknown when nothing moves, and zero when nothing remains", () => {
		expect(timeLeftMs(5000, 0)).toBeNull();
		expect(timeLeftMs(5000, null)).toBeNull();
		expect(timeLeftMs(0, null)).toBe(0);
	});

	test.each([
		[null, ""],
		[200, "1 s left"],
		[59_000, "59 s left"],
		[61_000, "2 min left"],
		[3_600_000, "1 h left"],
		[7_800_000, "2 h 10 min left"],
	])("%s ms is said as %j", (ms, words) => {
		expect(formatTimeLeft(ms)).toBe(words);
	});
});

describe("sizes", () => {
	test.each([
		[0, "0 B"],
		[999, "999 B"],
		[640_000, "640 kB"],
		[12_400_000, "12.4 MB"],
		[999_900, "1.0 MB"],
		[3_200_000_000, "3.2 GB"],
	])("%d is said as %s", (bytes, words) => {
		expect(formatBytes(bytes)).toBe(words);
	});
});
