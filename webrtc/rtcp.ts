import {
	readTransportFeedback,
	type TransportFeedback,
	writeTransportFeedback,
} from "./transport-feedback.ts";

/** RTCP compound packets: RFC 3550 §6, feedback of RFC 4585 and RFC 5104, REMB (draft-alvestrand-rmcat-remb-03). No I/O. */

export type ReportBlock = {
	ssrc: number;
	/** Share of packets lost since the last report, in 1/256. */
	fractionLost: number;
	/** Signed 24 bit: duplicates can make it negative. */
	cumulativeLost: number;
	highestSequenceNumber: number;
	/** In units of the RTP clock. */
	jitter: number;
	/** Middle 32 bits of the NTP time of the last sender report; 0 if none came. */
	lastSenderReport: number;
	/** In 1/65536 s. */
	delaySinceLastSenderReport: number;
};

export type SenderReport = {
	type: "sender-report";
	ssrc: number;
	/** Seconds since 1900 and their fraction in 1/2^32. */
	ntpSeconds: number;
	ntpFraction: number;
	rtpTimestamp: number;
	packetCount: number;
	octetCount: number;
	reports: ReportBlock[];
};

export type RtcpMessage =
	| SenderReport
	| { type: "receiver-report"; ssrc: number; reports: ReportBlock[] }
	| { type: "source-description"; chunks: { ssrc: number; cname: string }[] }
	| { type: "goodbye"; ssrcs: number[] }
	| { type: "nack"; senderSsrc: number; mediaSsrc: number; sequenceNumbers: number[] }
	| { type: "picture-loss"; senderSsrc: number; mediaSsrc: number }
	| { type: "full-intra-request"; senderSsrc: number; entries: { ssrc: number; sequenceNumber: number }[] }
	| { type: "bitrate-estimate"; senderSsrc: number; bitrateBps: number; ssrcs: number[] }
	| TransportFeedback;

/** Everything understood in a compound packet. Unknown kinds are skipped, the first malformed packet ends the reading. */
export function parseRtcp(buffer: Buffer): RtcpMessage[] {
	const messages: RtcpMessage[] = [];
	let offset = 0;
	while (offset + 4 <= buffer.length) {
		const first = buffer.readUInt8(offset);
		const end = offset + 4 + buffer.readUInt16BE(offset + 2) * 4;
		if (first >> 6 !== 2 || end > buffer.length) return messages;
		const padding = first & 0x20 ? buffer.readUInt8(end - 1) : 0;
		const body = buffer.subarray(offset + 4, Math.max(offset + 4, end - padding));
		const message = readMessage(buffer.readUInt8(offset + 1), first & 0x1f, body);
		if (message !== null) messages.push(message);
		offset = end;
	}
	return messages;
}

/** One compound packet. Feedback alone is legal with `a=rtcp-rsize` (RFC 5506), which all our peers negotiate. */
export function buildRtcp(messages: readonly RtcpMessage[]): Buffer {
	return Buffer.concat(messages.map(writeMessage));
}

/** Milliseconds since 1970 as NTP time. */
export function toNtp(at: number): { ntpSeconds: number; ntpFraction: number } {
	const wholeSeconds = Math.floor(at / 1000);
	return {
		ntpSeconds: wholeSeconds + NTP_UNIX_OFFSET_SECONDS,
		ntpFraction: Math.floor(((at - wholeSeconds * 1000) / 1000) * 2 ** 32),
	};
}

/** NTP time as milliseconds since 1970. */
export function fromNtp(time: { ntpSeconds: number; ntpFraction: number }): number {
	return (time.ntpSeconds - NTP_UNIX_OFFSET_SECONDS) * 1000 + (time.ntpFraction / 2 ** 32) * 1000;
}

/** The 32 bits of a sender report's time that a report block quotes (RFC 3550 §6.4.1, LSR). */
export function middleNtp(time: { ntpSeconds: number; ntpFraction: number }): number {
	return (((time.ntpSeconds & 0xffff) << 16) | (time.ntpFraction >>> 16)) >>> 0;
}

/** Seconds from 1900 to 1970 (RFC 5905 figure 4). */
const NTP_UNIX_OFFSET_SECONDS = 2_208_988_800;

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;

const FORMAT_NACK = 1;
const FORMAT_TRANSPORT_CC = 15;
const FORMAT_PICTURE_LOSS = 1;
const FORMAT_FULL_INTRA_REQUEST = 4;
const FORMAT_APPLICATION = 15;

