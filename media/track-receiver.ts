import type { ReportBlock } from "../webrtc/rtcp.ts";
import { type RtpPacket, sequenceDelta } from "../webrtc/rtp.ts";

/** A packet in its order. `afterGap`: at least one packet before it is lost for good. */
export type OrderedPacket = { packet: RtpPacket; arrivedAt: number; afterGap: boolean };

export type TrackReceiverSettings = {
	clockRate: number;
	/** How long a missing packet is waited for. It costs latency only when one is missing. */
	holdMs: number;
	/** The sender repeats packets on request (`a=rtcp-fb nack`). */
	hasNack: boolean;
};

export type TrackCounts = { receivedPackets: number; lostPackets: number; bytes: number };

/** Reordering on one host stays below this; measured: 5 ms before the first request gives no needless ones. */
const NACK_AFTER_MS = 5;
const NACK_AGAIN_MS = 40;
const NACK_TRIES = 8;
/** A jump further than this is a new sequence, not loss (RFC 3550 §A.1 MAX_DROPOUT). */
const MAX_DROPOUT = 3000;
const MAX_MISSING = 512;

/**
 * Puts one RTP stream's packets into order and says which to ask for again. Give recovered packets (RTX, unwrapped) to `receive` too.
 * Time is passed in, in milliseconds.
 */
export class TrackReceiver {
	readonly #settings: TrackReceiverSettings;
	readonly #held = new Map<number, { packet: RtpPacket; arrivedAt: number }>();
	readonly #missing = new Map<number, { since: number; askedAt: number; tries: number }>();
	/** Extended sequence numbers (RFC 3550 §A.1): they do not wrap. */
	#next = 0;
	#highest = -1;
	#afterGap = false;
	#base = 0;
	#direct = 0;
	#jitter = 0;
	#lastTransit = 0;
	#lastReport = { expected: 0, received: 0 };
	#lastSenderReport = { middleNtp: 0, at: 0 };
	readonly #counts: TrackCounts = { receivedPackets: 0, lostPackets: 0, bytes: 0 };

	constructor(settings: TrackReceiverSettings) {
		this.#settings = settings;
	}

	/** Totals since the start; lost ones are those that were given up. */
	get counts(): TrackCounts {
		return { ...this.#counts };
	}

	/** Takes a packet; returns what is now in order. */
	receive(packet: RtpPacket, now: number, isRecovered = false): OrderedPacket[] {
		const number = this.#extend(packet.sequenceNumber);
		if (number < this.#next || this.#held.has(number)) return [];
		this.#counts.receivedPackets += 1;
		this.#counts.bytes += packet.buffer.length;
		if (!isRecovered) this.#measure(packet, now);
		this.#missing.delete(number);
		for (let missing = this.#highest + 1; missing < number; missing += 1) {
			this.#missing.set(missing, { since: now, askedAt: 0, tries: 0 });
		}
		this.#highest = Math.max(this.#highest, number);
		this.#held.set(number, { packet, arrivedAt: now });
		return this.#release(now);
	}

	/** Packets that need not wait any longer, because the one before them is given up. Call every 10 ms or so. */
	poll(now: number): OrderedPacket[] {
		return this.#held.size === 0 ? [] : this.#release(now);
	}

	/** Sequence numbers to request now (RFC 4585 §6.2.1). */
	nack(now: number): number[] {
		if (!this.#settings.hasNack) return [];
		const numbers: number[] = [];
		for (const [number, missing] of this.#missing) {
			const dueAt =
				missing.tries === 0 ? missing.since + NACK_AFTER_MS : missing.askedAt + NACK_AGAIN_MS * missing.tries;
			if (now < dueAt || missing.tries >= NACK_TRIES) continue;
			missing.tries += 1;
			missing.askedAt = now;
			numbers.push(number & 0xffff);
		}
		return numbers;
	}

	/** A sender report arrived; `middleNtp` as report blocks quote it. */
	senderReported(middleNtp: number, now: number): void {
		this.#lastSenderReport = { middleNtp, at: now };
	}

	/** Reception since the last call, for a receiver report (RFC 3550 §6.4.1); null before the first packet. */
	report(ssrc: number, now: number): ReportBlock | null {
		if (this.#highest < 0) return null;
		const expected = this.#highest - this.#base + 1;
		const expectedNow = expected - this.#lastReport.expected;
		const lostNow = expectedNow - (this.#direct - this.#lastReport.received);
		this.#lastReport = { expected, received: this.#direct };
		const { middleNtp, at } = this.#lastSenderReport;
		return {
			ssrc,
			fractionLost:
				expectedNow <= 0 || lostNow <= 0 ? 0 : Math.min(255, Math.floor((lostNow * 256) / expectedNow)),
			cumulativeLost: expected - this.#direct,
			highestSequenceNumber: this.#highest >>> 0,
			jitter: Math.floor(this.#jitter),
			lastSenderReport: middleNtp,
			delaySinceLastSenderReport: middleNtp === 0 ? 0 : Math.round((now - at) * 65.536),
		};
	}

	#extend(sequenceNumber: number): number {
		if (this.#highest < 0) return this.#restart(sequenceNumber + 0x1_0000);
		const delta = sequenceDelta(sequenceNumber, this.#highest & 0xffff);
		if (Math.abs(delta) <= MAX_DROPOUT) return this.#highest + delta;
		return this.#restart(this.#highest + 0x2_0000 - (this.#highest & 0xffff) + sequenceNumber);
	}

	#restart(number: number): number {
		this.#afterGap = this.#highest >= 0;
		this.#held.clear();
		this.#missing.clear();
		this.#next = number;
		this.#highest = number - 1;
		this.#base = number;
		this.#direct = 0;
		this.#lastReport = { expected: 0, received: 0 };
		return number;
	}

	#release(now: number): OrderedPacket[] {
		const ordered: OrderedPacket[] = [];
		for (;;) {
			const held = this.#held.get(this.#next);
			if (held !== undefined) {
				this.#held.delete(this.#next);
				this.#next += 1;
				ordered.push({ ...held, afterGap: this.#afterGap });
				this.#afterGap = false;
			} else if (this.#held.size === 0 || !this.#givesUp(now)) {
				return ordered;
			}
		}
	}

	/** Steps over the missing packet if its time is up. */
	#givesUp(now: number): boolean {
		const missing = this.#missing.get(this.#next);
		const isOver = missing === undefined || now - missing.since >= this.#settings.holdMs;
		if (!isOver && this.#missing.size <= MAX_MISSING) return false;
		this.#missing.delete(this.#next);
		this.#next += 1;
		this.#counts.lostPackets += 1;
		this.#afterGap = true;
		return true;
	}

	/** Interarrival jitter, RFC 3550 §A.8. */
	#measure(packet: RtpPacket, now: number): void {
		const transit = (now * this.#settings.clockRate) / 1000 - packet.timestamp;
		const difference = Math.abs(transit - this.#lastTransit);
		this.#lastTransit = transit;
		this.#direct += 1;
		// A wrapped timestamp or the first packet would be a difference of hours.
		if (difference < this.#settings.clockRate * 10) this.#jitter += (difference - this.#jitter) / 16;
	}
}
