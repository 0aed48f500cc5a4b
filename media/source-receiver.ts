import { buildRtcp, parseRtcp, type RtcpMessage } from "../webrtc/rtcp.ts";
import { isRtcp, parseRtp, type RtpPacket, readExtension } from "../webrtc/rtp.ts";
import type { Frame } from "./depacketizer.ts";
import { ReceivedTrack } from "./received-track.ts";
import type { ReceivedLine } from "./sfu-answer.ts";
import type { SourceClock, TrackKind } from "./source-clock.ts";

/** Told to the SFU: it is next to us, and its own choice of layer must not fall below the best. */
const ESTIMATE_BPS = 20_000_000;
const REPORT_MS = 1_000;
/** Our own SSRC in feedback; we send no media, so nothing can clash with it. */
const OWN_SSRC = 1;

/**
 * All tracks of one association with the SFU: sorts packets, collects frames, and writes feedback. Without I/O: `send` passes packets on,
 * `now` is passed in. Call `tick` every 10 ms.
 */
export class SourceReceiver {
	readonly #clock: SourceClock;
	readonly #send: (packet: Buffer) => void;
	readonly #onFrame: (kind: TrackKind, frame: Frame) => void;
	readonly #byMid = new Map<string, ReceivedTrack>();
	readonly #bySsrc = new Map<number, ReceivedTrack>();
	#midExtensionID: number | null = null;
	#lastReportAt = 0;

	constructor(options: {
		clock: SourceClock;
		send: (packet: Buffer) => void;
		onFrame: (kind: TrackKind, frame: Frame) => void;
	}) {
		this.#clock = options.clock;
		this.#send = options.send;
		this.#onFrame = options.onFrame;
	}

	get tracks(): ReceivedTrack[] {
		return [...this.#byMid.values()];
	}

	/** Takes over what was negotiated; lines that are known stay as they are. */
	negotiated(lines: ReceivedLine[], midExtensionID: number | null): void {
		this.#midExtensionID = midExtensionID;
		for (const line of lines) {
			if (this.#byMid.has(line.mid)) continue;
			const track = new ReceivedTrack(line, this.#clock);
			this.#byMid.set(line.mid, track);
			for (const ssrc of [line.ssrc, line.rtxSsrc]) {
				if (ssrc !== null) this.#bySsrc.set(ssrc, track);
			}
		}
	}

	/** An RTP or RTCP packet from the SFU. */
	packet(bytes: Buffer, now: number): void {
		if (isRtcp(bytes)) {
			for (const message of parseRtcp(bytes)) {
				if (message.type === "sender-report") this.#bySsrc.get(message.ssrc)?.senderReported(message, now);
			}
			return;
		}
		const packet = parseRtp(bytes);
		const track = packet === null ? null : this.#trackOf(packet);
		if (packet === null || track === null) return;
		this.#deliver(track, track.receive(packet, now));
	}

	tick(now: number): void {
		const messages: RtcpMessage[] = [];
		for (const track of this.tracks) {
			this.#deliver(track, track.poll(now));
			messages.push(...track.feedback(OWN_SSRC, now));
		}
		if (now - this.#lastReportAt >= REPORT_MS) {
			this.#lastReportAt = now;
			messages.unshift(...this.#reports(now));
		}
		if (messages.length > 0) this.#send(buildRtcp(messages));
	}

	#deliver(track: ReceivedTrack, frames: Frame[]): void {
		for (const frame of frames) this.#onFrame(track.line.kind, frame);
	}

	#reports(now: number): RtcpMessage[] {
		const reports = this.tracks.flatMap((track) => track.report(now) ?? []);
		if (reports.length === 0) return [];
		const ssrcs = this.tracks.flatMap((track) =>
			track.line.hasEstimate && track.line.ssrc ? [track.line.ssrc] : [],
		);
		return [
			{ type: "receiver-report", ssrc: OWN_SSRC, reports },
			...(ssrcs.length === 0
				? []
				: [{ type: "bitrate-estimate" as const, senderSsrc: OWN_SSRC, bitrateBps: ESTIMATE_BPS, ssrcs }]),
		];
	}

	/** By SSRC; one not seen before by its mid extension (RFC 9143 §9.2), else by a payload type that only one line has. */
	#trackOf(packet: RtpPacket): ReceivedTrack | null {
		const known = this.#bySsrc.get(packet.ssrc);
		if (known !== undefined) return known;
		const mid = this.#midExtensionID === null ? null : readExtension(packet, this.#midExtensionID);
		const track =
			(mid === null ? undefined : this.#byMid.get(mid.toString("latin1"))) ?? this.#onlyTrackWith(packet);
		if (track === undefined) return null;
		this.#bySsrc.set(packet.ssrc, track);
		return track;
	}

	#onlyTrackWith({ payloadType }: RtpPacket): ReceivedTrack | undefined {
		const tracks = this.tracks.filter(
			({ line }) => line.codecs.has(payloadType) || line.retransmissions.has(payloadType),
		);
		return tracks.length === 1 ? tracks[0] : undefined;
	}
}
