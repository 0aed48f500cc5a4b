import { FragmentReader } from "../domain/streaming/fragment-reader.ts";
import type { InitSegment } from "../domain/streaming/init-segment.ts";
import { type Part, Repackager } from "../domain/streaming/repackager.ts";
import type { LiveJob } from "../protocol/media-job.ts";

type Grid = Pick<LiveJob, "segmentSeconds" | "partSeconds" | "firstSegment">;

/** ffmpeg's AAC encoder begins with one frame that holds nothing but its look-ahead. */
const AAC_PRIMING_FRAMES = 1;

/** One rendition's pipe: fragments in, parts out. Errors of the format are thrown from `read`. */
export class RenditionOutput {
	readonly name: string;
	readonly #grid: Grid;
	readonly #on: { onInit: () => void; onPart: (part: Part) => void };
	readonly #reader = new FragmentReader();
	#init: InitSegment | null = null;
	#repackager: Repackager | null = null;
	#packagedMs = 0;
	#newestSegment: number;

	constructor(name: string, grid: Grid, on: { onInit: () => void; onPart: (part: Part) => void }) {
		this.name = name;
		this.#grid = grid;
		this.#on = on;
		this.#newestSegment = grid.firstSegment - 1;
	}

	get init(): InitSegment | null {
		return this.#init;
	}

	/** Media time of the newest part's end. */
	get packagedMs(): number {
		return this.#packagedMs;
	}

	/** Number of the newest segment that has a part; one below the first if there is none. */
	get newestSegment(): number {
		return this.#newestSegment;
	}

	read(bytes: Uint8Array): void {
		for (const event of this.#reader.push(bytes)) {
			if (event.type === "init") {
				this.#open(event.init);
				continue;
			}
			for (const part of this.#repackager?.push(event.samples) ?? []) this.#emit(part);
		}
	}

	/** What is left at the end of the input; not given to `onPart`. */
	flush(): Part[] {
		return this.#repackager?.flush() ?? [];
	}

	#open(init: InitSegment): void {
		this.#init = init;
		this.#repackager = new Repackager({
			timescale: init.timescale,
			trackID: init.trackID,
			partSeconds: this.#grid.partSeconds,
			segmentSeconds: this.#grid.segmentSeconds,
			firstSegment: this.#grid.firstSegment,
			skipSamples: init.kind === "audio" ? AAC_PRIMING_FRAMES : 0,
		});
		this.#on.onInit();
	}

	#emit(part: Part): void {
		this.#newestSegment = part.segment;
		this.#packagedMs = ((part.time + part.duration) * 1000) / (this.#init?.timescale ?? 1);
		this.#on.onPart(part);
	}
}
