import { MediaFormatError, readBoxHeader } from "./boxes.ts";
import { readFragment, type Sample } from "./fragment.ts";
import { type InitSegment, parseInitSegment } from "./init-segment.ts";

export type FragmentEvent = { type: "init"; init: InitSegment } | { type: "samples"; samples: Sample[] };

/** Far above what a live rendition needs: a 1080p key frame has some 500 kB. Garbage must not make us wait for gigabytes. */
const MAX_BOX_BYTES: Record<string, number> = { mdat: 16 * 1024 * 1024 };
const MAX_OTHER_BOX_BYTES = 1024 * 1024;

/**
 * Reads one single-track fragmented MP4 as it comes out of a pipe, cut anywhere.
 * Holds at most one incomplete box; throws `MediaFormatError` on anything else than such a file, and is then of no more use.
 */
export class FragmentReader {
	#pending = new Uint8Array(0);
	/** Everything before the first fragment. */
	#head: Uint8Array[] = [];
	#init: InitSegment | null = null;
	#moof: { body: Uint8Array; sizeBytes: number } | null = null;

	/** What these bytes complete, in order. Samples are views into the bytes read: copy what is kept for long. */
	push(chunk: Uint8Array): FragmentEvent[] {
		const bytes = this.#pending.length === 0 ? chunk : concatBytes([this.#pending, chunk]);
		const events: FragmentEvent[] = [];
		let offset = 0;
		for (;;) {
			const header = readBoxHeader(bytes, offset);
			if (header === null) {
				break;
			}
			if (header.sizeBytes > (MAX_BOX_BYTES[header.type] ?? MAX_OTHER_BOX_BYTES)) {
				throw new MediaFormatError(`box ${header.type} has ${header.sizeBytes} bytes`);
			}
			const end = offset + header.sizeBytes;
			if (end > bytes.length) {
				break;
			}
			const event = this.#box(header.type, bytes.subarray(offset, end), header.headerBytes);
			if (event !== null) {
				events.push(event);
			}
			offset = end;
		}
		this.#pending = bytes.slice(offset);
		return events;
	}

	/** Call at the end of the input: throws if it ended inside a box or between a fragment's halves. */
	end(): void {
		if (this.#pending.length > 0 || this.#moof !== null) {
			throw new MediaFormatError("the stream ends inside a fragment");
		}
	}

	#box(type: string, bytes: Uint8Array, headerBytes: number): FragmentEvent | null {
		const body = bytes.subarray(headerBytes);
		switch (type) {
			case "ftyp":
				this.#head = [bytes.slice()];
				return null;
			case "moov":
				return this.#movie(bytes);
			case "moof":
				this.#moof = { body, sizeBytes: bytes.length };
				return null;
			case "mdat":
				return this.#mediaData(body, headerBytes);
			default:
				return null;
		}
	}

	#movie(bytes: Uint8Array): FragmentEvent {
		if (this.#init !== null) {
			throw new MediaFormatError("a second moov");
		}
		this.#init = parseInitSegment(concatBytes([...this.#head, bytes]));
		this.#head = [];
		return { type: "init", init: this.#init };
	}

	#mediaData(body: Uint8Array, headerBytes: number): FragmentEvent {
		if (this.#init === null || this.#moof === null) {
			throw new MediaFormatError("media data before its description");
		}
		const moof = this.#moof;
		this.#moof = null;
		const samples = readFragment(moof.body, body, {
			defaults: this.#init.defaults,
			dataStartsAt: moof.sizeBytes + headerBytes,
		});
		return { type: "samples", samples };
	}
}

/** One array with the bytes of all. */
export function concatBytes(chunks: Uint8Array[]): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
	let offset = 0;
	for (const chunk of chunks) {
		bytes.set(chunk, offset);
		offset += chunk.length;
	}
	return bytes;
}
