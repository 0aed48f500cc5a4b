import type { SenderReport } from "../webrtc/rtcp.ts";
import { fromNtp, toNtp } from "../webrtc/rtcp.ts";
import { buildRtp, buildRtx, parseRtp, payloadOf } from "../webrtc/rtp.ts";
import type { OutgoingStream } from "./whip-offer.ts";

/** Packets kept for repeating: at 2.5 Mbit/s about 4 s of video. */
const HISTORY = 1_024;

/** One stream that is sent: numbers the encoder's packets as the session wants them, and repeats those that are asked for. Without I/O. */
export class OutgoingTrack {
	readonly stream: OutgoingStream;
	/** Totals since the start. */
	readonly counts = { packets: 0, bytes: 0, frames: 0, repeated: 0 };
	readonly #history = new Map<number, Buffer>();
	#rtxSequenceNumber = Math.floor(Math.random() * 0x8000);
	/** The encoder's clock: an RTP timestamp and the wall clock at it. */
	#clock: { rtpTimestamp: number; at: number } | null = null;
	#lastTimestamp = -1;

	constructor(stream: OutgoingStream) {
		this.stream = stream;
	}

	/** The encoder's packet as it goes out, or null if it is none. */
	send(original: Buffer): Buffer | null {
		const parsed = parseRtp(original);
		if (parsed === null) return null;
		const { stream } = this;
		const packet = buildRtp({
			marker: parsed.marker,
			payloadType: stream.payloadType,
			sequenceNumber: parsed.sequenceNumber,
			timestamp: parsed.timestamp,
			ssrc: stream.ssrc,
			payload: payloadOf(parsed),
			...(stream.midExtensionID === null
				? {}
				: { extensions: [{ id: stream.midExtensionID, value: Buffer.from(stream.mid) }] }),
		});
		this.counts.packets += 1;
		this.counts.bytes += packet.length;
		if (parsed.timestamp !== this.#lastTimestamp) this.counts.frames += 1;
		this.#lastTimestamp = parsed.timestamp;
		this.#history.set(parsed.sequenceNumber, packet);
		this.#history.delete((parsed.sequenceNumber - HISTORY) & 0xffff);
		return packet;
	}

	/** Repeats of lost packets, as far as they are still here. */
	repeat(sequenceNumbers: readonly number[]): Buffer[] {
		return sequenceNumbers.flatMap((sequenceNumber) => {
			const original = this.#history.get(sequenceNumber);
			if (original === undefined) return [];
			this.counts.repeated += 1;
			const { rtx } = this.stream;
			if (rtx === null) return [original];
			this.#rtxSequenceNumber += 1;
			return buildRtx(original, { ...rtx, sequenceNumber: this.#rtxSequenceNumber }) ?? [];
		});
	}

	/** The encoder's own report: how its timestamps relate to the wall clock. */
	calibrate(report: SenderReport): void {
		this.#clock = { rtpTimestamp: report.rtpTimestamp, at: fromNtp(report) };
	}

	/** Our report for now (RFC 3550 §6.4.1); null before the first packet and the encoder's first report. */
	report(now: number): SenderReport | null {
		if (this.#clock === null || this.counts.packets === 0) return null;
		const elapsedTicks = ((now - this.#clock.at) * this.stream.clockRate) / 1000;
		return {
			type: "sender-report",
			ssrc: this.stream.ssrc,
			...toNtp(now),
			rtpTimestamp: (this.#clock.rtpTimestamp + Math.round(elapsedTicks)) >>> 0,
			packetCount: this.counts.packets,
			octetCount: this.counts.bytes % 2 ** 32,
			reports: [],
		};
	}
}
