import type { PictureSize } from "../domain/streaming/ladder.ts";
import type { Frame } from "./depacketizer.ts";
import { MatroskaWriter } from "./matroska.ts";
import { OPUS_SILENCE, OPUS_SILENCE_MS, opusDurationMs } from "./opus-depacketizer.ts";
import type { TrackKind } from "./source-clock.ts";

/** A frame on the source's time line. */
export type TimedFrame = { kind: TrackKind; at: number; frame: Frame };

/** What the encoder must know before its first byte. */
export type FeedStart = {
	/** Milliseconds since 1970 at media time 0. */
	startsAt: number;
	video:
		| (PictureSize & { codec: "VP8" | "H264"; configuration: Buffer | null; medianFrameSeconds: number })
		| null;
	hasAudio: boolean;
};

/** Sound this far behind the picture is not coming: silence takes its place, or the players would stop. */
const SILENCE_AFTER_MS = 500;
/** A hole in the sound up to this long is a lost packet or three: the last sound goes on. A longer one is silence. */
const CONCEALED_MS = 60;
/** A track that is silent for longer ends the time line: the job starts anew rather than encode a still picture for so long. */
const MAX_GAP_MS = 10_000;
/** A publisher whose clock is set back by more has to start anew as well; less is squeezed together. */
const MAX_BACK_MS = 2_000;
const LEAST_STEP_MS = 1;

/**
 * Turns frames into one Matroska stream: sets time 0, keeps each track's times rising, and fills holes in the sound.
 * `start` first, then `write` in order of arrival; both return bytes for the encoder's input.
 */
export class LiveFeed {
	readonly #writer = new MatroskaWriter();
	readonly #start: FeedStart;
	/** Media time of the newest frame's end, milliseconds. */
	readonly #endMs: Record<TrackKind, number> = { audio: 0, video: 0 };
	readonly #lastMs: Record<TrackKind, number> = { audio: -1, video: -1 };
	#lastSound: Buffer = OPUS_SILENCE;

	constructor(start: FeedStart) {
		this.#start = start;
	}

	/** Media time up to which the input reaches. */
	get newestMs(): number {
		return Math.max(this.#endMs.audio, this.#endMs.video);
	}

	header(): Buffer {
		return this.#writer.header({ video: this.#start.video, hasAudio: this.#start.hasAudio });
	}

	/**
	 * Empty for a frame before time 0, for one of a track that was not announced, and for sound behind what is written. A picture behind the newest is put right
	 * after it: without it those that follow could not be decoded. Throws `FeedGapError` if the source's time leaps.
	 */
	write({ kind, at, frame }: TimedFrame): Buffer {
		const isExpected = kind === "audio" ? this.#start.hasAudio : this.#start.video !== null;
		const timeMs = at - this.#start.startsAt;
		const lastMs = this.#lastMs[kind];
		if (!isExpected || (timeMs < 0 && lastMs < 0)) return Buffer.alloc(0);
		const isSetBack = kind === "video" && lastMs - timeMs > MAX_BACK_MS;
		if (timeMs - this.newestMs > MAX_GAP_MS || isSetBack) {
			throw new FeedGapError(timeMs - this.newestMs);
		}
		if (kind === "audio") return timeMs <= lastMs ? Buffer.alloc(0) : this.#sound(timeMs, frame.data);
		const placedMs = Math.max(timeMs, lastMs + LEAST_STEP_MS);
		const block = { timeMs: placedMs, durationMs: 0, isKeyframe: frame.isKeyframe, data: frame.data };
		return Buffer.concat([this.#block("video", block), this.#silence()]);
	}

	#sound(timeMs: number, data: Buffer): Buffer {
		const filling = this.#fill(timeMs);
		// Times that nearly agree with the end of the frame before are one unbroken sound: clocks jitter, samples do not.
		const isUnbroken = this.#lastMs.audio >= 0 && Math.abs(timeMs - this.#endMs.audio) < 1;
		const placedMs = isUnbroken ? this.#endMs.audio : timeMs;
		this.#lastSound = data;
		const durationMs = opusDurationMs(data);
		return Buffer.concat([
			filling,
			this.#block("audio", { timeMs: placedMs, durationMs, isKeyframe: true, data }),
		]);
	}

	/** What takes the place of lost sound. Without it the encoder would move all that follows. */
	#fill(untilMs: number): Buffer {
		const gapMs = untilMs - this.#endMs.audio;
		if (this.#lastMs.audio < 0) return Buffer.alloc(0);
		const data = gapMs <= CONCEALED_MS ? this.#lastSound : OPUS_SILENCE;
		const durationMs = opusDurationMs(data);
		const count = Math.round(gapMs / durationMs);
		const blocks = Array.from({ length: Math.max(0, count) }, () =>
			this.#block("audio", { timeMs: this.#endMs.audio, durationMs, isKeyframe: true, data }),
		);
		return Buffer.concat(blocks);
	}

	#block(
		track: TrackKind,
		block: { timeMs: number; durationMs: number; isKeyframe: boolean; data: Buffer },
	): Buffer {
		this.#lastMs[track] = block.timeMs;
		this.#endMs[track] = block.timeMs + block.durationMs;
		return this.#writer.block({ track, ...block });
	}

	/** Silence up to where sound should have been by now. */
	#silence(): Buffer {
		const blocks: Buffer[] = [];
		while (this.#start.hasAudio && this.#endMs.audio < this.#endMs.video - SILENCE_AFTER_MS) {
			const timeMs = this.#endMs.audio;
			const silence = { timeMs, durationMs: OPUS_SILENCE_MS, isKeyframe: true, data: OPUS_SILENCE };
			blocks.push(this.#block("audio", silence));
		}
		return Buffer.concat(blocks);
	}
}

/** The source was silent for too long, or its clock was set: the same time line cannot go on. */
export class FeedGapError extends Error {
	constructor(gapMs: number) {
		super(`the source's time leapt by ${Math.round(gapMs)} ms`);
		this.name = "FeedGapError";
	}
}
