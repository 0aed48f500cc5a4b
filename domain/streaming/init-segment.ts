import { dataView, MediaFormatError, readBoxes, requireBox } from "./boxes.ts";
import { aacCodecs, av1Codecs, avcCodecs, hevcCodecs, vp9Codecs } from "./codec-strings.ts";

/** What a CMAF header (ftyp + moov with one track) says. */
export type InitSegment = {
	/** The header itself. */
	bytes: Uint8Array;
	kind: "audio" | "video";
	/** RFC 6381 §3.3, taken from the sample entry: `avc1.64001f`, `mp4a.40.2`. */
	codecs: string;
	/** Ticks a second of all times in the track's fragments. */
	timescale: number;
	trackID: number;
	/** As it is to be shown, in square pixels; 0 for audio. */
	width: number;
	height: number;
	/** From `trex`; what a fragment does not say itself. */
	defaults: { durationTicks: number; sizeBytes: number; flags: number };
};

/** Reads a CMAF header with H.264, HEVC, VP9, AV1, AAC or Opus. ISO/IEC 14496-12 §8, 14496-14 §5.6, 14496-15 §5.3 and §8.3. */
export function parseInitSegment(bytes: Uint8Array): InitSegment {
	const moov = requireBox(bytes, "moov");
	if (readBoxes(moov).filter((box) => box.type === "trak").length !== 1) {
		throw new MediaFormatError("expected one track");
	}
	const media = requireBox(moov, "trak", "mdia");
	const entry = sampleEntry(requireBox(media, "minf", "stbl", "stsd"));
	const trex = requireBox(moov, "mvex", "trex");
	return {
		bytes,
		...entry,
		timescale: readTimescale(requireBox(media, "mdhd")),
		trackID: readWord(trex, 4),
		defaults: {
			durationTicks: readWord(trex, 12),
			sizeBytes: readWord(trex, 16),
			flags: readWord(trex, 20),
		},
	};
}

type SampleEntry = Pick<InitSegment, "kind" | "codecs" | "width" | "height">;

/** Bytes of a sample entry before its boxes (ISO/IEC 14496-12 §12.1.3 and §12.2.3). */
const VIDEO_FIELDS = 78;
const AUDIO_FIELDS = 28;

function sampleEntry(stsd: Uint8Array): SampleEntry {
	const entry = readBoxes(stsd.subarray(8))[0];
	switch (entry?.type) {
		case "avc1":
			return videoEntry(entry.body, avcCodecs(configuration(entry.body, VIDEO_FIELDS, "avcC")));
		case "hvc1":
		case "hev1":
			return videoEntry(entry.body, hevcCodecs(entry.type, configuration(entry.body, VIDEO_FIELDS, "hvcC")));
		case "vp09":
			return videoEntry(entry.body, vp9Codecs(configuration(entry.body, VIDEO_FIELDS, "vpcC")));
		case "av01":
			return videoEntry(entry.body, av1Codecs(configuration(entry.body, VIDEO_FIELDS, "av1C")));
		case "mp4a":
			return audioEntry(aacCodecs(configuration(entry.body, AUDIO_FIELDS, "esds").subarray(4)));
		case "Opus":
			return audioEntry("opus");
		default:
			throw new MediaFormatError(`sample entry ${entry?.type ?? "(none)"} is none that is packaged`);
	}
}

/** The box behind the sample entry's own fields. */
function configuration(entry: Uint8Array, fieldBytes: number, type: string): Uint8Array {
	need(entry, fieldBytes);
	return requireBox(entry.subarray(fieldBytes), type);
}

function videoEntry(entry: Uint8Array, codecs: string): SampleEntry {
	const view = dataView(entry);
	const width = Math.round(view.getUint16(24) * pixelShape(entry));
	return { kind: "video", codecs, width, height: view.getUint16(26) };
}

/** Width of a pixel in heights, as `pasp` says (ISO/IEC 14496-12 §12.1.4); 1 without one. */
function pixelShape(entry: Uint8Array): number {
	const pasp = readBoxes(entry.subarray(VIDEO_FIELDS)).find((box) => box.type === "pasp");
	if (pasp === undefined) return 1;
	const [horizontal, vertical] = [readWord(pasp.body, 0), readWord(pasp.body, 4)];
	return horizontal > 0 && vertical > 0 ? horizontal / vertical : 1;
}

function audioEntry(codecs: string): SampleEntry {
	return { kind: "audio", codecs, width: 0, height: 0 };
}

function readTimescale(mdhd: Uint8Array): number {
	const timescale = readWord(mdhd, mdhd[0] === 1 ? 20 : 12);
	if (timescale === 0) {
		throw new MediaFormatError("timescale 0");
	}
	return timescale;
}

function readWord(body: Uint8Array, offset: number): number {
	need(body, offset + 4);
	return dataView(body).getUint32(offset);
}

function need(bytes: Uint8Array, lengthBytes: number): void {
	if (bytes.length < lengthBytes) {
		throw new MediaFormatError("a box is too short");
	}
}
