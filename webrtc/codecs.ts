/** What a router must know of payload formats: where key frames start, and VP8's numbering of pictures. No I/O. */

/** VP8 payload descriptor (RFC 7741 §4.2). Offsets count from the start of the payload. */
export type Vp8Descriptor = {
	/** Bytes of the descriptor; the VP8 data follows. */
	bytes: number;
	startsPartition: boolean;
	partitionID: number;
	/** -1 if absent. */
	pictureID: number;
	/** True if the picture id has 15 bits, false if it has 7. */
	isLongPictureID: boolean;
	pictureIDOffset: number;
	/** -1 if absent. */
	tl0PictureIndex: number;
	tl0PictureIndexOffset: number;
	/** -1 if absent. */
	temporalID: number;
	/** Key frame of the VP8 data; only known in the first packet of a frame. */
	isKeyframe: boolean;
};

/** Null if the payload is truncated. */
export function parseVp8Descriptor(payload: Buffer): Vp8Descriptor | null {
	const first = payload[0];
	if (first === undefined) return null;
	const extension = first & 0x80 ? payload[1] : 0;
	if (extension === undefined) return null;
	const descriptor: Vp8Descriptor = {
		bytes: first & 0x80 ? 2 : 1,
		startsPartition: (first & 0x10) !== 0,
		partitionID: first & 0x07,
		pictureID: -1,
		isLongPictureID: false,
		pictureIDOffset: -1,
		tl0PictureIndex: -1,
		tl0PictureIndexOffset: -1,
		temporalID: -1,
		isKeyframe: false,
	};
	if (extension & 0x80) readPictureID(payload, descriptor);
	if (extension & 0x40) {
		descriptor.tl0PictureIndexOffset = descriptor.bytes;
		descriptor.tl0PictureIndex = payload[descriptor.bytes] ?? -1;
		descriptor.bytes += 1;
	}
	if (extension & 0x30) {
		if (extension & 0x20) descriptor.temporalID = (payload[descriptor.bytes] ?? 0) >> 6;
		descriptor.bytes += 1;
	}
	const frameHeader = payload[descriptor.bytes];
	if (frameHeader === undefined) return null;
	const startsFrame = descriptor.startsPartition && descriptor.partitionID === 0;
	descriptor.isKeyframe = startsFrame && (frameHeader & 0x01) === 0;
	return descriptor;
}

/** Writes new numbers into a payload whose descriptor has been parsed; absent fields stay absent. */
export function patchVp8Descriptor(
	payload: Buffer,
	descriptor: Vp8Descriptor,
	numbers: { pictureID: number; tl0PictureIndex: number },
): void {
	if (descriptor.pictureIDOffset >= 0) {
		if (descriptor.isLongPictureID) {
			payload.writeUInt16BE(0x8000 | (numbers.pictureID & 0x7fff), descriptor.pictureIDOffset);
		} else {
			payload[descriptor.pictureIDOffset] = numbers.pictureID & 0x7f;
		}
	}
	if (descriptor.tl0PictureIndexOffset >= 0) {
		payload[descriptor.tl0PictureIndexOffset] = numbers.tl0PictureIndex & 0xff;
	}
}

/**
 * Whether this packet begins something a decoder can start from. Codec names as in `a=rtpmap`, any case.
 * VP8, H.264 and H.265 are exact; VP9 and AV1 trust the payload header. Audio and unknown codecs: always true.
 */
export function startsKeyframe(codec: string, payload: Buffer): boolean {
	switch (codec.toUpperCase()) {
		case "VP8":
			return parseVp8Descriptor(payload)?.isKeyframe ?? false;
		case "H264":
			return startsH264Keyframe(payload);
		case "H265":
			return startsH265Keyframe(payload);
		case "VP9":
			return startsVp9Keyframe(payload);
		case "AV1":
			return startsAv1Keyframe(payload);
		default:
			return true;
	}
}

