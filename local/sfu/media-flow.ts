import { randomBytes } from "node:crypto";
import { buildRtcp, parseRtcp, type ReportBlock, type RtcpMessage } from "../../webrtc/rtcp.ts";
import { isRtcp, parseRtp, type RtpPacket, readExtension } from "../../webrtc/rtp.ts";
import { type Arrival, summarizeArrivals } from "../../webrtc/transport-feedback.ts";
import type { Demultiplexer } from "./demultiplexer.ts";
import { Downlink, distribute, sentBitrate } from "./downlink.ts";
import type { Downtrack } from "./downtrack.ts";
import { TRANSPORT_CC_URI } from "./header-extensions.ts";
import type { Layer } from "./layer.ts";
import { clientMayReceive, type MediaLine } from "./media-line.ts";
import { Pacer, type Urgency } from "./pacer.ts";
import { REORDER_MS } from "./receive-stream.ts";
import type { Uptrack } from "./uptrack.ts";

export type MediaFlowOptions = {
	lines: readonly MediaLine[];
	demultiplexer: Demultiplexer;
	send: (packet: Buffer) => boolean;
	/** Told to publishers as what they may send (REMB), bits per second. */
	uplinkCapBps: number;
	/** Send transport-wide feedback instead; for machines that are not busy. */
	usesTransportCc: boolean;
};

/** RTP and RTCP of one session, both ways: packets to tracks, feedback to where it belongs, reports in time. */
export class MediaFlow {
	readonly #options: MediaFlowOptions;
	readonly #downlink = new Downlink();
	readonly #pacer: Pacer;
	readonly #ssrc = randomBytes(4).readUInt32BE();
	#arrivals: Arrival[] = [];
	#feedbackCount = 0;
	#nackTimer: NodeJS.Timeout | null = null;
	#feedbackTimer: NodeJS.Timeout | null = null;
	#reportedAt = 0;
	#isClosed = false;

	constructor(options: MediaFlowOptions) {
		this.#options = options;
		this.#pacer = new Pacer(options.send);
	}

	receive(packet: Buffer, now: number): void {
		if (this.#isClosed) return;
		if (isRtcp(packet)) {
			for (const message of parseRtcp(packet)) this.#handleRtcp(message, now);
			return;
		}
		const rtp = parseRtp(packet);
		if (rtp === null) return;
		const route = this.#options.demultiplexer.route(rtp);
		if (route === null) return;
		if (this.#options.usesTransportCc) this.#noteArrival(rtp, route.track);
		if (route.isRtx) {
			route.track.receiveRtx(rtp, route.layer, now);
			return;
		}
		if (rtp.payloadType !== route.track.codec.main.payloadType) return;
		route.track.receive(rtp, route.layer, now);
		if (route.layer.stream.hasMissing) this.#scheduleNacks(REORDER_MS);
	}

	/** Packets can be sent now, for the first time or over a new transport: subscribers' tracks begin with a key frame. */
	opened(now: number): void {
		for (const { down, clientDirection } of this.#options.lines) {
			down?.deactivate();
			if (clientMayReceive(clientDirection)) down?.activate(now);
		}
		this.#sendReports(now);
	}

	askForKeyframe(mediaSsrc: number): void {
		this.#send([{ type: "picture-loss", senderSsrc: this.#ssrc, mediaSsrc }]);
	}

	/** What a subscriber's track sends; held back a little while the way is narrow. */
	sendPaced(packet: Buffer, urgency: Urgency, sendTimeID: number | null, now: number): boolean {
		return !this.#isClosed && this.#pacer.send(packet, urgency, sendTimeID, now);
	}

	/** Call ten times a second. */
	tick(now: number): void {
		for (const track of this.#uptracks()) track.checkLayers(now);
		for (const track of this.#downtracks()) {
			track.pursueSwitch(now);
			if (track.needsFirstReport) this.#sendSenderReport(track, now);
		}
		if (now - this.#reportedAt >= REPORT_INTERVAL_MS) this.#sendReports(now);
	}

	close(): void {
		this.#isClosed = true;
		this.#pacer.close();
		if (this.#nackTimer !== null) clearTimeout(this.#nackTimer);
		if (this.#feedbackTimer !== null) clearTimeout(this.#feedbackTimer);
	}

	#handleRtcp(message: RtcpMessage, now: number): void {
		switch (message.type) {
			case "sender-report":
				this.#options.demultiplexer.find(message.ssrc)?.layer.stream.noteSenderReport(message, now);
				return;
			case "nack":
				this.#findDowntrack(message.mediaSsrc)?.resend(message.sequenceNumbers, now);
				return;
			case "picture-loss":
				this.#findDowntrack(message.mediaSsrc)?.requestKeyframe(now);
				return;
			case "full-intra-request":
				for (const { ssrc } of message.entries) this.#findDowntrack(ssrc)?.requestKeyframe(now);
				return;
			case "bitrate-estimate":
				this.#noteEstimate(message.bitrateBps, now);
				return;
			case "goodbye":
				for (const ssrc of message.ssrcs) this.#options.demultiplexer.find(ssrc)?.layer.noteEnd();
				return;
			case "receiver-report":
				for (const block of message.reports) this.#noteReport(block, now);
				return;
			case "source-description":
			case "transport-feedback":
				return;
		}
	}

	#noteEstimate(bitrateBps: number, now: number): void {
		this.#downlink.noteEstimate(bitrateBps, sentBitrate(this.#downtracks()), now);
		this.#shareDownlink(now);
	}

	#noteReport(block: ReportBlock, now: number): void {
		const track = this.#findDowntrack(block.ssrc);
		if (track === null) return;
		track.noteReport(block, now);
		this.#downlink.noteLoss(block.fractionLost, sentBitrate(this.#downtracks()), now);
	}

	#shareDownlink(now: number): void {
		const { capBps } = this.#downlink;
		distribute(capBps, Array.from(this.#downtracks()), now);
		// Never less than what has been decided to be sent: pacing spreads, it does not choose.
		this.#pacer.setRate(Math.max(capBps, sentBitrate(this.#downtracks())) * PACING_FACTOR, now);
	}

	#sendReports(now: number): void {
		this.#reportedAt = now;
		this.#downlink.tick(now);
		this.#shareDownlink(now);
		const layers = Array.from(this.#layers());
		if (layers.length > 0) this.#sendReceiverReport(layers, now);
		for (const track of this.#downtracks()) this.#sendSenderReport(track, now);
	}

	#sendReceiverReport(layers: readonly Layer[], now: number): void {
		const reports = layers.map((layer) => layer.stream.report(now));
		const messages: RtcpMessage[] = [];
		for (let start = 0; start < reports.length; start += MAX_REPORTS) {
			messages.push({
				type: "receiver-report",
				ssrc: this.#ssrc,
				reports: reports.slice(start, start + MAX_REPORTS),
			});
		}
		if (!this.#options.usesTransportCc) {
			messages.push({
				type: "bitrate-estimate",
				senderSsrc: this.#ssrc,
				bitrateBps: this.#options.uplinkCapBps,
				ssrcs: layers.map((layer) => layer.stream.ssrc).slice(0, MAX_ESTIMATE_SSRCS),
			});
		}
		this.#send(messages);
	}

	#sendSenderReport(track: Downtrack, now: number): void {
		const report = track.senderReport(now);
		if (report === null) return;
		const cname = track.source.sessionID;
		this.#send([report, { type: "source-description", chunks: [{ ssrc: track.ssrc, cname }] }]);
	}

	#scheduleNacks(delayMs: number): void {
		if (this.#nackTimer !== null || this.#isClosed) return;
		this.#nackTimer = setTimeout(() => {
			this.#nackTimer = null;
			this.#sendNacks(Date.now());
		}, delayMs);
	}

	#sendNacks(now: number): void {
		let isWaiting = false;
		for (const track of this.#uptracks()) {
			if (!track.codec.main.feedback.includes("nack")) continue;
			for (const layer of track.layers) {
				const sequenceNumbers = layer.stream.dueNacks(now);
				if (sequenceNumbers.length > 0) {
					const mediaSsrc = layer.stream.ssrc;
					this.#send([{ type: "nack", senderSsrc: this.#ssrc, mediaSsrc, sequenceNumbers }]);
				}
				isWaiting ||= layer.stream.hasMissing;
			}
		}
		if (isWaiting) this.#scheduleNacks(NACK_TICK_MS);
	}

