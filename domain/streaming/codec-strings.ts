import { dataView, MediaFormatError } from "./boxes.ts";

/** AVCDecoderConfigurationRecord: version, profile, compatibility, level (ISO/IEC 14496-15 §5.3.3.1). */
export function avcCodecs(avcC: Uint8Array): string {
	need(avcC, 4);
	const hex = Array.from(avcC.subarray(1, 4), (byte) => byte.toString(16).padStart(2, "0"));
	return `avc1.${hex.join("")}`;
}

/** HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1), written as Annex E.3 says: `hvc1.1.6.L93.B0`. */
export function hevcCodecs(type: string, hvcC: Uint8Array): string {
	need(hvcC, 13);
	const byte = hvcC[1] ?? 0;
	const space = ["", "A", "B", "C"][byte >> 6] ?? "";
	const tier = (byte & 0x20) === 0 ? "L" : "H";
	const constraints = Array.from(hvcC.subarray(6, 12), (one) => one.toString(16).toUpperCase());
	while (constraints.at(-1) === "0") constraints.pop();
	const compatibility = reversedBits(dataView(hvcC).getUint32(2)).toString(16).toUpperCase();
	return [`${type}.${space}${byte & 0x1f}`, compatibility, `${tier}${hvcC[12] ?? 0}`, ...constraints].join(
		".",
	);
}

/** VPCodecConfigurationRecord ("VP Codec ISO Media File Format Binding" §2): profile, level, depth. The body begins with version and flags. */
export function vp9Codecs(vpcC: Uint8Array): string {
	need(vpcC, 7);
	return ["vp09", ...[vpcC[4] ?? 0, vpcC[5] ?? 0, (vpcC[6] ?? 0) >> 4].map(twoDigits)].join(".");
}

/** AV1CodecConfigurationRecord ("AV1 Codec ISO Media File Format Binding" §2.3 and §5): `av01.0.04M.08`. */
export function av1Codecs(av1C: Uint8Array): string {
	need(av1C, 3);
	const [, profileAndLevel = 0, flags = 0] = av1C;
	const profile = profileAndLevel >> 5;
	const tier = (flags & 0x80) === 0 ? "M" : "H";
	const isHighDepth = (flags & 0x40) !== 0;
	const isTwelve = (flags & 0x20) !== 0;
	const depth = isHighDepth ? (profile === 2 && isTwelve ? 12 : 10) : 8;
	return `av01.${profile}.${twoDigits(profileAndLevel & 0x1f)}${tier}.${twoDigits(depth)}`;
}

/** Object type and audio object type out of the nested descriptors of ISO/IEC 14496-1 §7.2.6. */
export function aacCodecs(esDescriptor: Uint8Array): string {
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

function reversedBits(word: number): number {
	let reversed = 0;
	for (let bit = 0; bit < 32; bit += 1) reversed = (reversed << 1) | ((word >>> bit) & 1);
	return reversed >>> 0;
}

function twoDigits(value: number): string {
	return String(value).padStart(2, "0");
}

function need(bytes: Uint8Array, lengthBytes: number): void {
	if (bytes.length < lengthBytes) {
		throw new MediaFormatError("a box is too short");
	}
}
