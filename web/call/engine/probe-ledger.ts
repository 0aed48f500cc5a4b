/** A probe that has not come back by then is lost, ms. */
const LOST_AFTER_MS = 1000;
/** Probes that are judged together. */
const WINDOW = 10;
/** Slower than this a path is not good, ms: the SFU is hardly ever farther. */
const GOOD_ROUND_TRIP_MS = 500;

/** Small messages to and fro on a link's data channel: whether the path works while no media uses it. Times in ms of a monotonic clock. */
export class ProbeLedger {
	#next = 1;
	#sent: { number: number; at: number; roundTripMs: number | null }[] = [];

	/** Number of the probe to send now. */
	send(now: number): number {
		const number = this.#next;
		this.#next += 1;
		this.#sent.push({ number, at: now, roundTripMs: null });
		if (this.#sent.length > WINDOW) this.#sent.shift();
		return number;
	}

	echoed(number: number, now: number): void {
		const probe = this.#sent.find((one) => one.number === number);
		if (probe) probe.roundTripMs ??= now - probe.at;
	}

	/** The latest echo's round trip, or null. */
	get roundTripMs(): number | null {
		return this.#sent.findLast((one) => one.roundTripMs !== null)?.roundTripMs ?? null;
	}

	/** The latest probes have come back, and quickly. */
	isGood(now: number): boolean {
		const due = this.#sent.filter((one) => one.roundTripMs !== null || now - one.at > LOST_AFTER_MS);
		if (due.length === 0) return false;
		const lost = due.filter((one) => one.roundTripMs === null).length;
		const slow = due.filter((one) => one.roundTripMs !== null && one.roundTripMs > GOOD_ROUND_TRIP_MS).length;
		return lost + slow <= due.length / WINDOW && due.at(-1)?.roundTripMs !== null;
	}
}
