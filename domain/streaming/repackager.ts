import { MediaFormatError } from "./boxes.ts";
import { type Sample, writeFragment } from "./fragment.ts";

/** A CMAF chunk on the grid (RFC 8216bis §3.2: a Partial Segment). A segment is the concatenation of its parts. */
export type Part = {
	/** Same number in all renditions that share a grid. */
	segment: number;
	/** Counted from 0 in each segment. */
	part: number;
	/** Decode time of the first sample, in ticks of the rendition's timescale since the start of the epoch. */
	time: number;
	/** In ticks. */
	duration: number;
	/** Starts with a sample that needs no earlier one. */
	independent: boolean;
	/** No further part of this segment follows. */
	last: boolean;
	bytes: Uint8Array<ArrayBuffer>;
};

export type RepackagerSettings = {
	timescale: number;
	trackID: number;
	/** Parts end at multiples of this, to the nearest sample. */
	partSeconds: number;
	/** A multiple of `partSeconds`. */
	segmentSeconds: number;
	/** Number of the segment that starts at time 0. */
	firstSegment: number;
	/** Leave out this many samples at the start and let the time begin after them: the encoder's priming (AAC: 1). */
	skipSamples?: number;
};

/**
 * Re-cuts one track's samples into parts on a time grid that all renditions share. A sample belongs to the grid cell in which its middle
 * lies, and part and segment come from that one number: so no segment can end in a stray part, video parts are exact where the frame rate
 * allows, and audio parts differ from the grid by at most half a frame at each end. A part is complete as soon as the sample after its
 * last one could only belong to the next cell: it need not have arrived.
 *
 * Input must be gapless. A time that is off by at most half a sample is put right; more throws `MediaFormatError`, and so do
 * a segment that would not start with a sync sample, and a sample after one of less than half the usual duration (only the encoder's last may be so short;
 * in the middle it is ffmpeg's way to hide that times went back).
 */
export class Repackager {
	readonly #settings: RepackagerSettings;
	readonly #cellTicks: number;
	readonly #partsPerSegment: number;
	#skip: number;
	#skippedTicks = 0;
	#pending: Sample[] = [];
	/** Grid cell of the pending samples, or of the newest part. */
	#cell = -1;
	/** Time after the last sample; null before the first. */
	#end: number | null = null;
	#sequenceNumber = 0;
	#longestTicks = 0;
	#lastTicks = 0;

	constructor(settings: RepackagerSettings) {
		this.#settings = settings;
		this.#cellTicks = settings.partSeconds * settings.timescale;
		this.#partsPerSegment = Math.round(settings.segmentSeconds / settings.partSeconds);
		if (
			this.#partsPerSegment < 1 ||
			Math.abs(this.#partsPerSegment * settings.partSeconds - settings.segmentSeconds) > 1e-9
		) {
			throw new RangeError("segmentSeconds must be a multiple of partSeconds");
		}
		this.#skip = settings.skipSamples ?? 0;
	}

	/** Ticks of media received so far, after skipped ones. */
	get endTicks(): number {
		return this.#end ?? 0;
	}

	/** Takes samples in decode order and returns the parts they complete. */
	push(samples: Sample[]): Part[] {
		const parts: Part[] = [];
		for (const sample of samples) {
			if (this.#skip > 0) {
				this.#skip -= 1;
				this.#skippedTicks += sample.duration;
				continue;
			}
			this.#add({ ...sample, time: this.#continuousTime(sample) }, parts);
		}
		return parts;
	}

	/** The samples that wait for the end of their part, as the last part of the last segment. */
	flush(): Part[] {
		return this.#pending.length === 0 ? [] : [this.#emit(true)];
	}

	#add(sample: Sample, parts: Part[]): void {
		const cell = this.#cellOf(sample.time, sample.duration);
		if (this.#pending.length > 0 && cell !== this.#cell) {
			parts.push(this.#emit(this.#isLastOfSegment()));
		}
		if (this.#pending.length === 0) {
			// A sample shorter than those before it (the encoder's last) may still have its middle in a cell that is closed.
			this.#open(Math.max(cell, this.#cell + 1), sample);
		}
		this.#pending.push(sample);
		this.#end = sample.time + sample.duration;
		if (this.#cellOf(this.#end, sample.duration) !== this.#cell) {
			parts.push(this.#emit(this.#isLastOfSegment()));
		}
	}

	#open(cell: number, sample: Sample): void {
		const startsSegment = cell % this.#partsPerSegment === 0;
		if (startsSegment && !sample.isSync) {
			throw new MediaFormatError(`segment at ${sample.time} does not start with a key frame`);
		}
		if (cell > this.#cell + 1) {
			throw new MediaFormatError(`no sample for the part before ${sample.time}`);
		}
		this.#cell = cell;
	}

	#emit(last: boolean): Part {
		const samples = this.#pending;
		this.#pending = [];
		this.#sequenceNumber += 1;
		const first = samples[0];
		if (first === undefined) {
			throw new RangeError("a part needs a sample");
		}
		return {
			segment: this.#settings.firstSegment + Math.floor(this.#cell / this.#partsPerSegment),
			part: this.#cell % this.#partsPerSegment,
			time: first.time,
			duration: samples.reduce((sum, sample) => sum + sample.duration, 0),
			independent: first.isSync,
			last,
			bytes: writeFragment(this.#sequenceNumber, this.#settings.trackID, samples),
		};
	}

	#isLastOfSegment(): boolean {
		return this.#cell % this.#partsPerSegment === this.#partsPerSegment - 1;
	}

	#cellOf(time: number, duration: number): number {
		return Math.floor((time + duration / 2) / this.#cellTicks + 1e-9);
	}

	#continuousTime(sample: Sample): number {
		const time = sample.time - this.#skippedTicks;
		const expected = this.#end ?? 0;
		if (sample.duration <= 0 || Math.abs(time - expected) > sample.duration / 2) {
			throw new MediaFormatError(`sample at ${time} of ${sample.duration} ticks where ${expected} was due`);
		}
		if (this.#lastTicks < this.#longestTicks / 2) {
			throw new MediaFormatError(`a sample of ${this.#lastTicks} ticks before ${time}`);
		}
		this.#lastTicks = sample.duration;
		this.#longestTicks = Math.max(this.#longestTicks, sample.duration);
		return expected;
	}
}

/**
 * The part duration to declare for a whole stream (RFC 8216bis §4.4.3.7): at least the longest part that the grid can give,
 * constant whatever comes. A part is longer than the grid by at most one audio frame, or by the fraction of a video frame
 * by which the grid misses the frame rate.
 */
export function partTargetSeconds(settings: {
	partSeconds: number;
	framesPerSecond: number | null;
	audioFrameSeconds: number;
}): number {
	const frames = settings.framesPerSecond;
	const longestVideo = frames === null ? 0 : Math.ceil(settings.partSeconds * frames - 1e-9) / frames;
	return Math.max(settings.partSeconds + settings.audioFrameSeconds, longestVideo);
}
