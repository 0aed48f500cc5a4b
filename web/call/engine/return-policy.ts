/** A direct path has to be good for this long before it is used again, ms. */
const GOOD_FOR_MS = 10_000;
/** Waits after a return that did not last: 30, 60, 120 … s. */
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 16 * 60_000;
/** A return that held for this long was a good one, ms. */
const LASTING_MS = 60_000;

/** When an edge may go back to its direct path after that failed, so that it does not swing to and fro. */
export class ReturnPolicy {
	#goodSince: number | null = null;
	#notBefore = 0;
	#failures = 0;
	#returnedAt: number | null = null;

	/** The path is seen now and then while it is not in use; true when it is time to go back. */
	observe(isGood: boolean, now: number): boolean {
		if (!isGood) {
			this.#goodSince = null;
			return false;
		}
		this.#goodSince ??= now;
		return now >= this.#notBefore && now - this.#goodSince >= GOOD_FOR_MS;
	}

	/** The edge is on the direct path again. */
	returned(now: number): void {
		this.#returnedAt = now;
	}

	/** The direct path was left again. */
	left(now: number): void {
		const lastedMs = this.#returnedAt === null ? null : now - this.#returnedAt;
		this.#returnedAt = null;
		this.#goodSince = null;
		if (lastedMs === null) return;
		if (lastedMs >= LASTING_MS) this.#failures = 0;
		else this.returnFailed(now);
	}

	/** The way back did not come about, or did not last. */
	returnFailed(now: number): void {
		this.#goodSince = null;
		this.#notBefore = now + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(10, this.#failures));
		this.#failures += 1;
	}
}
