import { randomBytes } from "node:crypto";
import type { Simulcast } from "../../protocol/realtime-api.ts";
import { fromNtp, type RtcpMessage, toNtp } from "../../webrtc/rtcp.ts";
import { buildRtp, buildRtx, type RtpExtension } from "../../webrtc/rtp.ts";
import type { CodecPair } from "./codec-choice.ts";
import { ABS_SEND_TIME_URI, MID_URI, writeAbsSendTime } from "./header-extensions.ts";
import { History } from "./history.ts";
import type { Layer } from "./layer.ts";
import { chooseLayer } from "./layer-choice.ts";
import { Rewriter } from "./rewriter.ts";
import type { ForwardedPacket, Subscriber, Uptrack } from "./uptrack.ts";

/** What a section of the subscriber's session has negotiated for this track. */
export type DowntrackFormat = {
	/** The section's mid as the header extension carries it. */
	midValue: Buffer;
	codec: CodecPair;
	/** Negotiated extension ids by URI. */
	extensionIDs: ReadonlyMap<string, number>;
};

/** One published track on its way to one subscriber, as a single stream whatever layer or source it comes from. */
export class Downtrack implements Subscriber {
	readonly ssrc = randomBytes(4).readUInt32BE();
	readonly rtxSsrc = randomBytes(4).readUInt32BE();
	readonly #send: (packet: Buffer) => boolean;
	readonly #onEnded: () => void;
	readonly #history = new History();
	readonly #rewriter = new Rewriter({
		sequenceNumber: randomBytes(2).readUInt16BE(),
		timestamp: randomBytes(4).readUInt32BE(),
	});
	readonly #sendTime = Buffer.alloc(3);
	#ownExtensions: readonly RtpExtension[];
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
	#packetCount = 0;
	#octetCount = 0;
	#isReported = false;

	constructor(options: {
		source: Uptrack;
		simulcast: Simulcast | undefined;
		format: DowntrackFormat;
		send: (packet: Buffer) => boolean;
		onEnded: () => void;
	}) {
		this.#source = options.source;
		this.#simulcast = options.simulcast;
		this.#format = options.format;
		this.#send = options.send;
		this.#onEnded = options.onEnded;
		this.#ownExtensions = this.#listOwnExtensions();
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
		this.#ownExtensions = this.#listOwnExtensions();
	}

	/** From now on packets can go out; asks for the key frame that starts the picture. */
	activate(now: number): void {
		if (this.#isActive) return;
		this.#isActive = true;
		this.#isReported = false;
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

	setBudget(budgetBps: number, now: number): void {
		this.#budgetBps = budgetBps;
		this.#chooseLayer(now);
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
			extensions: this.#extensionsFor(packet, now),
			payload,
		});
		if (vp8 !== null) this.#rewriter.patchVp8(out.subarray(out.length - payload.length), vp8);
		this.#lastSentAt = now;
		this.#packetCount += 1;
		this.#octetCount += payload.length;
		if (this.#source.kind === "video") this.#history.keep(numbers.sequenceNumber, out);
		this.#send(out);
	}

	/** Answers a NACK: by RTX if that was negotiated, else by the packet once more. */
	resend(sequenceNumbers: readonly number[], now: number): void {
		for (const sequenceNumber of sequenceNumbers) {
			const packet = this.#history.take(sequenceNumber, now);
			if (packet === null) continue;
			const { rtx } = this.#format.codec;
			if (rtx === null) {
				this.#send(packet);
				continue;
			}
			this.#rtxSequenceNumber = (this.#rtxSequenceNumber + 1) & 0xffff;
			const wrapped = buildRtx(packet, {
				ssrc: this.rtxSsrc,
				payloadType: rtx.payloadType,
				sequenceNumber: this.#rtxSequenceNumber,
			});
			if (wrapped !== null) this.#send(wrapped);
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
		return this.#isActive && !this.#isReported && this.#packetCount > 0 && this.#clock !== null;
	}

	/**
	 * The publisher's clock with our timestamps, carried on to now; null until the publisher has told it. Audio and video of one
	 * publisher stay in step by it.
	 */
	senderReport(now: number): RtcpMessage | null {
		const clock = this.#clock;
		if (clock === null || this.#packetCount === 0 || !this.#isActive) return null;
		this.#isReported = true;
		const elapsedMs = now - clock.at;
		const ticks = Math.round((elapsedMs * this.#format.codec.main.clockRate) / 1000);
		return {
			type: "sender-report",
			ssrc: this.ssrc,
			...toNtp(fromNtp(clock.report) + elapsedMs),
			rtpTimestamp: (this.#rewriter.translateTimestamp(clock.report.rtpTimestamp) + ticks) >>> 0,
			packetCount: this.#packetCount,
			octetCount: this.#octetCount >>> 0,
			reports: [],
		};
	}

	close(): void {
		this.#isActive = false;
		this.#source.unsubscribe(this);
	}

	get #clock() {
		return this.#current?.stream.senderReport ?? null;
	}

	#chooseLayer(now: number): void {
		const rid = chooseLayer(this.#source.layerOptions(now), this.#simulcast, this.#budgetBps);
		this.#wanted = rid === null ? null : this.#source.findLayer(rid);
		this.pursueSwitch(now);
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

	/** Ours in every packet, then what the publisher sent along. The values are copied into the packet at once. */
	#extensionsFor(packet: ForwardedPacket, now: number): readonly RtpExtension[] {
		writeAbsSendTime(this.#sendTime, now);
		if (packet.extensions.length === 0) return this.#ownExtensions;
		const extensions = [...this.#ownExtensions];
		for (const { uri, value } of packet.extensions) {
			const id = this.#format.extensionIDs.get(uri);
			if (id !== undefined) extensions.push({ id, value });
		}
		return extensions;
	}

	#listOwnExtensions(): RtpExtension[] {
		const { extensionIDs, midValue } = this.#format;
		const mid = extensionIDs.get(MID_URI);
		const sendTime = extensionIDs.get(ABS_SEND_TIME_URI);
		return [
			...(mid === undefined ? [] : [{ id: mid, value: midValue }]),
			...(sendTime === undefined ? [] : [{ id: sendTime, value: this.#sendTime }]),
		];
	}
}

function numbersOf(packet: ForwardedPacket): { sequenceNumber: number; timestamp: number } {
	return { sequenceNumber: packet.rtp.sequenceNumber, timestamp: packet.rtp.timestamp };
}
