import { dataView, MediaFormatError, readBoxes, readUint64 } from "./boxes.ts";

/** Where each sample of a track lies in its file, and when it is decoded and shown. All arrays are in decode order. */
export type SampleTable = {
	count: number;
	/** Bytes from the start of the file. */
	offsets: Float64Array;
	sizes: Uint32Array;
	/** Ticks of the track; one more than there are samples: the last is the end of the last sample. */
	decodeTimes: Float64Array;
	/** Presentation time minus decode time, before the edit list. */
	compositionOffsets: Int32Array;
	/** 1 for those that are decoded without an earlier one. */
	isSync: Uint8Array;
};

/** A picture of 8K has some 10 MB. */
const MAX_SAMPLE_BYTES = 64 * 1024 * 1024;

/** Reads a sample table box (ISO/IEC 14496-12 §8.5 to §8.7). Throws `MediaFormatError` if its tables contradict each other or list more than `maxSamples`. */
export function readSampleTable(stbl: Uint8Array, maxSamples: number): SampleTable {
	const boxes = new Map(readBoxes(stbl).map(({ type, body }) => [type, body]));
	const need = (type: string): Uint8Array => {
		const body = boxes.get(type);
		if (body === undefined) throw new MediaFormatError(`no box stbl/${type}`);
		return body;
	};
	const sizes = readSizes(need("stsz"), maxSamples);
	const chunks = boxes.has("co64") ? readOffsets(need("co64"), 8) : readOffsets(need("stco"), 4);
	const ctts = boxes.get("ctts");
	const stss = boxes.get("stss");
	const count = sizes.length;
	return {
		count,
		sizes,
		offsets: placeSamples(sizes, chunks, need("stsc")),
		decodeTimes: readDecodeTimes(need("stts"), count),
		compositionOffsets: ctts === undefined ? new Int32Array(count) : readCompositionOffsets(ctts, count),
		isSync: stss === undefined ? new Uint8Array(count).fill(1) : readSyncSamples(stss, count),
	};
}

function readSizes(stsz: Uint8Array, maxSamples: number): Uint32Array {
	const words = new Table(stsz, 4, 12);
	const [common, count] = [words.word(0), words.word(4)];
	if (count > maxSamples) throw new MediaFormatError(`${count} samples are too many`);
	if (common === 0) words.expect(count, 4);
	const sizes = new Uint32Array(count).map((_, index) => (common === 0 ? words.word(8 + index * 4) : common));
	if (sizes.some((size) => size > MAX_SAMPLE_BYTES)) throw new MediaFormatError("a sample is too large");
	return sizes;
}

function readOffsets(box: Uint8Array, bytesEach: 4 | 8): Float64Array {
	const words = new Table(box, 4, 8);
	const count = words.word(0);
	words.expect(count, bytesEach);
	const view = dataView(box);
	return new Float64Array(count).map((_, index) =>
		bytesEach === 4 ? words.word(4 + index * 4) : readUint64(view, 8 + index * 8, "a chunk's place"),
	);
}

/** One after another in their chunks; `stsc` says how many are in each, by runs of chunks in order (§8.7.4). */
function placeSamples(sizes: Uint32Array, chunks: Float64Array, stsc: Uint8Array): Float64Array {
	const offsets = new Float64Array(sizes.length);
	let sample = 0;
	for (const { chunk, samples } of chunkLengths(stsc, chunks.length)) {
		let offset = chunks[chunk] ?? 0;
		const end = Math.min(sizes.length, sample + samples);
		for (; sample < end; sample += 1) {
			offsets[sample] = offset;
			offset += sizes[sample] ?? 0;
		}
	}
	if (sample < sizes.length) throw new MediaFormatError("samples without a chunk");
	return offsets;
}

function* chunkLengths(stsc: Uint8Array, chunkCount: number): Generator<{ chunk: number; samples: number }> {
	const words = new Table(stsc, 4, 8);
	const runs = words.word(0);
	words.expect(runs, 12);
	for (let run = 0; run < runs; run += 1) {
		const at = 4 + run * 12;
		const first = words.word(at) - 1;
		const end = run + 1 < runs ? words.word(at + 12) - 1 : chunkCount;
		if (words.word(at + 8) !== 1) throw new MediaFormatError("a track with several descriptions");
		if (end > chunkCount) throw new MediaFormatError("samples of chunks that are nowhere");
		// Else each run could go through all chunks again.
		const isInOrder = first >= 0 && (first < end || run + 1 === runs);
		if (!isInOrder) throw new MediaFormatError("runs of chunks that are not in order");
		for (let chunk = first; chunk < end; chunk += 1) yield { chunk, samples: words.word(at + 4) };
	}
}

function readDecodeTimes(stts: Uint8Array, count: number): Float64Array {
	const times = new Float64Array(count + 1);
	let time = 0;
	let sample = 0;
	for (const [repeat, duration] of runsOf(stts)) {
		// Some writers say a backward step; ffmpeg and we take it for none.
		const step = duration > 0x7fff_ffff ? 0 : duration;
		for (let left = repeat; left > 0 && sample < count; left -= 1) {
			times[sample] = time;
			time += step;
			sample += 1;
		}
	}
	if (sample < count) throw new MediaFormatError("samples without a time");
	times[count] = time;
	return times;
}

/** Signed in both versions of the box: that is how it is written in practice. */
function readCompositionOffsets(ctts: Uint8Array, count: number): Int32Array {
	const offsets = new Int32Array(count);
	let sample = 0;
	for (const [repeat, offset] of runsOf(ctts)) {
		offsets.fill(offset, sample, Math.min(count, sample + repeat));
		sample = Math.min(count, sample + repeat);
	}
	return offsets;
}

function readSyncSamples(stss: Uint8Array, count: number): Uint8Array {
	const words = new Table(stss, 4, 8);
	const listed = words.word(0);
	words.expect(listed, 4);
	const isSync = new Uint8Array(count);
	for (let index = 0; index < listed; index += 1) {
		const number = words.word(4 + index * 4);
		if (number >= 1 && number <= count) isSync[number - 1] = 1;
	}
	return isSync;
}

/** Pairs of a count and a value. */
function* runsOf(box: Uint8Array): Generator<[number, number]> {
	const words = new Table(box, 4, 8);
	const runs = words.word(0);
	words.expect(runs, 8);
	for (let run = 0; run < runs; run += 1) yield [words.word(4 + run * 8), words.word(8 + run * 8)];
}

/** 32-bit numbers behind a full box's head. */
class Table {
	readonly #view: DataView;
	readonly #start: number;
	readonly #headerBytes: number;

	/** `start`: of what `word` counts from; `headerBytes`: before the first entry. */
	constructor(body: Uint8Array, start: number, headerBytes: number) {
		if (body.length < headerBytes) throw new MediaFormatError("a table is too short");
		this.#view = dataView(body);
		this.#start = start;
		this.#headerBytes = headerBytes;
	}

	word(offset: number): number {
		return this.#view.getUint32(this.#start + offset);
	}

	expect(count: number, bytesEach: number): void {
		if (this.#headerBytes + count * bytesEach > this.#view.byteLength) {
			throw new MediaFormatError("a table is shorter than it says");
		}
	}
}
