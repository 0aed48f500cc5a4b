/** Less than this is not worth coming back to, ms. */
const LEAST_MS = 10_000;
/** Who got so far has seen it: next time it begins at its start. */
const SEEN_SHARE = 0.95;

/** Where to begin, ms: what the address says, else where the person stopped, else the start. */
export function resumePoint(where: {
	queryMs: number | null;
	savedMs: number | null;
	durationMs: number | null;
}): number {
	const { queryMs, savedMs, durationMs } = where;
	if (queryMs !== null) return durationMs === null ? queryMs : Math.min(queryMs, durationMs);
	if (savedMs === null || savedMs < LEAST_MS) return 0;
	return durationMs !== null && savedMs > durationMs * SEEN_SHARE ? 0 : savedMs;
}
