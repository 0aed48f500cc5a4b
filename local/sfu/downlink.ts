import type { Downtrack } from "./downtrack.ts";

/**
 * How much a subscriber's connection carries. Browsers send estimates (REMB) that creep up slowly from whatever arrives, so a low one
 * means nothing; but one that falls while it lies below what is sent, or heavy loss, is congestion. Twice within a few seconds is taken
 * seriously, and so is a deep fall: the estimate becomes the cap. After a while without, more is tried again; each failure doubles the wait,
 * success makes it short again. Times in milliseconds, rates in bits per second.
 */
export class Downlink {
	#capBps = Number.POSITIVE_INFINITY;
	#estimateBps = 0;
	#congestedAt = Number.NEGATIVE_INFINITY;
	#tryAgainAt = 0;
	#waitMs = FIRST_WAIT_MS;
	#raisedAt = Number.NEGATIVE_INFINITY;
	#failedAt = Number.NEGATIVE_INFINITY;
	#loweredAt = Number.NEGATIVE_INFINITY;

	/** What may be sent in all; infinite while nothing speaks against it. */
	get capBps(): number {
		return this.#capBps;
	}

	noteEstimate(estimateBps: number, sentBps: number, now: number): void {
		const hasFallen = estimateBps < this.#estimateBps * FALLEN_SHARE;
		this.#estimateBps = estimateBps;
		if (!hasFallen || estimateBps >= sentBps) return;
		this.#noteCongestion(estimateBps, estimateBps < sentBps * DEEP_SHARE, now);
	}

	/**
	 * `fractionLost` of a receiver report, in 1/256. A short queue that is full loses much and delays no more than before: then estimates even
	 * rise. Once the cap is lowered, reports speak of what was sent before for a while. What arrives is at least a share of the estimate.
	 */
	noteLoss(fractionLost: number, sentBps: number, now: number): void {
		if (fractionLost < HEAVY_LOSS || now - this.#loweredAt < LOSS_SETTLES_MS) return;
		const carriedBps = sentBps * (1 - fractionLost / 256) * AFTER_LOSS_SHARE;
		this.#noteCongestion(Math.max(carriedBps, this.#estimateBps * TRUSTED_SHARE), false, now);
	}

	/** Call about once a second. */
	tick(now: number): void {
		const hasHeld = this.#raisedAt > this.#congestedAt && now - this.#raisedAt > TRY_LASTS_MS;
		if (hasHeld && this.#waitMs > FIRST_WAIT_MS) {
			this.#waitMs = FIRST_WAIT_MS;
			this.#tryAgainAt = Math.min(this.#tryAgainAt, now + FIRST_WAIT_MS);
		}
		if (!Number.isFinite(this.#capBps) || now < this.#tryAgainAt) return;
		this.#capBps *= RAISE_FACTOR;
		if (this.#capBps > UNLIMITED_BPS) this.#capBps = Number.POSITIVE_INFINITY;
		this.#raisedAt = now;
		this.#tryAgainAt = now + this.#waitMs;
	}

	#noteCongestion(carriedBps: number, isCertain: boolean, now: number): void {
		const isSecond = now - this.#congestedAt < CONGESTION_LASTS_MS;
		this.#congestedAt = now;
		if (!isSecond && !isCertain) return;
		if (now - this.#raisedAt < TRY_LASTS_MS) {
			// Once for each try, however many falls show its failure.
			this.#raisedAt = Number.NEGATIVE_INFINITY;
			this.#failedAt = now;
			this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
		} else if (now - this.#failedAt > TRY_LASTS_MS) this.#waitMs = FIRST_WAIT_MS;
		this.#capBps = Math.min(this.#capBps, carriedBps);
		this.#loweredAt = now;
		this.#tryAgainAt = now + this.#waitMs;
	}
}

/**
 * Shares the cap among the tracks that let bandwidth choose, after the others have taken what they need: equally, except that what one does
 * not need goes to those that need more.
 */
export function distribute(capBps: number, tracks: readonly Downtrack[], now: number): void {
	const following: { track: Downtrack; neededBps: number }[] = [];
	let rest = capBps;
	for (const track of tracks) {
		if (track.followsBandwidth) following.push({ track, neededBps: track.neededBps(now) });
		else rest -= bitrateOf(track);
	}
	following.sort((one, other) => one.neededBps - other.neededBps);
	for (const [index, { track, neededBps }] of following.entries()) {
		const share = Math.max(0, rest / (following.length - index));
		track.setBudget(share, now);
		rest -= Math.min(share, neededBps * ROOM);
	}
}

/** What the tracks' present layers amount to. */
export function sentBitrate(tracks: Iterable<Downtrack>): number {
	let sum = 0;
	for (const track of tracks) sum += bitrateOf(track);
	return sum;
}

/** For the margin that the choice of a layer keeps. */
const ROOM = 1.2;
/** An estimator that sees overuse cuts to 85 % of what arrives; less than this is wandering. */
const FALLEN_SHARE = 0.95;
/** A fifth. Random loss of a bad radio link is usually less; there, sending less would not help. */
const HEAVY_LOSS = 51;
const AFTER_LOSS_SHARE = 0.85;
/** An estimate so far below what is sent is no accident. */
const DEEP_SHARE = 0.7;
/** Chromium lets its estimate grow to 1.5 times what arrives: so much of it arrives at least. */
const TRUSTED_SHARE = 0.6;
const LOSS_SETTLES_MS = 1_000;
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
