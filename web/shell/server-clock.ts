/** One answer of the server: its `Date` header lies between `sentAt` and `receivedAt` of our clock. All in ms since 1970. */
export interface ClockSample {
	sentAt: number;
	receivedAt: number;
	/** The header's value; whole seconds, cut off (RFC 9110 §5.6.7). */
	dateAt: number;
}

/** The bounds are let go by this much before two samples are said to contradict each other. */
const SLACK_MS = 50;
const DATE_RESOLUTION_MS = 1000;

/**
 * How far the server's clock is ahead of ours. A `Date` header is cut to whole seconds, so one answer bounds the difference
 * to a second; several answers narrow it. While our own clock fits the bounds it is taken to be right.
 */
export class ServerClock {
	#low = Number.NEGATIVE_INFINITY;
	#high = Number.POSITIVE_INFINITY;

	/** Takes in one answer; contradicting ones (a clock was set) start the estimate anew. */
	observe(sample: ClockSample): void {
		const low = sample.dateAt - sample.receivedAt;
		const high = sample.dateAt + DATE_RESOLUTION_MS - sample.sentAt;
		const contradicts = low > this.#high + SLACK_MS || high < this.#low - SLACK_MS;
		this.#low = contradicts ? low : Math.max(this.#low, low);
		this.#high = contradicts ? high : Math.min(this.#high, high);
	}

	/** Milliseconds to add to our clock. */
	get offsetMs(): number {
		if (!Number.isFinite(this.#low) || (this.#low <= 0 && this.#high >= 0)) return 0;
		return (this.#low + this.#high) / 2;
	}

	/** The server's time when ours is `now`. */
	at(now: number): number {
		return now + this.offsetMs;
	}
}

/** The clock of the server this page came from, fed by every answer that no cache gave. */
export const serverClock = new ServerClock();
