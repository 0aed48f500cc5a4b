import type { Frame } from "./depacketizer.ts";
import type { FeedStart } from "./live-feed.ts";
import type { SourceClock, TrackKind } from "./source-clock.ts";

/** How long the start waits for the sender reports of all tracks. Later ones only move sound against picture a little. */
const SYNCHRONIZE_MS = 800;
/** Frames that tell the frame rate, and how long to wait for them. */
const RATE_FRAMES = 10;
const RATE_MS = 500;
/** A track that the job names but that stays silent for so long after the other began is done without. */
const MISSING_TRACK_MS = 4_000;
/** What is held at most: 4 s of 60 pictures and 50 sounds a second. */
const MAX_HELD = 500;

export type HeldFrame = { kind: TrackKind; frame: Frame };

/** The video decoder's settings, from the track's newest key frame. */
export type VideoFormat = { codec: "VP8" | "H264"; configuration: Buffer | null };

/**
 * Holds the first frames until it is known what to encode: which tracks really send, the picture's size and frame rate, and how the tracks'
 * clocks relate. The frames held are encoded faster than real time afterwards, so this costs start-up time but no latency.
 */
export class FeedOpening {
	readonly #expected: Set<TrackKind>;
	readonly #clock: SourceClock;
	#held: HeldFrame[] = [];
	#firstAt: number | null = null;
	#keyframeAt: number | null = null;
	#largest: { width: number; height: number } | null = null;

	constructor(expected: TrackKind[], clock: SourceClock) {
		this.#expected = new Set(expected);
		this.#clock = clock;
	}

	push(held: HeldFrame, now: number): void {
		this.#firstAt ??= now;
		if (held.kind === "video") {
			if (this.#keyframeAt === null && !held.frame.isKeyframe) return;
			this.#keyframeAt ??= now;
			const { size } = held.frame;
			if (size !== null && size.width * size.height > area(this.#largest)) this.#largest = size;
		}
		this.#held.push(held);
		if (this.#held.length > MAX_HELD) this.#held.shift();
	}

	/** The start and the frames to write first, once it is decided; null until then. */
	decide(now: number, format: VideoFormat): { start: FeedStart; held: HeldFrame[] } | null {
		if (this.#firstAt === null) return null;
		const hasVideo = this.#keyframeAt !== null;
		const waitedMs = now - this.#firstAt;
		if (this.#expected.has("video") && !hasVideo && waitedMs < MISSING_TRACK_MS) return null;
		if (!this.#clock.isSynchronized && now - (this.#keyframeAt ?? this.#firstAt) < SYNCHRONIZE_MS)
			return null;
		const medianFrameSeconds = this.#medianFrameSeconds();
		if (hasVideo && medianFrameSeconds === null && now - (this.#keyframeAt ?? now) < RATE_MS) return null;
		return this.#open(format, medianFrameSeconds);
	}

	#open(
		format: VideoFormat,
		medianFrameSeconds: number | null,
	): { start: FeedStart; held: HeldFrame[] } | null {
		this.#clock.freeze();
		const first = this.#held.find((held) => held.kind === "video") ?? this.#held[0];
		const startsAt = first === undefined ? null : this.#clock.timeOf(first.kind, first.frame.rtpTimestamp);
		if (startsAt === null) return null;
		const video =
			this.#largest === null
				? null
				: { ...format, ...this.#largest, medianFrameSeconds: medianFrameSeconds ?? 1 / 30 };
		const hasAudio = this.#expected.has("audio");
		return { start: { startsAt, video, hasAudio }, held: this.#held };
	}

	#medianFrameSeconds(): number | null {
		const stamps = this.#held.filter((held) => held.kind === "video").map((held) => held.frame.rtpTimestamp);
		if (stamps.length < RATE_FRAMES) return null;
		const distances = stamps
			.slice(1)
			.map((stamp, index) => ((stamp - (stamps[index] ?? stamp)) >>> 0) / 90_000);
		return distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? null;
	}
}

function area(size: { width: number; height: number } | null): number {
	return size === null ? 0 : size.width * size.height;
}
