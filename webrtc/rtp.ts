/** RTP packets (RFC 3550 §5.1), header extensions (RFC 8285) and retransmission (RFC 4588). No I/O. */

/** One parsed RTP packet. It looks into `buffer` and copies nothing; whoever keeps it keeps the buffer. */
export type RtpPacket = {
	buffer: Buffer;
	marker: boolean;
	payloadType: number;
	sequenceNumber: number;
	timestamp: number;
	ssrc: number;
	/** Start of the extension elements in `buffer`, and their size without the 4 header bytes; 0 if there are none. */
	extensionsOffset: number;
	extensionsBytes: number;
	/** 0xBEDE, or 0x100x for two-byte headers; 0 without extensions. */
	extensionProfile: number;
	payloadOffset: number;
	/** End of the payload without padding. */
	payloadEnd: number;
};

/** What a packet is built from. Extension ids 1–14 with 1–16 bytes use one-byte headers, others switch to two-byte headers. */
export type RtpFields = {
	marker: boolean;
	payloadType: number;
	sequenceNumber: number;
	timestamp: number;
	ssrc: number;
	extensions?: readonly RtpExtension[];
	payload: Buffer;
};

export type RtpExtension = { id: number; value: Buffer };

export const RTP_HEADER_BYTES = 12;

/** RFC 5761 §4: with rtcp-mux, a second byte of 192–223 marks RTCP. */
export function isRtcp(packet: Buffer): boolean {
	const second = packet[1] ?? 0;
	return second >= 192 && second <= 223;
}

/** Null if the bytes are not a whole RTP packet. */
export function parseRtp(buffer: Buffer): RtpPacket | null {
	if (buffer.length < RTP_HEADER_BYTES) return null;
	const first = buffer.readUInt8(0);
	if (first >> 6 !== 2) return null;
	const second = buffer.readUInt8(1);
	let offset = RTP_HEADER_BYTES + (first & 0x0f) * 4;
	let extensionsOffset = 0;
	let extensionsBytes = 0;
	let extensionProfile = 0;
	if (first & 0x10) {
		if (offset + 4 > buffer.length) return null;
		extensionProfile = buffer.readUInt16BE(offset);
		extensionsBytes = buffer.readUInt16BE(offset + 2) * 4;
		extensionsOffset = offset + 4;
		offset = extensionsOffset + extensionsBytes;
	}
	const payloadEnd = buffer.length - (first & 0x20 ? buffer.readUInt8(buffer.length - 1) : 0);
	if (offset > payloadEnd) return null;
	return {
		buffer,
		marker: (second & 0x80) !== 0,
		payloadType: second & 0x7f,
		sequenceNumber: buffer.readUInt16BE(2),
		timestamp: buffer.readUInt32BE(4),
		ssrc: buffer.readUInt32BE(8),
		extensionsOffset,
		extensionsBytes,
		extensionProfile,
		payloadOffset: offset,
		payloadEnd,
	};
}

export function payloadOf(packet: RtpPacket): Buffer {
	return packet.buffer.subarray(packet.payloadOffset, packet.payloadEnd);
}

/** The value of the extension with this id, or null. Truncated elements end the search. */
export function readExtension(packet: RtpPacket, id: number): Buffer | null {
	let found: Buffer | null = null;
	forEachExtension(packet, (elementID, value) => {
		if (elementID === id) found = value;
		return elementID !== id;
	});
	return found;
}

/** All extensions in order of appearance. */
export function readExtensions(packet: RtpPacket): RtpExtension[] {
	const all: RtpExtension[] = [];
	forEachExtension(packet, (id, value) => {
		all.push({ id, value });
		return true;
	});
	return all;
}

/** A whole packet, without CSRCs and padding. */
export function buildRtp(fields: RtpFields): Buffer {
	const extensions = fields.extensions ?? [];
	const extensionBytes = extensions.length === 0 ? 0 : extensionBlockBytes(extensions);
	const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + extensionBytes + fields.payload.length);
	packet[0] = extensionBytes > 0 ? 0x90 : 0x80;
	packet[1] = (fields.marker ? 0x80 : 0) | (fields.payloadType & 0x7f);
	packet.writeUInt16BE(fields.sequenceNumber & 0xffff, 2);
	packet.writeUInt32BE(fields.timestamp >>> 0, 4);
	packet.writeUInt32BE(fields.ssrc >>> 0, 8);
	if (extensionBytes > 0) writeExtensionBlock(packet, RTP_HEADER_BYTES, extensions);
	fields.payload.copy(packet, RTP_HEADER_BYTES + extensionBytes);
	return packet;
}

