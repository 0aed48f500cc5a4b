import { AppError } from "../protocol/errors.ts";
import type { CompleteParts } from "../protocol/vod-parts.ts";

/**
 * R2's reasons to refuse a part or the whole for good, by number at the end of its message
 * (developers.cloudflare.com/r2/api/error-codes): no such upload; too small, unknown, out of order, or unequal parts.
 */
const GONE = /\(10024\)/;
const REFUSED = /\((10011|10025|10029|10048)\)/;

/** Objects that are stored in parts: R2's multipart uploads by key. */
export class PartStore {
	readonly #bucket: R2Bucket;

	constructor(bucket: R2Bucket) {
		this.#bucket = bucket;
	}

	/** Returns R2's name of the upload. */
	async begin(key: string, contentType: string): Promise<string> {
		return (await this.#bucket.createMultipartUpload(key, { httpMetadata: { contentType } })).uploadId;
	}

	/** Stores a part, the first is 1. Returns its ETag. Throws AppError `not-found` if there is no such upload, `validation`. */
	async put(
		upload: { key: string; uploadID: string },
		part: number,
		bytes: ReadableStream | Uint8Array,
	): Promise<string> {
		try {
			return (await this.#resume(upload).uploadPart(part, bytes)).etag;
		} catch (error) {
			throw refusalOf(error);
		}
	}

	/** Puts the parts together; again is harmless. Throws AppError `not-found`, `validation` if they are not what was stored. */
	async complete(
		upload: { key: string; uploadID: string },
		{ etags, sizeBytes }: CompleteParts,
	): Promise<void> {
		const parts = etags.map((etag, index) => ({ partNumber: index + 1, etag }));
		const size = await this.#resume(upload)
			.complete(parts)
			.then(
				(object) => object.size,
				async (error: unknown) => {
					// Perhaps it was put together before and the answer was lost.
					const found = await this.#bucket.head(upload.key);
					if (found?.size === sizeBytes && GONE.test(String(error))) return found.size;
					throw refusalOf(error);
				},
			);
		if (size !== sizeBytes)
			throw new AppError("validation", `The parts are ${size} bytes together, not ${sizeBytes}.`);
	}

	/** What was stored of it goes; that there is nothing is what was wanted. */
	async abort(upload: { key: string; uploadID: string }): Promise<void> {
		try {
			await this.#resume(upload).abort();
		} catch (error) {
			if (!GONE.test(String(error))) throw error;
		}
	}

	#resume({ key, uploadID }: { key: string; uploadID: string }): R2MultipartUpload {
		return this.#bucket.resumeMultipartUpload(key, uploadID);
	}
}

function refusalOf(cause: unknown): unknown {
	const text = String(cause);
	if (GONE.test(text))
		return new AppError("not-found", "There is no such upload in parts. Begin anew.", { cause });
	if (REFUSED.test(text)) return new AppError("validation", "The parts are not as they must be.", { cause });
	return cause;
}
