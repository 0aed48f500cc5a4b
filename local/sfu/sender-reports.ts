import { fromNtp, middleNtp, type ReportBlock, type SenderReport, toNtp } from "../../webrtc/rtcp.ts";

/** A publisher's sender report, and when it came. */
export type PublisherClock = { report: Pick<SenderReport, "ntpSeconds" | "ntpFraction">; at: number };

/** What one stream tells its receiver in sender reports (RFC 3550 §6.4.1), and what the answers tell of the way there and back. */
export class SenderReports {
	#packetCount = 0;
	#octetCount = 0;
	#isFirstDue = false;
	#lastMiddle = -1;
	#lastSentAt = 0;
	#roundTripMs = 0;

	/** 0 until it is known. */
	get roundTripMs(): number {
		return this.#roundTripMs;
	}

	get hasSent(): boolean {
		return this.#packetCount > 0;
	}

	/** True from a start until the next report. */
	get isFirstDue(): boolean {
		return this.#isFirstDue && this.hasSent;
	}

	started(): void {
		this.#isFirstDue = true;
	}

	noteSent(octets: number): void {
		this.#packetCount += 1;
		this.#octetCount += octets;
	}

	/** The publisher's clock carried on to now. To be sent at once. */
	make(ssrc: number, rtpTimestamp: number, clock: PublisherClock, now: number): SenderReport {
		this.#isFirstDue = false;
		const time = toNtp(fromNtp(clock.report) + (now - clock.at));
		this.#lastMiddle = middleNtp(time);
		this.#lastSentAt = now;
		const octetCount = this.#octetCount >>> 0;
		return {
			type: "sender-report",
			ssrc,
			...time,
			rtpTimestamp,
			packetCount: this.#packetCount,
			octetCount,
			reports: [],
		};
	}

	/** RFC 3550 §6.4.1: the time since our report, less the time the receiver took. */
	noteAnswer(block: ReportBlock, now: number): void {
		if (block.lastSenderReport !== this.#lastMiddle) return;
		const heldMs = (block.delaySinceLastSenderReport * 1000) / 65_536;
		this.#roundTripMs = Math.max(0, now - this.#lastSentAt - heldMs);
	}
}
