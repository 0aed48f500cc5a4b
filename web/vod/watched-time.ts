/** Longer than this between two readings of the position is a jump, seconds. Browsers tell it four times a second; speed goes to 4. */
const LONGEST_STEP_SECONDS = 2;

/** How much of a work has really been shown: jumps do not count. */
export class WatchedTime {
	#last: number | null = null;
	#seconds = 0;

	/** The position now, seconds. Returns how many seconds have been shown. */
	at(position: number): number {
		const step = this.#last === null ? 0 : position - this.#last;
		this.#last = position;
		if (step > 0 && step <= LONGEST_STEP_SECONDS) this.#seconds += step;
		return this.#seconds;
	}
}
