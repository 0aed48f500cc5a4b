import { dataView, MediaFormatError, readBoxes, requireBox } from "./boxes.ts";

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
	/** 0 for audio. */
	width: number;
	height: number;
	/** From `trex`; what a fragment does not say itself. */
	defaults: { durationTicks: number; sizeBytes: number; flags: number };
};

/** Reads a CMAF header with H.264 (`avc1`) or AAC (`mp4a`). ISO/IEC 14496-12 §8, 14496-14 §5.6, 14496-15 §5.3. */
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

function sampleEntry(stsd: Uint8Array): SampleEntry {
	const entry = readBoxes(stsd.subarray(8))[0];
	if (entry?.type === "avc1") {
		need(entry.body, 78);
		const view = dataView(entry.body);
		return {
			kind: "video",
			codecs: avcCodecs(requireBox(entry.body.subarray(78), "avcC")),
			width: view.getUint16(24),
			height: view.getUint16(26),
		};
	}
	if (entry?.type === "mp4a") {
		need(entry.body, 28);
		const esds = requireBox(entry.body.subarray(28), "esds");
		return { kind: "audio", codecs: aacCodecs(esds.subarray(4)), width: 0, height: 0 };
	}
	throw new MediaFormatError(`sample entry ${entry?.type ?? "(none)"} is neither avc1 nor mp4a`);
}

/** AVCDecoderConfigurationRecord: version, profile, compatibility, level (ISO/IEC 14496-15 §5.3.3.1). */
function avcCodecs(avcC: Uint8Array): string {
	need(avcC, 4);
	const hex = Array.from(avcC.subarray(1, 4), (byte) => byte.toString(16).padStart(2, "0"));
	return `avc1.${hex.join("")}`;
}

/** Object type and audio object type out of the nested descriptors of ISO/IEC 14496-1 §7.2.6. */
function aacCodecs(esDescriptor: Uint8Array): string {
	const stream = descriptor(esDescriptor, 0x03);
	const config = descriptor(stream.subarray(3), 0x04);
	const specific = descriptor(config.subarray(13), 0x05);
	need(specific, 2);
	const word = dataView(specific).getUint16(0);
	const objectType = word >> 11 === 31 ? 32 + ((word >> 5) & 0x3f) : word >> 11;
	return `mp4a.${(config[0] ?? 0).toString(16)}.${objectType}`;
}

/** Body of the descriptor with `tag` at the start of `bytes`. */
function descriptor(bytes: Uint8Array, tag: number): Uint8Array {
	if (bytes[0] !== tag) {
		throw new MediaFormatError(`no descriptor ${tag} in esds`);
	}
	let sizeBytes = 0;
	for (let index = 1; index <= 4; index += 1) {
		const byte = bytes[index] ?? 0;
		sizeBytes = sizeBytes * 128 + (byte & 0x7f);
		if (byte < 0x80) {
			need(bytes, index + 1 + sizeBytes);
			return bytes.subarray(index + 1, index + 1 + sizeBytes);
		}
	}
	throw new MediaFormatError("a descriptor's length in esds has more than four bytes");
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
