/** A player without a socket counts for so long after its last beacon (CONTRACT §7). */
const BEACON_MS = 45_000;
/** The number is told at most this often, and sooner when it has been quiet. */
const MIN_INTERVAL_MS = 5000;
const SETTLE_MS = 500;
/** Beacons remembered at most; the oldest go first. */
const MAX_BEACONS = 100_000;

/** Distinct viewer sessions: open sockets and players that sent a beacon lately. May be lost with a restart. */
export class WatcherCount {
	readonly #beacons = new Map<string, number>();
	#told = 0;
	#toldAt = Number.NEGATIVE_INFINITY;
	#isDue = false;

	beacon(viewerSessionID: string, isGone: boolean, now: number): void {
		this.#beacons.delete(viewerSessionID);
		if (isGone) return;
		this.#beacons.set(viewerSessionID, now);
		if (this.#beacons.size <= MAX_BEACONS) return;
		for (const oldest of this.#beacons.keys()) {
			this.#beacons.delete(oldest);
			break;
		}
	}

	count(sessions: Iterable<string>, now: number): number {
		const distinct = new Set(sessions);
		for (const [viewerSessionID, at] of this.#beacons) {
			if (now - at < BEACON_MS) distinct.add(viewerSessionID);
			else this.#beacons.delete(viewerSessionID);
		}
		return distinct.size;
	}

	/** In how many ms to count; null if that is under way. */
	dueIn(now: number): number | null {
		if (this.#isDue) return null;
		this.#isDue = true;
		return Math.max(SETTLE_MS, this.#toldAt + MIN_INTERVAL_MS - now);
	}

	/** The number if it differs from what was last told. */
	settle(sessions: Iterable<string>, now: number): { count: number } | null {
		this.#isDue = false;
		const count = this.count(sessions, now);
		if (count === this.#told) return null;
		this.#told = count;
		this.#toldAt = now;
		return { count };
	}
}
