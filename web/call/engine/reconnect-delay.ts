import { fullJitterMs } from "../../shell/backoff.ts";

/**
 * Wait before attempt `attempt` (0 = the first) at the call's socket. Quick at first, because a place is kept for 15 s only;
 * with some chance in it, because everybody in the room loses the socket together.
 */
export function signalDelayMs(attempt: number, random = Math.random()): number {
	if (attempt === 0) return Math.round(random * 150);
	return 150 + fullJitterMs({ attempt: attempt - 1, baseMs: 500, capMs: 4000, random });
}

/** Waits between attempts at the SFU: 0.3, 0.6, 1.2 … at most 5 s, a little more or less. */
export function sfuDelayMs(attempt: number, random = Math.random()): number {
	const ceiling = Math.min(5000, 300 * 2 ** Math.min(attempt, 10));
	return Math.round(ceiling * (0.8 + 0.4 * random));
}
