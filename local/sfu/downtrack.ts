import { randomBytes } from "node:crypto";
import type { Simulcast } from "../../protocol/realtime-api.ts";
import type { ReportBlock, RtcpMessage } from "../../webrtc/rtcp.ts";
import { buildRtp, buildRtx } from "../../webrtc/rtp.ts";
import type { CodecPair } from "./codec-choice.ts";
import { History } from "./history.ts";
import type { Layer } from "./layer.ts";
import { chooseLayer } from "./layer-choice.ts";
import { OutgoingExtensions } from "./outgoing-extensions.ts";
import { restamp, type Urgency } from "./pacer.ts";
import { Rewriter } from "./rewriter.ts";
import { SenderReports } from "./sender-reports.ts";
import type { ForwardedPacket, Subscriber, Uptrack } from "./uptrack.ts";

/** What a section of the subscriber's session has negotiated for this track. */
export type DowntrackFormat = {
	/** The section's mid as the header extension carries it. */
	midValue: Buffer;
	codec: CodecPair;
	/** Negotiated extension ids by URI. */
	extensionIDs: ReadonlyMap<string, number>;
};

type Send = (packet: Buffer, urgency: Urgency, sendTimeID: number | null, now: number) => boolean;

/** Measured rates wander by a fifth; this is beyond it. */
const FAR_MORE = 1.25;

