import { describe, expect, test } from "vitest";
import { hlsLatencyMs, isBehind, realtimeLatencyMs } from "./latency.ts";

const NTP_OFFSET_MS = 2_208_988_800_000;
const NOW = Date.UTC(2026, 10, 21, 12);

describe("the delay of WebRTC", () => {
	test("is now minus the time at which the frame on screen was captured", () => {
		const latency = realtimeLatencyMs({
			estimatedPlayoutTimestamp: NOW - 320 + NTP_OFFSET_MS,
			serverNow: NOW,
			roundTripMs: 10,
			bufferMs: 40,
		});

		expect(latency).toBe(320);
	});

	test("is estimated from the network when the sender's clock is wrong or unknown", () => {
		const guess = { serverNow: NOW, roundTripMs: 30, bufferMs: 50 };

		expect(realtimeLatencyMs({ ...guess, estimatedPlayoutTimestamp: undefined })).toBe(80);
		expect(realtimeLatencyMs({ ...guess, estimatedPlayoutTimestamp: NOW + 5000 + NTP_OFFSET_MS })).toBe(80);
		expect(realtimeLatencyMs({ ...guess, estimatedPlayoutTimestamp: 12345 })).toBe(80);
	});

	test("is unknown before anything was measured", () => {
		const latency = realtimeLatencyMs({
			estimatedPlayoutTimestamp: undefined,
			serverNow: NOW,
			roundTripMs: undefined,
			bufferMs: undefined,
		});

		expect(latency).toBeNull();
	});
});

describe("the delay of HLS", () => {
	test("is now minus the programme's date on screen", () => {
		expect(hlsLatencyMs(NOW - 1800, NOW)).toBe(1800);
	});

	test("is unknown without a date, and never negative", () => {
		expect(hlsLatencyMs(null, NOW)).toBeNull();
		expect(hlsLatencyMs(NOW + 400, NOW)).toBe(0);
	});
});

test("a viewer within two target durations of the edge is live", () => {
	expect(isBehind({ behindMs: 3900, targetDurationMs: 2000 })).toBe(false);
	expect(isBehind({ behindMs: 4100, targetDurationMs: 2000 })).toBe(true);
	expect(isBehind({ behindMs: 4100, targetDurationMs: 4000 })).toBe(false);
});
