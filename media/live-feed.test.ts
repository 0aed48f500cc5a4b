import { expect, test } from "vitest";
import type { Frame } from "./depacketizer.ts";
import { FeedOpening } from "./feed-opening.ts";
import { FeedGapError, type FeedStart, LiveFeed } from "./live-feed.ts";
import { OPUS_SILENCE } from "./opus-depacketizer.ts";
import { SourceClock, type TrackKind } from "./source-clock.ts";

const T = 1_763_712_000_000;
const START: FeedStart = {
	startsAt: T,
	video: { codec: "VP8", configuration: null, width: 640, height: 360, medianFrameSeconds: 1 / 30 },
	hasAudio: true,
};
/** 20 ms. */
const SOUND = Buffer.from([0x78, 1, 0xaa, 0xbb]);

test("frames before time 0 and sound that goes back are left out, pictures that go back are kept in line", () => {
	const feed = new LiveFeed(START);

	const pictures = [-40, 0, 33, 33, 20, 66].map((ms) => feed.write(timed("video", ms)).length > 0);
	const sounds = [-20, 0, 0, 20].map((ms) => feed.write(timed("audio", ms)).length > 0);

	expect(pictures).toEqual([false, true, true, true, true, true]);
	expect(sounds).toEqual([false, true, false, true]);
	expect(feed.newestMs).toBe(66);
});

test("sound that falls half a second behind the picture is filled with silence, and late sound does not return", () => {
	const feed = new LiveFeed(START);
	for (let ms = 0; ms <= 100; ms += 20) feed.write(timed("audio", ms));

	const blocks = [0, 500, 1_000, 2_000].map((ms) => count(feed.write(timed("video", ms)), OPUS_SILENCE));

	expect(blocks).toEqual([0, 0, 19, 50]);
	expect(feed.write(timed("audio", 900))).toHaveLength(0);
	expect(feed.write(timed("audio", 1_510)).length).toBeGreaterThan(0);
});

test("a lost packet of sound is bridged by the one before, a longer hole by silence", () => {
	const feed = new LiveFeed(START);
	feed.write(timed("audio", 0));

	const bridged = feed.write(timed("audio", 40));
	const silent = feed.write(timed("audio", 260));

	expect([count(bridged, SOUND), count(bridged, OPUS_SILENCE)]).toEqual([2, 0]);
	expect([count(silent, SOUND), count(silent, OPUS_SILENCE)]).toEqual([1, 10]);
});

test("a source that was silent for more than ten seconds, or whose clock is set back, ends the time line", () => {
	const feed = new LiveFeed(START);
	feed.write(timed("video", 0));

	feed.write(timed("video", 9_900));
	expect(() => feed.write(timed("video", 20_000))).toThrow(FeedGapError);
	expect(() => feed.write(timed("video", 7_000))).toThrow(FeedGapError);
});

test("the start waits for a key frame, the frame rate and the reports of both tracks", () => {
	const { opening, clock } = open(["video", "audio"]);
	opening.push({ kind: "audio", frame: frame(0) }, T);
	opening.push({ kind: "video", frame: frame(0) }, T);
	for (let index = 1; index <= 10; index += 1) {
		opening.push({ kind: "video", frame: frame(index * 3000, index === 1) }, T + index * 33);
	}
	expect(opening.decide(T + 400, FORMAT)).toBeNull();

	clock.reported("video", { ntpAt: T, rtpTimestamp: 0 });
	clock.reported("audio", { ntpAt: T, rtpTimestamp: 0 });
	const decision = opening.decide(T + 400, FORMAT);

	expect(decision?.start.startsAt).toBeCloseTo(T + 1000 / 30, 3);
	expect(decision?.start.video).toMatchObject({ width: 640, height: 360, medianFrameSeconds: 1 / 30 });
	expect(decision?.held.filter((held) => held.kind === "video")).toHaveLength(10);
});

test("without reports the start comes all the same after 0.8 s", () => {
	const { opening } = open(["video"]);
	opening.push({ kind: "video", frame: frame(0, true) }, T);
	for (let index = 1; index <= 12; index += 1)
		opening.push({ kind: "video", frame: frame(index * 3000) }, T + index * 33);

	expect(opening.decide(T + 790, FORMAT)).toBeNull();
	expect(opening.decide(T + 801, FORMAT)?.start.startsAt).toBe(T);
});

test("a picture that does not come is done without after four seconds of sound", () => {
	const { opening } = open(["video", "audio"]);
	for (let index = 0; index < 100; index += 1)
		opening.push({ kind: "audio", frame: frame(index * 960) }, T + index * 20);

	expect(opening.decide(T + 3_900, FORMAT)).toBeNull();
	expect(opening.decide(T + 4_000, FORMAT)?.start).toMatchObject({
		startsAt: T,
		video: null,
		hasAudio: true,
	});
});

const FORMAT = { codec: "VP8", configuration: null } as const;

function open(kinds: TrackKind[]): { opening: FeedOpening; clock: SourceClock } {
	const clock = new SourceClock([
		{ kind: "video", clockRate: 90_000 },
		{ kind: "audio", clockRate: 48_000 },
	]);
	for (const kind of kinds) clock.arrived(kind, 0, T);
	return { opening: new FeedOpening(kinds, clock), clock };
}

function timed(kind: TrackKind, ms: number) {
	return { kind, at: T + ms, frame: frame(0, kind === "audio") };
}

function frame(rtpTimestamp: number, isKeyframe = false): Frame {
	const size = isKeyframe ? { width: 640, height: 360 } : null;
	return { rtpTimestamp, arrivedAt: T, isKeyframe, data: SOUND, size };
}

function count(bytes: Buffer, pattern: Buffer): number {
	let found = 0;
	for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1)) found += 1;
	return found;
}
