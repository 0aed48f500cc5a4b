import { MediaFormatError } from "../../domain/streaming/boxes.ts";
import { writeCmafHeader } from "../../domain/streaming/cmaf-header.ts";
import type { Sample } from "../../domain/streaming/fragment.ts";
import type { InitSegment } from "../../domain/streaming/init-segment.ts";
import { durationOf, type MovieTrack, shownAt } from "../../domain/streaming/movie.ts";
import {
	countWithin,
	mergeSpans,
	partsOf,
	type SampleRange,
	spansOf,
} from "../../domain/streaming/movie-part.ts";
import type { VodOutput } from "../../protocol/vod-job.ts";
import type { Inspection, ProbedStream } from "./inspection.ts";
import { findTrack } from "./movie-source.ts";
import { openUploads, outputsOf, type Packaging } from "./packaging.ts";
import type { LocalSource } from "./source-cache.ts";
import type { TaskContext } from "./task-context.ts";

/** Read at once: little at first, for somebody waits for it. The next is read while this one is stored. */
const PART = { seconds: 4, mostSeconds: 32, maxBytes: 16 * 1024 * 1024 };

/** What lies between samples is read along if it is little. */
const GAPS = { gapBytes: 64 * 1024, allGapsBytes: 8 * 1024 * 1024 };

type Extent = { from: number; bytes: Uint8Array<ArrayBuffer> };
type Copy = { track: MovieTrack; header: InitSegment };

/**
 * Copies samples by the file's index, from the first on, so that the first segments are stored before the rest of the source has been read.
 * Null if the file or a track is none that this can: nothing has been stored then.
 */
export async function copySamples(
	context: TaskContext,
	packaging: Packaging,
	{ source, inspection, streams }: { source: LocalSource; inspection: Inspection; streams: ProbedStream[] },
): Promise<VodOutput[] | null> {
	const movie = await source.movie();
	const found = streams.flatMap((stream) => findTrack(movie, stream) ?? []);
	const copies = found.flatMap((track) => prepare(track, source.sizeBytes, inspection.startSeconds) ?? []);
	if (copies.length === 0 || copies.length < streams.length) return null;
	const uploads = openUploads(context, packaging);
	const byTrack = new Map(
		copies.flatMap(({ track }, index) =>
			uploads[index] === undefined ? [] : [[track, uploads[index]] as const],
		),
	);
	try {
		for (const [index, { header }] of copies.entries()) {
			await uploads[index]?.open(header, inspection.startSeconds);
		}
		for await (const part of readAhead(
			source,
			copies.map(({ track }) => track),
		)) {
			await Promise.all(part.map(({ track, samples }) => byTrack.get(track)?.push(samples)));
			context.signal.throwIfAborted();
		}
		await Promise.all(uploads.map((upload) => upload.finish()));
	} finally {
		await Promise.all(uploads.map((upload) => upload.settle()));
	}
	return outputsOf(uploads, packaging);
}

/** Null for tracks that must be taken by ffmpeg: of other codecs, and such as begin with pictures that are not to be shown. */
function prepare(track: MovieTrack, fileBytes: number, startSeconds: number): Copy | null {
	const whole = { ...track, samples: { ...track.samples, count: countWithin(track, fileBytes) } };
	if (whole.samples.count === 0 || (whole.kind === "video" && hasPreroll(whole, startSeconds))) return null;
	try {
		return { track: whole, header: writeCmafHeader(whole) };
	} catch (error) {
		// RangeError: a field beyond the end of its box.
		if (error instanceof MediaFormatError || error instanceof RangeError) return null;
		throw error;
	}
}

function hasPreroll(track: MovieTrack, startSeconds: number): boolean {
	const halfFrame = durationOf(track.samples, 0) / track.timescale / 2;
	return shownAt(track, 0) < startSeconds - halfFrame || track.samples.isSync[0] !== 1;
}

/** The samples of each part in order; the next part is on its way while one is used. */
async function* readAhead(source: LocalSource, tracks: MovieTrack[]) {
	let coming: ReturnType<typeof readPart> | null = null;
	for (const part of partsOf(tracks, PART)) {
		const next = readPart(source, part);
		// Whoever awaits it below sees the error.
		next.catch(() => undefined);
		if (coming !== null) yield await coming;
		coming = next;
	}
	if (coming !== null) yield await coming;
}

/** Picture and sound lie side by side in most files, so that what both need is read at once. */
async function readPart(source: LocalSource, part: SampleRange[]) {
	const spans = mergeSpans(part.flatMap(spansOf), GAPS);
	await source.fill(spans);
	const extents = await Promise.all(
		spans.map(async (span) => ({ from: span.from, bytes: await source.read(span) })),
	);
	return part.map((range) => ({ track: range.track, samples: takeSamples(extents, range) }));
}

function takeSamples(extents: Extent[], { track, first, end }: SampleRange): Sample[] {
	const { offsets, sizes, decodeTimes, compositionOffsets, isSync } = track.samples;
	const samples: Sample[] = [];
	for (let index = first; index < end; index += 1) {
		const from = offsets[index] ?? 0;
		const size = sizes[index] ?? 0;
		// Nothing to decode.
		if (size === 0) continue;
		const extent = findExtent(extents, from);
		samples.push({
			time: (decodeTimes[index] ?? 0) + track.shiftTicks,
			duration: durationOf(track.samples, index),
			compositionOffset: compositionOffsets[index] ?? 0,
			isSync: isSync[index] === 1,
			data: extent.bytes.subarray(from - extent.from, from - extent.from + size),
		});
	}
	return samples;
}

/** The last that begins at or before `from`. */
function findExtent(extents: Extent[], from: number): Extent {
	let [low, high] = [0, extents.length];
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if ((extents[middle]?.from ?? 0) <= from) low = middle;
		else high = middle;
	}
	const extent = extents[low];
	if (extent === undefined) throw new RangeError("a sample that was not read");
	return extent;
}
