import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { VideoID } from "../../protocol/ids.ts";
import { completeUpload, createUpload, presignChunks, UPLOAD_LIMITS } from "../../protocol/upload.ts";
import { getVideo, type Video, type VideoMeta } from "../../protocol/vod.ts";
import { type Caller, eventually } from "./system.ts";

/** Sends a file as the web client does: chunks to pre-signed addresses. Returns the work, of which nothing is made yet. */
export async function uploadFilm(
	owner: Caller,
	path: string,
	meta: Partial<VideoMeta> & { kind?: "video" | "audio" } = {},
): Promise<VideoID> {
	const bytes = readFileSync(path);
	const chunkSize = UPLOAD_LIMITS.minChunkBytes;
	const chunks = Array.from({ length: Math.ceil(bytes.length / chunkSize) }, (_, index) =>
		bytes.subarray(index * chunkSize, (index + 1) * chunkSize),
	);
	const digests = chunks.map((chunk) => createHash("sha256").update(chunk).digest());
	const fingerprint = `sha-256:${createHash("sha256").update(Buffer.concat(digests)).digest("hex")}`;
	const { kind = "video", ...assetMeta } = meta;
	const { uploadID, assetID } = await owner.call(createUpload, {
		body: {
			kind,
			filename: path.split("/").at(-1) ?? "film.mp4",
			size: bytes.length,
			contentType: "video/mp4",
			fingerprint,
			chunkSize,
			assetMeta: { visibility: "public", ...assetMeta },
		},
	});
	if (uploadID === null) return assetID;
	const { items } = await owner.call(presignChunks, {
		params: { uploadID },
		body: { indexes: chunks.map((_, index) => index) },
	});
	const stored: { index: number; etag: string }[] = [];
	for (const { index, url, headers } of items) {
		const reply = await fetch(url, { method: "PUT", headers, body: new Uint8Array(chunks[index] ?? []) });
		if (!reply.ok) throw new Error(`chunk ${index}: ${reply.status} ${await reply.text()}`);
		stored.push({ index, etag: reply.headers.get("etag") ?? "" });
	}
	await owner.call(completeUpload, { params: { uploadID }, body: { chunks: stored } });
	return assetID;
}

/** The work, when all of it is made. Throws what went wrong if it failed. */
export async function untilReady(caller: Caller, videoID: VideoID, withinMs = 90_000): Promise<Video> {
	const video = await eventually(async () => {
		const now = await caller.call(getVideo, { params: { videoID } });
		return now.state === "ready" || now.state === "failed" ? now : null;
	}, withinMs);
	if (video.state === "failed") throw new Error(video.failure ?? "no reason");
	return video;
}
