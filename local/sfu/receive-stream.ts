import { middleNtp, type ReportBlock, type SenderReport } from "../../webrtc/rtcp.ts";
import { sequenceDelta, timestampDelta } from "../../webrtc/rtp.ts";

/**
 * What is known of one incoming RTP stream (one SSRC): which packets came, which to ask for again, and what to report.
 * Pure: times in milliseconds are passed in.
 */
export class ReceiveStream {
	readonly ssrc: number;
	readonly #clockRate: number;
	/** Extended highest sequence number (RFC 3550 A.1); -1 before the first packet. */
	#highest = -1;
	#first = 0;
	#received = 0;
	/** The extended number of the packet seen at each place of the window, to tell duplicates. */
	readonly #seen = new Int32Array(WINDOW_PACKETS).fill(-1);
	readonly #missing = new Map<number, { dueAt: number; tries: number }>();
	#jitter = 0;
	#previousTransit: number | null = null;
	#expectedBefore = 0;
	#receivedBefore = 0;
	#senderReport: { report: SenderReport; at: number } | null = null;

	constructor(ssrc: number, clockRate: number) {
		this.ssrc = ssrc;
		this.#clockRate = clockRate;
	}

	/** The newest sender report and when it came, or null. */
	get senderReport(): { report: SenderReport; at: number } | null {
		return this.#senderReport;
	}

	get hasMissing(): boolean {
		return this.#missing.size > 0;
	}

	noteSenderReport(report: SenderReport, now: number): void {
		this.#senderReport = { report, at: now };
	}

	/**
	 * `reset`: the numbers jumped so far that a new stream must have begun under the same SSRC; `late`: filled a gap;
	 * `duplicate`: seen before, or too old to tell.
	 */
	accept(sequenceNumber: number, timestamp: number, now: number): "new" | "late" | "duplicate" | "reset" {
		if (this.#highest < 0) {
			this.#start(sequenceNumber);
			this.#mark(this.#highest);
			return "new";
		}
		const ahead = sequenceDelta(sequenceNumber, this.#highest & 0xffff);
		if (ahead > MAX_JUMP || ahead < -MAX_JUMP) {
			this.#start(sequenceNumber);
			this.#mark(this.#highest);
			return "reset";
		}
		const extended = this.#highest + ahead;
		if (ahead > 0) {
			this.#noteGap(ahead, now);
			this.#highest = extended;
			this.#mark(extended);
			this.#noteJitter(timestamp, now);
			return "new";
		}
		if (-ahead >= WINDOW_PACKETS || this.#seen[modulo(extended)] === extended) return "duplicate";
		this.#mark(extended);
		this.#missing.delete(sequenceNumber);
		return "late";
	}

	/** Sequence numbers to ask for now; each is asked for at growing distances, then given up. */
	dueNacks(now: number): number[] {
		const due: number[] = [];
		for (const [sequenceNumber, entry] of this.#missing) {
			if (entry.dueAt > now) continue;
			if (entry.tries >= MAX_NACKS) {
				this.#missing.delete(sequenceNumber);
				continue;
			}
			entry.tries += 1;
			entry.dueAt = now + NACK_REPEAT_MS * entry.tries;
			due.push(sequenceNumber);
		}
		return due;
	}

	/** RFC 3550 §6.4.1; resets the interval of `fractionLost`. */
	report(now: number): ReportBlock {
		const expected = this.#highest - this.#first + 1;
		const expectedNow = expected - this.#expectedBefore;
		const lostNow = expectedNow - (this.#received - this.#receivedBefore);
		this.#expectedBefore = expected;
		this.#receivedBefore = this.#received;
		const last = this.#senderReport;
		return {
			ssrc: this.ssrc,
			fractionLost:
				expectedNow <= 0 || lostNow <= 0 ? 0 : Math.min(255, Math.floor((lostNow * 256) / expectedNow)),
			cumulativeLost: expected - this.#received,
			highestSequenceNumber: this.#highest >>> 0,
			jitter: Math.round(this.#jitter) >>> 0,
			lastSenderReport: last === null ? 0 : middleNtp(last.report),
			delaySinceLastSenderReport: last === null ? 0 : Math.round(((now - last.at) * 65_536) / 1000) >>> 0,
		};
	}

	#start(sequenceNumber: number): void {
		this.#highest = sequenceNumber;
		this.#first = sequenceNumber;
		this.#received = 0;
		this.#expectedBefore = 0;
		this.#receivedBefore = 0;
		this.#missing.clear();
		this.#seen.fill(-1);
		this.#previousTransit = null;
	}

	#mark(extended: number): void {
		this.#seen[modulo(extended)] = extended;
		this.#received += 1;
	}

	#noteGap(ahead: number, now: number): void {
		if (ahead === 1) return;
		if (ahead > MAX_NACK_GAP) {
			this.#missing.clear();
			return;
		}
		for (let step = 1; step < ahead; step += 1) {
			this.#missing.set((this.#highest + step) & 0xffff, { dueAt: now + REORDER_MS, tries: 0 });
		}
	}

	/** RFC 3550 A.8. */
	#noteJitter(timestamp: number, now: number): void {
		const transit = ((now * this.#clockRate) / 1000 - timestamp) | 0;
		if (this.#previousTransit !== null) {
			const difference = Math.abs(timestampDelta(transit, this.#previousTransit));
			this.#jitter += (difference - this.#jitter) / 16;
		}
		this.#previousTransit = transit;
	}
}

/** How long a packet may be late before it counts as lost; on one machine reordering is shorter. */
export const REORDER_MS = 5;

const WINDOW_PACKETS = 1024;
/** A larger step is a restart of the sender (RFC 3550 A.1, MAX_DROPOUT). */
const MAX_JUMP = 3000;
/** Beyond this a key frame is cheaper than the packets. */
const MAX_NACK_GAP = 200;
const NACK_REPEAT_MS = 40;
const MAX_NACKS = 8;

function modulo(extended: number): number {
	return ((extended % WINDOW_PACKETS) + WINDOW_PACKETS) % WINDOW_PACKETS;
}
