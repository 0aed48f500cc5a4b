import { MediaFormatError } from "../../domain/streaming/boxes.ts";
import { writeCmafHeader } from "../../domain/streaming/cmaf-header.ts";
import type { Sample } from "../../domain/streaming/fragment.ts";
import type { InitSegment } from "../../domain/streaming/init-segment.ts";
import { durationOf, type MovieTrack, shownAt } from "../../domain/streaming/movie.ts";
import { countWithin, partsOf, type SampleRange, spansOf } from "../../domain/streaming/movie-part.ts";
import type { VodOutput } from "../../protocol/vod-job.ts";
import type { Inspection, ProbedStream } from "./inspection.ts";
import { findTrack } from "./movie-source.ts";
import { openUploads, outputsOf, type Packaging } from "./packaging.ts";
import type { LocalSource } from "./source-cache.ts";
import type { TaskContext } from "./task-context.ts";

/** Read at once; the next is read while this one is stored. */
const PART = { seconds: 4, maxBytes: 16 * 1024 * 1024 };

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
	const read = async (part: SampleRange[]) =>
		await Promise.all(
			part.map(async (range) => ({ track: range.track, samples: await readSamples(source, range) })),
		);
	let coming: ReturnType<typeof read> | null = null;
	for (const part of partsOf(tracks, PART)) {
		const next = read(part);
		// Whoever awaits it below sees the error.
		next.catch(() => undefined);
		if (coming !== null) yield await coming;
		coming = next;
	}
	if (coming !== null) yield await coming;
}

async function readSamples(source: LocalSource, range: SampleRange): Promise<Sample[]> {
	const { track, first, end } = range;
	const { offsets, sizes, decodeTimes, compositionOffsets, isSync } = track.samples;
	const spans = spansOf(range);
	const bytes = await Promise.all(spans.map((span) => source.read(span)));
	const samples: Sample[] = [];
	let position = 0;
	for (let index = first; index < end; index += 1) {
		const from = offsets[index] ?? 0;
		const size = sizes[index] ?? 0;
		while (
			from + size > (spans[position]?.to ?? Number.POSITIVE_INFINITY) ||
			from < (spans[position]?.from ?? 0)
		)
			position += 1;
		const start = from - (spans[position]?.from ?? 0);
		// Nothing to decode.
		if (size === 0) continue;
		samples.push({
			time: (decodeTimes[index] ?? 0) + track.shiftTicks,
			duration: durationOf(track.samples, index),
			compositionOffset: compositionOffsets[index] ?? 0,
			isSync: isSync[index] === 1,
			data: bytes[position]?.subarray(start, start + size) ?? new Uint8Array(0),
		});
	}
	return samples;
}
