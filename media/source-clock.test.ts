import { expect, test } from "vitest";
import { SourceClock } from "./source-clock.ts";

const T = 1_763_712_000_000;
const TRACKS = [
	{ kind: "video" as const, clockRate: 90_000 },
	{ kind: "audio" as const, clockRate: 48_000 },
];

test("with sender reports of both tracks, times are the publisher's capture times", () => {
	const clock = new SourceClock(TRACKS);
	clock.arrived("video", 1_000, T + 150);
	clock.arrived("audio", 9_000, T + 90);
	clock.reported("video", { ntpAt: T + 1_000, rtpTimestamp: 1_000 + 90_000 });
	expect(clock.isSynchronized).toBe(false);
	clock.reported("audio", { ntpAt: T + 2_000, rtpTimestamp: 9_000 + 96_000 });

	expect(clock.isSynchronized).toBe(true);
	expect(clock.timeOf("video", 1_000)).toBeCloseTo(T);
	expect(clock.timeOf("audio", 9_000)).toBeCloseTo(T);
});

test("a publisher whose clock is wrong is put on ours, its tracks still agreeing", () => {
	const wrongMs = -3_600_000;
	const clock = new SourceClock(TRACKS);
	clock.arrived("video", 0, T + 150);
	clock.arrived("audio", 0, T + 90);
	clock.reported("video", { ntpAt: T + wrongMs, rtpTimestamp: 0 });
	clock.reported("audio", { ntpAt: T + wrongMs, rtpTimestamp: 0 });

	expect(clock.timeOf("video", 0)).toBeCloseTo(T + 150);
	expect(clock.timeOf("audio", 0)).toBeCloseTo(T + 150);
});

test("without reports the fastest packet's arrival counts, and the time line stays when reports come later", () => {
	const clock = new SourceClock(TRACKS);
	clock.arrived("video", 0, T + 80);
	clock.arrived("video", 3_000, T + 133);
	clock.arrived("video", 6_000, T + 120);
	clock.arrived("audio", 0, T + 40);
	clock.freeze();
	const before = clock.timeOf("video", 9_000);

	clock.reported("video", { ntpAt: T, rtpTimestamp: 0 });
	clock.reported("audio", { ntpAt: T, rtpTimestamp: 0 });

	expect(before).toBeCloseTo(T + 153.33, 1);
	expect(clock.timeOf("video", 9_000)).toBeCloseTo(before ?? 0);
	expect(clock.timeOf("audio", 4_800)).toBeCloseTo(clock.timeOf("video", 9_000) ?? 0);
});

test("timestamps may wrap", () => {
	const clock = new SourceClock(TRACKS);
	clock.arrived("video", 0xffff_ffff - 2_999, T);

	expect(clock.timeOf("video", 87_000)).toBeCloseTo(T + 1_000);
});

test("one report that contradicts the others is not believed, three are", () => {
	const clock = new SourceClock([{ kind: "video", clockRate: 90_000 }]);
	clock.arrived("video", 0, T);
	clock.reported("video", { ntpAt: T, rtpTimestamp: 0 });

	clock.reported("video", { ntpAt: T + 5_000, rtpTimestamp: 0 });
	clock.reported("video", { ntpAt: T + 5_000, rtpTimestamp: 0 });
	expect(clock.timeOf("video", 0)).toBeCloseTo(T);

	clock.reported("video", { ntpAt: T + 5_000, rtpTimestamp: 0 });
	expect(clock.timeOf("video", 0)).toBeCloseTo(T + 5_000);
});