function readMessage(packetType: number, count: number, body: Buffer): RtcpMessage | null {
	switch (packetType) {
		case SENDER_REPORT:
			return readSenderReport(count, body);
		case RECEIVER_REPORT:
			if (body.length < 4) return null;
			return {
				type: "receiver-report",
				ssrc: body.readUInt32BE(0),
				reports: readReports(count, body.subarray(4)),
			};
		case SOURCE_DESCRIPTION:
			return { type: "source-description", chunks: readChunks(count, body) };
		case GOODBYE:
			return { type: "goodbye", ssrcs: readSsrcs(body, Math.min(count, body.length >> 2)) };
		case TRANSPORT_FEEDBACK:
			return readTransportLayer(count, body);
		case PAYLOAD_FEEDBACK:
			return readPayloadSpecific(count, body);
		default:
			return null;
	}
}

function readSenderReport(count: number, body: Buffer): SenderReport | null {
	if (body.length < 24) return null;
	return {
		type: "sender-report",
		ssrc: body.readUInt32BE(0),
		ntpSeconds: body.readUInt32BE(4),
		ntpFraction: body.readUInt32BE(8),
		rtpTimestamp: body.readUInt32BE(12),
		packetCount: body.readUInt32BE(16),
		octetCount: body.readUInt32BE(20),
		reports: readReports(count, body.subarray(24)),
	};
}

function readReports(count: number, body: Buffer): ReportBlock[] {
	const reports: ReportBlock[] = [];
	for (let offset = 0; reports.length < count && offset + 24 <= body.length; offset += 24) {
		reports.push({
			ssrc: body.readUInt32BE(offset),
			fractionLost: body.readUInt8(offset + 4),
			cumulativeLost: body.readIntBE(offset + 5, 3),
			highestSequenceNumber: body.readUInt32BE(offset + 8),
			jitter: body.readUInt32BE(offset + 12),
			lastSenderReport: body.readUInt32BE(offset + 16),
			delaySinceLastSenderReport: body.readUInt32BE(offset + 20),
		});
	}
	return reports;
}

function readChunks(count: number, body: Buffer): { ssrc: number; cname: string }[] {
	const chunks: { ssrc: number; cname: string }[] = [];
	let offset = 0;
	while (chunks.length < count && offset + 4 <= body.length) {
		const ssrc = body.readUInt32BE(offset);
		let cname = "";
		offset += 4;
		while (offset + 2 <= body.length && body[offset] !== 0) {
			const end = offset + 2 + body.readUInt8(offset + 1);
			if (body[offset] === 1) cname = body.toString("utf8", offset + 2, end);
			offset = end;
		}
		chunks.push({ ssrc, cname });
		offset = (offset + 4) & ~3;
	}
	return chunks;
}

function readTransportLayer(format: number, body: Buffer): RtcpMessage | null {
	if (body.length < 8) return null;
	if (format === FORMAT_TRANSPORT_CC) return readTransportFeedback(body);
	if (format !== FORMAT_NACK) return null;
	const sequenceNumbers: number[] = [];
	for (let offset = 8; offset + 4 <= body.length; offset += 4) {
		const first = body.readUInt16BE(offset);
		const following = body.readUInt16BE(offset + 2);
		sequenceNumbers.push(first);
		for (let bit = 0; bit < 16; bit += 1) {
			if (following & (1 << bit)) sequenceNumbers.push((first + bit + 1) & 0xffff);
		}
	}
	return {
		type: "nack",
		senderSsrc: body.readUInt32BE(0),
		mediaSsrc: body.readUInt32BE(4),
		sequenceNumbers,
	};
}

function readPayloadSpecific(format: number, body: Buffer): RtcpMessage | null {
	if (body.length < 8) return null;
	const senderSsrc = body.readUInt32BE(0);
	if (format === FORMAT_PICTURE_LOSS) {
		return { type: "picture-loss", senderSsrc, mediaSsrc: body.readUInt32BE(4) };
	}
	if (format === FORMAT_FULL_INTRA_REQUEST) {
		const entries = [];
		for (let offset = 8; offset + 8 <= body.length; offset += 8) {
			entries.push({ ssrc: body.readUInt32BE(offset), sequenceNumber: body.readUInt8(offset + 4) });
		}
		return { type: "full-intra-request", senderSsrc, entries };
	}
	const isEstimate =
		format === FORMAT_APPLICATION && body.length >= 16 && body.toString("latin1", 8, 12) === "REMB";
	if (!isEstimate) return null;
	const exponent = body.readUInt8(13) >> 2;
	const mantissa = ((body.readUInt8(13) & 3) << 16) | body.readUInt16BE(14);
	const count = Math.min(body.readUInt8(12), (body.length - 16) >> 2);
	return {
		type: "bitrate-estimate",
		senderSsrc,
		bitrateBps: mantissa * 2 ** exponent,
		ssrcs: readSsrcs(body.subarray(16), count),
	};
}

