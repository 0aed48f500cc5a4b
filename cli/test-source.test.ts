import { expect, test } from "vitest";
import { readArguments, UsageError } from "./arguments.ts";
import { readClock } from "./burned-clock.ts";
import { backgroundPicture, drawFrame, flashRectangle, renderSound } from "./test-source.ts";

const FORMAT = { width: 640, height: 360, framesPerSecond: 30 };
const T = 1_763_712_000_000;

test("each frame tells its time, moves, and flashes at full seconds only", () => {
	const background = backgroundPicture(FORMAT);
	const frames = [0, 33, 99, 100, 500].map((ms, index) => drawFrame(FORMAT, background, index, T + ms));
	const { left, top } = flashRectangle(FORMAT);

	expect(frames.map((samples) => readClock({ ...FORMAT, samples, pixelBytes: 1 }))).toEqual(
		[0, 33, 99, 100, 500].map((ms) => T + ms),
	);
	expect(frames.map((frame) => frame[(top + 5) * 640 + left + 5])).toEqual([235, 235, 235, 16, 16]);
	expect(
		frames[0]
			?.subarray(200 * 640, 201 * 640)
			.equals(frames[1]?.subarray(200 * 640, 201 * 640) ?? Buffer.alloc(0)),
	).toBe(false);
});

test("sound is loud for a tenth of a second at full seconds, and seamless however it is cut", () => {
	const whole = renderSound(T - 500, 0, 48_000);
	const cut = Buffer.concat([renderSound(T - 500, 0, 777), renderSound(T - 500, 777, 48_000)]);
	const peak = (fromMs: number, toMs: number) => {
		const samples = Array.from({ length: (toMs - fromMs) * 48 }, (_, index) =>
			whole.readInt16LE((fromMs * 48 + index) * 2),
		);
		return Math.max(...samples);
	};

	expect(cut.equals(whole)).toBe(true);
	expect(peak(0, 499)).toBeLessThan(1_200);
	expect(peak(500, 600)).toBeGreaterThan(16_000);
	expect(peak(601, 1_000)).toBeLessThan(1_200);
});

test("the command line is read, the key also from the environment, and mistakes are explained", () => {
	const url = "http://127.0.0.1:8787/whip/ch_1";

	expect(
		readArguments(["go-live", "testsrc", "--url", url, "--key", "k", "--size", "641x360", "--json"], {}),
	).toMatchObject({
		source: "testsrc",
		url,
		key: "k",
		size: { width: 640, height: 360 },
		videoCodec: "h264",
		json: true,
	});
	expect(readArguments(["go-live", "a.mp4", "--url", url], { ROSTRUM_STREAM_KEY: "e" })?.key).toBe("e");
	expect(readArguments(["--help"], {})).toBeNull();
	expect(() => readArguments(["go-live", "a.mp4", "--url", url], {})).toThrow(UsageError);
	expect(() => readArguments(["go-live", "a.mp4", "--url", "ftp://x", "--key", "k"], {})).toThrow(UsageError);
	expect(() => readArguments(["go-live", "a.mp4", "--nonsense"], {})).toThrow(UsageError);
	expect(() => readArguments(["fly"], {})).toThrow(UsageError);
});
