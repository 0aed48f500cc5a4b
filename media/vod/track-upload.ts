import { createHash } from "node:crypto";
import type { Sample } from "../../domain/streaming/fragment.ts";
import { FragmentReader } from "../../domain/streaming/fragment-reader.ts";
import type { InitSegment } from "../../domain/streaming/init-segment.ts";
import { type CutSegment, SegmentCutter } from "../../domain/streaming/segment-cutter.ts";
import { SHIFT_SECONDS } from "../../domain/streaming/vod-arguments.ts";
import type { VodOutput } from "../../protocol/vod-job.ts";
import type { Consumer } from "./command.ts";
import { SourceFault } from "./failure.ts";
import type { ObjectClient } from "./object-client.ts";

/** Segments on their way at once; ffmpeg waits for the next. */
const PARALLEL_UPLOADS = 4;
const CONTENT_TYPE = { video: "video/mp4", audio: "audio/mp4" };

export type TrackUploadOptions = {
	client: ObjectClient;
	/** Of the rendition: the folder of its objects. */
	name: string;
	kind: "video" | "audio";
	chunk: number;
	/** Of the chunk on the presentation timeline; `endSeconds` null if it is the last. */
	startSeconds: number;
	endSeconds: number | null;
	segmentSeconds: number;
	startsAtZero: boolean;
	framesPerSecond?: number;
	/** A copy can have no more bytes than its source: one that has takes the same bytes again and again. */
	maxBytes?: number;
	/** After each stored segment. */
	onStored: () => void;
};

/** One rendition's samples, out of ffmpeg's pipe or as they stand in the source: cut into segments, which are stored as `{name}/c{chunk}-{00001}.m4s` beside `{name}/init.mp4`. */
export class TrackUpload {
	readonly #options: TrackUploadOptions;
	readonly #reader = new FragmentReader();
	readonly #segments: VodOutput["segments"] = [];
	#init: InitSegment | null = null;
	#initSha256 = "";
	#cutter: SegmentCutter | null = null;
	#count = 0;
	#bytes = 0;
	#frames = 0;
	#uploads: Promise<void>[] = [];
	/** Ends when all segments so far are stored and listed, in order. */
	#listed: Promise<void> = Promise.resolve();

	constructor(options: TrackUploadOptions) {
		this.#options = options;
	}

	/** Takes ffmpeg's pipe to its end. */
	readonly consume: Consumer = async (pipe) => {
		try {
			for await (const bytes of pipe) {
				for (const event of this.#reader.push(bytes)) {
					if (event.type === "init") await this.open(event.init, SHIFT_SECONDS);
					else await this.push(event.samples);
				}
			}
			this.#reader.end();
		} catch (error) {
			await this.settle();
			throw error;
		}
		await this.finish();
	};

	/** Before the first sample. `shiftSeconds`: what time 0 of the presentation is on the samples' clock. */
	async open(init: InitSegment, shiftSeconds: number): Promise<void> {
		const { client, name, kind, startSeconds, endSeconds, segmentSeconds, startsAtZero } = this.#options;
		const bytes = init.bytes.slice();
		await client.write(`${name}/init.mp4`, bytes, CONTENT_TYPE[kind]);
		this.#init = init;
		this.#initSha256 = createHash("sha256").update(bytes).digest("hex");
		this.#cutter = new SegmentCutter({
			kind,
			timescale: init.timescale,
			trackID: init.trackID,
			segmentSeconds,
			shiftTicks: Math.round(shiftSeconds * init.timescale),
			startTicks: Math.round(startSeconds * init.timescale),
			endTicks: endSeconds === null ? null : Math.round(endSeconds * init.timescale),
			startsAtZero,
		});
	}

	/** In decode order. Waits while too many segments are on their way. */
	async push(samples: Sample[]): Promise<void> {
		for (const segment of this.#cutter?.push(samples) ?? []) await this.#store(segment);
	}

	/** After the last sample: returns when all is stored. */
	async finish(): Promise<void> {
		try {
			for (const segment of this.#cutter?.end() ?? []) await this.#store(segment);
		} finally {
			await this.settle();
		}
		await this.#listed;
	}

	/** Returns when nothing is on its way any more. */
	async settle(): Promise<void> {
		await Promise.allSettled(this.#uploads);
	}

	/** Seconds of the presentation that are stored. */
	get storedSeconds(): number {
		const last = this.#segments.at(-1);
		return last === undefined ? 0 : (last.time + last.duration) / (this.#init?.timescale ?? 1);
	}

	/** What is stored; null before the first segment. */
	output(): VodOutput | null {
		const { name, kind, chunk, framesPerSecond } = this.#options;
		const init = this.#init;
		if (init === null || this.#segments.length === 0) return null;
		const rates = this.#segments.map(
			({ bytes, duration }) => (bytes * 8 * init.timescale) / Math.max(1, duration),
		);
		const totalBytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
		const totalTicks = this.#segments.reduce((sum, segment) => sum + segment.duration, 0);
		return {
			name,
			kind,
			codecs: init.codecs,
			bitrateBps: Math.round(peak(rates, this.#segments, init.timescale)),
			averageBps: Math.round((totalBytes * 8 * init.timescale) / Math.max(1, totalTicks)),
			...(kind === "video" ? { width: init.width, height: init.height } : {}),
			...(framesPerSecond === undefined ? {} : { framesPerSecond }),
			timescale: init.timescale,
			initKey: `${name}/init.mp4`,
			initSha256: this.#initSha256,
			chunk,
			segments: [...this.#segments],
			frames: this.#frames,
		};
	}

	async #store(segment: CutSegment): Promise<void> {
		const { client, name, kind, chunk, maxBytes, onStored } = this.#options;
		this.#count += 1;
		this.#bytes += segment.bytes.length;
		if (this.#bytes > (maxBytes ?? Number.POSITIVE_INFINITY)) {
			throw new SourceFault("The file is damaged: it says that it holds more than fits into it.");
		}
		const key = `${name}/c${chunk}-${String(this.#count).padStart(5, "0")}.m4s`;
		const upload = client.write(key, segment.bytes, CONTENT_TYPE[kind]);
		const { time, duration, frames } = segment;
		const bytes = segment.bytes.length;
		this.#listed = Promise.all([this.#listed, upload]).then(() => {
			this.#segments.push({ key, time, duration, bytes });
			this.#frames += frames;
			onStored();
		});
		// Who waits for it below sees the error; until then it is nobody's.
		this.#listed.catch(() => undefined);
		this.#uploads.push(upload);
		if (this.#uploads.length >= PARALLEL_UPLOADS) await this.#uploads.shift();
	}
}

/** Of segments that are long enough to say something; a last one with a single key frame does not. */
function peak(rates: number[], segments: VodOutput["segments"], timescale: number): number {
	const telling = rates.filter((_, index) => (segments[index]?.duration ?? 0) >= timescale);
	return Math.max(...(telling.length > 0 ? telling : rates));
}
