/** Less than this is not worth coming back to, ms. A goal of ours is to be within two seconds of where somebody stopped. */
const LEAST_MS = 2000;
/** Who has less than this before them has seen it: next time it begins at its start. A share of the length, ms within bounds. */
const REST = { share: 0.05, leastMs: 1000, mostMs: 60_000 };

/** Where to begin, ms: what the address says, else where the person stopped, else the start. */
export function resumePoint(where: {
	queryMs: number | null;
	savedMs: number | null;
	durationMs: number | null;
}): number {
	const { queryMs, savedMs, durationMs } = where;
	if (queryMs !== null) return durationMs === null ? queryMs : Math.min(queryMs, durationMs);
	if (savedMs === null || savedMs < LEAST_MS) return 0;
	return durationMs !== null && isThrough(savedMs, durationMs) ? 0 : savedMs;
}

function isThrough(positionMs: number, durationMs: number): boolean {
	const restMs = Math.min(REST.mostMs, Math.max(REST.leastMs, durationMs * REST.share));
	return positionMs > durationMs - restMs;
}
