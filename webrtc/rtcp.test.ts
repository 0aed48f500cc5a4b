import fc from "fast-check";
import { expect, test } from "vitest";
import { buildRtcp, fromNtp, middleNtp, parseRtcp, type RtcpMessage, toNtp } from "./rtcp.ts";
import { summarizeArrivals } from "./transport-feedback.ts";

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint8 = fc.integer({ min: 0, max: 0xff });

const report = fc.record({
	ssrc: uint32,
	fractionLost: uint8,
	cumulativeLost: fc.integer({ min: -0x800000, max: 0x7fffff }),
	highestSequenceNumber: uint32,
	jitter: uint32,
	lastSenderReport: uint32,
	delaySinceLastSenderReport: uint32,
});
const reports = fc.array(report, { maxLength: 31 });

const message: fc.Arbitrary<RtcpMessage> = fc.oneof(
	fc.record({
		type: fc.constant("sender-report" as const),
		ssrc: uint32,
		ntpSeconds: uint32,
		ntpFraction: uint32,
		rtpTimestamp: uint32,
		packetCount: uint32,
		octetCount: uint32,
		reports,
	}),
	fc.record({ type: fc.constant("receiver-report" as const), ssrc: uint32, reports }),
	fc.record({
		type: fc.constant("source-description" as const),
		chunks: fc.array(fc.record({ ssrc: uint32, cname: fc.string({ maxLength: 60 }) }), { maxLength: 31 }),
	}),
	fc.record({ type: fc.constant("goodbye" as const), ssrcs: fc.array(uint32, { maxLength: 31 }) }),
	fc.record({ type: fc.constant("picture-loss" as const), senderSsrc: uint32, mediaSsrc: uint32 }),
	fc.record({
		type: fc.constant("full-intra-request" as const),
		senderSsrc: uint32,
		entries: fc.array(fc.record({ ssrc: uint32, sequenceNumber: uint8 }), { maxLength: 20 }),
	}),
	fc.record({
		type: fc.constant("transport-feedback" as const),
		senderSsrc: uint32,
		mediaSsrc: uint32,
		baseSequenceNumber: uint16,
		feedbackCount: uint8,
		referenceTime: fc.integer({ min: -0x800000, max: 0x7fffff }),
		deltas: fc.array(fc.option(fc.integer({ min: -0x8000, max: 0x7fff })), { maxLength: 100 }),
	}),
);

test("what is built is read back unchanged", () => {
	fc.assert(
		fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), (messages) => {
			expect(parseRtcp(buildRtcp(messages))).toEqual(messages);
		}),
	);
});

test("a NACK names exactly the packets it was asked for", () => {
	fc.assert(
		fc.property(
			uint16,
			fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 60 }),
			(start, offsets) => {
				const sequenceNumbers = offsets.toSorted((a, b) => a - b).map((o) => (start + o) & 0xffff);

				const [parsed] = parseRtcp(
					buildRtcp([{ type: "nack", senderSsrc: 1, mediaSsrc: 2, sequenceNumbers }]),
				);

				expect(parsed).toMatchObject({ type: "nack", senderSsrc: 1, mediaSsrc: 2, sequenceNumbers });
			},
		),
	);
});

test("a bitrate estimate keeps 18 significant bits", () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 2 ** 40 }),
			fc.array(uint32, { maxLength: 10 }),
			(bitrateBps, ssrcs) => {
				const [parsed] = parseRtcp(
					buildRtcp([{ type: "bitrate-estimate", senderSsrc: 1, bitrateBps, ssrcs }]),
				);

				if (parsed?.type !== "bitrate-estimate") throw new Error("not an estimate");
				expect(parsed.ssrcs).toEqual(ssrcs);
				expect(Math.abs(parsed.bitrateBps - bitrateBps) / bitrateBps).toBeLessThan(2 ** -17);
			},
		),
	);
});

test("any bytes are read without throwing", () => {
	fc.assert(
		fc.property(
			fc.uint8Array({ maxLength: 300 }),
			fc.integer({ min: 200, max: 206 }),
			fc.integer({ min: 0, max: 31 }),
			(array, packetType, count) => {
				const hostile = Buffer.from(array);
				if (hostile.length >= 4) {
					hostile[0] = 0x80 | count;
					hostile[1] = packetType;
					hostile.writeUInt16BE((hostile.length >> 2) - 1, 2);
				}

				expect(Array.isArray(parseRtcp(hostile))).toBe(true);
			},
		),
		{ numRuns: 2000 },
	);
});

test("NTP time is that of the Unix clock and back", () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 2_000_000_000_000 }), (at) => {
			expect(Math.abs(fromNtp(toNtp(at)) - at)).toBeLessThan(0.001);
		}),
	);
	expect(middleNtp({ ntpSeconds: 0x12345678, ntpFraction: 0x9abcdef0 })).toBe(0x56789abc);
});

test("transport feedback tells which packets came and when", () => {
	const feedback = summarizeArrivals(
		[
			{ sequenceNumber: 65_535, atMs: 1000 },
			{ sequenceNumber: 1, atMs: 1010.25 },
			{ sequenceNumber: 1, atMs: 1011 },
			{ sequenceNumber: 4, atMs: 1009 },
		],
		{ senderSsrc: 1, mediaSsrc: 2, feedbackCount: 7 },
	);

	expect(feedback).toMatchObject({
		baseSequenceNumber: 65_535,
		referenceTime: 15,
		deltas: [160, null, 41, null, null, -5],
	});
});