	#noteArrival(rtp: RtpPacket, track: Uptrack): void {
		const id = track.extensionIDs.get(TRANSPORT_CC_URI);
		const value = id === undefined ? null : readExtension(rtp, id);
		if (value === null || value.length < 2) return;
		this.#arrivals.push({ sequenceNumber: value.readUInt16BE(0), atMs: performance.now() });
		this.#feedbackTimer ??= setTimeout(() => {
			this.#feedbackTimer = null;
			this.#sendTransportFeedback(rtp.ssrc);
		}, FEEDBACK_INTERVAL_MS);
	}

	#sendTransportFeedback(mediaSsrc: number): void {
		const arrivals = this.#arrivals.splice(0);
		const feedbackCount = this.#feedbackCount;
		this.#feedbackCount = (feedbackCount + 1) & 0xff;
		const feedback = summarizeArrivals(arrivals, { senderSsrc: this.#ssrc, mediaSsrc, feedbackCount });
		if (feedback !== null) this.#send([feedback]);
	}

	#send(messages: readonly RtcpMessage[]): void {
		this.#options.send(buildRtcp(messages));
	}

	#findDowntrack(ssrc: number): Downtrack | null {
		for (const track of this.#downtracks()) if (track.ssrc === ssrc) return track;
		return null;
	}

	*#layers(): Generator<Layer> {
		for (const track of this.#uptracks()) yield* track.layers;
	}

	*#uptracks(): Generator<Uptrack> {
		for (const line of this.#options.lines) if (line.up !== null) yield line.up;
	}

	*#downtracks(): Generator<Downtrack> {
		for (const line of this.#options.lines) if (line.down !== null) yield line.down;
	}
}

const REPORT_INTERVAL_MS = 1000;
/** Room for key frames and retransmissions beside what is sent all the time. */
const PACING_FACTOR = 1.15;
const NACK_TICK_MS = 20;
const FEEDBACK_INTERVAL_MS = 20;
/** RFC 3550 §6.4.2: five bits count the blocks. */
const MAX_REPORTS = 31;
const MAX_ESTIMATE_SSRCS = 255;
