import { startsKeyframe } from "../webrtc/codecs.ts";
import { payloadOf } from "../webrtc/rtp.ts";
import type { OrderedPacket } from "./track-receiver.ts";

/** One picture or one packet of sound, whole and in decode order. */
export type Frame = {
	rtpTimestamp: number;
	/** When its last packet arrived, milliseconds since 1970. */
	arrivedAt: number;
	isKeyframe: boolean;
	data: Buffer;
	/** Of a key frame; null otherwise. */
	size: { width: number; height: number } | null;
};

/**
 * Makes frames of one stream's ordered packets. A frame with a hole is dropped, and so are all after it up to the next key frame.
 */
export interface Depacketizer {
	/** The codec as `a=rtpmap` names it. */
	readonly codec: "VP8" | "H264" | "opus";
	push(ordered: OrderedPacket): Frame[];
	/** Frames are being dropped until a key frame comes: ask for one. */
	readonly needsKeyframe: boolean;
}

/** Collects the packets of one picture after another, told apart by timestamp and marker. Shared by the video codecs. */
export class PictureCollector {
	readonly #codec: "VP8" | "H264";
	readonly #onBroken: () => void;
	#packets: Buffer[] = [];
	#timestamp = -1;
	#isBroken = false;

	/** `onBroken` is called whenever a picture, or an unknown number of them, is lost. */
	constructor(codec: "VP8" | "H264", onBroken: () => void) {
		this.#codec = codec;
		this.#onBroken = onBroken;
	}

	/** Adds a packet. Returns the payloads of a picture when its last one (marker) is there and none is missing. */
	push({ packet, afterGap }: OrderedPacket): Buffer[] | null {
		const payload = payloadOf(packet);
		if (packet.timestamp !== this.#timestamp) {
			if (this.#packets.length > 0) this.#onBroken();
			this.#packets = [];
			this.#isBroken = false;
			this.#timestamp = packet.timestamp;
		}
		if (afterGap) {
			this.#onBroken();
			// The hole may reach into this picture, unless this packet is clearly the beginning of one that stands alone.
			this.#isBroken ||= this.#packets.length > 0 || !startsKeyframe(this.#codec, payload);
		}
		// Empty packets are padding by which senders probe for bandwidth.
		if (payload.length > 0 && this.#packets.length < MAX_PACKETS) this.#packets.push(payload);
		if (!packet.marker) return null;
		const packets = this.#packets;
		this.#packets = [];
		this.#timestamp = -1;
		return this.#isBroken || packets.length === 0 ? null : packets;
	}
}

/** A picture of 8 MB; nothing that a browser sends comes near it. */
const MAX_PACKETS = 8192;
