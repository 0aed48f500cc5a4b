import { expect, test } from "vitest";
import { compareReadings, readInbound } from "./inbound-stats.ts";

function report(second: number): [string, unknown][] {
	return [
		[
			"V",
			{
				type: "inbound-rtp",
				kind: "video",
				codecId: "CV",
				bytesReceived: 100_000 * second,
				packetsReceived: 100 * second,
				packetsLost: 2 * second,
				framesDecoded: 30 * second,
				jitterBufferDelay: 1.2 * second,
				jitterBufferEmittedCount: 30 * second,
				framesPerSecond: 30,
			},
		],
		[
			"A",
			{
				type: "inbound-rtp",
				kind: "audio",
				codecId: "CA",
				bytesReceived: 4_000 * second,
				packetsReceived: 50 * second,
				packetsLost: 0,
			},
		],
		["CV", { type: "codec", mimeType: "video/VP8" }],
		["CA", { type: "codec", mimeType: "audio/opus" }],
		["T", { type: "transport", selectedCandidatePairId: "P" }],
		["P", { type: "candidate-pair", currentRoundTripTime: 0.024 }],
	];
}

test("codecs, frames and the round trip of the selected pair are read", () => {
	const reading = readInbound(report(1), 1000);

	expect(reading).toMatchObject({
		videoCodec: "VP8",
		audioCodec: "opus",
		framesDecoded: 30,
		roundTripMs: 24,
	});
});

test("two readings give bitrate, loss and the time in the buffer of the second between them", () => {
	const between = compareReadings(readInbound(report(1), 1000), readInbound(report(2), 2000));

	expect(between.bitrateBps).toBe(832_000);
	expect(between.lossPercent).toBeCloseTo((100 * 2) / 152, 3);
	expect(between.latencyMs).toBeCloseTo(24 + 40, 3);
});

test("an empty report is no error", () => {
	const reading = readInbound([], 0);

	expect(compareReadings(null, reading)).toEqual({ bitrateBps: null, lossPercent: null, latencyMs: null });
});
