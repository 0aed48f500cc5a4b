import { type ChildProcess, spawn } from "node:child_process";
import { Readable } from "node:stream";
import {
	AUDIO_BITRATE_BPS,
	AUDIO_FRAME_SECONDS,
	AUDIO_NAME,
	ffmpegLiveArguments,
} from "../domain/streaming/ffmpeg-arguments.ts";
import type { InitSegment } from "../domain/streaming/init-segment.ts";
import { type Rung, selectLadder, steadyFrameRate } from "../domain/streaming/ladder.ts";
import { type Part, partTargetSeconds } from "../domain/streaming/repackager.ts";
import type { LiveEpoch, LiveJob, LiveRendition } from "../protocol/media-job.ts";
import type { FeedStart } from "./live-feed.ts";
import { RenditionOutput } from "./rendition-output.ts";

export type EncoderOptions = {
	ffmpegPath: string;
	preset: string;
	start: FeedStart;
	job: Pick<LiveJob, "segmentSeconds" | "partSeconds" | "firstSegment" | "maxHeight">;
	/** Every rendition's header is there; called once, before any part. */
	onEpoch: (epoch: LiveEpoch) => void;
	onPart: (rendition: string, part: Part) => void;
	/** ffmpeg ended by itself or wrote what it should not; called at most once, and then nothing else is. */
	onFailed: (error: Error) => void;
};

/** moof, trun and the like: 1 % of video, 10 kbit/s of sound. */
const CONTAINER_OVERHEAD = { video: 1.01, audioBps: 12_000 };
const FIRST_OUTPUT = 3;
const END_WITHIN_MS = 5_000;
const STDERR_LINES = 12;
/** The viewer's and this program's processors allow no more for a live ladder of three. */
const MAX_FRAMES_PER_SECOND = 30;

/** One ffmpeg: Matroska in, parts of all renditions out. It lives on its standard input, so it ends when this process does, however that ends. */
export class Encoder {
	/** Video rungs, best first. */
	readonly rungs: Rung[];
	readonly #options: EncoderOptions;
	readonly #process: ChildProcess;
	readonly #outputs: RenditionOutput[];
	readonly #ended: Promise<void>;
	#waiting: { name: string; part: Part }[] | null = [];
	#stderr: string[] = [];
	#isEnding = false;
	#isOver = false;

