import { type Box, dataView, MediaFormatError, readBoxes, readUint64, requireBox } from "./boxes.ts";
import { readSampleTable, type SampleTable } from "./sample-table.ts";

/** One track of picture or sound in a file whose index is in one place. */
export type MovieTrack = {
	kind: "video" | "audio";
	trackID: number;
	/** Ticks a second. */
	timescale: number;
	/** The `stsd` entry: how its samples are coded. */
	entry: Box;
	/** What the edit list adds to a presentation time, in ticks. */
	shiftTicks: number;
	samples: SampleTable;
};

/** Above it an index is not read into memory: 24 hours have some 60 MB. */
export const MAX_MOVIE_BYTES = 128 * 1024 * 1024;
const MAX_TRACKS = 64;
/** Of all tracks: 24 hours of sound have 4 million, of a picture at 60 frames a second 5 million. Each takes 25 bytes of memory. */
const MAX_SAMPLES = 10_000_000;
/** The file itself holds the media: `flags` of a data reference (ISO/IEC 14496-12 §8.7.2). */
const IS_SELF_CONTAINED = 1;
const MAX_EDITS = 16;
/** The last one shown is among the last decoded: no codec reorders more. */
const LAST_SAMPLES = 32;

/**
 * Picture and sound of a movie box's body. Throws `MediaFormatError` for what this reader does not take: fragments, encryption, several
 * descriptions in a track, media in other files, edit lists that do more than delay a track or cut its start.
 */
export function readMovie(moov: Uint8Array): MovieTrack[] {
	const boxes = readBoxes(moov);
	if (boxes.some(({ type }) => type === "mvex" || type === "cmov")) {
		throw new MediaFormatError("the index is not in the movie box");
	}
	const tracks = boxes.filter(({ type }) => type === "trak");
	if (tracks.length > MAX_TRACKS) throw new MediaFormatError(`${tracks.length} tracks are too many`);
	const movieTimescale = readTimescale(requireBox(moov, "mvhd"));
	let left = MAX_SAMPLES;
	return tracks.flatMap(({ body }) => {
		const track = readTrack(body, { movieTimescale, maxSamples: left });
		left -= track?.samples.count ?? 0;
		return track ?? [];
	});
}

/** Seconds on the file's own clock at which a sample is shown. */
export function shownAt({ samples, shiftTicks, timescale }: MovieTrack, index: number): number {
	const decoded = samples.decodeTimes[index] ?? 0;
	return (decoded + (samples.compositionOffsets[index] ?? 0) + shiftTicks) / timescale;
}

/** In ticks. */
export function durationOf({ decodeTimes }: SampleTable, index: number): number {
	return (decodeTimes[index + 1] ?? 0) - (decodeTimes[index] ?? 0);
}

/** Null for tracks of neither picture nor sound. */
function readTrack(
	trak: Uint8Array,
	{ movieTimescale, maxSamples }: { movieTimescale: number; maxSamples: number },
): MovieTrack | null {
	const media = requireBox(trak, "mdia");
	const kind = kindOf(requireBox(media, "hdlr"));
	if (kind === null) return null;
	const information = requireBox(media, "minf");
	checkReferences(requireBox(information, "dinf", "dref"));
	const stbl = requireBox(information, "stbl");
	const timescale = readTimescale(requireBox(media, "mdhd"));
	const edits = readBoxes(trak).find(({ type }) => type === "edts");
	const edit =
		edits === undefined
			? { shiftTicks: 0, endTicks: Number.POSITIVE_INFINITY }
			: readEdit(requireBox(edits.body, "elst"), timescale / movieTimescale);
	const track = {
		kind,
		trackID: readTrackID(requireBox(trak, "tkhd")),
		timescale,
		entry: readEntry(requireBox(stbl, "stsd")),
		shiftTicks: edit.shiftTicks,
		samples: readSampleTable(stbl, maxSamples),
	};
	checkEnd(track, edit.endTicks + timescale / movieTimescale);
	return track;
}

