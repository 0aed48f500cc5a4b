import { sequenceDelta } from "./rtp.ts";

/** Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1). */
export type TransportFeedback = {
	type: "transport-feedback";
	senderSsrc: number;
	mediaSsrc: number;
	baseSequenceNumber: number;
	/** Counts feedback packets, modulo 256. */
	feedbackCount: number;
	/** In units of 64 ms, signed 24 bit. */
	referenceTime: number;
	/**
	 * One entry a packet from `baseSequenceNumber` on: null if lost, else the time since the packet received before it
	 * (the first: since `referenceTime`), in units of 250 µs.
	 */
	deltas: (number | null)[];
};

/** What arrived, for `summarizeArrivals`. `atMs` may have fractions. */
export type Arrival = { sequenceNumber: number; atMs: number };

const TICKS_PER_MS = 4;
const REFERENCE_TICKS = 256;
/** More than a peer sends between two reports; keeps a forged count from filling memory. */
const MAX_PACKETS = 0xffff;

/** Feedback about all packets from the first arrival to the last; arrivals may come unordered, duplicates count once. */
export function summarizeArrivals(
	arrivals: readonly Arrival[],
	about: { senderSsrc: number; mediaSsrc: number; feedbackCount: number },
): TransportFeedback | null {
	const [first] = arrivals;
	if (first === undefined) return null;
	const ordered = arrivals.toSorted((a, b) => sequenceDelta(a.sequenceNumber, b.sequenceNumber));
	const base = ordered[0]?.sequenceNumber ?? first.sequenceNumber;
	const referenceTime = Math.floor((ordered[0]?.atMs ?? first.atMs) / 64);
	let previousTicks = referenceTime * REFERENCE_TICKS;
	const deltas: (number | null)[] = [];
	for (const { sequenceNumber, atMs } of ordered) {
		const index = sequenceDelta(sequenceNumber, base);
		if (index < deltas.length) continue;
		while (deltas.length < index) deltas.push(null);
		const delta = clampDelta(Math.round(atMs * TICKS_PER_MS) - previousTicks);
		previousTicks += delta;
		deltas.push(delta);
	}
	return {
		type: "transport-feedback",
		...about,
		baseSequenceNumber: base,
		referenceTime: signed24(referenceTime),
		deltas,
	};
}

/** `body` starts after the 4 bytes that all RTCP packets share. Null if it is malformed. */
export function readTransportFeedback(body: Buffer): TransportFeedback | null {
	if (body.length < 16) return null;
	const count = body.readUInt16BE(10);
	const symbols: number[] = [];
	let offset = 16;
	while (symbols.length < count && offset + 2 <= body.length) {
		readChunk(body.readUInt16BE(offset), Math.min(count, MAX_PACKETS), symbols);
		offset += 2;
	}
	if (symbols.length < count) return null;
	const deltas: (number | null)[] = [];
	for (const symbol of symbols) {
		const size = symbol === 3 ? 0 : symbol;
		if (offset + size > body.length) return null;
		if (size === 0) deltas.push(null);
		if (size === 1) deltas.push(body.readUInt8(offset));
		if (size === 2) deltas.push(body.readInt16BE(offset));
		offset += size;
	}
	return {
		type: "transport-feedback",
		senderSsrc: body.readUInt32BE(0),
		mediaSsrc: body.readUInt32BE(4),
		baseSequenceNumber: body.readUInt16BE(8),
		referenceTime: body.readIntBE(12, 3),
		feedbackCount: body.readUInt8(15),
		deltas,
	};
}

/** The counterpart of `readTransportFeedback`: seven two-bit symbols a chunk, padded to a multiple of four bytes. */
export function writeTransportFeedback(feedback: TransportFeedback): Buffer {
	const symbols = feedback.deltas.map(symbolOf);
	const chunkCount = Math.ceil(symbols.length / 7);
	const deltaBytes = symbols.reduce((sum, symbol) => sum + symbol, 0);
	const body = Buffer.alloc((16 + chunkCount * 2 + deltaBytes + 3) & ~3);
	body.writeUInt32BE(feedback.senderSsrc, 0);
	body.writeUInt32BE(feedback.mediaSsrc, 4);
	body.writeUInt16BE(feedback.baseSequenceNumber, 8);
	body.writeUInt16BE(symbols.length, 10);
	body.writeIntBE(feedback.referenceTime, 12, 3);
	body[15] = feedback.feedbackCount & 0xff;
	let offset = 16;
	for (let start = 0; start < symbols.length; start += 7) {
		let chunk = 0xc000;
		for (let index = 0; index < 7; index += 1) {
			chunk |= (symbols[start + index] ?? 0) << (12 - index * 2);
		}
		body.writeUInt16BE(chunk, offset);
		offset += 2;
	}
	for (const delta of feedback.deltas) {
		if (delta === null) continue;
		if (symbolOf(delta) === 1) body.writeUInt8(delta, offset);
		else body.writeInt16BE(delta, offset);
		offset += symbolOf(delta);
	}
	return body;
}

/** 0 not received, 1 small delta (one byte), 2 large or negative delta (two bytes). */
function symbolOf(delta: number | null): number {
	if (delta === null) return 0;
	return delta >= 0 && delta <= 255 ? 1 : 2;
}

/** §3.1.3 run length chunk, §3.1.4 status vector chunk of fourteen one-bit or seven two-bit symbols. */
function readChunk(chunk: number, count: number, symbols: number[]): void {
	if (chunk >> 15 === 0) {
		const run = Math.min(chunk & 0x1fff, count - symbols.length);
		for (let index = 0; index < run; index += 1) symbols.push((chunk >> 13) & 3);
		return;
	}
	const bits = chunk & 0x4000 ? 2 : 1;
	for (let shift = 14 - bits; shift >= 0 && symbols.length < count; shift -= bits) {
		symbols.push((chunk >> shift) & (bits === 2 ? 3 : 1));
	}
}

function clampDelta(ticks: number): number {
	return Math.max(-0x8000, Math.min(0x7fff, ticks));
}

function signed24(value: number): number {
	return (value << 8) >> 8;
}
