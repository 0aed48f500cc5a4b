/**
 * How long to wait before attempt `attempt` (0 = the first retry): anywhere between nothing and an exponentially growing cap.
 * "Full jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function fullJitterMs({
	attempt,
	baseMs,
	capMs,
	random,
}: {
	attempt: number;
	baseMs: number;
	capMs: number;
	/** 0 ≤ random < 1 */
	random: number;
}): number {
	const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
	return Math.round(random * ceiling);
}

/** Reconnecting sockets and media sessions of this client. Half a second first, at most 20 s. */
export function reconnectDelayMs(attempt: number, random = Math.random()): number {
	return 250 + fullJitterMs({ attempt, baseMs: 500, capMs: 20_000, random });
}

/** Waits; ends early, without an error, when `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal?.aborted) return resolve();
		const timer = setTimeout(done, ms);
		signal?.addEventListener("abort", done, { once: true });
		function done(): void {
			clearTimeout(timer);
			signal?.removeEventListener("abort", done);
			resolve();
		}
	});
}
