import { type Depacketizer, type Frame, PictureCollector } from "./depacketizer.ts";
import { readSpsSize, writeAvcConfiguration } from "./h264-parameters.ts";
import type { OrderedPacket } from "./track-receiver.ts";

const NAL_IDR = 5;
const NAL_SPS = 7;
const NAL_PPS = 8;
const STAP_A = 24;
const FU_A = 28;

/**
 * H.264 by RFC 6184, packetization modes 0 and 1. Frames come as length-prefixed NAL units with parameter sets left inside,
 * so that a change of them reaches the decoder.
 */
export class H264Depacketizer implements Depacketizer {
	readonly codec = "H264";
	readonly #collector = new PictureCollector("H264", () => {
		this.#needsKeyframe = true;
	});
	#needsKeyframe = true;
	#sps: Buffer | null = null;
	#pps: Buffer | null = null;

	get needsKeyframe(): boolean {
		return this.#needsKeyframe;
	}

	/** From the newest parameter sets; null before the first key frame. */
	get configuration(): Buffer | null {
		return this.#sps === null || this.#pps === null ? null : writeAvcConfiguration(this.#sps, this.#pps);
	}

	push(ordered: OrderedPacket): Frame[] {
		const payloads = this.#collector.push(ordered);
		if (payloads === null) return [];
		const units = unpack(payloads);
		if (units === null) {
			this.#needsKeyframe = true;
			return [];
		}
		const isKeyframe = this.#readParameters(units);
		if (this.#needsKeyframe && !isKeyframe) return [];
		this.#needsKeyframe = false;
		return [
			{
				rtpTimestamp: ordered.packet.timestamp,
				arrivedAt: ordered.arrivedAt,
				isKeyframe,
				data: lengthPrefixed(units),
				size: isKeyframe && this.#sps !== null ? readSpsSize(this.#sps) : null,
			},
		];
	}

	/** True for an IDR picture whose parameter sets are known. */
	#readParameters(units: Buffer[]): boolean {
		for (const unit of units) {
			const type = (unit[0] ?? 0) & 0x1f;
			if (type === NAL_SPS && unit.length >= 4) this.#sps = Buffer.from(unit);
			if (type === NAL_PPS) this.#pps = Buffer.from(unit);
		}
		const isIdr = units.some((unit) => ((unit[0] ?? 0) & 0x1f) === NAL_IDR);
		return isIdr && this.#sps !== null && this.#pps !== null && readSpsSize(this.#sps) !== null;
	}
}

/** NAL units of one picture's payloads; null if they do not fit together. */
function unpack(payloads: Buffer[]): Buffer[] | null {
	const units: Buffer[] = [];
	const fragments: Buffer[] = [];
	for (const payload of payloads) {
		const type = (payload[0] ?? 0) & 0x1f;
		const fits = type === FU_A ? readFragment(payload, fragments, units) : readWhole(type, payload, units);
		if (!fits) return null;
	}
	return fragments.length > 0 || units.length === 0 ? null : units;
}

/** Collects a fragment (RFC 6184 §5.8); the last one completes a unit. False if it does not fit to those before. */
function readFragment(payload: Buffer, fragments: Buffer[], units: Buffer[]): boolean {
	const indicator = payload[0] ?? 0;
	const header = payload[1];
	if (header === undefined) return false;
	const isFirst = (header & 0x80) !== 0;
	if (isFirst !== (fragments.length === 0)) return false;
	if (isFirst) fragments.push(Buffer.from([(indicator & 0xe0) | (header & 0x1f)]));
	fragments.push(payload.subarray(2));
	if ((header & 0x40) !== 0) units.push(Buffer.concat(fragments.splice(0)));
	return true;
}

/** Adds the units of a payload that holds whole ones; false if it is malformed or of a kind that mode 1 does not have. */
function readWhole(type: number, payload: Buffer, units: Buffer[]): boolean {
	if (type === STAP_A) return readAggregate(payload, units);
	if (type < 1 || type > STAP_A) return false;
	units.push(payload);
	return true;
}

function readAggregate(payload: Buffer, units: Buffer[]): boolean {
	let offset = 1;
	while (offset + 2 < payload.length) {
		const end = offset + 2 + payload.readUInt16BE(offset);
		if (end > payload.length || end === offset + 2) return false;
		units.push(payload.subarray(offset + 2, end));
		offset = end;
	}
	return true;
}

function lengthPrefixed(units: Buffer[]): Buffer {
	return Buffer.concat(
		units.flatMap((unit) => {
			const length = Buffer.alloc(4);
			length.writeUInt32BE(unit.length);
			return [length, unit];
		}),
	);
}
