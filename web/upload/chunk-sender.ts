import { pause } from "../shell/backoff.ts";
import type { ChunkAddresses } from "./chunk-addresses.ts";
import { bytesOf, type ChunkRange } from "./chunk-plan.ts";
import type { ChunkQueue } from "./chunk-queue.ts";
import { hex, sha256 } from "./fingerprint.ts";
import { UnreadableFileError } from "./fingerprint-file.ts";
import { untilOnline } from "./persist.ts";
import { PutError, putChunk } from "./put-chunk.ts";

/** With nothing to do the queue is looked at again after at most this long, ms. */
const LOOK_AGAIN_MS = 1000;

/** The bytes read now are not those that were fingerprinted. */
export class ChangedFileError extends Error {}

interface SenderParts {
	file: Blob;
	plan: readonly ChunkRange[];
	/** Hex SHA-256 of each chunk, from the fingerprint. */
	digests: readonly string[];
	queue: ChunkQueue;
	addresses: ChunkAddresses;
	/** A chunk is in the store. It counts as sent when this has resolved. */
	onStored: (index: number, etag: string) => Promise<void>;
	/** Bytes of the file that are there or on their way. */
	onProgress: (bytes: number) => void;
}

/** Sends what the queue says until all is there. */
export class ChunkSender {
	readonly #parts: SenderParts;
	readonly #flying = new Map<number, number>();
	#fatal: { error: unknown } | null = null;
	#wake: () => void = () => undefined;

	constructor(parts: SenderParts) {
		this.#parts = parts;
	}

	/** Ends in ChangedFileError, UnreadableFileError, the last error of a chunk that failed too often, or AbortError. */
	async run(signal: AbortSignal): Promise<void> {
		const { queue } = this.#parts;
		const own = new AbortController();
		const stop = () => own.abort();
		signal.addEventListener("abort", stop, { once: true });
		try {
			while (!queue.isDone && this.#fatal === null) {
				signal.throwIfAborted();
				await untilOnline(signal);
				const index = queue.take(Date.now());
				if (index === null) await this.#rest(signal);
				else void this.#send(index, own.signal);
			}
			if (this.#fatal !== null) throw this.#fatal.error;
		} finally {
			own.abort();
			signal.removeEventListener("abort", stop);
		}
	}

	async #rest(signal: AbortSignal): Promise<void> {
		const next = this.#parts.queue.nextAt();
		const waitMs = next === null ? LOOK_AGAIN_MS : Math.min(LOOK_AGAIN_MS, Math.max(20, next - Date.now()));
		const woken = new Promise<void>((resolve) => {
			this.#wake = resolve;
		});
		await Promise.race([woken, pause(waitMs, signal)]);
	}

	async #send(index: number, signal: AbortSignal): Promise<void> {
		const { queue, addresses, onStored } = this.#parts;
		this.#flying.set(index, 0);
		try {
			const body = await this.#read(index);
			const { url, headers } = await addresses.of(index, signal);
			const onProgress = (bytes: number) => {
				this.#flying.set(index, Math.min(bytes, body.byteLength));
				this.#tell();
			};
			const etag = await putChunk({ url, headers, body, onProgress, signal });
			await onStored(index, etag);
			queue.succeeded(index);
		} catch (error) {
			this.#failed(index, error, signal);
		} finally {
			this.#flying.delete(index);
			this.#tell();
			this.#wake();
		}
	}

	/** The very bytes that are sent are compared: a file may change while it goes. */
	async #read(index: number): Promise<ArrayBuffer> {
		const { file, plan, digests } = this.#parts;
		const range = plan[index];
		if (range === undefined) throw new RangeError(`There is no chunk ${index}`);
		const bytes = await file
			.slice(range.start, range.end)
			.arrayBuffer()
			.catch((error: unknown) => {
				throw new UnreadableFileError("The file cannot be read any more", { cause: error });
			});
		if (hex(await sha256(bytes)) !== digests[index]) {
			throw new ChangedFileError("The file is not the one that was begun with");
		}
		return bytes;
	}

	#failed(index: number, error: unknown, signal: AbortSignal): void {
		const { queue, addresses } = this.#parts;
		if (signal.aborted || !navigator.onLine) {
			queue.released(index);
			return;
		}
		if (error instanceof ChangedFileError || error instanceof UnreadableFileError) {
			this.#fatal ??= { error };
			return;
		}
		if (error instanceof PutError && error.status !== 0) addresses.drop(index);
		if (!queue.failed(index, Date.now(), Math.random())) this.#fatal ??= { error };
	}

	#tell(): void {
		const { plan, queue, onProgress } = this.#parts;
		let bytes = bytesOf(plan, queue.done);
		for (const flying of this.#flying.values()) bytes += flying;
		onProgress(bytes);
	}
}
