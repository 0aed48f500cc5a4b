import * as fc from "fast-check";
import { expect, test } from "vitest";
import { buildRtp, parseRtp, type RtpPacket } from "../webrtc/rtp.ts";
import { type OrderedPacket, TrackReceiver } from "./track-receiver.ts";

const SETTINGS = { clockRate: 90_000, holdMs: 300, hasNack: true };

test("packets that come in any order leave in order, each once, and a gap is told where one was lost", () => {
	const journeys = fc.array(
		fc.record({
			isLost: fc.boolean(),
			delayMs: fc.integer({ min: 0, max: 250 }),
			copies: fc.integer({ min: 1, max: 2 }),
		}),
		{ minLength: 3, maxLength: 120 },
	);
	void fc.assert(
		fc.property(journeys, fc.integer({ min: 0, max: 65_535 }), (journey, first) => {
			const receiver = new TrackReceiver(SETTINGS);
			// The first packet tells where the stream begins: it is neither lost nor overtaken.
			const sent = journey.map((one, index) => ({
				...one,
				index,
				at: index === 0 ? 0 : index * 10 + 250 + one.delayMs,
			}));
			const arrivals = sent
				.filter((one) => one.index === 0 || !one.isLost)
				.flatMap((one) => Array.from({ length: one.copies }, () => one))
				.toSorted((a, b) => a.at - b.at);
			const ordered: OrderedPacket[] = [];
			for (const { index, at } of arrivals) {
				ordered.push(...receiver.poll(at), ...receiver.receive(rtp(first + index), at));
			}
			ordered.push(...receiver.poll(100_000));

			const arrived = sent.filter((one) => one.index === 0 || !one.isLost).map((one) => one.index);
			expect(ordered.map(({ packet }) => packet.sequenceNumber)).toEqual(
				arrived.map((index) => (first + index) & 0xffff),
			);
			expect(ordered.map(({ afterGap }) => afterGap)).toEqual(
				arrived.map((index, position) => position > 0 && index !== (arrived[position - 1] ?? 0) + 1),
			);
		}),
	);
});

test("a missing packet is asked for after 5 ms, again with growing waits, and no longer once it is there", () => {
	const receiver = new TrackReceiver(SETTINGS);
	receiver.receive(rtp(10), 0);
	receiver.receive(rtp(12), 0);

	expect(receiver.nack(4)).toEqual([]);
	expect(receiver.nack(6)).toEqual([11]);
	expect(receiver.nack(30)).toEqual([]);
	expect(receiver.nack(47)).toEqual([11]);
	expect(receiver.receive(rtp(11), 60, true)).toHaveLength(2);
	expect(receiver.nack(200)).toEqual([]);
});

test("a packet that never comes holds up the others for the time allowed and no longer", () => {
	const receiver = new TrackReceiver(SETTINGS);
	receiver.receive(rtp(10), 0);
	receiver.receive(rtp(12), 5);

	expect(receiver.poll(304)).toEqual([]);
	expect(receiver.poll(305).map((one) => [one.packet.sequenceNumber, one.afterGap])).toEqual([[12, true]]);
	expect(receiver.counts).toMatchObject({ receivedPackets: 2, lostPackets: 1 });
});

test("a sequence that starts anew is followed at once, after a gap", () => {
	const receiver = new TrackReceiver(SETTINGS);
	receiver.receive(rtp(60_000), 0);

	const [first] = receiver.receive(rtp(20_000), 10);
	const [second] = receiver.receive(rtp(20_001), 20);

	expect([first?.afterGap, second?.afterGap]).toEqual([true, false]);
});

test("reports tell the share that was lost since the one before, and quote the sender's", () => {
	const receiver = new TrackReceiver(SETTINGS);
	for (const number of [0, 1, 2, 3, 5, 6, 7, 9]) receiver.receive(rtp(number), number * 10);
	receiver.senderReported(0xabcd, 100);

	const report = receiver.report(7, 600);

	expect(report).toMatchObject({ ssrc: 7, fractionLost: 51, cumulativeLost: 2, lastSenderReport: 0xabcd });
	expect(report?.delaySinceLastSenderReport).toBe(32_768);
	expect(receiver.report(7, 700)?.fractionLost).toBe(0);
});

function rtp(sequenceNumber: number): RtpPacket {
	const packet = parseRtp(
		buildRtp({
			marker: false,
			payloadType: 96,
			sequenceNumber: sequenceNumber & 0xffff,
			timestamp: sequenceNumber * 3000,
			ssrc: 7,
			payload: Buffer.from([1]),
		}),
	);
	if (packet === null) throw new Error("no packet");
	return packet;
}
