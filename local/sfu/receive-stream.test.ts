import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ReceiveStream } from "./receive-stream.ts";

function streamAfter(sequenceNumbers: readonly number[]): ReceiveStream {
	const stream = new ReceiveStream(1, 90_000);
	for (const sequenceNumber of sequenceNumbers) stream.accept(sequenceNumber & 0xffff, 0, 0);
	return stream;
}

describe("loss", () => {
	test("every packet is new once, in whatever order they come, and none is missing at the end", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 0, max: 0xffff }),
				fc.shuffledSubarray(
					Array.from({ length: 60 }, (_, index) => index),
					{ minLength: 60 },
				),
				(first, order) => {
					const stream = streamAfter([first]);

					const verdicts = order.map((index) => stream.accept((first + 1 + index) & 0xffff, 0, 0));
					const again = order.map((index) => stream.accept((first + 1 + index) & 0xffff, 0, 0));

					expect(verdicts.every((verdict) => verdict === "new" || verdict === "late")).toBe(true);
					expect(again.every((verdict) => verdict === "duplicate")).toBe(true);
					expect(stream.hasMissing).toBe(false);
					expect(stream.report(0)).toMatchObject({ cumulativeLost: 0, fractionLost: 0 });
				},
			),
		);
	});

	test("exactly the missing packets are asked for, after a moment for reordering", () => {
		const stream = streamAfter([65_534, 65_535, 2, 4]);

		expect(stream.dueNacks(4)).toEqual([]);
		expect(stream.dueNacks(5)).toEqual([0, 1, 3]);
	});

	test("a packet is asked for again at growing distances and then given up", () => {
		const stream = streamAfter([0, 2]);
		const asked: number[] = [];

		for (let now = 0; now < 10_000; now += 1) if (stream.dueNacks(now).length > 0) asked.push(now);

		const distances = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
		expect(distances).toEqual([40, 80, 120, 160, 200, 240, 280]);
		expect(stream.hasMissing).toBe(false);
	});

	test("what has come is not asked for any more", () => {
		const stream = streamAfter([0, 2]);

		expect(stream.accept(1, 0, 1)).toBe("late");
		expect(stream.dueNacks(100)).toEqual([]);
	});

	test("the loss of an interval is reported as a share of 256", () => {
		const stream = streamAfter([0, 1, 2, 3, 5, 6, 7, 9]);

		expect(stream.report(0)).toMatchObject({ fractionLost: 51, cumulativeLost: 2, highestSequenceNumber: 9 });
		expect(stream.report(0)).toMatchObject({ fractionLost: 0, cumulativeLost: 2 });
	});

	test("numbers that jump far away begin anew", () => {
		const stream = streamAfter([10, 11]);

		expect(stream.accept(30_000, 0, 0)).toBe("reset");
		expect(stream.accept(30_001, 0, 0)).toBe("new");
		expect(stream.report(0)).toMatchObject({ cumulativeLost: 0 });
	});
});

describe("clocks", () => {
	test("a report quotes the last sender report and the time since", () => {
		const stream = streamAfter([0]);
		const ntp = { ntpSeconds: 0x12345678, ntpFraction: 0x9abcdef0 };
		stream.noteSenderReport(
			{ type: "sender-report", ssrc: 1, ...ntp, rtpTimestamp: 0, packetCount: 0, octetCount: 0, reports: [] },
			1_000,
		);

		expect(stream.report(1_500)).toMatchObject({
			lastSenderReport: 0x56789abc,
			delaySinceLastSenderReport: 32_768,
		});
	});

	test("jitter is zero for packets that come as evenly as they were sent, and grows when they do not", () => {
		const even = new ReceiveStream(1, 90_000);
		const uneven = new ReceiveStream(1, 90_000);

		for (let index = 0; index < 50; index += 1) {
			even.accept(index, index * 3600, index * 40);
			uneven.accept(index, index * 3600, index * 40 + (index % 2) * 20);
		}

		expect(even.report(0).jitter).toBe(0);
		expect(uneven.report(0).jitter).toBeGreaterThan(1000);
	});
});
