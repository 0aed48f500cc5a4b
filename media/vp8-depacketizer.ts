import { parseVp8Descriptor, readVp8Size } from "../webrtc/codecs.ts";
import { type Depacketizer, type Frame, PictureCollector } from "./depacketizer.ts";
import type { OrderedPacket } from "./track-receiver.ts";

/** VP8 by RFC 7741. */
export class Vp8Depacketizer implements Depacketizer {
	readonly codec = "VP8";
	readonly #collector = new PictureCollector("VP8", () => {
		this.#needsKeyframe = true;
	});
	#needsKeyframe = true;

	get needsKeyframe(): boolean {
		return this.#needsKeyframe;
	}

	push(ordered: OrderedPacket): Frame[] {
		const payloads = this.#collector.push(ordered);
		const first = payloads?.[0];
		if (payloads === null || first === undefined) return [];
		const data = withoutDescriptors(payloads);
		const head = parseVp8Descriptor(first);
		const size = readVp8Size(first);
		const isWhole = data !== null && head?.startsPartition === true && head.partitionID === 0;
		if (!isWhole || (this.#needsKeyframe && size === null)) {
			this.#needsKeyframe = true;
			return [];
		}
		this.#needsKeyframe = false;
		const { arrivedAt, packet } = ordered;
		return [{ rtpTimestamp: packet.timestamp, arrivedAt, isKeyframe: size !== null, data, size }];
	}
}

function withoutDescriptors(payloads: Buffer[]): Buffer | null {
	const parts: Buffer[] = [];
	for (const payload of payloads) {
		const descriptor = parseVp8Descriptor(payload);
		if (descriptor === null) return null;
		parts.push(payload.subarray(descriptor.bytes));
	}
	return Buffer.concat(parts);
}
