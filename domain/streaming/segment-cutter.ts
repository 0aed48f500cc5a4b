import { MediaFormatError } from "./boxes.ts";
import { type Sample, writeFragment } from "./fragment.ts";

/** A whole CMAF segment: one movie fragment. Times in ticks of the track's timescale. */
export type CutSegment = {
	/** Of its first picture in presentation order, or of its first sound frame. */
	time: number;
	duration: number;
	frames: number;
	bytes: Uint8Array<ArrayBuffer>;
};

export type SegmentCutterSettings = {
	kind: "video" | "audio";
	timescale: number;
	trackID: number;
	segmentSeconds: number;
	/** Ticks that were added to all times so that none was negative: taken off again. */
	shiftTicks: number;
	/** Where time 0 of the input lies in the output: the start of the chunk. */
	startTicks: number;
	/** Where the chunk ends, or null for the duration that the last sample says itself. */
	endTicks: number | null;
	/** The encoder's priming is dropped, and what follows begins at 0 exactly. */
	startsAtZero?: boolean;
};

/** A segment of a picture may be this much shorter than asked for if a key frame is there. */
const EARLY_RATIO = 0.9;
/** A source without key frames must not fill the memory. */
const MAX_SEGMENT_BYTES = 192 * 1024 * 1024;

type Frame = { at: number; sample: Sample };

/**
 * Cuts one track of a finished file into segments. A picture's segments begin at key frames; sound is cut on a grid to the nearest frame.
 *
 * Decode times are made anew: the n-th sample of a segment in decode order gets the n-th presentation time (ISO/IEC 23000-19 §7.5.17: offsets may be
 * negative). So a segment's decode time is the time of its first picture, each segment ends where the next begins, and pictures of variable
 * rate, and chunks that were encoded apart, join without a gap.
 */
export class SegmentCutter {
	readonly #settings: SegmentCutterSettings;
	readonly #segmentTicks: number;
	/** Complete but for the duration of its last frame. */
	#closed: Frame[] = [];
	#current: Frame[] = [];
	#currentBytes = 0;
	/** Time of the key frame, or number of the grid cell, that opened the current segment. */
	#opened = Number.NaN;
	/** Taken off a sound's times so that it begins at 0. */
	#origin: number | null = null;
	/** Time of the first key frame. */
	#firstKey: number | null = null;
	#end = Number.NEGATIVE_INFINITY;
	#sequenceNumber = 0;

	constructor(settings: SegmentCutterSettings) {
		this.#settings = settings;
		this.#segmentTicks = settings.segmentSeconds * settings.timescale;
	}

	/** Takes samples in decode order and returns the segments they complete. */
	push(samples: Sample[]): CutSegment[] {
		const segments: CutSegment[] = [];
		for (const sample of samples) {
			const at = this.#timeOf(sample);
			if (at === null) continue;
			if (this.#begins(sample, at)) {
				segments.push(...this.#close(null));
				this.#closed = this.#current;
				this.#current = [];
				this.#currentBytes = 0;
			}
			this.#add({ at, sample });
			// Pictures that precede their key frame in presentation come right after it: from here on the first time is known.
			if (this.#closed.length > 0 && (this.#settings.kind === "audio" || at > this.#opened)) {
				segments.push(...this.#close(null));
			}
		}
		return segments;
	}

	/** What is left at the end of the input. */
	end(): CutSegment[] {
		const segments = this.#close(null);
		this.#closed = this.#current;
		this.#current = [];
		return [...segments, ...this.#close(this.#lastEnd())];
	}

	/** Null for priming, and for pictures that are cut off and refer to others that the file does not have. */
	#timeOf(sample: Sample): number | null {
		const { kind, shiftTicks, startTicks, startsAtZero } = this.#settings;
		const time = sample.time + sample.compositionOffset - shiftTicks;
		if (kind === "video") {
			this.#firstKey ??= time;
			// Shown before the first key frame, decoded after it: no other picture refers to them.
			return time < 0 && time < this.#firstKey ? null : Math.max(0, time + startTicks);
		}
		if (this.#origin === null) {
			if (time + sample.duration / 2 <= 0) return null;
			this.#origin = startsAtZero || time < sample.duration ? time : 0;
		}
		return time - this.#origin + startTicks;
	}

	#begins(sample: Sample, at: number): boolean {
		if (this.#settings.kind === "audio") {
			const cell = Math.floor((at + sample.duration / 2) / this.#segmentTicks);
			const isNew = cell > this.#opened;
			if (isNew || Number.isNaN(this.#opened)) this.#opened = cell;
			return isNew;
		}
		if (Number.isNaN(this.#opened)) {
			if (!sample.isSync) throw new MediaFormatError("the track does not begin with a key frame");
			this.#opened = at;
			return false;
		}
		if (!sample.isSync || at - this.#opened < this.#segmentTicks * EARLY_RATIO) return false;
		this.#opened = at;
		return true;
	}

	#add(frame: Frame): void {
		this.#current.push(frame);
		this.#currentBytes += frame.sample.data.length;
		if (this.#currentBytes > MAX_SEGMENT_BYTES) {
			throw new MediaFormatError(`more than ${MAX_SEGMENT_BYTES} bytes between two key frames`);
		}
	}

	/** Writes the closed segment. It lasts until `until`, or until the current one's first picture. */
	#close(until: number | null): CutSegment[] {
		const frames = this.#closed;
		if (frames.length === 0) return [];
		this.#closed = [];
		const times = this.#increasing(frames.map((frame) => frame.at));
		const first = times[0] ?? 0;
		const last = times.at(-1) ?? 0;
		const next =
			until ?? this.#current.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
		this.#end = Math.max(next, last + 1);
		const samples = frames.map(({ at, sample }, index) => {
			const time = times[index] ?? 0;
			const duration = (times[index + 1] ?? this.#end) - time;
			return { ...sample, time, duration, compositionOffset: at - time };
		});
		this.#sequenceNumber += 1;
		return [
			{
				time: first,
				duration: this.#end - first,
				frames: samples.length,
				bytes: writeFragment(this.#sequenceNumber, this.#settings.trackID, samples),
			},
		];
	}

	/** Sorted, each later than the one before, and none before the segment before: two pictures of one time are a fault of the source. */
	#increasing(times: number[]): number[] {
		let least = this.#end;
		return times
			.toSorted((a, b) => a - b)
			.map((time) => {
				least = Math.max(time, least === Number.NEGATIVE_INFINITY ? time : least);
				least += 1;
				return least - 1;
			});
	}

	#lastEnd(): number {
		const { endTicks } = this.#settings;
		if (endTicks !== null) return endTicks;
		const last = this.#closed.reduce<Frame | null>(
			(latest, frame) => (latest === null || frame.at >= latest.at ? frame : latest),
			null,
		);
		return last === null ? 0 : last.at + last.sample.duration;
	}
}