	constructor(options: EncoderOptions) {
		this.#options = options;
		this.rungs = rungsFor(options);
		const { hasAudio } = options.start;
		const names = [...this.rungs.map((rung) => rung.name), ...(hasAudio ? [AUDIO_NAME] : [])];
		this.#process = spawn(
			options.ffmpegPath,
			ffmpegLiveArguments({
				rungs: this.rungs,
				hasAudio,
				segmentSeconds: options.job.segmentSeconds,
				preset: options.preset,
				firstOutput: FIRST_OUTPUT,
			}),
			// In a process group of its own: Ctrl-C is for us, and we end it in good order.
			{ detached: true, stdio: ["pipe", "ignore", "pipe", ...names.map(() => "pipe" as const)] },
		);
		this.#outputs = names.map((name, index) => this.#output(name, index));
		this.#ended = this.#watch();
	}

	/** Bytes that ffmpeg has not taken yet. */
	get queuedBytes(): number {
		return this.#process.stdin?.writableLength ?? 0;
	}

	/** Media time that has left as parts in every rendition, milliseconds. */
	get packagedMs(): number {
		return Math.min(...this.#outputs.map((output) => output.packagedMs));
	}

	write(bytes: Buffer): void {
		if (bytes.length > 0 && !this.#isOver && !this.#isEnding) this.#process.stdin?.write(bytes);
	}

	/** Ends the input, waits until all that was written is out, and gives the last parts to `onPart`. */
	async end(): Promise<void> {
		this.#isEnding = true;
		this.#process.stdin?.end();
		const timer = setTimeout(() => this.kill(), END_WITHIN_MS);
		await this.#ended;
		clearTimeout(timer);
		if (this.#isOver) return;
		this.#isOver = true;
		this.#flush();
	}

	/** Ends ffmpeg at once; nothing more is called. */
	kill(): void {
		this.#isOver = true;
		this.#process.kill("SIGKILL");
	}

	#output(name: string, index: number): RenditionOutput {
		const { job } = this.#options;
		const output = new RenditionOutput(name, job, {
			onInit: () => this.#announce(),
			onPart: (part) => this.#part(name, part),
		});
		const pipe = this.#process.stdio[FIRST_OUTPUT + index];
		if (!(pipe instanceof Readable)) throw new Error("ffmpeg has no output pipe");
		pipe.on("data", (bytes: Buffer) => {
			try {
				if (!this.#isOver) output.read(bytes);
			} catch (error) {
				this.#fail(new Error(`${name} cannot be cut`, { cause: error }));
			}
		});
		pipe.on("error", (error) => this.#fail(error));
		return output;
	}

	#watch(): Promise<void> {
		this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
			this.#stderr = [...this.#stderr, ...text.split("\n").filter(Boolean)].slice(-STDERR_LINES);
		});
		// A write after ffmpeg's end is reported here; the end itself is reported below.
		this.#process.stdin?.on("error", () => undefined);
		return new Promise((resolve) => {
			this.#process.on("error", (error) => {
				this.#fail(error);
				resolve();
			});
			// `close` comes after all pipes are drained.
			this.#process.on("close", (code, signal) => {
				if (!this.#isEnding || code !== 0) {
					this.#fail(new Error(`ffmpeg ended (${signal ?? code}): ${this.#stderr.join(" | ")}`));
				}
				resolve();
			});
		});
	}

	#part(name: string, part: Part): void {
		if (this.#waiting === null) this.#options.onPart(name, part);
		else this.#waiting.push({ name, part });
	}

	/** All headers there: the epoch can be opened, then come the parts that were early. */
	#announce(): void {
		const inits = this.#outputs.map((output) => output.init);
		if (inits.includes(null) || this.#waiting === null) return;
		const { job, start } = this.#options;
		this.#options.onEpoch({
			startsAt: start.startsAt,
			segmentTargetSeconds: job.segmentSeconds,
			partTargetSeconds: partTargetSeconds({
				partSeconds: job.partSeconds,
				framesPerSecond: this.rungs.at(-1)?.framesPerSecond ?? null,
				audioFrameSeconds: AUDIO_FRAME_SECONDS,
			}),
			renditions: inits.flatMap((init, index) => (init === null ? [] : [this.#rendition(init, index)])),
		});
		const early = this.#waiting;
		this.#waiting = null;
		for (const { name, part } of early) this.#options.onPart(name, part);
	}

	#rendition(init: InitSegment, index: number): LiveRendition {
		const rung = this.rungs[index];
		const common = {
			codecs: init.codecs,
			timescale: init.timescale,
			init: Buffer.from(init.bytes).toString("base64"),
		};
		if (rung === undefined) {
			return {
				...common,
				name: AUDIO_NAME,
				kind: "audio",
				bitrateBps: AUDIO_BITRATE_BPS + CONTAINER_OVERHEAD.audioBps,
			};
		}
		return {
			...common,
			name: rung.name,
			kind: "video",
			bitrateBps: Math.round(rung.bitrateBps * CONTAINER_OVERHEAD.video),
			width: init.width,
			height: init.height,
			framesPerSecond: rung.framesPerSecond,
		};
	}

	/** The last, short parts; but not a segment that some renditions do not reach: all must have the same number of them. */
	#flush(): void {
		if (this.#waiting !== null) return;
		const tails = this.#outputs.map((output) => ({ output, parts: output.flush() }));
		const lastSegment = Math.min(
			...tails.map(({ output, parts }) => parts.at(-1)?.segment ?? output.newestSegment),
		);
		for (const { output, parts } of tails) {
			for (const part of parts) {
				if (part.segment <= lastSegment) this.#options.onPart(output.name, part);
			}
		}
	}

	#fail(error: Error): void {
		if (this.#isOver) return;
		this.kill();
		this.#options.onFailed(error);
	}
}

function rungsFor({ start, job }: EncoderOptions): Rung[] {
	if (start.video === null) return [];
	const source = { ...start.video, framesPerSecond: steadyFrameRate(start.video.medianFrameSeconds) };
	return selectLadder(source, { maxHeight: job.maxHeight, maxFramesPerSecond: MAX_FRAMES_PER_SECOND });
}
