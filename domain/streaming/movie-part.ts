import { durationOf, type MovieTrack, shownAt } from "./movie.ts";

/** Bytes `from` to `to` (exclusive) of a file. */
export type ByteSpan = { from: number; to: number };

/** Samples `first` to `end` (exclusive) of a track. */
export type SampleRange = { track: MovieTrack; first: number; end: number };

/** A seek may land on the key frame before the one that is asked for. */
const KEYFRAMES_BEFORE = 2;
/** A decoder reads ahead of what it shows: frames out of order, threads, filters. */
const AHEAD = { seconds: 3, samples: 100 };
/** Tools look no further to describe the streams (ffmpeg's `-probesize` is 5 MB). */
const DESCRIPTION = { seconds: 4, bytes: 6_000_000 };

/** What decoding a track from `start` to `end` (seconds on the file's clock; null: the last) reads, and the first samples, which tools look at. */
export function spansForDecoding(
	track: MovieTrack,
	{ start, end }: { start: number; end: number | null },
): ByteSpan[] {
	const { count, isSync } = track.samples;
	let first = sampleAt(track, start);
	for (let keyframes = 0; first > 0 && keyframes < KEYFRAMES_BEFORE; ) {
		first -= 1;
		keyframes += isSync[first] ?? 0;
	}
	const last = end === null ? count : sampleAt(track, end + AHEAD.seconds) + AHEAD.samples;
	return spansOf({ track, first, end: Math.min(count, last) });
}

/** What a tool reads to describe the streams. */
export function spansForDescription(tracks: readonly MovieTrack[]): ByteSpan[] {
	return tracks.flatMap((track) => {
		const start = shownAt(track, 0);
		let end = 0;
		for (let bytes = 0; end < track.samples.count && bytes < DESCRIPTION.bytes; end += 1) {
			if (shownAt(track, end) > start + DESCRIPTION.seconds) break;
			bytes += track.samples.sizes[end] ?? 0;
		}
		return spansOf({ track, first: 0, end });
	});
}

/** A part of a film has some thousand. More would fill the memory: then all that lies between them is taken, too. */
const MAX_SPANS = 100_000;

/** Where these samples lie; neighbours in one span, and all in one if they are scattered beyond measure. */
export function spansOf({ track, first, end }: SampleRange): ByteSpan[] {
	const { offsets, sizes } = track.samples;
	const spans: ByteSpan[] = [];
	for (let index = first; index < end; index += 1) {
		const from = offsets[index] ?? 0;
		const to = from + (sizes[index] ?? 0);
		const last = spans.at(-1);
		if (last !== undefined && last.to === from) last.to = to;
		else if (spans.length < MAX_SPANS) spans.push({ from, to });
		else return [hullOf({ track, first, end })];
	}
	return spans;
}

function hullOf({ track, first, end }: SampleRange): ByteSpan {
	const hull = { from: Number.POSITIVE_INFINITY, to: 0 };
	for (let index = first; index < end; index += 1) {
		const from = track.samples.offsets[index] ?? 0;
		hull.from = Math.min(hull.from, from);
		hull.to = Math.max(hull.to, from + (track.samples.sizes[index] ?? 0));
	}
	return hull;
}

/** Few spans that hold all of these, in order: those less than `gapBytes` apart are one, until `allGapsBytes` lie between. */
export function mergeSpans(
	spans: readonly ByteSpan[],
	{ gapBytes, allGapsBytes }: { gapBytes: number; allGapsBytes: number },
): ByteSpan[] {
	const merged: ByteSpan[] = [];
	let gaps = 0;
	for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
		const last = merged.at(-1);
		const gap = Math.max(0, from - (last?.to ?? 0));
		if (last !== undefined && gap <= gapBytes && gaps + gap <= allGapsBytes) {
			last.to = Math.max(last.to, to);
			gaps += gap;
		} else merged.push({ from, to });
	}
	return merged;
}

/**
 * The tracks side by side, a few seconds at a time: the first part has the samples of all that are decoded in the same `seconds`, each further one
 * of twice as many up to `mostSeconds`, or fewer of a track that has more than `maxBytes` in them.
 */
export function* partsOf(
	tracks: readonly MovieTrack[],
	limit: { seconds: number; mostSeconds: number; maxBytes: number },
): Generator<SampleRange[]> {
	const next = tracks.map(() => 0);
	for (let { seconds } = limit; ; seconds = Math.min(seconds * 2, limit.mostSeconds)) {
		const starts = tracks.flatMap((track, index) => {
			const position = next[index] ?? 0;
			return position < track.samples.count ? [decodedAt(track, position)] : [];
		});
		if (starts.length === 0) return;
		const until = Math.min(...starts) + seconds;
		const part = tracks.map((track, index) =>
			upTo(track, next[index] ?? 0, { until, maxBytes: limit.maxBytes }),
		);
		for (const [index, range] of part.entries()) next[index] = range.end;
		yield part.filter(({ first, end }) => end > first);
	}
}

/** Some seconds have a few hundred. */
const MAX_SAMPLES_PER_PART = 20_000;

/** How much of a track a file of this size has: the number of samples before the first that is not all there. */
export function countWithin(track: MovieTrack, fileBytes: number): number {
	const { offsets, sizes, count } = track.samples;
	for (let index = 0; index < count; index += 1) {
		if ((offsets[index] ?? 0) + (sizes[index] ?? 0) > fileBytes) return index;
	}
	return count;
}

function upTo(
	track: MovieTrack,
	first: number,
	{ until, maxBytes }: { until: number; maxBytes: number },
): SampleRange {
	let bytes = 0;
	let end = first;
	const last = Math.min(track.samples.count, first + MAX_SAMPLES_PER_PART);
	while (end < last && decodedAt(track, end) < until && bytes < maxBytes) {
		bytes += track.samples.sizes[end] ?? 0;
		end += 1;
	}
	return { track, first, end };
}

/** Decode times of all tracks on one clock. */
function decodedAt({ samples, shiftTicks, timescale }: MovieTrack, index: number): number {
	return ((samples.decodeTimes[index] ?? 0) + shiftTicks) / timescale;
}

/** The first sample that ends after this time, by decode times, which are in order. */
function sampleAt(track: MovieTrack, seconds: number): number {
	const ticks = seconds * track.timescale - track.shiftTicks;
	let [low, high] = [0, track.samples.count];
	while (low < high) {
		const middle = (low + high) >> 1;
		const end = (track.samples.decodeTimes[middle] ?? 0) + durationOf(track.samples, middle);
		if (end <= ticks) low = middle + 1;
		else high = middle;
	}
	return low;
}
