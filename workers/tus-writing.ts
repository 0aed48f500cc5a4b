import type { UploadRow } from "../adapters/database/upload-table.ts";
import { toBase64 } from "../adapters/digest.ts";
import { log } from "../adapters/log.ts";
import { chunkCount } from "../domain/vod/upload-rules.ts";
import { AppError } from "../protocol/errors.ts";
import type { Services } from "./services.ts";
import { uploadExpiry } from "./uploading.ts";

/** A writer that is silent for this time has lost its lock: it died. */
const LOCK_MS = 15_000;

/** `Upload-Checksum`: algorithm as crypto names it, and the digest in base64. */
export interface TusChecksum {
	algorithm: string;
	digest: string;
}

/**
 * Appends what a tus client sends to its upload. Whole parts go to R2's multipart upload at once and count; what does not fill a part is kept
 * aside until more comes, also when the client goes away in the middle. With a checksum nothing counts before all has been checked.
 */
export class TusWriter {
	readonly #services: Services;
	readonly #lockID: string;
	readonly #checksum: TusChecksum | null;
	#upload: UploadRow;
	/** The bytes behind the last whole part. */
	readonly #buffer: Uint8Array;
	#filled = 0;
	#partIndex: number;
	#hasChanged = false;
	/** Where the tail was when the writer came: to be deleted once it counts elsewhere. */
	#oldTailKey: string | null;

	private constructor(services: Services, upload: UploadRow, checksum: TusChecksum | null, lockID: string) {
		this.#services = services;
		this.#upload = upload;
		this.#checksum = checksum;
		this.#lockID = lockID;
		this.#oldTailKey = upload.tailKey;
		this.#buffer = new Uint8Array(upload.chunkBytes);
		this.#partIndex = Math.floor(upload.offsetBytes / upload.chunkBytes);
	}

	/** The one writer of an upload at `offsetBytes`. Throws AppError `locked`, `offset-mismatch`. */
	static async open(
		services: Services,
		upload: UploadRow,
		at: { offsetBytes: number; checksum: TusChecksum | null },
	): Promise<TusWriter> {
		const lockID = crypto.randomUUID();
		const now = Date.now();
		const locked = await services.uploads.lock(upload.uploadID, lockID, { now, until: now + LOCK_MS });
		if (!locked) {
			throw new AppError("locked", "Somebody else is writing to this upload.", {
				headers: { "Retry-After": "2" },
			});
		}
		const writer = new TusWriter(services, locked, at.checksum, lockID);
		try {
			if (locked.offsetBytes !== at.offsetBytes)
				throw new AppError("offset-mismatch", `The upload is at ${locked.offsetBytes}.`);
			await writer.#readTail();
			return writer;
		} catch (error) {
			await writer.close();
			throw error;
		}
	}

	/**
	 * Takes all of `body`, and returns the upload as it stands then. What came before an error is kept.
	 * Throws AppError `payload-too-large`, `checksum-mismatch`; whatever reading the body throws.
	 */
	async append(body: AsyncIterable<Uint8Array>): Promise<UploadRow> {
		const digest = this.#checksum ? new crypto.DigestStream(this.#checksum.algorithm) : null;
		const digestWriter = digest?.getWriter();
		try {
			for await (const bytes of body) {
				await digestWriter?.write(bytes);
				await this.#take(bytes);
			}
			await digestWriter?.close();
		} catch (error) {
			// Whoever checks by digest sends again what was not checked.
			if (!this.#checksum) await this.#keepTail();
			throw error;
		}
		if (digest) await this.#verify(await digest.digest);
		if (this.#position() === this.#upload.sizeBytes && this.#filled > 0) await this.#putPart();
		await this.#keepTail();
		return this.#upload;
	}

	/** Lets the next writer in. */
	async close(): Promise<void> {
		const { uploadID, offsetBytes, tailKey } = this.#upload;
		await this.#services.uploads.advance(uploadID, this.#lockID, { offsetBytes, tailKey, lockedUntil: 0 });
	}

	async #readTail(): Promise<void> {
		const { tailKey, offsetBytes, chunkBytes } = this.#upload;
		if (offsetBytes % chunkBytes === 0 || tailKey === null) return;
		const tail = await this.#services.uploadStore.readTail(tailKey);
		this.#buffer.set(tail);
		this.#filled = tail.byteLength;
	}

	async #take(bytes: Uint8Array): Promise<void> {
		if (this.#position() + bytes.byteLength > this.#upload.sizeBytes)
			throw new AppError("payload-too-large", "This is more than the announced length.");
		this.#hasChanged = true;
		for (let start = 0; start < bytes.byteLength; ) {
			const piece = bytes.subarray(start, start + this.#buffer.byteLength - this.#filled);
			this.#buffer.set(piece, this.#filled);
			this.#filled += piece.byteLength;
			start += piece.byteLength;
			if (this.#filled === this.#buffer.byteLength) await this.#putPart();
		}
	}

	async #putPart(): Promise<void> {
		const { uploadID } = this.#upload;
		const index = this.#partIndex++;
		const bytes = this.#buffer.slice(0, this.#filled);
		const etag = await this.#services.uploadStore.putChunk(this.#upload, index, bytes);
		await this.#services.uploads.recordChunks(uploadID, [{ index, chunkStatus: "UPLOADED", etag }]);
		this.#filled = 0;
		if (this.#checksum) await this.#renew(this.#upload.offsetBytes, this.#upload.tailKey);
		else await this.#renew(this.#position(), null);
	}

	/** What does not fill a part goes aside, and now everything counts. */
	async #keepTail(): Promise<void> {
		if (!this.#hasChanged) return;
		const old = this.#oldTailKey;
		const offsetBytes = this.#position();
		const tailKey =
			this.#filled === 0
				? null
				: await this.#services.uploadStore.putTail(
						this.#upload,
						offsetBytes,
						this.#buffer.slice(0, this.#filled),
					);
		await this.#renew(offsetBytes, tailKey);
		if (old !== null && old !== tailKey) await this.#services.uploadStore.deleteTail(old);
		this.#oldTailKey = tailKey;
	}

	async #renew(offsetBytes: number, tailKey: string | null): Promise<void> {
		const now = Date.now();
		const { uploadID } = this.#upload;
		const state = { offsetBytes, tailKey, lockedUntil: now + LOCK_MS };
		if (!(await this.#services.uploads.advance(uploadID, this.#lockID, state)))
			throw new AppError("locked", "Somebody else writes to this upload now.");
		await this.#services.uploads.extend(uploadID, uploadExpiry(now));
		this.#upload = { ...this.#upload, ...state, expiresAt: uploadExpiry(now) };
	}

	async #verify(digest: ArrayBuffer): Promise<void> {
		if (toBase64(new Uint8Array(digest)) === this.#checksum?.digest) return;
		log.warn("upload.checksum-mismatched", { uploadID: this.#upload.uploadID });
		throw new AppError("checksum-mismatch", "The bytes are not what Upload-Checksum says.");
	}

	/** Bytes of the file that have come so far. */
	#position(): number {
		const whole = Math.min(this.#partIndex, chunkCount(this.#upload)) * this.#upload.chunkBytes;
		return Math.min(this.#upload.sizeBytes, whole + this.#filled);
	}
}
