import fc from "fast-check";
import { expect, test } from "vitest";
import { parseVp8Descriptor } from "../../webrtc/codecs.ts";
import { sequenceDelta, timestampDelta } from "../../webrtc/rtp.ts";
import { Rewriter } from "./rewriter.ts";

const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const start = fc.record({ sequenceNumber: uint16, timestamp: uint32 });

/** One source: where its numbers begin, and for each packet whether it is padding. */
const source = fc.record({
	first: start,
	packets: fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
});

test("whatever the sources, the subscriber sees numbers without gaps and time that does not run back", () => {
	fc.assert(
		fc.property(start, fc.array(source, { minLength: 1, maxLength: 6 }), (begin, sources) => {
			const rewriter = new Rewriter(begin);

			const sent = sources.flatMap((one) => {
				rewriter.switchTo({ ...one.first, vp8: null }, 3000);
				return one.packets.flatMap((isPadding, index) => {
					const sequenceNumber = (one.first.sequenceNumber + index) & 0xffff;
					const timestamp = (one.first.timestamp + index * 3000) >>> 0;
					if (index > 0 && isPadding && rewriter.skip(sequenceNumber)) return [];
					return rewriter.rewrite({ sequenceNumber, timestamp }) ?? [];
				});
			});

			for (const [index, packet] of sent.entries()) {
				const before = sent[index - 1];
				if (before === undefined) continue;
				expect(sequenceDelta(packet.sequenceNumber, before.sequenceNumber)).toBe(1);
				expect(timestampDelta(packet.timestamp, before.timestamp)).toBeGreaterThan(0);
			}
		}),
	);
});

test("late packets take the places that were kept for them, whatever was skipped meanwhile", () => {
	fc.assert(
		fc.property(
			start,
			fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }),
			fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }),
			(first, skipped, late) => {
				const inOrder = new Rewriter({ sequenceNumber: 0, timestamp: 0 });
				const disordered = new Rewriter({ sequenceNumber: 0, timestamp: 0 });
				const numbersAt = (index: number) => ({
					sequenceNumber: (first.sequenceNumber + index) & 0xffff,
					timestamp: (first.timestamp + index) >>> 0,
				});
				const pass = (rewriter: Rewriter, index: number) =>
					skipped.includes(index)
						? rewriter.skip(numbersAt(index).sequenceNumber) && null
						: rewriter.rewrite(numbersAt(index));
				inOrder.switchTo({ ...numbersAt(0), vp8: null }, 0);
				disordered.switchTo({ ...numbersAt(0), vp8: null }, 0);
				const isLate = (index: number) => late.includes(index) && !skipped.includes(index);
				const indices = Array.from({ length: 41 }, (_, index) => index);

				const expected = new Map(indices.map((index) => [index, pass(inOrder, index)]));
				const order = [...indices.filter((index) => !isLate(index)), ...indices.filter(isLate)];
				const actual = new Map(order.map((index) => [index, pass(disordered, index)]));

				for (const index of indices) expect(actual.get(index)).toEqual(expected.get(index));
			},
		),
	);
});

test("packets from before a switch are not sent", () => {
	const rewriter = new Rewriter({ sequenceNumber: 0, timestamp: 0 });
	rewriter.switchTo({ sequenceNumber: 100, timestamp: 0, vp8: null }, 0);

	expect(rewriter.rewrite({ sequenceNumber: 99, timestamp: 0 })).toBeNull();
	expect(rewriter.rewrite({ sequenceNumber: 100, timestamp: 0 })).toMatchObject({ sequenceNumber: 1 });
});

test("padding that comes after its successors is not skipped, as its number is already spoken for", () => {
	const rewriter = new Rewriter({ sequenceNumber: 0, timestamp: 0 });
	rewriter.switchTo({ sequenceNumber: 10, timestamp: 0, vp8: null }, 0);
	rewriter.rewrite({ sequenceNumber: 10, timestamp: 0 });
	rewriter.rewrite({ sequenceNumber: 12, timestamp: 0 });

	expect(rewriter.skip(11)).toBe(false);
	expect(rewriter.rewrite({ sequenceNumber: 11, timestamp: 0 })).toMatchObject({ sequenceNumber: 2 });
});

test("VP8's picture numbers go on over a switch", () => {
	const rewriter = new Rewriter({ sequenceNumber: 0, timestamp: 0 });
	const picture = (pictureID: number, tl0: number) =>
		Buffer.from([0x90, 0xc0, 0x80 | (pictureID >> 8), pictureID & 0xff, tl0, 0x10]);
	const send = (sequenceNumber: number, payload: Buffer, switches: boolean) => {
		const vp8 = parseVp8Descriptor(payload);
		if (vp8 === null) throw new Error("not VP8");
		const numbers = { sequenceNumber, timestamp: sequenceNumber * 3000 };
		if (switches) rewriter.switchTo({ ...numbers, vp8 }, 3000);
		rewriter.rewrite(numbers);
		rewriter.patchVp8(payload, vp8);
		return parseVp8Descriptor(payload);
	};

	const first = send(10, picture(500, 7), true);
	const second = send(11, picture(501, 8), false);
	const other = send(900, picture(20, 200), true);
	const next = send(901, picture(21, 201), false);

	expect(first).toMatchObject({ pictureID: 500, tl0PictureIndex: 7 });
	expect(second).toMatchObject({ pictureID: 501, tl0PictureIndex: 8 });
	expect(other).toMatchObject({ pictureID: 502, tl0PictureIndex: 9 });
	expect(next).toMatchObject({ pictureID: 503, tl0PictureIndex: 10 });
});
