import { expect, test } from "vitest";
import { middleNtp, toNtp } from "../../webrtc/rtcp.ts";
import { SenderReports } from "./sender-reports.ts";

const BLOCK = {
	ssrc: 7,
	fractionLost: 0,
	cumulativeLost: 0,
	highestSequenceNumber: 0,
	jitter: 0,
	lastSenderReport: 0,
	delaySinceLastSenderReport: 0,
};
/** The publisher's clock is hours away from ours; it must not matter. */
const clock = { report: toNtp(7_000_000), at: 1_000 };

test("the publisher's clock goes on between its reports", () => {
	const reports = new SenderReports();
	reports.noteSent(100);

	const report = reports.make(7, 90_000, clock, 1_250);

	expect(report).toMatchObject({ ssrc: 7, packetCount: 1, octetCount: 100 });
	expect(middleNtp(report)).toBe(middleNtp(toNtp(7_000_250)));
});

test("the answer to a report tells the round trip, without the time that the receiver took", () => {
	const reports = new SenderReports();
	reports.noteSent(100);
	const lastSenderReport = middleNtp(reports.make(7, 0, clock, 2_000));

	reports.noteAnswer({ ...BLOCK, lastSenderReport, delaySinceLastSenderReport: 65_536 }, 3_080);

	expect(reports.roundTripMs).toBeCloseTo(80);
});

test("an answer to something else tells nothing", () => {
	const reports = new SenderReports();
	reports.noteSent(100);
	reports.make(7, 0, clock, 2_000);

	reports.noteAnswer({ ...BLOCK, lastSenderReport: 12_345 }, 3_080);

	expect(reports.roundTripMs).toBe(0);
});

test("the first report is due from the first packet after a start, until it is made", () => {
	const reports = new SenderReports();
	reports.started();
	const before = reports.isFirstDue;
	reports.noteSent(1);
	const due = reports.isFirstDue;
	reports.make(7, 0, clock, 2_000);

	expect([before, due, reports.isFirstDue]).toEqual([false, true, false]);
});
