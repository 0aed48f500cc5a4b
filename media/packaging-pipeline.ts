import { log } from "../adapters/log.ts";
import { boxHeight } from "../domain/streaming/ladder.ts";
import type { Part } from "../domain/streaming/repackager.ts";
import type { LiveEpoch, LiveHeartbeat, LiveJob } from "../protocol/media-job.ts";
import type { Frame } from "./depacketizer.ts";
import { Encoder } from "./encoder.ts";
import { FeedOpening, type VideoFormat } from "./feed-opening.ts";
import { type FeedStart, LiveFeed } from "./live-feed.ts";
import type { SourceClock, TrackKind } from "./source-clock.ts";

export type PipelineOptions = {
	job: LiveJob;
	clock: SourceClock;
	ffmpegPath: string;
	preset: string;
	/** Of the newest key frame; null before. */
	videoFormat: () => VideoFormat | null;
	requestKeyframe: () => void;
	onEpoch: (epoch: LiveEpoch) => void;
	onPart: (rendition: string, part: Part) => void;
	/** With a reason as in a job's state. */
	onFailed: (reason: string) => void;
};

/** The encoder is this far behind: pictures are left out until it is near again. */
const OVERLOAD_MS = { begins: 6_000, ends: 2_000 };
const OVERLOAD_BYTES = 16 * 1024 * 1024;
/** Input but no output for so long: ffmpeg hangs. */
const STALLED_MS = 15_000;
const SPEED_WINDOW_MS = 5_000;
const OPENING_TICK_MS = 50;

/** From frames to parts: waits for a good start, then feeds one encoder and watches it. */
export class PackagingPipeline {
	readonly #options: PipelineOptions;
	readonly #opening: FeedOpening;
	readonly #openingTick: NodeJS.Timeout;
	#feed: LiveFeed | null = null;
	#encoder: Encoder | null = null;
	#start: FeedStart | null = null;
	#isOverloaded = false;
	#isOver = false;
	readonly #progress: { at: number; packagedMs: number; newestMs: number }[] = [];
	#moved = { at: 0, packagedMs: -1 };

	constructor(options: PipelineOptions) {
		this.#options = options;
		this.#opening = new FeedOpening(
			options.job.source.tracks.map((track) => track.kind),
			options.clock,
		);
		this.#openingTick = setInterval(() => this.#tryOpen(Date.now()), OPENING_TICK_MS);
	}

	/** Box height of the best rung; null without picture or before the start. */
	get topHeight(): number | null {
		const top = this.#encoder?.rungs[0];
		return top === undefined ? null : boxHeight(top);
	}

	frame(kind: TrackKind, frame: Frame, now: number): void {
		if (this.#isOver) return;
		if (this.#feed === null) {
			this.#opening.push({ kind, frame }, now);
			this.#tryOpen(now);
			return;
		}
		if (kind === "video" && this.#start?.video === null) {
			this.#fail("source-changed: the picture came after the start");
			return;
		}
		if (kind === "video" && this.#leavesOut(frame)) return;
		this.#write(kind, frame);
	}

	/** How far packaging is; also notices an encoder that hangs. Call about once a second. */
	report(now: number): Omit<LiveHeartbeat["packaging"], "queuedParts"> {
		if (this.#feed === null || this.#encoder === null) return { lagMs: 0, speed: 0 };
		const point = { at: now, packagedMs: this.#encoder.packagedMs, newestMs: this.#feed.newestMs };
		this.#progress.push(point);
		while ((this.#progress[0]?.at ?? now) < now - SPEED_WINDOW_MS) this.#progress.shift();
		const from = this.#progress[0] ?? point;
		if (point.packagedMs > this.#moved.packagedMs) this.#moved = point;
		const isStalled = now - this.#moved.at > STALLED_MS && point.newestMs - point.packagedMs > STALLED_MS / 2;
		if (isStalled) this.#fail("encoder-stalled: no output");
		const speed = now === from.at ? 0 : (point.packagedMs - from.packagedMs) / (now - from.at);
		return {
			lagMs: Math.max(0, Math.round(point.newestMs - point.packagedMs)),
			speed: Math.round(speed * 100) / 100,
		};
	}

	/** Ends the input and waits for the last parts. */
	async end(): Promise<void> {
		clearInterval(this.#openingTick);
		if (!this.#isOver) await this.#encoder?.end();
		this.#isOver = true;
	}

	kill(): void {
		clearInterval(this.#openingTick);
		this.#isOver = true;
		this.#encoder?.kill();
	}

	#tryOpen(now: number): void {
		if (this.#feed !== null || this.#isOver) return;
		const format = this.#options.videoFormat() ?? { codec: "VP8", configuration: null };
		const decision = this.#opening.decide(now, format);
		if (decision === null) return;
		clearInterval(this.#openingTick);
		const { start, held } = decision;
		const { streamID } = this.#options.job;
		this.#start = start;
		this.#feed = new LiveFeed(start);
		this.#encoder = this.#createEncoder(start);
		const rungs = this.#encoder.rungs.map((rung) => `${rung.name} ${rung.width}x${rung.height}`);
		const { isSynchronized } = this.#options.clock;
		log.info("encoder.started", {
			streamID,
			rungs,
			codec: start.video?.codec,
			isSynchronized,
			held: held.length,
		});
		this.#encoder.write(this.#feed.header());
		for (const { kind, frame } of held) this.#write(kind, frame);
	}

	#createEncoder(start: FeedStart): Encoder {
		const { job, ffmpegPath, preset, onEpoch, onPart } = this.#options;
		return new Encoder({
			ffmpegPath,
			preset,
			start,
			job,
			onEpoch,
			onPart,
			onFailed: (error) => {
				const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
				this.#fail(`encoder-failed: ${error.message}${cause}`);
			},
		});
	}

	#write(kind: TrackKind, frame: Frame): void {
		const at = this.#options.clock.timeOf(kind, frame.rtpTimestamp);
		if (at === null || this.#feed === null) return;
		try {
			this.#encoder?.write(this.#feed.write({ kind, at, frame }));
		} catch (error) {
			this.#fail(`source-lost: ${String(error)}`);
		}
	}

	/** True while the encoder must catch up; the pictures left out become repeats of the last one, which cost next to nothing. */
	#leavesOut(frame: Frame): boolean {
		if (this.#feed === null || this.#encoder === null) return false;
		const lagMs = this.#feed.newestMs - this.#encoder.packagedMs;
		const { queuedBytes } = this.#encoder;
		if (!this.#isOverloaded) {
			this.#isOverloaded = lagMs > OVERLOAD_MS.begins || queuedBytes > OVERLOAD_BYTES;
			if (this.#isOverloaded)
				log.warn("encoder.overloaded", { streamID: this.#options.job.streamID, lagMs, queuedBytes });
			return this.#isOverloaded;
		}
		if (lagMs > OVERLOAD_MS.ends || queuedBytes > OVERLOAD_BYTES / 2) return true;
		this.#isOverloaded = !frame.isKeyframe;
		if (this.#isOverloaded) this.#options.requestKeyframe();
		return this.#isOverloaded;
	}

	#fail(reason: string): void {
		if (this.#isOver) return;
		this.#options.onFailed(reason);
	}
}
