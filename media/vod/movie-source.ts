import { MediaFormatError, readBoxHeader } from "../../domain/streaming/boxes.ts";
import { MAX_MOVIE_BYTES, type MovieTrack, readMovie } from "../../domain/streaming/movie.ts";
import { spansForChapters } from "../../domain/streaming/movie-chapters.ts";
import { type ByteSpan, spansForDescription } from "../../domain/streaming/movie-part.ts";
import type { ProbedStream } from "./inspection.ts";

/** The index of an MP4 or QuickTime file: with it, parts of the file can be used before the rest is there. */
export type Movie = {
	/** Picture and sound. */
	tracks: MovieTrack[];
	/** What tools read to describe the file and its streams. */
	head: ByteSpan[];
};

/** The track that ffprobe shows as this stream, if the file has an index. */
export function findTrack(
	movie: Movie | null,
	stream: Pick<ProbedStream, "id" | "codec_type">,
): MovieTrack | undefined {
	return movie?.tracks.find(({ trackID, kind }) => trackID === stream.id && kind === stream.codec_type);
}

type Reading = { sizeBytes: number; read: (span: ByteSpan) => Promise<Uint8Array<ArrayBuffer>> };
type TopBox = ByteSpan & { type: string; bodyFrom: number };

const MAX_TOP_BOXES = 64;
const HEADER_BYTES = 16;

/** Null for other files, and for those whose index says more than we read: they are used as a whole. */
export async function openMovie(source: Reading): Promise<Movie | null> {
	try {
		const boxes = await readTopBoxes(source);
		const moov = boxes.find(({ type }) => type === "moov");
		if (moov === undefined || moov.to - moov.bodyFrom > MAX_MOVIE_BYTES) return null;
		const index = await source.read({ from: moov.bodyFrom, to: moov.to });
		const tracks = readMovie(index);
		if (tracks.every(({ samples }) => samples.count === 0)) return null;
		const described = boxes.filter(({ type }) => type !== "mdat" && type !== "free" && type !== "skip");
		const heads = boxes.map(({ from, to }) => ({ from, to: Math.min(to, from + HEADER_BYTES) }));
		return {
			tracks,
			head: [...heads, ...described, ...spansForChapters(index), ...spansForDescription(tracks)],
		};
	} catch (error) {
		// RangeError: a field beyond the end of its box.
		if (error instanceof MediaFormatError || error instanceof RangeError) return null;
		throw error;
	}
}

async function readTopBoxes({ sizeBytes, read }: Reading): Promise<TopBox[]> {
	const boxes: TopBox[] = [];
	for (let from = 0; from + 8 <= sizeBytes && boxes.length < MAX_TOP_BOXES; ) {
		const bytes = await read({ from, to: Math.min(sizeBytes, from + HEADER_BYTES) });
		const header = readBoxHeader(bytes, 0);
		if (header === null) break;
		const to = from + header.sizeBytes;
		if (from === 0 && header.type !== "ftyp" && header.type !== "wide" && header.type !== "moov") break;
		if (header.type === "moof") throw new MediaFormatError("a file in fragments");
		boxes.push({ type: header.type, from, to: Math.min(to, sizeBytes), bodyFrom: from + header.headerBytes });
		// Cut short within: whoever reads it all says so.
		if (to > sizeBytes && header.type === "moov") throw new MediaFormatError("the index is cut short");
		from = to;
	}
	return boxes;
}