/** Throws if a sample is shown after the edit list's end, which is rounded to ticks of the movie. */
function checkEnd(track: MovieTrack, endTicks: number): void {
	for (
		let index = track.samples.count - 1;
		index >= Math.max(0, track.samples.count - LAST_SAMPLES);
		index -= 1
	) {
		if (shownAt(track, index) * track.timescale >= endTicks)
			throw new MediaFormatError("an edit list that cuts");
	}
}

/** Null for what is neither picture nor sound. */
export function kindOf(hdlr: Uint8Array): MovieTrack["kind"] | null {
	const handler = String.fromCharCode(...hdlr.subarray(8, 12));
	if (handler === "vide") return "video";
	return handler === "soun" ? "audio" : null;
}

function readEntry(stsd: Uint8Array): Box {
	const [entry, ...others] = readBoxes(stsd.subarray(8));
	if (entry === undefined || others.length > 0)
		throw new MediaFormatError("a track with several descriptions");
	// A view would keep the whole index in memory.
	return { type: entry.type, body: entry.body.slice() };
}

function checkReferences(dref: Uint8Array): void {
	const isElsewhere = ({ body }: Box) => (dataView(body).getUint32(0) & IS_SELF_CONTAINED) === 0;
	if (readBoxes(dref.subarray(8)).some(isElsewhere)) {
		throw new MediaFormatError("the media is in another file");
	}
}

function readTimescale(header: Uint8Array): number {
	const timescale = dataView(header).getUint32(header[0] === 1 ? 20 : 12);
	if (timescale === 0) throw new MediaFormatError("timescale 0");
	return timescale;
}

/** The number by which others refer to a track. */
export function readTrackID(tkhd: Uint8Array): number {
	return dataView(tkhd).getUint32(tkhd[0] === 1 ? 20 : 12);
}

type Edit = { durationTicks: number; startTicks: number; isEmpty: boolean; isUsualSpeed: boolean };

/** Empty edits delay a track; then one at the usual speed may begin somewhere in it. */
function readEdit(elst: Uint8Array, ticksPerMovieTick: number): { shiftTicks: number; endTicks: number } {
	const edits = listEdits(elst, ticksPerMovieTick);
	const played = edits.filter(({ isEmpty }) => !isEmpty);
	const delayTicks = edits.reduce((sum, edit) => sum + (edit.isEmpty ? edit.durationTicks : 0), 0);
	const [edit] = played;
	if (edit === undefined) return { shiftTicks: Math.round(delayTicks), endTicks: Number.POSITIVE_INFINITY };
	if (played.length > 1 || edits.at(-1) !== edit || !edit.isUsualSpeed) {
		throw new MediaFormatError("an edit list that cuts");
	}
	return {
		shiftTicks: Math.round(delayTicks) - edit.startTicks,
		// A length of 0 says nothing.
		endTicks: edit.durationTicks === 0 ? Number.POSITIVE_INFINITY : delayTicks + edit.durationTicks,
	};
}

/** ISO/IEC 14496-12 §8.6.6: lengths in ticks of the movie, starts in ticks of the track. */
function listEdits(elst: Uint8Array, ticksPerMovieTick: number): Edit[] {
	const view = dataView(elst);
	const isLong = elst[0] === 1;
	const bytesEach = isLong ? 20 : 12;
	const count = view.getUint32(4);
	if (count > MAX_EDITS) throw new MediaFormatError("an edit list that cuts");
	return Array.from({ length: count }, (_, index) => {
		const at = 8 + index * bytesEach;
		const isEmpty = view.getInt32(at + (isLong ? 8 : 4)) === -1;
		const duration = isLong ? readUint64(view, at, "an edit") : view.getUint32(at);
		const start = isLong && !isEmpty ? readUint64(view, at + 8, "an edit") : view.getUint32(at + 4);
		return {
			durationTicks: duration * ticksPerMovieTick,
			startTicks: isEmpty ? 0 : start,
			isEmpty,
			isUsualSpeed: view.getUint32(at + bytesEach - 4) === 0x0001_0000,
		};
	});
}
