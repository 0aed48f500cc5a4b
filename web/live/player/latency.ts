/** Seconds from 1900 (NTP) to 1970 (Unix), RFC 5905 §6, in ms. */
const NTP_TO_UNIX_MS = 2_208_988_800_000;
/** A delay beyond this comes from clocks that disagree, not from the network. */
const CREDIBLE_MS = 60_000;

/** What a WebRTC receiver knows of its delay. Times in ms, as `RTCInboundRtpStreamStats` has them. */
export interface RealtimeTimes {
	/** `estimatedPlayoutTimestamp`: sender's NTP time of the frame on screen; absent before the first sender report. */
	estimatedPlayoutTimestamp: number | undefined;
	/** Time of the server (and, by its clock, of the sender) now. */
	serverNow: number;
	/** Round trip to the SFU, from the candidate pair; undefined before the first check. */
	roundTripMs: number | undefined;
	/** Mean time a frame spent in the jitter buffer and decoder lately. */
	bufferMs: number | undefined;
}

/** How far behind the camera a WebRTC picture is, ms; null while nothing is known. */
export function realtimeLatencyMs(times: RealtimeTimes): number | null {
	const { estimatedPlayoutTimestamp, serverNow, roundTripMs, bufferMs } = times;
	if (estimatedPlayoutTimestamp !== undefined) {
		const latencyMs = serverNow - (estimatedPlayoutTimestamp - NTP_TO_UNIX_MS);
		if (latencyMs > 0 && latencyMs < CREDIBLE_MS) return latencyMs;
	}
	if (roundTripMs === undefined && bufferMs === undefined) return null;
	// Without the sender's clock: half a round trip each way, publisher to SFU taken to be like SFU to us, and the buffer.
	return (roundTripMs ?? 0) + (bufferMs ?? 0);
}

/** How far behind the camera an HLS picture is: its EXT-X-PROGRAM-DATE-TIME against the server's clock; null without one. */
export function hlsLatencyMs(playingDate: number | null, serverNow: number): number | null {
	return playingDate === null || Number.isNaN(playingDate) ? null : Math.max(0, serverNow - playingDate);
}

/** Whether the viewer has fallen or gone back so far that "live" would be untrue. */
export function isBehind({
	behindMs,
	targetDurationMs,
}: {
	/** Distance from the place where the player would stand if it were live. */
	behindMs: number;
	targetDurationMs: number;
}): boolean {
	return behindMs > Math.max(4000, 2 * targetDurationMs);
}
