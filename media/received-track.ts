import { fromNtp, middleNtp, type ReportBlock, type RtcpMessage, type SenderReport } from "../webrtc/rtcp.ts";
import { type RtpPacket, unwrapRtx } from "../webrtc/rtp.ts";
import type { Depacketizer, Frame } from "./depacketizer.ts";
import type { VideoFormat } from "./feed-opening.ts";
import { H264Depacketizer } from "./h264-depacketizer.ts";
import { OpusDepacketizer } from "./opus-depacketizer.ts";
import type { ReceivedCodec, ReceivedLine } from "./sfu-answer.ts";
import type { SourceClock } from "./source-clock.ts";
import { type OrderedPacket, type TrackCounts, TrackReceiver } from "./track-receiver.ts";
import { Vp8Depacketizer } from "./vp8-depacketizer.ts";

/** A lost packet is waited for so long. On the SFU's network a repeated one is back in well under 100 ms; one lost on the publisher's way takes its round trip more. */
const HOLD_MS = 300;
/** Without retransmission only reordering is waited for. */
const HOLD_WITHOUT_NACK_MS = 60;
const KEYFRAME_AGAIN_MS = 400;

/** One subscribed track: from RTP packets to whole frames, with the feedback that its sender needs. Time is passed in. */
export class ReceivedTrack {
	readonly line: ReceivedLine;
	readonly #clock: SourceClock;
	readonly #receiver: TrackReceiver;
	#depacketizer: Depacketizer | null = null;
	#ssrc: number | null;
	#lastPacketAt: number | null = null;
	#askedForKeyframeAt = Number.NEGATIVE_INFINITY;
	#wantsKeyframe = false;

	constructor(line: ReceivedLine, clock: SourceClock) {
		this.line = line;
		this.#clock = clock;
		this.#ssrc = line.ssrc;
		this.#receiver = new TrackReceiver({
			clockRate: line.clockRate,
			hasNack: line.hasNack,
			holdMs: line.hasNack ? HOLD_MS : HOLD_WITHOUT_NACK_MS,
		});
	}

	get codec(): ReceivedCodec | null {
		return this.#depacketizer?.codec ?? null;
	}

	get counts(): TrackCounts {
		return this.#receiver.counts;
	}

	/** Milliseconds since 1970; null before the first packet. */
	get lastPacketAt(): number | null {
		return this.#lastPacketAt;
	}

	/** What an encoder must know; null for sound and before the first packet. */
	get videoFormat(): VideoFormat | null {
		const depacketizer = this.#depacketizer;
		if (depacketizer instanceof H264Depacketizer) {
			return { codec: "H264", configuration: depacketizer.configuration };
		}
		return depacketizer instanceof Vp8Depacketizer ? { codec: "VP8", configuration: null } : null;
	}

	/** Asks for a key frame until one comes. */
	requestKeyframe(): void {
		this.#wantsKeyframe = true;
	}

	/** Throws `CodecChangedError` if the publisher goes over to another codec. */
	receive(packet: RtpPacket, now: number): Frame[] {
		const original = this.line.retransmissions.get(packet.payloadType);
		if (original !== undefined) {
			if (this.#ssrc === null) return [];
			const recovered = unwrapRtx(packet, { ssrc: this.#ssrc, payloadType: original });
			return recovered === null ? [] : this.#frames(this.#receiver.receive(recovered, now, true));
		}
		if (!this.line.codecs.has(packet.payloadType)) return [];
		this.#ssrc = packet.ssrc;
		this.#lastPacketAt = now;
		this.#clock.arrived(this.line.kind, packet.timestamp, now);
		return this.#frames(this.#receiver.receive(packet, now));
	}

	/** Frames that need not wait any longer. Call every 10 ms or so. */
	poll(now: number): Frame[] {
		return this.#frames(this.#receiver.poll(now));
	}

	senderReported(report: SenderReport, now: number): void {
		this.#clock.reported(this.line.kind, { ntpAt: fromNtp(report), rtpTimestamp: report.rtpTimestamp });
		this.#receiver.senderReported(middleNtp(report), now);
	}

	/** Requests for lost packets and for a key frame that are due now. */
	feedback(senderSsrc: number, now: number): RtcpMessage[] {
		const mediaSsrc = this.#ssrc;
		if (mediaSsrc === null) return [];
		const messages: RtcpMessage[] = [];
		const sequenceNumbers = this.#receiver.nack(now);
		if (sequenceNumbers.length > 0) messages.push({ type: "nack", senderSsrc, mediaSsrc, sequenceNumbers });
		const needsKeyframe = this.#wantsKeyframe || (this.#depacketizer?.needsKeyframe ?? true);
		if (this.line.kind === "video" && needsKeyframe && now - this.#askedForKeyframeAt >= KEYFRAME_AGAIN_MS) {
			this.#askedForKeyframeAt = now;
			messages.push({ type: "picture-loss", senderSsrc, mediaSsrc });
		}
		return messages;
	}

	report(now: number): ReportBlock | null {
		return this.#ssrc === null ? null : this.#receiver.report(this.#ssrc, now);
	}

	#frames(ordered: OrderedPacket[]): Frame[] {
		return ordered.flatMap((one) => {
			const codec = this.line.codecs.get(one.packet.payloadType);
			if (codec === undefined) return [];
			this.#depacketizer ??= createDepacketizer(codec);
			if (this.#depacketizer.codec !== codec) throw new CodecChangedError(this.#depacketizer.codec, codec);
			const frames = this.#depacketizer.push(one);
			if (frames.some((frame) => frame.isKeyframe)) this.#wantsKeyframe = false;
			return frames;
		});
	}
}

/** The publisher went over to another codec in the middle of a track. */
export class CodecChangedError extends Error {
	constructor(from: string, to: string) {
		super(`the source changed from ${from} to ${to}`);
		this.name = "CodecChangedError";
	}
}

function createDepacketizer(codec: ReceivedCodec): Depacketizer {
	switch (codec) {
		case "VP8":
			return new Vp8Depacketizer();
		case "H264":
			return new H264Depacketizer();
		case "opus":
			return new OpusDepacketizer();
	}
}
