import * as z from "zod";
import { endpoint } from "./endpoint.ts";
import { Timestamp, UploadID, VideoID } from "./ids.ts";
import { VideoMeta } from "./vod.ts";

/** CONTRACT rows 98–107 and 004:632: chunks of 5 to 10 MiB; R2 wants all parts of an object equal but the last. */
export const UPLOAD_LIMITS = {
	sizeBytes: 20 * 1024 ** 3,
	minChunkBytes: 5 * 1024 ** 2,
	maxChunkBytes: 10 * 1024 ** 2,
	defaultChunkBytes: 8 * 1024 ** 2,
	urlsPerCall: 100,
	/** An upload that nothing is sent to is given up after this time. */
	expirySeconds: 7 * 86_400,
} as const;

/**
 * Identity of a file, made by its sender: `sha-256:` and 64 hex digits of SHA-256 over the SHA-256 of each chunk, in order.
 * It can be made while reading, and checked chunk by chunk.
 */
export const Fingerprint = z.string().regex(/^sha-256:[0-9a-f]{64}$/);

export const ChunkStatus = z.enum(["NOT_UPLOADED", "UPLOADED", "FAILED"]);
export type ChunkStatus = z.infer<typeof ChunkStatus>;

export const UploadChunk = z.object({
	index: z.int().min(0),
	chunkStatus: ChunkStatus,
	etag: z.string().nullable(),
	/** Hex SHA-256 of the chunk, if the sender has told. */
	fingerprint: z.string().nullable(),
});

export const Upload = z.object({
	uploadID: UploadID,
	assetID: VideoID,
	state: z.enum(["open", "completing", "complete", "aborted", "expired"]),
	filename: z.string(),
	size: z.int(),
	chunkSize: z.int(),
	chunkCount: z.int(),
	received: z.int(),
	chunks: z.array(UploadChunk),
	expiresAt: Timestamp,
});
export type Upload = z.infer<typeof Upload>;

const uploadParams = z.object({ uploadID: UploadID });

/** The same file of the same owner: an open upload goes on (`have`: chunks that are there), a finished one is not sent again (`duplicateOf`). */
export const createUpload = endpoint({
	operationID: "createUpload",
	method: "POST",
	path: "/uploads",
	summary: "Begin or go on with an upload",
	auth: "user",
	body: z.object({
		kind: z.enum(["video", "audio"]),
		filename: z.string().min(1).max(255),
		size: z.int().min(0),
		contentType: z.string().max(127),
		fingerprint: Fingerprint,
		chunkSize: z.int().min(UPLOAD_LIMITS.minChunkBytes).max(UPLOAD_LIMITS.maxChunkBytes).optional(),
		assetMeta: VideoMeta.partial().optional(),
	}),
	status: 201,
	reply: z.object({
		uploadID: UploadID.nullable(),
		assetID: VideoID,
		chunkSize: z.int(),
		chunkCount: z.int(),
		expiresAt: Timestamp.nullable(),
		have: z.array(z.int()),
		duplicateOf: VideoID.optional(),
	}),
	errors: ["payload-too-large", "unsupported-media-type"],
});

export const getUpload = endpoint({
	operationID: "getUpload",
	method: "GET",
	path: "/uploads/:uploadID",
	summary: "Which chunks are there",
	auth: "user",
	params: uploadParams,
	status: 200,
	reply: Upload,
	errors: ["upload-expired"],
});

/** Straight to R2: the browser PUTs the chunk's bytes with `headers`, and keeps the ETag of the answer. */
export const presignChunks = endpoint({
	operationID: "presignChunks",
	method: "POST",
	path: "/uploads/:uploadID/pre-signed-urls",
	summary: "Addresses to send chunks to",
	auth: "user",
	params: uploadParams,
	body: z.object({ indexes: z.array(z.int().min(0)).min(1).max(UPLOAD_LIMITS.urlsPerCall) }),
	status: 200,
	reply: z.object({
		items: z.array(
			z.object({
				index: z.int(),
				url: z.string(),
				method: z.literal("PUT"),
				headers: z.record(z.string(), z.string()),
				expiresAt: Timestamp,
			}),
		),
	}),
	errors: ["upload-expired"],
});

/** The chunk ledger: what the sender knows of a chunk after its PUT. Repeating it is harmless. */
export const reportChunks = endpoint({
	operationID: "reportChunks",
	method: "PATCH",
	path: "/uploads/:uploadID/chunks",
	summary: "Say which chunks went through, or failed",
	auth: "user",
	params: uploadParams,
	body: z.object({
		chunks: z
			.array(
				z.object({
					index: z.int().min(0),
					chunkStatus: ChunkStatus,
					etag: z.string().max(512).optional(),
					fingerprint: z
						.string()
						.regex(/^[0-9a-f]{64}$/)
						.optional(),
				}),
			)
			.min(1)
			.max(UPLOAD_LIMITS.urlsPerCall),
	}),
	status: 200,
	reply: z.object({ received: z.int() }),
	errors: ["upload-expired"],
});

export const completeUpload = endpoint({
	operationID: "completeUpload",
	method: "POST",
	path: "/uploads/:uploadID/complete",
	summary: "All chunks are there: put them together and process",
	auth: "user",
	params: uploadParams,
	body: z.object({
		chunks: z
			.array(z.object({ index: z.int().min(0), etag: z.string().max(512) }))
			.max(5000)
			.default([]),
	}),
	status: 202,
	reply: z.object({ assetID: VideoID, pipelineID: z.string() }),
	errors: ["missing-chunks", "upload-expired", "fingerprint-mismatch"],
});

export const abortUpload = endpoint({
	operationID: "abortUpload",
	method: "DELETE",
	path: "/uploads/:uploadID",
	summary: "Cancel an upload",
	auth: "user",
	params: uploadParams,
	status: 204,
	errors: ["already-complete"],
});
