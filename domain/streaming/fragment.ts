import { dataView, fullBoxBody, MediaFormatError, readBoxes, readUint64, writeBox } from "./boxes.ts";

/** One frame of one track; all times in ticks of the track's timescale. */
export type Sample = {
	/** Decode time since the start of the track. */
	time: number;
	duration: number;
	/** Presentation time minus decode time. */
	compositionOffset: number;
	/** Can be decoded without an earlier one. */
	isSync: boolean;
	data: Uint8Array;
};

/** What a fragment may leave to the track's header. */
export type SampleDefaults = { durationTicks: number; sizeBytes: number; flags: number };

const TFHD = {
	baseDataOffset: 0x01,
	sampleDescription: 0x02,
	duration: 0x08,
	size: 0x10,
	flags: 0x20,
	baseIsMoof: 0x020000,
} as const;
const TRUN = {
	dataOffset: 0x01,
	firstFlags: 0x04,
	duration: 0x100,
	size: 0x200,
	flags: 0x400,
	offset: 0x800,
} as const;

/** sample_is_non_sync_sample, ISO/IEC 14496-12 §8.8.3.1. */
const NON_SYNC = 0x0001_0000;
/** sample_depends_on: 2 = on no other, 1 = on others. */
const SYNC_FLAGS = 0x0200_0000;
const DEPENDENT_FLAGS = 0x0100_0000 + NON_SYNC;

/**
 * The samples of one movie fragment with one track (ISO/IEC 14496-12 §8.8). `moof` and `mdat` are box bodies;
 * `dataStartsAt` is where the mdat's body starts, counted from the start of the moof box: offsets inside are relative to that.
 */
export function readFragment(
	moof: Uint8Array,
	mdat: Uint8Array,
	{ defaults, dataStartsAt }: { defaults: SampleDefaults; dataStartsAt: number },
): Sample[] {
	const samples: Sample[] = [];
	const tracks = readBoxes(moof).filter((box) => box.type === "traf");
	const traf = tracks[0];
	if (traf === undefined || tracks.length > 1) {
		throw new MediaFormatError("expected a fragment with one track");
	}
	const run: Run = { defaults, time: 0, dataOffset: 0, mdat, dataStartsAt, samples };
	for (const box of readBoxes(traf.body)) {
		if (box.type === "tfhd") {
			run.defaults = readTrackHeader(box.body, run.defaults);
		} else if (box.type === "tfdt") {
			run.time = readDecodeTime(box.body);
		} else if (box.type === "trun") {
			readRun(box.body, run);
		}
	}
	return samples;
}

/** A movie fragment (moof + mdat) with these samples, which follow each other without a gap. Addresses are relative to the moof. */
export function writeFragment(
	sequenceNumber: number,
	trackID: number,
	samples: Sample[],
): Uint8Array<ArrayBuffer> {
	const first = samples[0];
	if (first === undefined) {
		throw new RangeError("a fragment needs a sample");
	}
	const layout = chooseLayout(samples, first);
	const mdat = writeBox("mdat", ...samples.map((sample) => sample.data));
	const build = (dataOffset: number) =>
		writeBox(
			"moof",
			writeBox("mfhd", fullBoxBody(0, 0, [sequenceNumber])),
			writeBox(
				"traf",
				writeBox("tfhd", fullBoxBody(0, layout.headerFlags, [trackID, ...layout.headerWords])),
				writeBox("tfdt", fullBoxBody(1, 0, [Math.floor(first.time / 2 ** 32), first.time % 2 ** 32])),
				writeBox("trun", trackRun(samples, layout, dataOffset)),
			),
		);
	const moof = build(build(0).length + 8);
	const bytes = new Uint8Array(moof.length + mdat.length);
	bytes.set(moof);
	bytes.set(mdat, moof.length);
	return bytes;
}

type Run = {
	defaults: SampleDefaults;
	time: number;
	dataOffset: number;
	mdat: Uint8Array;
	dataStartsAt: number;
	samples: Sample[];
};

type Layout = {
	headerFlags: number;
	headerWords: number[];
	runFlags: number;
};

function readTrackHeader(body: Uint8Array, defaults: SampleDefaults): SampleDefaults {
	const words = new Words(body);
	const flags = words.next() & 0xff_ffff;
	words.next();
	if ((flags & TFHD.baseDataOffset) !== 0) {
		throw new MediaFormatError("a fragment with absolute addresses cannot be cut");
	}
	if ((flags & TFHD.sampleDescription) !== 0) {
		words.next();
	}
	return {
		durationTicks: (flags & TFHD.duration) === 0 ? defaults.durationTicks : words.next(),
		sizeBytes: (flags & TFHD.size) === 0 ? defaults.sizeBytes : words.next(),
		flags: (flags & TFHD.flags) === 0 ? defaults.flags : words.next(),
	};
}

