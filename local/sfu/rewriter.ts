import { patchVp8Descriptor, type Vp8Descriptor } from "../../webrtc/codecs.ts";
import { sequenceDelta } from "../../webrtc/rtp.ts";

/** The numbers of one packet that a subscriber must see in one line over all layers and sources. */
export type PacketNumbers = { sequenceNumber: number; timestamp: number };

/**
 * Renumbers the packets of whichever stream is being forwarded, so that the subscriber sees a single one without gaps: sequence
 * numbers, timestamps and VP8's picture numbers. Pure.
 */
export class Rewriter {
	#isStarted = false;
	#sequenceOffset: number;
	#timestampOffset: number;
	#pictureOffset = 0;
	#tl0Offset = 0;
	/** First packet of the present source; older ones belong to before the switch. */
	#firstIn = 0;
	#highestIn = 0;
	#lastOut: PacketNumbers;
	#isNewest = false;
	#lastPictureID = -1;
	#lastTl0 = -1;
	/** Incoming numbers left out since the switch, ascending, so that the outgoing ones stay without gaps. */
	#skipped: number[] = [];

	/** `start`: random first numbers (RFC 3550 §5.1). */
	constructor(start: PacketNumbers) {
		this.#lastOut = { sequenceNumber: start.sequenceNumber, timestamp: start.timestamp };
		this.#sequenceOffset = 0;
		this.#timestampOffset = 0;
	}

	/** Begins a new source with this packet. `timestampStep`: media time since the last packet sent, in clock ticks. */
	switchTo(first: PacketNumbers & { vp8: Vp8Descriptor | null }, timestampStep: number): void {
		const step = this.#isStarted ? Math.max(1, Math.round(timestampStep)) : 0;
		this.#sequenceOffset = (first.sequenceNumber - this.#lastOut.sequenceNumber - 1) & 0xffff;
		this.#timestampOffset = (first.timestamp - this.#lastOut.timestamp - step) >>> 0;
		this.#firstIn = first.sequenceNumber;
		this.#highestIn = (first.sequenceNumber - 1) & 0xffff;
		this.#skipped = [];
		if (first.vp8 !== null && this.#lastPictureID >= 0) {
			this.#pictureOffset = first.vp8.pictureID - this.#lastPictureID - 1;
			this.#tl0Offset = first.vp8.tl0PictureIndex - this.#lastTl0 - 1;
		}
		this.#isStarted = true;
	}

	/** Null if the packet belongs to before the switch. */
	rewrite(packet: PacketNumbers): PacketNumbers | null {
		if (sequenceDelta(packet.sequenceNumber, this.#firstIn) < 0) return null;
		const ahead = sequenceDelta(packet.sequenceNumber, this.#highestIn);
		let skippedBefore = this.#skipped.length;
		if (ahead > 0) this.#highestIn = packet.sequenceNumber;
		else skippedBefore = this.#countSkippedBefore(packet.sequenceNumber);
		if (skippedBefore < 0) return null;
		const numbers = {
			sequenceNumber: (packet.sequenceNumber - this.#sequenceOffset - skippedBefore) & 0xffff,
			timestamp: this.translateTimestamp(packet.timestamp),
		};
		this.#isNewest = ahead > 0;
		if (ahead > 0) this.#lastOut = numbers;
		return numbers;
	}

	/** Leaves out a packet that carries nothing; false if it came too late for that and must be sent to close the gap. */
	skip(sequenceNumber: number): boolean {
		if (sequenceDelta(sequenceNumber, this.#firstIn) < 0) return true;
		if (sequenceDelta(sequenceNumber, this.#highestIn) <= 0) return false;
		this.#highestIn = sequenceNumber;
		this.#skipped.push(sequenceNumber);
		while (this.#skipped.length > MAX_SKIPPED) {
			this.#skipped.shift();
			this.#sequenceOffset = (this.#sequenceOffset + 1) & 0xffff;
		}
		return true;
	}

	/** Writes VP8's continued picture numbers into the payload of the packet that `rewrite` was last called for. */
	patchVp8(payload: Buffer, descriptor: Vp8Descriptor): void {
		const mask = descriptor.isLongPictureID ? 0x7fff : 0x7f;
		const pictureID = (descriptor.pictureID - this.#pictureOffset) & mask;
		const tl0PictureIndex = (descriptor.tl0PictureIndex - this.#tl0Offset) & 0xff;
		if (this.#pictureOffset !== 0 || this.#tl0Offset !== 0) {
			patchVp8Descriptor(payload, descriptor, { pictureID, tl0PictureIndex });
		}
		if (!this.#isNewest) return;
		this.#lastPictureID = pictureID;
		this.#lastTl0 = tl0PictureIndex;
	}

	/** An incoming timestamp of the present source as the subscriber sees it. */
	translateTimestamp(timestamp: number): number {
		return (timestamp - this.#timestampOffset) >>> 0;
	}

	/** The last timestamp sent, in the numbers of the present source. */
	get lastTimestampIn(): number {
		return (this.#lastOut.timestamp + this.#timestampOffset) >>> 0;
	}

	/** -1 if the packet itself was left out. */
	#countSkippedBefore(sequenceNumber: number): number {
		let count = 0;
		for (const skipped of this.#skipped) {
			const delta = sequenceDelta(skipped, sequenceNumber);
			if (delta === 0) return -1;
			if (delta < 0) count += 1;
		}
		return count;
	}
}

/** More than the reordering and retransmission of a second. */
const MAX_SKIPPED = 256;
