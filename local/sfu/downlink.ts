import type { Downtrack } from "./downtrack.ts";

/**
 * How much a subscriber's connection carries. Browsers send estimates (REMB) that creep up slowly from whatever arrives, so a low one
 * means nothing; but one that falls while it lies below what is sent, or heavy loss, is congestion. Twice within a few seconds is taken
 * seriously: the estimate becomes the cap. After a while without, more is tried again; each failure doubles the wait. Times in
 * milliseconds, rates in bits per second.
 */
export class Downlink {
	#capBps = Number.POSITIVE_INFINITY;
	#estimateBps = 0;
	#congestedAt = Number.NEGATIVE_INFINITY;
	#tryAgainAt = 0;
	#waitMs = FIRST_WAIT_MS;
	#raisedAt = Number.NEGATIVE_INFINITY;

	/** What may be sent in all; infinite while nothing speaks against it. */
	get capBps(): number {
		return this.#capBps;
	}

	noteEstimate(estimateBps: number, sentBps: number, now: number): void {
		const hasFallen = estimateBps < this.#estimateBps * FALLEN_SHARE;
		this.#estimateBps = estimateBps;
		if (hasFallen && estimateBps < sentBps) this.#noteCongestion(estimateBps, now);
	}

	/** `fractionLost` of a receiver report, in 1/256. */
	noteLoss(fractionLost: number, sentBps: number, now: number): void {
		if (fractionLost < HEAVY_LOSS) return;
		this.#noteCongestion(sentBps * (1 - fractionLost / 256) * AFTER_LOSS_SHARE, now);
	}

	/** Call about once a second. */
	tick(now: number): void {
		if (!Number.isFinite(this.#capBps) || now < this.#tryAgainAt) return;
		this.#capBps *= RAISE_FACTOR;
		if (this.#capBps > UNLIMITED_BPS) this.#capBps = Number.POSITIVE_INFINITY;
		this.#raisedAt = now;
		this.#tryAgainAt = now + this.#waitMs;
	}

	#noteCongestion(carriedBps: number, now: number): void {
		const isSecond = now - this.#congestedAt < CONGESTION_LASTS_MS;
		this.#congestedAt = now;
		if (!isSecond) return;
		const hasFailedTry = now - this.#raisedAt < TRY_LASTS_MS;
		this.#waitMs = hasFailedTry ? Math.min(this.#waitMs * 2, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
		this.#capBps = Math.min(this.#capBps, carriedBps);
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

/** An estimator that sees overuse cuts to 85 % of what arrives; less than this is wandering. */
const FALLEN_SHARE = 0.95;
/** A fifth. Random loss of a bad radio link is usually less; there, sending less would not help. */
const HEAVY_LOSS = 51;
const AFTER_LOSS_SHARE = 0.85;
const CONGESTION_LASTS_MS = 5_000;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;
/** Congestion within this time of a raise was caused by it. */
const TRY_LASTS_MS = 8_000;
const RAISE_FACTOR = 2;
const UNLIMITED_BPS = 50_000_000;

function bitrateOf(track: Downtrack): number {
	return track.current?.bitrateBps ?? 0;
}