function readDecodeTime(body: Uint8Array): number {
	const words = new Words(body);
	const version = words.next() >>> 24;
	if (version === 0) {
		return words.next();
	}
	words.next();
	words.next();
	return readUint64(dataView(body), 4, "a decode time");
}

function readRun(body: Uint8Array, run: Run): void {
	const words = new Words(body);
	const head = words.next();
	const count = words.next();
	if ((head & TRUN.dataOffset) !== 0) {
		run.dataOffset = (words.next() | 0) - run.dataStartsAt;
	}
	const firstFlags = (head & TRUN.firstFlags) === 0 ? null : words.next();
	for (let index = 0; index < count; index += 1) {
		const entry = readRunEntry(words, head, run.defaults);
		const flags = index === 0 && firstFlags !== null ? firstFlags : entry.flags;
		const end = run.dataOffset + entry.size;
		if (entry.size === 0 || run.dataOffset < 0 || end > run.mdat.length) {
			throw new MediaFormatError("a sample is empty or lies outside of its fragment");
		}
		run.samples.push({
			time: run.time,
			duration: entry.duration,
			compositionOffset: entry.compositionOffset,
			isSync: (flags & NON_SYNC) === 0,
			data: run.mdat.subarray(run.dataOffset, end),
		});
		run.time += entry.duration;
		run.dataOffset = end;
	}
}

function readRunEntry(words: Words, head: number, defaults: SampleDefaults) {
	const wordOr = (flag: number, otherwise: number) => ((head & flag) === 0 ? otherwise : words.next());
	return {
		duration: wordOr(TRUN.duration, defaults.durationTicks),
		size: wordOr(TRUN.size, defaults.sizeBytes),
		flags: wordOr(TRUN.flags, defaults.flags),
		compositionOffset: wordOr(TRUN.offset, 0) | 0,
	};
}

/** What all samples share is said once. */
function chooseLayout(samples: Sample[], first: Sample): Layout {
	const rest = samples.slice(1);
	const layout: Layout = {
		headerFlags: TFHD.baseIsMoof,
		headerWords: [],
		runFlags: TRUN.dataOffset | TRUN.size,
	};
	if (rest.every((sample) => sample.duration === first.duration)) {
		layout.headerFlags |= TFHD.duration;
		layout.headerWords.push(first.duration);
	} else {
		layout.runFlags |= TRUN.duration;
	}
	const second = rest[0] ?? first;
	if (rest.every((sample) => sample.isSync === second.isSync)) {
		layout.headerFlags |= TFHD.flags;
		layout.headerWords.push(sampleFlags(second));
		layout.runFlags |= first.isSync === second.isSync ? 0 : TRUN.firstFlags;
	} else {
		layout.runFlags |= TRUN.flags;
	}
	if (samples.some((sample) => sample.compositionOffset !== 0)) {
		layout.runFlags |= TRUN.offset;
	}
	return layout;
}

function trackRun(samples: Sample[], layout: Layout, dataOffset: number): Uint8Array {
	const words = [samples.length, dataOffset];
	const has = (flag: number) => (layout.runFlags & flag) !== 0;
	for (const [index, sample] of samples.entries()) {
		words.push(
			...(index === 0 && has(TRUN.firstFlags) ? [sampleFlags(sample)] : []),
			...(has(TRUN.duration) ? [sample.duration] : []),
			sample.data.length,
			...(has(TRUN.flags) ? [sampleFlags(sample)] : []),
			...(has(TRUN.offset) ? [sample.compositionOffset >>> 0] : []),
		);
	}
	return fullBoxBody(1, layout.runFlags, words);
}

function sampleFlags(sample: Sample): number {
	return sample.isSync ? SYNC_FLAGS : DEPENDENT_FLAGS;
}

/** Reads 32-bit numbers one after another and throws at the end instead of beyond it. */
class Words {
	readonly #view: DataView;
	#offset = 0;

	constructor(bytes: Uint8Array) {
		this.#view = dataView(bytes);
	}

	next(): number {
		if (this.#offset + 4 > this.#view.byteLength) {
			throw new MediaFormatError("a box is too short");
		}
		this.#offset += 4;
		return this.#view.getUint32(this.#offset - 4);
	}
}
