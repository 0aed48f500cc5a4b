import { objectKey, SOURCE_KEY } from "../domain/vod/object-key.ts";
import type { UploadID, VideoID } from "../protocol/ids.ts";

/** The source of a work while it comes in: one multipart upload of R2, and what is not a whole part yet. */
export class UploadStore {
	readonly #bucket: R2Bucket;

	constructor(bucket: R2Bucket) {
		this.#bucket = bucket;
	}

	/** Begins the object. Returns R2's name of the multipart upload. */
	async begin(videoID: VideoID, contentType: string): Promise<string> {
		const options = contentType === "" ? {} : { httpMetadata: { contentType } };
		return (await this.#bucket.createMultipartUpload(objectKey(videoID, SOURCE_KEY), options)).uploadId;
	}

	/** Stores chunk `index` (part `index + 1`); one that was stored before is replaced. Returns its ETag. */
	async putChunk(
		upload: { videoID: VideoID; multipartID: string },
		index: number,
		bytes: Uint8Array,
	): Promise<string> {
		return (await this.#resume(upload).uploadPart(index + 1, bytes)).etag;
	}

	/** Puts the chunks together, in order. False if R2 does not have them as listed. */
	async assemble(
		upload: { videoID: VideoID; multipartID: string },
		etags: readonly string[],
	): Promise<{ sizeBytes: number } | { problem: unknown }> {
		try {
			const parts = etags.map((etag, index) => ({ partNumber: index + 1, etag }));
			return { sizeBytes: (await this.#resume(upload).complete(parts)).size };
		} catch (problem) {
			// Perhaps it was put together before and the answer was lost.
			const sizeBytes = await this.sourceBytes(upload.videoID);
			return sizeBytes === null ? { problem } : { sizeBytes };
		}
	}

	/** Length of the source; null before it is put together. */
	async sourceBytes(videoID: VideoID): Promise<number | null> {
		return (await this.#bucket.head(objectKey(videoID, SOURCE_KEY)))?.size ?? null;
	}

	/** Bytes that do not fill a part yet. Returns where they are. */
	async putTail(
		upload: { videoID: VideoID; uploadID: UploadID },
		offsetBytes: number,
		bytes: Uint8Array,
	): Promise<string> {
		const key = objectKey(upload.videoID, `tails/${upload.uploadID}-${offsetBytes}`);
		await this.#bucket.put(key, bytes);
		return key;
	}

	/** Throws if they are not there: then the offset that was told is a lie. */
	async readTail(key: string): Promise<Uint8Array> {
		const object = await this.#bucket.get(key);
		if (!object) throw new Error("the tail of an upload is gone");
		return new Uint8Array(await object.arrayBuffer());
	}

	async deleteTail(key: string): Promise<void> {
		await this.#bucket.delete(key);
	}

	#resume({ videoID, multipartID }: { videoID: VideoID; multipartID: string }): R2MultipartUpload {
		return this.#bucket.resumeMultipartUpload(objectKey(videoID, SOURCE_KEY), multipartID);
	}
}
