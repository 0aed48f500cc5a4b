import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import type { VideoID } from "../../protocol/ids.ts";
import {
	completeUpload,
	createUpload,
	presignChunks,
	reportChunks,
	UPLOAD_LIMITS,
} from "../../protocol/upload.ts";
import type { VideoKind } from "../../protocol/vod.ts";
import type { Caller } from "./system.ts";

const CHUNK_BYTES = UPLOAD_LIMITS.defaultChunkBytes;
const PARALLEL_CHUNKS = 4;

type Chunk = { index: number; fingerprint: string };

/** A local file of any length as our own uploader sends it: chunks straight to the store, four at a time. */
export class ChunkedUpload implements AsyncDisposable {
	readonly videoID: VideoID;
	readonly #caller: Caller;
	readonly #uploadID: string;
	readonly #file: FileHandle;
	readonly #chunks: Chunk[];

	private constructor(
		caller: Caller,
		file: FileHandle,
		begun: { uploadID: string; videoID: VideoID; chunks: Chunk[] },
	) {
		this.#caller = caller;
		this.#file = file;
		this.#uploadID = begun.uploadID;
		this.videoID = begun.videoID;
		this.#chunks = begun.chunks;
	}

	/** Reads the file for its fingerprint and begins. Throws if the same file is there already. */
	static async begin(
		caller: Caller,
		path: string,
		about: { kind: VideoKind; contentType: string },
	): Promise<ChunkedUpload> {
		const file = await open(path);
		const { size } = await file.stat();
		const chunks: Chunk[] = [];
		const whole = createHash("sha256");
		for (let index = 0; index * CHUNK_BYTES < size; index += 1) {
			const digest = createHash("sha256")
				.update(await readChunk(file, index))
				.digest();
			whole.update(digest);
			chunks.push({ index, fingerprint: digest.toString("hex") });
		}
		const fingerprint = `sha-256:${whole.digest("hex")}`;
		const { uploadID, assetID } = await caller.call(createUpload, {
			body: {
				...about,
				filename: basename(path),
				size,
				fingerprint,
				chunkSize: CHUNK_BYTES,
				assetMeta: { visibility: "public" },
			},
		});
		if (uploadID === null) throw new Error(`${path} is there already`);
		return new ChunkedUpload(caller, file, { uploadID, videoID: assetID, chunks });
	}

	/** Sends all chunks and says that they are there. Returns when the last byte went out, by `performance.now()`. */
	async send(): Promise<number> {
		const params = { uploadID: this.#uploadID };
		for (let from = 0; from < this.#chunks.length; from += UPLOAD_LIMITS.urlsPerCall) {
			const some = this.#chunks.slice(from, from + UPLOAD_LIMITS.urlsPerCall);
			const { items } = await this.#caller.call(presignChunks, {
				params,
				body: { indexes: some.map(({ index }) => index) },
			});
			const etags = new Map<number, string>();
			const waiting = [...items];
			const line = async () => {
				for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
					const { url, headers, index } = item;
					const reply = await fetch(url, {
						method: "PUT",
						headers,
						body: await readChunk(this.#file, index),
					});
					if (!reply.ok) throw new Error(`chunk ${index} was answered with ${reply.status}`);
					etags.set(index, reply.headers.get("etag") ?? "");
				}
			};
			await Promise.all(Array.from({ length: PARALLEL_CHUNKS }, line));
			await this.#caller.call(reportChunks, {
				params,
				body: {
					chunks: some.map(({ index, fingerprint }) => ({
						index,
						fingerprint,
						chunkStatus: "UPLOADED" as const,
						etag: etags.get(index) ?? "",
					})),
				},
			});
		}
		return performance.now();
	}

	/** The upload is whole: it is to be processed. */
	async complete(): Promise<void> {
		await this.#caller.call(completeUpload, { params: { uploadID: this.#uploadID }, body: { chunks: [] } });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#file.close();
	}
}

async function readChunk(file: FileHandle, index: number): Promise<Buffer<ArrayBuffer>> {
	const bytes = Buffer.alloc(CHUNK_BYTES);
	const { bytesRead } = await file.read(bytes, 0, CHUNK_BYTES, index * CHUNK_BYTES);
	return bytes.subarray(0, bytesRead);
}