function readSsrcs(body: Buffer, count: number): number[] {
	return Array.from({ length: count }, (_, index) => body.readUInt32BE(index * 4));
}

function writeMessage(message: RtcpMessage): Buffer {
	switch (message.type) {
		case "sender-report":
			return frame(SENDER_REPORT, message.reports.length, [
				words(
					message.ssrc,
					message.ntpSeconds,
					message.ntpFraction,
					message.rtpTimestamp,
					message.packetCount,
					message.octetCount,
				),
				...message.reports.map(writeReport),
			]);
		case "receiver-report":
			return frame(RECEIVER_REPORT, message.reports.length, [
				words(message.ssrc),
				...message.reports.map(writeReport),
			]);
		case "source-description":
			return frame(SOURCE_DESCRIPTION, message.chunks.length, message.chunks.map(writeChunk));
		case "goodbye":
			return frame(GOODBYE, message.ssrcs.length, [words(...message.ssrcs)]);
		case "nack":
			return frame(TRANSPORT_FEEDBACK, FORMAT_NACK, [
				words(message.senderSsrc, message.mediaSsrc),
				words(...packNack(message.sequenceNumbers)),
			]);
		case "picture-loss":
			return frame(PAYLOAD_FEEDBACK, FORMAT_PICTURE_LOSS, [words(message.senderSsrc, message.mediaSsrc)]);
		case "full-intra-request":
			return frame(PAYLOAD_FEEDBACK, FORMAT_FULL_INTRA_REQUEST, [
				words(message.senderSsrc, 0),
				...message.entries.map((entry) => words(entry.ssrc, (entry.sequenceNumber & 0xff) * 2 ** 24)),
			]);
		case "bitrate-estimate":
			return frame(PAYLOAD_FEEDBACK, FORMAT_APPLICATION, [writeEstimate(message)]);
		case "transport-feedback":
			return frame(TRANSPORT_FEEDBACK, FORMAT_TRANSPORT_CC, [writeTransportFeedback(message)]);
	}
}

function frame(packetType: number, count: number, parts: Buffer[]): Buffer {
	const body = Buffer.concat(parts);
	const head = Buffer.from([0x80 | (count & 0x1f), packetType, 0, 0]);
	head.writeUInt16BE(body.length / 4, 2);
	return Buffer.concat([head, body]);
}

function words(...values: number[]): Buffer {
	const buffer = Buffer.allocUnsafe(values.length * 4);
	for (const [index, value] of values.entries()) buffer.writeUInt32BE(value >>> 0, index * 4);
	return buffer;
}

function writeReport(report: ReportBlock): Buffer {
	const buffer = words(
		report.ssrc,
		0,
		report.highestSequenceNumber,
		report.jitter,
		report.lastSenderReport,
		report.delaySinceLastSenderReport,
	);
	buffer.writeUInt8(report.fractionLost, 4);
	buffer.writeIntBE(Math.max(-0x800000, Math.min(0x7fffff, report.cumulativeLost)), 5, 3);
	return buffer;
}

function writeChunk(chunk: { ssrc: number; cname: string }): Buffer {
	const cname = Buffer.from(chunk.cname).subarray(0, 255);
	const buffer = Buffer.alloc((4 + 2 + cname.length + 4) & ~3);
	buffer.writeUInt32BE(chunk.ssrc, 0);
	buffer[4] = 1;
	buffer[5] = cname.length;
	cname.copy(buffer, 6);
	return buffer;
}

/** RFC 4585 §6.2.1: a first number and a bitmap of the sixteen that follow. */
function packNack(sequenceNumbers: readonly number[]): number[] {
	const packed: number[] = [];
	let first = -1;
	let following = 0;
	for (const sequenceNumber of sequenceNumbers) {
		const distance = (sequenceNumber - first) & 0xffff;
		if (first >= 0 && distance >= 1 && distance <= 16) {
			following |= 1 << (distance - 1);
			continue;
		}
		if (first >= 0) packed.push(first * 0x10000 + following);
		first = sequenceNumber & 0xffff;
		following = 0;
	}
	if (first >= 0) packed.push(first * 0x10000 + following);
	return packed;
}

function writeEstimate(message: { senderSsrc: number; bitrateBps: number; ssrcs: number[] }): Buffer {
	let exponent = 0;
	let mantissa = Math.floor(message.bitrateBps);
	while (mantissa > 0x3ffff) {
		mantissa = Math.floor(mantissa / 2);
		exponent += 1;
	}
	const packed = message.ssrcs.length * 2 ** 24 + (exponent << 18) + mantissa;
	return words(message.senderSsrc, 0, Buffer.from("REMB").readUInt32BE(0), packed, ...message.ssrcs);
}
