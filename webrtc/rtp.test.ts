import fc from "fast-check";
import { expect, test } from "vitest";
import {
	buildRtp,
	buildRtx,
	isRtcp,
	parseRtp,
	payloadOf,
	readExtension,
	readExtensions,
	sequenceDelta,
	timestampDelta,
	unwrapRtx,
} from "./rtp.ts";

const bytes = (maxLength: number, minLength = 0) =>
	fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array));

const fields = fc.record({
	marker: fc.boolean(),
	payloadType: fc.integer({ min: 0, max: 127 }),
	sequenceNumber: fc.integer({ min: 0, max: 0xffff }),
	timestamp: fc.integer({ min: 0, max: 0xffffffff }),
	ssrc: fc.integer({ min: 0, max: 0xffffffff }),
	extensions: fc.uniqueArray(fc.record({ id: fc.integer({ min: 1, max: 255 }), value: bytes(40) }), {
		selector: (extension) => extension.id,
		maxLength: 8,
	}),
	payload: bytes(1300),
});

test("what is built is read back unchanged", () => {
	fc.assert(
		fc.property(fields, (made) => {
			const packet = parseRtp(buildRtp(made));

			expect(packet).toMatchObject({
				marker: made.marker,
				payloadType: made.payloadType,
				sequenceNumber: made.sequenceNumber,
				timestamp: made.timestamp,
				ssrc: made.ssrc,
			});
			if (packet === null) return;
			expect(payloadOf(packet)).toEqual(made.payload);
			expect(readExtensions(packet)).toEqual(made.extensions);
			for (const { id, value } of made.extensions) expect(readExtension(packet, id)).toEqual(value);
		}),
	);
});

test("any bytes give a packet that lies inside them, or null", () => {
	fc.assert(
		fc.property(bytes(200), fc.boolean(), (hostile, looksLikeRtp) => {
			if (looksLikeRtp && hostile.length > 0) hostile[0] = 0x80 | ((hostile[0] ?? 0) & 0x3f);

			const packet = parseRtp(hostile);

			if (packet === null) return;
			expect(packet.payloadOffset).toBeLessThanOrEqual(packet.payloadEnd);
			expect(packet.payloadEnd).toBeLessThanOrEqual(hostile.length);
			for (const { value } of readExtensions(packet)) expect(value.length).toBeLessThan(256);
			unwrapRtx(packet, { ssrc: 1, payloadType: 96 });
		}),
	);
});

test("a retransmission holds the original packet", () => {
	fc.assert(
		fc.property(
			fields.filter((made) => made.payload.length > 0),
			(made) => {
				const original = buildRtp(made);

				const rtx = buildRtx(original, { ssrc: 77, payloadType: 97, sequenceNumber: 70_000 });
				const parsed = rtx && parseRtp(rtx);
				const restored = parsed && unwrapRtx(parsed, { ssrc: made.ssrc, payloadType: made.payloadType });

				expect(parsed).toMatchObject({ ssrc: 77, payloadType: 97, sequenceNumber: 70_000 & 0xffff });
				expect(restored?.buffer).toEqual(original);
			},
		),
	);
});

test("padding is not payload", () => {
	const plain = buildRtp({
		marker: false,
		payloadType: 96,
		sequenceNumber: 1,
		timestamp: 2,
		ssrc: 3,
		payload: Buffer.from("abcd"),
	});
	const padded = Buffer.concat([plain, Buffer.from([0, 0, 3])]);
	padded[0] = 0xa0;

	const packet = parseRtp(padded);

	expect(packet && payloadOf(packet).toString()).toBe("abcd");
});

test("differences wrap around", () => {
	expect(sequenceDelta(2, 65_534)).toBe(4);
	expect(sequenceDelta(65_534, 2)).toBe(-4);
	expect(timestampDelta(10, 0xffffffff)).toBe(11);
	expect(timestampDelta(0xffffffff, 10)).toBe(-11);
});

test("RTCP is told apart by its packet type", () => {
	expect(isRtcp(Buffer.from([0x80, 200]))).toBe(true);
	expect(isRtcp(Buffer.from([0x80, 206]))).toBe(true);
	expect(isRtcp(Buffer.from([0x80, 0x80 | 111]))).toBe(false);
	expect(isRtcp(Buffer.from([0x80]))).toBe(false);
});