/** RFC 4588 §4: the original sequence number, then the original payload. Header extensions are carried over. */
export function buildRtx(
	original: Buffer,
	rtx: { ssrc: number; payloadType: number; sequenceNumber: number },
): Buffer | null {
	const packet = parseRtp(original);
	if (packet === null) return null;
	const wrapped = Buffer.allocUnsafe(packet.payloadEnd + 2);
	original.copy(wrapped, 0, 0, packet.payloadOffset);
	wrapped[0] = original.readUInt8(0) & ~0x20;
	wrapped[1] = (packet.marker ? 0x80 : 0) | rtx.payloadType;
	wrapped.writeUInt16BE(rtx.sequenceNumber & 0xffff, 2);
	wrapped.writeUInt32BE(rtx.ssrc >>> 0, 8);
	wrapped.writeUInt16BE(packet.sequenceNumber, packet.payloadOffset);
	original.copy(wrapped, packet.payloadOffset + 2, packet.payloadOffset, packet.payloadEnd);
	return wrapped;
}

/** The original packet out of a retransmission, or null if it holds none (Chromium also sends empty ones as padding). */
export function unwrapRtx(rtx: RtpPacket, original: { ssrc: number; payloadType: number }): RtpPacket | null {
	if (rtx.payloadEnd - rtx.payloadOffset <= 2) return null;
	const buffer = Buffer.allocUnsafe(rtx.payloadEnd - 2);
	rtx.buffer.copy(buffer, 0, 0, rtx.payloadOffset);
	buffer[0] = rtx.buffer.readUInt8(0) & ~0x20;
	buffer[1] = (rtx.marker ? 0x80 : 0) | original.payloadType;
	buffer.writeUInt16BE(rtx.buffer.readUInt16BE(rtx.payloadOffset), 2);
	buffer.writeUInt32BE(original.ssrc >>> 0, 8);
	rtx.buffer.copy(buffer, rtx.payloadOffset, rtx.payloadOffset + 2, rtx.payloadEnd);
	return parseRtp(buffer);
}

/** `later - earlier` on the circle of 2^16: -32768 to 32767. */
export function sequenceDelta(later: number, earlier: number): number {
	return ((later - earlier) << 16) >> 16;
}

/** `later - earlier` on the circle of 2^32: -2^31 to 2^31 - 1. */
export function timestampDelta(later: number, earlier: number): number {
	return (later - earlier) | 0;
}

/** Calls `visit` with each element until it returns false (RFC 8285 §4.2, §4.3). */
function forEachExtension(packet: RtpPacket, visit: (id: number, value: Buffer) => boolean): void {
	if (packet.extensionProfile === 0xbede) visitOneByte(packet, visit);
	else if (packet.extensionProfile >> 4 === 0x100) visitTwoByte(packet, visit);
}

function visitOneByte(packet: RtpPacket, visit: (id: number, value: Buffer) => boolean): void {
	const end = packet.extensionsOffset + packet.extensionsBytes;
	let offset = packet.extensionsOffset;
	while (offset < end) {
		const head = packet.buffer.readUInt8(offset);
		offset += 1;
		if (head === 0) continue;
		const next = offset + (head & 0x0f) + 1;
		if (head >> 4 === 15 || next > end) return;
		if (!visit(head >> 4, packet.buffer.subarray(offset, next))) return;
		offset = next;
	}
}

function visitTwoByte(packet: RtpPacket, visit: (id: number, value: Buffer) => boolean): void {
	const end = packet.extensionsOffset + packet.extensionsBytes;
	let offset = packet.extensionsOffset;
	while (offset < end) {
		const id = packet.buffer.readUInt8(offset);
		offset += 1;
		if (id === 0) continue;
		if (offset >= end) return;
		const next = offset + 1 + packet.buffer.readUInt8(offset);
		if (next > end) return;
		if (!visit(id, packet.buffer.subarray(offset + 1, next))) return;
		offset = next;
	}
}

function needsTwoByteHeaders(extensions: readonly RtpExtension[]): boolean {
	return extensions.some(({ id, value }) => id > 14 || value.length === 0 || value.length > 16);
}

function extensionBlockBytes(extensions: readonly RtpExtension[]): number {
	const headBytes = needsTwoByteHeaders(extensions) ? 2 : 1;
	let bytes = 0;
	for (const { value } of extensions) bytes += headBytes + value.length;
	return 4 + ((bytes + 3) & ~3);
}

function writeExtensionBlock(packet: Buffer, start: number, extensions: readonly RtpExtension[]): void {
	const isTwoByte = needsTwoByteHeaders(extensions);
	const blockBytes = extensionBlockBytes(extensions);
	packet.writeUInt16BE(isTwoByte ? 0x1000 : 0xbede, start);
	packet.writeUInt16BE((blockBytes - 4) / 4, start + 2);
	let offset = start + 4;
	for (const { id, value } of extensions) {
		if (isTwoByte) {
			packet[offset] = id;
			packet[offset + 1] = value.length;
			offset += 2;
		} else {
			packet[offset] = (id << 4) | (value.length - 1);
			offset += 1;
		}
		value.copy(packet, offset);
		offset += value.length;
	}
	packet.fill(0, offset, start + blockBytes);
}
