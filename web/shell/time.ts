/** `7:05` or `1:07:05`, from a duration in ms. */
export function formatClock(durationMs: number): string {
	const total = Math.max(0, Math.floor(durationMs / 1000));
	const seconds = String(total % 60).padStart(2, "0");
	const minutes = Math.floor(total / 60) % 60;
	const hours = Math.floor(total / 3600);
	return hours === 0 ? `${minutes}:${seconds}` : `${hours}:${String(minutes).padStart(2, "0")}:${seconds}`;
}

/** A delay as people compare it: `0.42 s`, `2.1 s`, `34 s`, `5:20`. */
export function formatDelay(delayMs: number): string {
	const ms = Math.max(0, delayMs);
	if (ms < 995) return `${(ms / 1000).toFixed(2)} s`;
	if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
	if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
	return formatClock(ms);
}

/** `just now`, `12 s ago`, `5 min ago`, `3 h ago`, `2 days ago`, and the date after a month. */
export function formatAgo(at: number, now: number): string {
	const seconds = Math.max(0, Math.round((now - at) / 1000));
	if (seconds < 5) return "just now";
	if (seconds < 60) return `${seconds} s ago`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
	if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
	if (seconds < 30 * 86_400) return plural(Math.floor(seconds / 86_400), "day", " ago");
	return new Date(at).toLocaleDateString(undefined, { dateStyle: "medium" });
}

/** `1 viewer`, `2 viewers`. */
export function plural(count: number, noun: string, after = ""): string {
	return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}${after}`;
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** `999`, `1.2K`, `3.4M`. */
export function formatCount(count: number): string {
	return compact.format(count);
}

/** The end of a ban or a wait, said so that it needs no arithmetic: `until 14:05` or `until 3 May 2027, 14:05`. */
export function formatUntil(at: number, now: number): string {
	const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
	const text = sameDay
		? new Date(at).toLocaleTimeString(undefined, { timeStyle: "short" })
		: new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
	return `until ${text}`;
}
