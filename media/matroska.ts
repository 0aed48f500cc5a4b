/** Elements of a live Matroska stream (RFC 9559): sizes of segment and clusters are unknown, so it can be read while it is written. */

export type MatroskaVideo = {
	codec: "VP8" | "H264";
	width: number;
	height: number;
	/** AVCDecoderConfigurationRecord; H.264 only. */
	configuration: Buffer | null;
};

export type MatroskaTracks = { video: MatroskaVideo | null; hasAudio: boolean };

export type MatroskaBlock = {
	track: "audio" | "video";
	/** Since the start of the stream, not negative. */
	timeMs: number;
	isKeyframe: boolean;
	data: Buffer;
};

/** 0.1 ms: fine enough for 60 frames a second, and a block may lie 3.2 s after its cluster's start. */
const TIMESTAMP_SCALE_NS = 100_000;
const TICKS_PER_MS = 1_000_000 / TIMESTAMP_SCALE_NS;
const CLUSTER_MS = 1_000;
const TRACK_NUMBER = { video: 1, audio: 2 } as const;

/** Writes a stream of at most one VP8 or H.264 track and one Opus track. Both calls return the bytes to send. */
export class MatroskaWriter {
	#clusterTicks: number | null = null;

	header(tracks: MatroskaTracks): Buffer {
		return Buffer.concat([
			element(ID.ebml, [
				uint(ID.docTypeVersion, 4),
				uint(ID.docTypeReadVersion, 2),
				text(ID.docType, "matroska"),
			]),
			unknownSize(ID.segment),
			element(ID.info, [
				uint(ID.timestampScale, TIMESTAMP_SCALE_NS),
				text(ID.muxingApp, "rostrum"),
				text(ID.writingApp, "rostrum"),
			]),
			element(ID.tracks, [
				...(tracks.video === null ? [] : [videoEntry(tracks.video)]),
				...(tracks.hasAudio ? [audioEntry()] : []),
			]),
		]);
	}

	/** One SimpleBlock, after a new cluster where one is due. */
	block(block: MatroskaBlock): Buffer {
		const ticks = Math.round(block.timeMs * TICKS_PER_MS);
		const start = this.#clusterTicks;
		const isDue = start === null || Math.abs(ticks - start) > CLUSTER_MS * TICKS_PER_MS;
		const clusterTicks = isDue ? ticks : start;
		this.#clusterTicks = clusterTicks;
		const head = Buffer.alloc(4);
		head[0] = 0x80 | TRACK_NUMBER[block.track];
		head.writeInt16BE(ticks - clusterTicks, 1);
		head[3] = block.isKeyframe ? 0x80 : 0;
		const simple = element(ID.simpleBlock, [head, block.data]);
		return isDue ? Buffer.concat([unknownSize(ID.cluster), uint(ID.timestamp, ticks), simple]) : simple;
	}
}

/** RFC 9559 §5.1, IDs with their length markers. */
const ID = {
	ebml: 0x1a45dfa3,
	docTypeVersion: 0x4287,
	docTypeReadVersion: 0x4285,
	docType: 0x4282,
	segment: 0x18538067,
	info: 0x1549a966,
	timestampScale: 0x2ad7b1,
	muxingApp: 0x4d80,
	writingApp: 0x5741,
	tracks: 0x1654ae6b,
	trackEntry: 0xae,
	trackNumber: 0xd7,
	trackUID: 0x73c5,
	trackType: 0x83,
	flagLacing: 0x9c,
	codecID: 0x86,
	codecPrivate: 0x63a2,
	video: 0xe0,
	pixelWidth: 0xb0,
	pixelHeight: 0xba,
	audio: 0xe1,
	samplingFrequency: 0xb5,
	channels: 0x9f,
	cluster: 0x1f43b675,
	timestamp: 0xe7,
	simpleBlock: 0xa3,
} as const;

function videoEntry(video: MatroskaVideo): Buffer {
	return element(ID.trackEntry, [
		uint(ID.trackNumber, TRACK_NUMBER.video),
		uint(ID.trackUID, TRACK_NUMBER.video),
		uint(ID.trackType, 1),
		uint(ID.flagLacing, 0),
		text(ID.codecID, video.codec === "VP8" ? "V_VP8" : "V_MPEG4/ISO/AVC"),
		...(video.configuration === null ? [] : [element(ID.codecPrivate, [video.configuration])]),
		element(ID.video, [uint(ID.pixelWidth, video.width), uint(ID.pixelHeight, video.height)]),
	]);
}

function audioEntry(): Buffer {
	// OpusHead (RFC 7845 §5.1): version 1, two channels, no pre-skip, 48 kHz, no gain, mapping family 0.
	const head = Buffer.concat([Buffer.from("OpusHead"), Buffer.from([1, 2, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0])]);
	const frequency = Buffer.alloc(8);
	frequency.writeDoubleBE(48_000);
	return element(ID.trackEntry, [
		uint(ID.trackNumber, TRACK_NUMBER.audio),
		uint(ID.trackUID, TRACK_NUMBER.audio),
		uint(ID.trackType, 2),
		uint(ID.flagLacing, 0),
		text(ID.codecID, "A_OPUS"),
		element(ID.codecPrivate, [head]),
		element(ID.audio, [element(ID.samplingFrequency, [frequency]), uint(ID.channels, 2)]),
	]);
}

function element(id: number, contents: Buffer[]): Buffer {
	const sizeBytes = contents.reduce((sum, content) => sum + content.length, 0);
	const size = Buffer.alloc(4);
	// RFC 8794 §4: a size of four bytes begins with the bits 0001.
	size.writeUInt32BE(0x1000_0000 + sizeBytes);
	return Buffer.concat([identifier(id), size, ...contents]);
}

/** RFC 8794 §6.2: all value bits set. */
function unknownSize(id: number): Buffer {
	return Buffer.concat([identifier(id), Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])]);
}

function identifier(id: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(id);
	return bytes.subarray(bytes.findIndex((byte) => byte !== 0));
}

function uint(id: number, value: number): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64BE(BigInt(value));
	return element(id, [bytes]);
}

function text(id: number, value: string): Buffer {
	return element(id, [Buffer.from(value)]);
}
