import { expect, test } from "vitest";
import { buildRtp, parseRtp } from "../webrtc/rtp.ts";
import type { Frame } from "./depacketizer.ts";
import { H264Depacketizer } from "./h264-depacketizer.ts";
import { OPUS_SILENCE, OPUS_SILENCE_MS, opusDurationMs } from "./opus-depacketizer.ts";
import type { OrderedPacket } from "./track-receiver.ts";
import { Vp8Depacketizer } from "./vp8-depacketizer.ts";

const SPS = Buffer.from("6742c01ed900a02ff97011000003000100000300320f162e48", "hex");
const PPS = Buffer.from("68cb83cb20", "hex");

test("H.264 units arrive whole whether alone, aggregated or in fragments", () => {
	const depacketizer = new H264Depacketizer();
	const idr = Buffer.concat([Buffer.from([0x65]), Buffer.alloc(30, 7)]);

	const frames = feed(depacketizer, [
		{ timestamp: 1, payload: aggregate(SPS, PPS) },
		...fragments(idr, 12).map((payload, index, all) => ({
			timestamp: 1,
			payload,
			marker: index === all.length - 1,
		})),
		{ timestamp: 2, payload: Buffer.from([0x41, 1, 2]), marker: true },
	]);

	expect(frames.map(({ isKeyframe, size }) => ({ isKeyframe, size }))).toEqual([
		{ isKeyframe: true, size: { width: 640, height: 360 } },
		{ isKeyframe: false, size: null },
	]);
	expect(units(frames[0])).toEqual([SPS, PPS, idr]);
	expect(depacketizer.configuration?.subarray(0, 4).toString("hex")).toBe("0142c01e");
});

test("after a lost packet nothing leaves until a key frame, and a key frame that begins after the hole is whole", () => {
	const depacketizer = new H264Depacketizer();
	const key = aggregate(SPS, PPS, Buffer.from([0x65, 1]));
	const slice = Buffer.from([0x41, 1]);

	feed(depacketizer, [{ timestamp: 1, payload: key, marker: true }]);
	const broken = feed(depacketizer, [
		{ timestamp: 2, payload: slice, marker: true, afterGap: true },
		{ timestamp: 3, payload: slice, marker: true },
	]);
	const neededKeyframe = depacketizer.needsKeyframe;
	const healed = feed(depacketizer, [
		{ timestamp: 4, payload: key, marker: true, afterGap: true },
		{ timestamp: 5, payload: slice, marker: true },
	]);

	expect(broken).toEqual([]);
	expect(neededKeyframe).toBe(true);
	expect(healed.map((frame) => frame.isKeyframe)).toEqual([true, false]);
	expect(depacketizer.needsKeyframe).toBe(false);
});

test.each([
	["a fragment without a beginning", Buffer.from([0x7c, 0x05, 1, 2])],
	["an aggregate that promises more than it has", Buffer.from([0x78, 0, 200, 1])],
	["an unknown kind of packet", Buffer.from([0x7f, 1, 2])],
])("%s is dropped", (_, payload) => {
	const depacketizer = new H264Depacketizer();

	expect(feed(depacketizer, [{ timestamp: 1, payload, marker: true }])).toEqual([]);
	expect(depacketizer.needsKeyframe).toBe(true);
});

test("VP8 frames lose their descriptors and key frames tell their size", () => {
	const key = Buffer.from([0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01, 9, 9]);
	const frames = feed(new Vp8Depacketizer(), [
		{ timestamp: 1, payload: Buffer.concat([Buffer.from([0x90, 0x80, 0x05]), key]) },
		{ timestamp: 1, payload: Buffer.from([0x80, 0x80, 0x05, 7, 7]), marker: true },
		{ timestamp: 2, payload: Buffer.from([0x90, 0x80, 0x06, 0x31, 8]), marker: true },
	]);

	expect(frames.map(({ isKeyframe, size }) => ({ isKeyframe, size }))).toEqual([
		{ isKeyframe: true, size: { width: 640, height: 360 } },
		{ isKeyframe: false, size: null },
	]);
	expect(frames[0]?.data).toEqual(Buffer.concat([key, Buffer.from([7, 7])]));
});

test("packets of padding alone are no frames and break none", () => {
	const depacketizer = new Vp8Depacketizer();
	const key = Buffer.from([0x10, 0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]);

	const frames = feed(depacketizer, [
		{ timestamp: 1, payload: key, marker: true },
		{ timestamp: 1, payload: Buffer.alloc(0) },
		{ timestamp: 2, payload: Buffer.from([0x10, 0x31]), marker: true },
	]);

	expect(frames).toHaveLength(2);
	expect(depacketizer.needsKeyframe).toBe(false);
});

test.each([
	[OPUS_SILENCE, OPUS_SILENCE_MS],
	[Buffer.from([0x78]), 20],
	[Buffer.from([0x00]), 10],
	[Buffer.from([0xf9]), 40],
	[Buffer.from([0xfb, 0x03]), 60],
])("an Opus packet %o sounds %i ms", (packet, ms) => {
	expect(opusDurationMs(packet)).toBe(ms);
});

type Step = { timestamp: number; payload: Buffer; marker?: boolean; afterGap?: boolean };

function feed(depacketizer: { push(ordered: OrderedPacket): Frame[] }, steps: Step[]): Frame[] {
	return steps.flatMap(({ timestamp, payload, marker = false, afterGap = false }) => {
		const packet = parseRtp(
			buildRtp({ marker, payloadType: 96, sequenceNumber: 1, timestamp, ssrc: 1, payload }),
		);
		return packet === null ? [] : depacketizer.push({ packet, arrivedAt: 0, afterGap });
	});
}

function aggregate(...parts: Buffer[]): Buffer {
	return Buffer.concat([
		Buffer.from([0x78]),
		...parts.flatMap((part) => [Buffer.from([part.length >> 8, part.length & 0xff]), part]),
	]);
}

function fragments(unit: Buffer, size: number): Buffer[] {
	const type = (unit[0] ?? 0) & 0x1f;
	const body = unit.subarray(1);
	const count = Math.ceil(body.length / size);
	return Array.from({ length: count }, (_, index) => {
		const flags = (index === 0 ? 0x80 : 0) | (index === count - 1 ? 0x40 : 0);
		return Buffer.concat([
			Buffer.from([0x7c, flags | type]),
			body.subarray(index * size, (index + 1) * size),
		]);
	});
}

function units(frame: Frame | undefined): Buffer[] {
	const found: Buffer[] = [];
	let rest = frame?.data ?? Buffer.alloc(0);
	while (rest.length > 0) {
		const end = 4 + rest.readUInt32BE(0);
		found.push(rest.subarray(4, end));
		rest = rest.subarray(end);
	}
	return found;
}
