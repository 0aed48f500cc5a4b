/** Bytes that are not the ISO base media file they were said to be; or beyond the bounds this code accepts. */
export class MediaFormatError extends Error {
	constructor(message: string) {
		super(message);
		this.name = "MediaFormatError";
	}
}

/** One box: `body` is what follows its header, a view into the given bytes. */
export type Box = { type: string; body: Uint8Array };

export type BoxHeader = { type: string; headerBytes: number; sizeBytes: number };

/**
 * The header at `offset`, or null if fewer bytes are there than it needs. ISO/IEC 14496-12 §4.2.
 * Throws on a size smaller than the header, on size 0 ("to the end of the file") and on a type that is not printable.
 */
export function readBoxHeader(bytes: Uint8Array, offset: number): BoxHeader | null {
	if (bytes.length - offset < 8) {
		return null;
	}
	const view = dataView(bytes);
	const type = readType(bytes, offset + 4);
	const size32 = view.getUint32(offset);
	if (size32 === 1) {
		return bytes.length - offset < 16
			? null
			: checkedHeader(type, 16, readUint64(view, offset + 8, `size of box ${type}`));
	}
	return checkedHeader(type, 8, size32);
}

/** No box of a media file has a tenth of it; empty boxes of 8 bytes in a large one would fill the memory. */
const MAX_BOXES = 4096;

/** The boxes that `bytes` consist of, without their children. Throws if they do not end where the bytes end, or are more than 4096. */
export function readBoxes(bytes: Uint8Array): Box[] {
	const boxes: Box[] = [];
	let offset = 0;
	while (offset < bytes.length) {
		const header = readBoxHeader(bytes, offset);
		if (header === null || offset + header.sizeBytes > bytes.length) {
			throw new MediaFormatError("a box ends beyond its parent");
		}
		if (boxes.length === MAX_BOXES) {
			throw new MediaFormatError("a box has too many children");
		}
		boxes.push({
			type: header.type,
			body: bytes.subarray(offset + header.headerBytes, offset + header.sizeBytes),
		});
		offset += header.sizeBytes;
	}
	return boxes;
}

/** Body of the first box on `path` (`"moov", "trak", "mdia"`) below `bytes`; throws if there is none. */
export function requireBox(bytes: Uint8Array, ...path: string[]): Uint8Array {
	let body = bytes;
	for (const type of path) {
		const found = readBoxes(body).find((box) => box.type === type);
		if (found === undefined) {
			throw new MediaFormatError(`no box ${path.join("/")}`);
		}
		body = found.body;
	}
	return body;
}

/** A box with a 32-bit size around the given contents. */
export function writeBox(type: string, ...contents: Uint8Array[]): Uint8Array<ArrayBuffer> {
	const sizeBytes = contents.reduce((sum, content) => sum + content.length, 8);
	const bytes = new Uint8Array(sizeBytes);
	dataView(bytes).setUint32(0, sizeBytes);
	for (let index = 0; index < 4; index += 1) {
		bytes[4 + index] = type.charCodeAt(index);
	}
	let offset = 8;
	for (const content of contents) {
		bytes.set(content, offset);
		offset += content.length;
	}
	return bytes;
}

/** Version and flags followed by 32-bit numbers: the usual body of a full box. */
export function fullBoxBody(version: number, flags: number, words: number[]): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(4 + words.length * 4);
	const view = dataView(bytes);
	view.setUint32(0, version * 2 ** 24 + flags);
	for (const [index, word] of words.entries()) {
		view.setUint32(4 + index * 4, word);
	}
	return bytes;
}

/** A view of these bytes and no others. */
export function dataView(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A 64-bit number that JavaScript can hold exactly; throws on a larger one. */
export function readUint64(view: DataView, offset: number, what: string): number {
	const value = view.getUint32(offset) * 2 ** 32 + view.getUint32(offset + 4);
	if (!Number.isSafeInteger(value)) {
		throw new MediaFormatError(`${what} is beyond 2^53`);
	}
	return value;
}

function checkedHeader(type: string, headerBytes: number, sizeBytes: number): BoxHeader {
	if (sizeBytes < headerBytes) {
		throw new MediaFormatError(`box ${type} has the impossible size ${sizeBytes}`);
	}
	return { type, headerBytes, sizeBytes };
}

function readType(bytes: Uint8Array, offset: number): string {
	let type = "";
	for (const code of bytes.subarray(offset, offset + 4)) {
		if (code < 0x20 || code > 0x7e) {
			throw new MediaFormatError("a box type is not text: these bytes are no MP4");
		}
		type += String.fromCharCode(code);
	}
	return type;
}
