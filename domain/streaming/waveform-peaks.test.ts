import * as fc from "fast-check";
import { expect, test } from "vitest";
import { WaveformPeaks } from "./waveform-peaks.ts";

const RATE = 100;

test("each tenth of a second has its loudest sample of both sides", () => {
	const waveform = new WaveformPeaks(RATE);

	waveform.push(
		words([
			...Array.from({ length: 19 }, () => 0),
			-16_384,
			...Array.from({ length: 20 }, () => 3277),
			32_767,
		]),
	);

	expect(waveform.end()).toEqual([0.5, 0.1, 1]);
});

test("the loudest negative value is 1, not more", () => {
	const waveform = new WaveformPeaks(RATE);

	waveform.push(words([-32_768]));

	expect(waveform.end()).toEqual([1]);
});

test("it does not matter where the bytes are cut", () => {
	void fc.assert(
		fc.property(
			fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 300 }),
			fc.array(fc.nat(40)),
			(values, cuts) => {
				const bytes = words(values);
				const whole = new WaveformPeaks(RATE);
				whole.push(bytes);
				const pieces = new WaveformPeaks(RATE);
				let offset = 0;
				for (const length of cuts) {
					pieces.push(bytes.subarray(offset, offset + length));
					offset = Math.min(bytes.length, offset + length);
				}
				pieces.push(bytes.subarray(offset));

				expect(pieces.end()).toEqual(whole.end());
			},
		),
	);
});

function words(values: number[]): Uint8Array {
	return new Uint8Array(Int16Array.from(values).buffer);
}
