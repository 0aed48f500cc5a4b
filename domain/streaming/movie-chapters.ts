import { dataView, readBoxes, requireBox } from "./boxes.ts";
import { kindOf, readTrackID } from "./movie.ts";
import type { ByteSpan } from "./movie-part.ts";
import { readSampleTable } from "./sample-table.ts";

/** More are not listed. Each may lie elsewhere in the file. */
const MAX_TITLES = 100;
/** Of one track. */
const MAX_SAMPLES = 100_000;

/**
 * Where the titles of chapters lie: QuickTime keeps them as the samples of a track of text, to which others refer as `chap` (QuickTime File Format,
 * "Chapter Lists"), and tools read them together with the index. Throws as `readMovie`.
 */
export function spansForChapters(moov: Uint8Array): ByteSpan[] {
	const tracks = readBoxes(moov).filter(({ type }) => type === "trak");
	const chapters = new Set(tracks.flatMap(({ body }) => chapterTracksOf(body)));
	if (chapters.size === 0) return [];
	return tracks.flatMap(({ body }) => {
		const isText = kindOf(requireBox(body, "mdia", "hdlr")) === null;
		if (!isText || !chapters.has(readTrackID(requireBox(body, "tkhd")))) return [];
		const { offsets, sizes } = readSampleTable(requireBox(body, "mdia", "minf", "stbl"), MAX_SAMPLES);
		return Array.from(offsets.subarray(0, MAX_TITLES), (from, index) => ({
			from,
			to: from + (sizes[index] ?? 0),
		}));
	});
}

/** Numbers of tracks that hold this one's chapters (ISO/IEC 14496-12 §8.3.3). */
function chapterTracksOf(trak: Uint8Array): number[] {
	const references = readBoxes(trak).find(({ type }) => type === "tref");
	if (references === undefined) return [];
	return readBoxes(references.body)
		.filter(({ type }) => type === "chap")
		.flatMap(({ body }) =>
			Array.from({ length: Math.min(MAX_TITLES, body.length >> 2) }, (_, index) =>
				dataView(body).getUint32(index * 4),
			),
		);
}
