import { payloadOf } from "../webrtc/rtp.ts";
import type { Depacketizer, Frame } from "./depacketizer.ts";
import type { OrderedPacket } from "./track-receiver.ts";

/** Opus by RFC 7587: one packet is one frame, and each can be decoded by itself. */
export class OpusDepacketizer implements Depacketizer {
	readonly codec = "opus";
	readonly needsKeyframe = false;

	push({ packet, arrivedAt }: OrderedPacket): Frame[] {
		const data = payloadOf(packet);
		if (data.length === 0) return [];
		return [{ rtpTimestamp: packet.timestamp, arrivedAt, isKeyframe: true, data, size: null }];
	}
}

/** 20 ms of digital silence (CELT, full band, mono). */
export const OPUS_SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);
export const OPUS_SILENCE_MS = 20;

/** How long an Opus packet sounds, from its first bytes (RFC 6716 §3.1). */
export function opusDurationMs(packet: Buffer): number {
	const toc = packet[0] ?? 0;
	const configuration = toc >> 3;
	const frameMs = frameDurationMs(configuration);
	const code = toc & 3;
	if (code === 0) return frameMs;
	if (code < 3) return frameMs * 2;
	return Math.min(120, frameMs * ((packet[1] ?? 1) & 0x3f));
}

/** RFC 6716 table 2. */
function frameDurationMs(configuration: number): number {
	if (configuration < 12) return [10, 20, 40, 60][configuration % 4] ?? 20;
	if (configuration < 16) return configuration % 2 === 0 ? 10 : 20;
	return [2.5, 5, 10, 20][configuration % 4] ?? 20;
}
