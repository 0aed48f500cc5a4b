/** Picture size in a sequence parameter set, cropping applied (ITU-T H.264 §7.3.2.1.1), or null if it cannot be read. `sps` starts with the NAL header. */
export function readSpsSize(sps: Buffer): { width: number; height: number } | null {
	try {
		return readSize(new BitReader(withoutEmulation(sps.subarray(1))));
	} catch (error) {
		if (error instanceof RangeError) return null;
		throw error;
	}
}

/** AVCDecoderConfigurationRecord for one SPS and one PPS, NAL lengths of four bytes (ISO/IEC 14496-15 §5.3.3.1). */
export function writeAvcConfiguration(sps: Buffer, pps: Buffer): Buffer {
	const head = Buffer.from([1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1, 0, 0]);
	head.writeUInt16BE(sps.length, 6);
	const middle = Buffer.from([1, 0, 0]);
	middle.writeUInt16BE(pps.length, 1);
	return Buffer.concat([head, sps, middle, pps]);
}

/** Profiles whose parameter set tells the chroma format (§7.3.2.1.1). */
const PROFILES_WITH_CHROMA = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

function readSize(bits: BitReader): { width: number; height: number } {
	const profile = bits.bits(8);
	bits.bits(16);
	bits.ue();
	const chromaFormat = PROFILES_WITH_CHROMA.includes(profile) ? readChroma(bits) : 1;
	bits.ue();
	skipPictureOrder(bits);
	bits.ue();
	bits.bits(1);
	const widthInMacroblocks = bits.ue() + 1;
	const heightInMapUnits = bits.ue() + 1;
	const isFrameOnly = bits.bits(1);
	if (isFrameOnly === 0) bits.bits(1);
	bits.bits(1);
	const crop = bits.bits(1) === 1 ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
	const [left = 0, right = 0, top = 0, bottom = 0] = crop;
	const cropX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
	const cropY = (chromaFormat === 1 ? 2 : 1) * (2 - isFrameOnly);
	const width = widthInMacroblocks * 16 - (left + right) * cropX;
	const height = heightInMapUnits * 16 * (2 - isFrameOnly) - (top + bottom) * cropY;
	if (width <= 0 || height <= 0 || width > 16_384 || height > 16_384) throw new RangeError("impossible size");
	return { width, height };
}

function readChroma(bits: BitReader): number {
	const chromaFormat = bits.ue();
	if (chromaFormat === 3) bits.bits(1);
	bits.ue();
	bits.ue();
	bits.bits(1);
	if (bits.bits(1) === 1) {
		for (let list = 0; list < (chromaFormat === 3 ? 12 : 8); list += 1) {
			if (bits.bits(1) === 1) skipScalingList(bits, list < 6 ? 16 : 64);
		}
	}
	return chromaFormat;
}

function skipScalingList(bits: BitReader, size: number): void {
	let last = 8;
	let next = 8;
	for (let index = 0; index < size; index += 1) {
		if (next !== 0) next = (last + bits.se() + 256) % 256;
		last = next === 0 ? last : next;
	}
}

function skipPictureOrder(bits: BitReader): void {
	const type = bits.ue();
	if (type === 0) {
		bits.ue();
	} else if (type === 1) {
		bits.bits(1);
		bits.se();
		bits.se();
		const count = bits.ue();
		if (count > 255) throw new RangeError("too many reference offsets");
		for (let index = 0; index < count; index += 1) bits.se();
	}
}

/** Removes emulation_prevention_three_byte (§7.4.1). */
function withoutEmulation(bytes: Buffer): Buffer {
	const kept: number[] = [];
	let zeros = 0;
	for (const byte of bytes) {
		if (zeros >= 2 && byte === 3) {
			zeros = 0;
			continue;
		}
		zeros = byte === 0 ? zeros + 1 : 0;
		kept.push(byte);
	}
	return Buffer.from(kept);
}

/** Throws RangeError at the end. */
class BitReader {
	readonly #bytes: Buffer;
	#position = 0;

	constructor(bytes: Buffer) {
		this.#bytes = bytes;
	}

	bits(count: number): number {
		let value = 0;
		for (let index = 0; index < count; index += 1) {
			const byte = this.#bytes[this.#position >> 3];
			if (byte === undefined) throw new RangeError("the parameter set is too short");
			value = value * 2 + ((byte >> (7 - (this.#position & 7))) & 1);
			this.#position += 1;
		}
		return value;
	}

	/** Exp-Golomb code (§9.1). */
	ue(): number {
		let zeros = 0;
		while (this.bits(1) === 0) {
			zeros += 1;
			if (zeros > 31) throw new RangeError("a code is too long");
		}
		return 2 ** zeros - 1 + this.bits(zeros);
	}

	se(): number {
		const code = this.ue();
		return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
	}
}