/** Width and height in a VP8 key frame (RFC 6386 §9.1), or null if the packet does not start one. */
export function readVp8Size(payload: Buffer): { width: number; height: number } | null {
	const descriptor = parseVp8Descriptor(payload);
	if (descriptor === null || !descriptor.isKeyframe) return null;
	const start = descriptor.bytes;
	if (start + 10 > payload.length || payload.readUIntBE(start + 3, 3) !== 0x9d012a) return null;
	return {
		width: payload.readUInt16LE(start + 6) & 0x3fff,
		height: payload.readUInt16LE(start + 8) & 0x3fff,
	};
}

function readPictureID(payload: Buffer, descriptor: Vp8Descriptor): void {
	const high = payload[descriptor.bytes] ?? 0;
	descriptor.pictureIDOffset = descriptor.bytes;
	descriptor.isLongPictureID = (high & 0x80) !== 0;
	if (!descriptor.isLongPictureID) {
		descriptor.pictureID = high;
		descriptor.bytes += 1;
		return;
	}
	descriptor.pictureID = ((high & 0x7f) << 8) | (payload[descriptor.bytes + 1] ?? 0);
	descriptor.bytes += 2;
}

const H264_IDR = 5;
const H264_SPS = 7;
const H264_STAP_A = 24;
const H264_FU_A = 28;

/** RFC 6184 §5.2: a parameter set or an IDR slice, alone, aggregated (STAP-A) or as the first fragment (FU-A). */
function startsH264Keyframe(payload: Buffer): boolean {
	const type = (payload[0] ?? 0) & 0x1f;
	if (type === H264_IDR || type === H264_SPS) return true;
	if (type === H264_FU_A) {
		const header = payload[1] ?? 0;
		return (header & 0x80) !== 0 && (header & 0x1f) === H264_IDR;
	}
	if (type !== H264_STAP_A) return false;
	let offset = 1;
	while (offset + 3 <= payload.length) {
		const inner = payload.readUInt8(offset + 2) & 0x1f;
		if (inner === H264_IDR || inner === H264_SPS) return true;
		offset += 2 + payload.readUInt16BE(offset);
	}
	return false;
}

const H265_FIRST_IRAP = 16;
const H265_LAST_IRAP = 23;
const H265_VPS = 32;
const H265_SPS = 33;
const H265_AGGREGATION = 48;
const H265_FRAGMENTATION = 49;

/** RFC 7798 §4.4: an IRAP picture or its parameter sets, alone, aggregated or as the first fragment. */
function startsH265Keyframe(payload: Buffer): boolean {
	const type = ((payload[0] ?? 0) >> 1) & 0x3f;
	if (type === H265_FRAGMENTATION) {
		const header = payload[2] ?? 0;
		return (header & 0x80) !== 0 && isH265Entry(header & 0x3f);
	}
	if (type === H265_AGGREGATION) return isH265Entry(((payload[4] ?? 0) >> 1) & 0x3f);
	return isH265Entry(type);
}

function isH265Entry(type: number): boolean {
	return (type >= H265_FIRST_IRAP && type <= H265_LAST_IRAP) || type === H265_VPS || type === H265_SPS;
}

/** RFC 9628 §4.2: begins a frame (B), is not inter-predicted (P), and is of the lowest spatial layer. */
function startsVp9Keyframe(payload: Buffer): boolean {
	const first = payload[0] ?? 0;
	const isPredicted = (first & 0x40) !== 0;
	const beginsFrame = (first & 0x08) !== 0;
	if (isPredicted || !beginsFrame) return false;
	if ((first & 0x20) === 0) return true;
	let offset = 1;
	if (first & 0x80) offset += (payload[1] ?? 0) & 0x80 ? 2 : 1;
	const spatialID = ((payload[offset] ?? 0) >> 1) & 0x07;
	return spatialID === 0;
}

/** AV1 RTP payload v1.0 §4.4: the N bit marks the first packet of a coded video sequence. */
function startsAv1Keyframe(payload: Buffer): boolean {
	return ((payload[0] ?? 0) & 0x08) !== 0;
}
