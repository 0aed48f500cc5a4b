import { expect, test } from "vitest";
import { drawClock, readClock } from "./burned-clock.ts";

const TIMES = [0, 1, 1_763_712_000_123, 1_795_248_123_999, 2 ** 42 - 1];

test.each([
	{ width: 1280, height: 720 },
	{ width: 854, height: 480 },
	{ width: 320, height: 180 },
])("a time drawn at $width x $height is read again", ({ width, height }) => {
	for (const at of TIMES) {
		const picture = { samples: new Uint8Array(width * height).fill(120), width, height, pixelBytes: 1 };
		drawClock(picture, at);

		expect(readClock(picture)).toBe(at);
	}
});

test("a clock is read from a scaled, noisy picture of RGBA pixels", () => {
	const at = 1_763_712_000_123;
	const large = { samples: new Uint8Array(1280 * 720).fill(90), width: 1280, height: 720, pixelBytes: 1 };
	drawClock(large, at);

	const small = new Uint8ClampedArray(480 * 270 * 4);
	for (let y = 0; y < 270; y += 1) {
		for (let x = 0; x < 480; x += 1) {
			const source = large.samples[Math.floor((y * 720) / 270) * 1280 + Math.floor((x * 1280) / 480)] ?? 0;
			small[(y * 480 + x) * 4 + 1] = source + ((x * 7 + y * 13) % 31) - 15;
		}
	}

	expect(readClock({ samples: small, width: 480, height: 270, pixelBytes: 4 })).toBe(at);
});

test("a picture without a clock, and one with a square changed, give no time", () => {
	const picture = { samples: new Uint8Array(1280 * 720).fill(120), width: 1280, height: 720, pixelBytes: 1 };
	expect(readClock(picture)).toBeNull();

	drawClock(picture, 1_763_712_000_123);
	for (let y = 0; y < 40; y += 1) {
		const cell = Math.round((1280 / 26) * 20);
		for (let x = cell; x < cell + 49; x += 1) {
			const index = y * 1280 + x;
			picture.samples[index] = 251 - (picture.samples[index] ?? 0);
		}
	}
	expect(readClock(picture)).toBeNull();
});
