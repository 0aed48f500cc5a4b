import type { Downtrack } from "./downtrack.ts";

/**
 * How much a subscriber's connection carries, by the estimates (REMB) its browser sends. An estimate is only proof of congestion when
 * it lies below what is being sent: browsers cap it at one and a half times what arrives, so a low one while little is sent means
 * nothing. After a while without congestion more is tried again, each failure doubling the wait. Times in milliseconds.
 */
export class Downlink {
	#capBps = Number.POSITIVE_INFINITY;
	#congestedSince: number | null = null;
	#tryAgainAt = 0;
	#waitMs = FIRST_WAIT_MS;
	#raisedAt = 0;

	/** Bits per second that may be sent in all; infinite while nothing speaks against it. */
	get capBps(): number {
		return this.#capBps;
	}

	noteEstimate(estimateBps: number, sentBps: number, now: number): void {
		if (estimateBps >= sentBps * CONGESTED_SHARE) {
			this.#congestedSince = null;
			return;
		}
		this.#congestedSince ??= now;
		if (now - this.#congestedSince < CONGESTED_FOR_MS) return;
		const hasFailedTry = now - this.#raisedAt < TRY_LASTS_MS;
		this.#waitMs = hasFailedTry ? Math.min(this.#waitMs * 2, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
		this.#capBps = estimateBps;
		this.#tryAgainAt = now + this.#waitMs;
		this.#congestedSince = null;
	}

	/** Call about once a second. */
	tick(now: number): void {
		if (!Number.isFinite(this.#capBps) || now < this.#tryAgainAt || this.#congestedSince !== null) return;
		this.#capBps *= RAISE_FACTOR;
		if (this.#capBps > UNLIMITED_BPS) this.#capBps = Number.POSITIVE_INFINITY;
		this.#raisedAt = now;
		this.#tryAgainAt = now + this.#waitMs;
	}
}

/** Shares the cap equally among the tracks that let bandwidth choose, after the others have taken what they need. */
export function distribute(capBps: number, tracks: Iterable<Downtrack>, now: number): void {
	const following: Downtrack[] = [];
	let rest = capBps;
	for (const track of tracks) {
		if (track.followsBandwidth) following.push(track);
		else rest -= bitrateOf(track);
	}
	for (const track of following) track.setBudget(Math.max(0, rest / following.length), now);
}

/** What the tracks' present layers amount to. */
export function sentBitrate(tracks: Iterable<Downtrack>): number {
	let sum = 0;
	for (const track of tracks) sum += bitrateOf(track);
	return sum;
}

/** Estimates wander; below this share of what is sent they mean it. */
const CONGESTED_SHARE = 0.8;
const CONGESTED_FOR_MS = 1000;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;
/** Congestion within this time of a raise was caused by it. */
const TRY_LASTS_MS = 8_000;
const RAISE_FACTOR = 2;
const UNLIMITED_BPS = 50_000_000;

function bitrateOf(track: Downtrack): number {
	return track.current?.bitrateBps ?? 0;
}
