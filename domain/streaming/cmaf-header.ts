import {
	type Box,
	dataView,
	fullBoxBody,
	MediaFormatError,
	readBoxes,
	requireBox,
	writeBox,
} from "./boxes.ts";
import { concatBytes } from "./fragment-reader.ts";
import { type InitSegment, parseInitSegment } from "./init-segment.ts";
import type { MovieTrack } from "./movie.ts";

/** Fields of a sample entry before its boxes (ISO/IEC 14496-12 §12.1.3, §12.2.3); QuickTime's second sound version has more. */
const VIDEO_FIELDS = 78;
const AUDIO_FIELDS = 28;
const QUICKTIME_FIELDS = [AUDIO_FIELDS, AUDIO_FIELDS + 16];
/** What a decoder or a player needs of an H.264 entry: configuration, pixel shape, colours. */
const VIDEO_BOXES = ["avcC", "pasp", "colr"];
const UPRIGHT = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/** A CMAF header (ISO/IEC 23000-19 §7.3) for a track as it is. Throws `MediaFormatError` for other codecs than H.264 and AAC. */
export function writeCmafHeader({ kind, entry, timescale }: MovieTrack): InitSegment {
	const isVideo = kind === "video";
	const { width, height } = isVideo ? sizeOf(entry) : { width: 0, height: 0 };
	const header = full("tkhd", 0, 7, [
		...[0, 0, 1, 0, 0, 0, 0, 0, isVideo ? 0 : 0x0100_0000],
		...[...UPRIGHT, width * 0x1_0000, height * 0x1_0000],
	]);
	const media = writeBox(
		"mdia",
		full("mdhd", 0, 0, [0, 0, timescale, 0, UNDETERMINED]),
		writeBox("hdlr", fullBoxBody(0, 0, [0]), text(isVideo ? "vide" : "soun"), new Uint8Array(13)),
		writeBox(
			"minf",
			isVideo ? full("vmhd", 0, 1, [0, 0]) : full("smhd", 0, 0, [0]),
			writeBox("dinf", writeBox("dref", fullBoxBody(0, 0, [1]), full("url ", 0, 1, []))),
			writeBox(
				"stbl",
				writeBox("stsd", fullBoxBody(0, 0, [1]), isVideo ? videoEntry(entry) : audioEntry(entry)),
				...["stts", "stsc", "stco"].map((type) => full(type, 0, 0, [0])),
				full("stsz", 0, 0, [0, 0]),
			),
		),
	);
	return parseInitSegment(
		concatBytes([
			writeBox("ftyp", text("iso6"), new Uint8Array(4), text("iso6cmfcmp41")),
			writeBox(
				"moov",
				full("mvhd", 0, 0, [
					0,
					0,
					timescale,
					0,
					0x1_0000,
					0x0100_0000,
					0,
					0,
					...UPRIGHT,
					0,
					0,
					0,
					0,
					0,
					0,
					2,
				]),
				writeBox("trak", header, media),
				writeBox("mvex", full("trex", 0, 0, [1, 1, 0, 0, 0])),
			),
		]),
	);
}

/** `und`, in five bits a letter. */
const UNDETERMINED = 0x55c4_0000;

function sizeOf({ body }: Box): { width: number; height: number } {
	if (body.length < VIDEO_FIELDS) throw new MediaFormatError("a sample entry is too short");
	return { width: dataView(body).getUint16(24), height: dataView(body).getUint16(26) };
}

function videoEntry({ type, body }: Box): Uint8Array {
	if (type !== "avc1") throw new MediaFormatError(`pictures as ${type} are not copied`);
	const boxes = readBoxes(body.subarray(VIDEO_FIELDS)).filter((box) => VIDEO_BOXES.includes(box.type));
	// QuickTime's colours have another type and mean the same to the eye.
	const kept = boxes.filter((box) => box.type !== "colr" || dataView(box.body).getUint32(0) === NCLX);
	return writeBox("avc1", body.subarray(0, VIDEO_FIELDS), ...kept.map((box) => writeBox(box.type, box.body)));
}

/** `nclx`. */
const NCLX = 0x6e63_6c78;

function audioEntry({ type, body }: Box): Uint8Array {
	if (type !== "mp4a") throw new MediaFormatError(`sound as ${type} is not copied`);
	const version = dataView(body).getUint16(8);
	const boxesAt = QUICKTIME_FIELDS[version];
	if (boxesAt === undefined) throw new MediaFormatError(`a sound description of version ${version}`);
	const inner = body.subarray(boxesAt);
	const esds = readBoxes(inner).some((box) => box.type === "wave")
		? requireBox(inner, "wave", "esds")
		: requireBox(inner, "esds");
	const fields = body.slice(0, AUDIO_FIELDS);
	fields.fill(0, 8, 16);
	return writeBox("mp4a", fields, writeBox("esds", esds));
}

function full(type: string, version: number, flags: number, words: number[]): Uint8Array<ArrayBuffer> {
	return writeBox(type, fullBoxBody(version, flags, words));
}

function text(letters: string): Uint8Array<ArrayBuffer> {
	return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}
