import type { UploadID } from "../../protocol/ids.ts";
import { reportChunks, UPLOAD_LIMITS } from "../../protocol/upload.ts";
import { call } from "../shell/api.ts";

interface StoredChunk {
	index: number;
	etag: string;
	/** Hex SHA-256. */
	fingerprint: string;
}

/**
 * Tells the server which chunks are there, several at a time while one report is under way. A report that is lost does no harm:
 * its chunks go with the next one, and completing names all of them again.
 */
export class ChunkReporter {
	readonly #uploadID: UploadID;
	readonly #signal: AbortSignal;
	#unsaid: StoredChunk[] = [];
	#saying: Promise<void> | null = null;

	constructor(uploadID: UploadID, signal: AbortSignal) {
		this.#uploadID = uploadID;
		this.#signal = signal;
	}

	/** Takes note of a chunk; it is told as soon as may be. */
	stored(chunk: StoredChunk): void {
		this.#unsaid.push(chunk);
		void this.#say();
	}

	/** Tells what is left. Never fails: see above. */
	async flush(): Promise<void> {
		await this.#saying;
		await this.#say();
	}

	#say(): Promise<void> {
		if (this.#saying !== null || this.#unsaid.length === 0) return this.#saying ?? Promise.resolve();
		const batch = this.#unsaid.splice(0, UPLOAD_LIMITS.urlsPerCall);
		const chunks = batch.map((chunk) => ({ ...chunk, chunkStatus: "UPLOADED" as const }));
		const input = { params: { uploadID: this.#uploadID }, body: { chunks } };
		this.#saying = call(reportChunks, input, { signal: this.#signal })
			.then(
				() => true,
				() => {
					// They go with the next report, or with the completion.
					this.#unsaid.unshift(...batch);
					return false;
				},
			)
			.then((isSaid) => {
				this.#saying = null;
				return isSaid ? this.#say() : undefined;
			});
		return this.#saying;
	}
}
