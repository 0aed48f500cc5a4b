/** Everybody who was heard is silent for this long: the network is gone, or we have another address, ms. */
const SILENT_MS = 1000;
/** Waits between attempts to mend it: 3, 6, 12 … at most 30 s, until something comes again. */
const FIRST_WAIT_MS = 3000;
const LONGEST_WAIT_MS = 30_000;

/** Tells from when something was last received that nothing comes from anybody. Times in ms of a monotonic clock. */
export class SilenceWatch {
	#attempts = 0;
	#notBefore = 0;

	/** `lastAt`: for each who should be heard, when something last came. True when it is time to make the paths anew. */
	observe(lastAt: readonly number[], now: number): boolean {
		if (lastAt.length === 0) return false;
		if (now - Math.max(...lastAt) < SILENT_MS) {
			this.#attempts = 0;
			this.#notBefore = 0;
			return false;
		}
		if (now < this.#notBefore) return false;
		this.#notBefore = now + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempts);
		this.#attempts = Math.min(10, this.#attempts + 1);
		return true;
	}
}
