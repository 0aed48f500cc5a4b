import type { Certificate } from "../webrtc/certificate.ts";
import { buildRtcp, parseRtcp, type RtcpMessage, type SenderReport } from "../webrtc/rtcp.ts";
import { isRtcp } from "../webrtc/rtp.ts";
import { type MediaTransport, openTransport, type RemoteTransport } from "../webrtc/transport.ts";
import { OutgoingTrack } from "./outgoing-track.ts";
import type { TrackKind, VideoCodec } from "./rtp-encoder.ts";
import { CNAME, type OutgoingStream, readAnswer, writeOffer } from "./whip-offer.ts";

export type PublisherCounts = {
	packets: number;
	bytes: number;
	frames: number;
	repeated: number;
	keyframesAsked: number;
	/** As the server reports it for the video, 0 to 1. */
	lossShare: number;
};

const REPORT_MS = 1_000;
/** The server reports every second; without a word for so long the way to it is cut. */
const SILENCE_MS = 4_000;
const OPEN_WITHIN_MS = 10_000;

/** One WebRTC session that sends: from the offer to the end of the connection. For a new attempt make a new one. */
export class Publisher {
	readonly offerSdp: string;
	readonly #offered: OutgoingStream[];
	readonly #transport: MediaTransport;
	readonly #tracks = new Map<TrackKind, OutgoingTrack>();
	readonly #reports = new Map<TrackKind, SenderReport>();
	#timer: NodeJS.Timeout | null = null;
	#lastHeardAt = 0;
	#keyframesAsked = 0;
	#lossShare = 0;

	constructor(options: { kinds: TrackKind[]; videoCodec: VideoCodec; certificate: Certificate }) {
		this.#transport = openTransport({ certificate: options.certificate, udp: {} });
		const { sdp, streams } = writeOffer(options.kinds, options.videoCodec, this.#transport.local);
		this.offerSdp = sdp;
		this.#offered = streams;
	}

	get counts(): PublisherCounts {
		const sums = { packets: 0, bytes: 0, frames: 0, repeated: 0 };
		for (const [kind, { counts }] of this.#tracks) {
			sums.packets += counts.packets;
			sums.bytes += counts.bytes;
			sums.repeated += counts.repeated;
			if (kind === "video") sums.frames += counts.frames;
		}
		return { ...sums, keyframesAsked: this.#keyframesAsked, lossShare: this.#lossShare };
	}

	/** Connects; resolves when packets flow. Throws `SdpError`, or Error if there is no connection within 10 s. */
	async connect(answerSdp: string): Promise<void> {
		const { streams, remote } = readAnswer(answerSdp, this.#offered);
		for (const stream of streams) this.#tracks.set(stream.kind, new OutgoingTrack(stream));
		for (const [kind, report] of this.#reports) this.#tracks.get(kind)?.calibrate(report);
		await this.#open(remote);
		this.#lastHeardAt = Date.now();
		this.#timer = setInterval(() => this.#sendReports(Date.now()), REPORT_MS);
	}

	/** Resolves with the reason when the connection is lost. Call after `connect`. */
	lost(): Promise<string> {
		return new Promise((resolve) => {
			this.#transport.onClose(() => resolve("the connection ended"));
			const watch = setInterval(() => {
				if (Date.now() - this.#lastHeardAt < SILENCE_MS) return;
				clearInterval(watch);
				resolve("the server went silent");
			}, 500);
			watch.unref();
		});
	}

	packet(kind: TrackKind, packet: Buffer): void {
		if (!this.#transport.isOpen) return;
		const track = this.#tracks.get(kind);
		const outgoing = track?.send(packet) ?? null;
		if (track === undefined || outgoing === null) return;
		this.#transport.sendPacket(outgoing);
		// The first report at once: until receivers have it, they cannot bring sound and picture together.
		if (track.counts.packets === 1) this.#sendReport(track, Date.now());
	}

	/** The encoder's report; may come before the connection. */
	calibrate(kind: TrackKind, report: SenderReport): void {
		this.#reports.set(kind, report);
		this.#tracks.get(kind)?.calibrate(report);
	}

	close(): void {
		if (this.#timer !== null) clearInterval(this.#timer);
		const ssrcs = [...this.#tracks.values()].map((track) => track.stream.ssrc);
		if (ssrcs.length > 0) this.#transport.sendPacket(buildRtcp([{ type: "goodbye", ssrcs }]));
		this.#transport.close();
	}

	#open(remote: RemoteTransport): Promise<void> {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(new Error("no connection within 10 s")), OPEN_WITHIN_MS);
			this.#transport.onPacket((bytes) => this.#feedback(bytes));
			this.#transport.onClose(() => reject(new Error("the connection was refused")));
			this.#transport.onOpen(() => {
				clearTimeout(timer);
				resolve();
			});
			this.#transport.start(remote);
		});
	}

	#feedback(bytes: Buffer): void {
		this.#lastHeardAt = Date.now();
		if (!isRtcp(bytes)) return;
		for (const message of parseRtcp(bytes)) this.#react(message);
	}

	#react(message: RtcpMessage): void {
		switch (message.type) {
			case "nack": {
				const track = this.#trackOf(message.mediaSsrc);
				for (const packet of track?.repeat(message.sequenceNumbers) ?? []) this.#transport.sendPacket(packet);
				return;
			}
			case "picture-loss":
			case "full-intra-request":
				// The encoder makes one every second anyway; ffmpeg cannot be asked.
				this.#keyframesAsked += 1;
				return;
			case "receiver-report":
			case "sender-report":
				for (const report of message.reports) {
					if (this.#trackOf(report.ssrc)?.stream.kind === "video")
						this.#lossShare = report.fractionLost / 256;
				}
				return;
			case "source-description":
			case "goodbye":
			case "bitrate-estimate":
			case "transport-feedback":
				return;
		}
	}

	#sendReports(now: number): void {
		for (const track of this.#tracks.values()) this.#sendReport(track, now);
	}

	#sendReport(track: OutgoingTrack, now: number): void {
		const report = track.report(now);
		if (report === null) return;
		const chunks = [{ ssrc: report.ssrc, cname: CNAME }];
		this.#transport.sendPacket(buildRtcp([report, { type: "source-description", chunks }]));
	}

	#trackOf(ssrc: number): OutgoingTrack | undefined {
		return [...this.#tracks.values()].find((track) => track.stream.ssrc === ssrc);
	}
}
