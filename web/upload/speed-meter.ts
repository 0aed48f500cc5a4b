/** Samples older than this say nothing about now, ms. */
const WINDOW_MS = 8000;
/** With less than this between the first and the last sample a speed would be a guess, ms. */
const SHORTEST_MS = 1000;

/** How fast bytes go, over the last seconds. Pure: the caller brings the clock. */
export class SpeedMeter {
	#samples: { at: number; bytes: number }[] = [];

	/** Begins anew, as after a pause. */
	reset(): void {
		this.#samples = [];
	}

	/** `bytes`: sent so far, which may fall when a chunk has to go again; `now`: ms. */
	observe(bytes: number, now: number): void {
		const last = this.#samples[this.#samples.length - 1];
		// What fell was not sent after all: measure from there.
		if (last !== undefined && bytes < last.bytes) this.#samples = [];
		this.#samples.push({ at: now, bytes });
		// One sample at or before the window's edge stays, so that the whole window counts.
		while ((this.#samples[1]?.at ?? now) <= now - WINDOW_MS) this.#samples.shift();
	}

	/** Bytes a second; null while too little is known. */
	bytesPerSecond(now: number): number | null {
		const first = this.#samples[0];
		const last = this.#samples[this.#samples.length - 1];
		if (first === undefined || last === undefined || now - first.at < SHORTEST_MS) return null;
		return ((last.bytes - first.bytes) / (now - first.at)) * 1000;
	}
}

/** Time left, ms; null when nothing moves or nothing is known. */
export function timeLeftMs(remainingBytes: number, bytesPerSecond: number | null): number | null {
	if (remainingBytes <= 0) return 0;
	if (bytesPerSecond === null || bytesPerSecond <= 0) return null;
	return (remainingBytes / bytesPerSecond) * 1000;
}

/** `12 s left`, `5 min left`, `2 h 10 min left`: no more exact than it is known. */
export function formatTimeLeft(ms: number | null): string {
	if (ms === null) return "";
	const seconds = Math.ceil(ms / 1000);
	if (seconds < 60) return `${Math.max(1, seconds)} s left`;
	const minutes = Math.ceil(seconds / 60);
	if (minutes < 60) return `${minutes} min left`;
	const rest = minutes % 60;
	return `${Math.floor(minutes / 60)} h${rest === 0 ? "" : ` ${rest} min`} left`;
}

/** `640 kB`, `12.4 MB`, `3.2 GB`: powers of ten, as systems show them. */
export function formatBytes(bytes: number): string {
	if (bytes < 1000) return `${bytes} B`;
	const units = ["kB", "MB", "GB", "TB"];
	let value = bytes / 1000;
	let unit = 0;
	while (value >= 999.5 && unit < units.length - 1) {
		value /= 1000;
		unit += 1;
	}
	return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