/** One published track on its way to one subscriber, as a single stream whatever layer or source it comes from. */
export class Downtrack implements Subscriber {
	readonly ssrc = randomBytes(4).readUInt32BE();
	readonly rtxSsrc = randomBytes(4).readUInt32BE();
	readonly #send: Send;
	readonly #onEnded: () => void;
	readonly #history = new History();
	readonly #reports = new SenderReports();
	readonly #rewriter = new Rewriter({
		sequenceNumber: randomBytes(2).readUInt16BE(),
		timestamp: randomBytes(4).readUInt32BE(),
	});
	#extensions: OutgoingExtensions;
	#source: Uptrack;
	#simulcast: Simulcast | undefined;
	#format: DowntrackFormat;
	/** False until the subscriber's side is negotiated and its transport open. */
	#isActive = false;
	#current: Layer | null = null;
	#wanted: Layer | null = null;
	#budgetBps = Number.POSITIVE_INFINITY;
	#lastSentAt = 0;
	#rtxSequenceNumber = randomBytes(2).readUInt16BE();

	constructor(options: {
		source: Uptrack;
		simulcast: Simulcast | undefined;
		format: DowntrackFormat;
		send: Send;
		onEnded: () => void;
	}) {
		this.#source = options.source;
		this.#simulcast = options.simulcast;
		this.#format = options.format;
		this.#send = options.send;
		this.#onEnded = options.onEnded;
		this.#extensions = new OutgoingExtensions(this.#format);
		this.#source.subscribe(this);
	}

	get source(): Uptrack {
		return this.#source;
	}

	get simulcast(): Simulcast | undefined {
		return this.#simulcast;
	}

	get format(): DowntrackFormat {
		return this.#format;
	}

	/** The layer being sent, or null. */
	get current(): Layer | null {
		return this.#current;
	}

	get wanted(): Layer | null {
		return this.#wanted;
	}

	/** Whether the subscriber lets bandwidth choose (`priorityOrdering`). */
	get followsBandwidth(): boolean {
		return this.#source.kind === "video" && this.#simulcast?.priorityOrdering === "asciibetical";
	}

	setFormat(format: DowntrackFormat): void {
		this.#format = format;
		this.#extensions = new OutgoingExtensions(this.#format);
	}

	/** From now on packets can go out; asks for the key frame that starts the picture. */
	activate(now: number): void {
		if (this.#isActive) return;
		this.#isActive = true;
		this.#reports.started();
		this.#chooseLayer(now);
		if (this.#current !== null) this.#source.requestKeyframe(this.#current, now);
	}

	deactivate(): void {
		this.#isActive = false;
	}

	/** Other layer wishes, or another publication on the same stream. The old source stops at once, as its session may be gone. */
	update(options: { source: Uptrack; simulcast: Simulcast | undefined }, now: number): void {
		this.#simulcast = options.simulcast;
		if (options.source !== this.#source) {
			this.#source.unsubscribe(this);
			this.#source = options.source;
			this.#source.subscribe(this);
			this.#current = null;
			this.#wanted = null;
		}
		this.#chooseLayer(now);
	}

	/**
	 * What this track may take of the way to the subscriber. If its layer takes far more it stops at once: what is sent into a queue that is full
	 * pushes everything else out. The picture stands still until the key frame of a smaller one.
	 */
	setBudget(budgetBps: number, now: number): void {
		this.#budgetBps = budgetBps;
		this.#chooseLayer(now);
		if (this.#current === null || this.#current === this.#wanted) return;
		if (this.#current.bitrateBps > budgetBps * FAR_MORE) {
			this.#current = null;
			this.#history.clear();
		}
	}

	/** What the wished-for layer takes, whatever the budget is. */
	neededBps(now: number): number {
		const rid = chooseLayer(this.#source.layerOptions(now), this.#simulcast, Number.POSITIVE_INFINITY);
		return rid === null ? 0 : (this.#source.findLayer(rid)?.bitrateBps ?? 0);
	}

	layersChanged(now: number): void {
		this.#chooseLayer(now);
	}

	publicationEnded(): void {
		this.#onEnded();
	}

	forward(packet: ForwardedPacket, now: number): void {
		if (!this.#isActive) return;
		if (packet.layer !== this.#current && !this.#maySwitchAt(packet, now)) return;
		const isPadding = packet.payload.length === 0;
		if (isPadding && this.#rewriter.skip(packet.rtp.sequenceNumber)) return;
		const numbers = this.#rewriter.rewrite(packet.rtp);
		if (numbers === null) return;
		const { payload, vp8 } = packet;
		const out = buildRtp({
			...numbers,
			marker: packet.rtp.marker,
			payloadType: this.#format.codec.main.payloadType,
			ssrc: this.ssrc,
			extensions: this.#extensions.of(packet, now),
			payload,
		});
		if (vp8 !== null) this.#rewriter.patchVp8(out.subarray(out.length - payload.length), vp8);
		this.#lastSentAt = now;
		this.#reports.noteSent(payload.length);
		const { kind } = this.#source;
		if (kind === "video") this.#history.keep(numbers.sequenceNumber, out);
		this.#send(out, kind, this.#extensions.sendTimeID, now);
	}

	/** Answers a NACK: by RTX if that was negotiated, else by the packet once more. */
	resend(sequenceNumbers: readonly number[], now: number): void {
		const { roundTripMs } = this.#reports;
		const { sendTimeID } = this.#extensions;
		for (const sequenceNumber of sequenceNumbers) {
			const packet = this.#history.take(sequenceNumber, now, roundTripMs);
			const again = packet === null ? null : this.#wrapForResend(packet);
			if (again === null) continue;
			if (sendTimeID !== null) restamp(again, sendTimeID, now);
			this.#send(again, "resent", sendTimeID, now);
		}
	}

	/** The subscriber cannot decode what it has. */
	requestKeyframe(now: number): void {
		const layer = this.#current ?? this.#wanted;
		if (layer !== null) this.#source.requestKeyframe(layer, now);
	}

	/** Asks again for the key frame that a switch waits for. */
	pursueSwitch(now: number): void {
		if (!this.#isActive || this.#wanted === null || this.#wanted === this.#current) return;
		this.#source.requestKeyframe(this.#wanted, now);
	}

	/** True once: as soon as there is something to report after activation, not only at the next full second. */
	get needsFirstReport(): boolean {
		return this.#isActive && this.#reports.isFirstDue && this.#clock !== null;
	}

	/** The subscriber's receiver report on this stream. */
	noteReport(block: ReportBlock, now: number): void {
		this.#reports.noteAnswer(block, now);
	}

	/**
	 * The publisher's clock with our timestamps, carried on to now; null until the publisher has told it. Audio and video of one
	 * publisher stay in step by it.
	 */
	senderReport(now: number): RtcpMessage | null {
		const clock = this.#clock;
		if (clock === null || !this.#reports.hasSent || !this.#isActive) return null;
		const ticks = Math.round(((now - clock.at) * this.#format.codec.main.clockRate) / 1000);
		const rtpTimestamp = (this.#rewriter.translateTimestamp(clock.report.rtpTimestamp) + ticks) >>> 0;
		return this.#reports.make(this.ssrc, rtpTimestamp, clock, now);
	}

	close(): void {
		this.#isActive = false;
		this.#source.unsubscribe(this);
	}

	get #clock() {
		return this.#current?.stream.senderReport ?? null;
	}

	#chooseLayer(now: number): void {
		const options = this.#source.layerOptions(now);
		const rid = chooseLayer(options, this.#simulcast, this.#budgetBps, this.#current?.rid);
		this.#wanted = rid === null ? null : this.#source.findLayer(rid);
		this.pursueSwitch(now);
	}

	/** By RTX if that was negotiated, else as it was. */
	#wrapForResend(packet: Buffer): Buffer | null {
		const { rtx } = this.#format.codec;
		if (rtx === null) return packet;
		this.#rtxSequenceNumber = (this.#rtxSequenceNumber + 1) & 0xffff;
		const { payloadType } = rtx;
		return buildRtx(packet, {
			ssrc: this.rtxSsrc,
			payloadType,
			sequenceNumber: this.#rtxSequenceNumber,
		});
	}

	/** The old layer goes on until a key frame of the wanted one is here. */
	#maySwitchAt(packet: ForwardedPacket, now: number): boolean {
		if (this.#wanted === null || this.#wanted !== this.#source.findLayer(this.#wanted.rid)) {
			this.#chooseLayer(now);
		}
		if (packet.layer !== this.#wanted) return false;
		if (!packet.isKeyframe || packet.payload.length === 0) {
			this.#source.requestKeyframe(packet.layer, now);
			return false;
		}
		this.#rewriter.switchTo({ ...numbersOf(packet), vp8: packet.vp8 }, this.#timestampStep(packet, now));
		this.#current = packet.layer;
		return true;
	}

	/** Media time since the last packet sent: by the publisher's clock if both layers have told it, else by ours. */
	#timestampStep(packet: ForwardedPacket, now: number): number {
		const { clockRate } = this.#format.codec.main;
		const before = this.#current?.wallClockAt(this.#rewriter.lastTimestampIn) ?? null;
		const after = packet.layer.wallClockAt(packet.rtp.timestamp);
		const byOurClock = ((now - this.#lastSentAt) * clockRate) / 1000;
		if (before === null || after === null) return byOurClock;
		const byPublisher = ((after - before) * clockRate) / 1000;
		const isPlausible = byPublisher > 0 && Math.abs(byPublisher - byOurClock) < clockRate;
		return isPlausible ? byPublisher : byOurClock;
	}
}

function numbersOf(packet: ForwardedPacket): { sequenceNumber: number; timestamp: number } {
	return { sequenceNumber: packet.rtp.sequenceNumber, timestamp: packet.rtp.timestamp };
}
