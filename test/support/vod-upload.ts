import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { VideoID } from "../../protocol/ids.ts";
import { completeUpload, createUpload, presignChunks } from "../../protocol/upload.ts";
import { getPipeline, getVideo, type Video, type VideoKind } from "../../protocol/vod.ts";
import { type Caller, eventually } from "./system.ts";

/** Sends a file chunk by chunk to the store, as the browser does it, and has it processed. */
export async function uploadFile(
	caller: Caller,
	{ path, kind, contentType }: { path: string; kind: VideoKind; contentType: string },
): Promise<VideoID> {
	const bytes = await readFile(path);
	const chunkSize = 8 * 1024 ** 2;
	const chunks = Array.from({ length: Math.ceil(bytes.length / chunkSize) }, (_, index) =>
		bytes.subarray(index * chunkSize, (index + 1) * chunkSize),
	);
	const body = {
		...{ kind, contentType, chunkSize },
		filename: basename(path),
		size: bytes.length,
		fingerprint: `sha-256:${sha256(Buffer.concat(chunks.map(sha256))).toString("hex")}`,
	};
	const { uploadID, assetID } = await caller.call(createUpload, { body });
	if (uploadID === null) throw new Error("it was uploaded before");
	const params = { uploadID };
	const indexes = [...chunks.keys()];
	const { items } = await caller.call(presignChunks, { params, body: { indexes } });
	const etags: { index: number; etag: string }[] = [];
	for (const { index, url, headers } of items) {
		const put = await fetch(url, { method: "PUT", headers, body: chunks[index] ?? null });
		if (!put.ok) throw new Error(`chunk ${index} was answered with ${put.status}`);
		etags.push({ index, etag: put.headers.get("etag") ?? "" });
	}
	await caller.call(completeUpload, { params, body: { chunks: etags } });
	return assetID;
}

/** Waits until all of a work is made; throws with what its pipeline says if it fails or takes too long. */
export async function untilReady(caller: Caller, videoID: VideoID, withinMs: number): Promise<Video> {
	const params = { videoID };
	const video = await eventually(async () => {
		const now = await caller.call(getVideo, { params });
		if (now.state === "ready" || now.state === "failed") return now;
		const { steps } = await caller.call(getPipeline, { params });
		throw new Error(
			steps.map(({ stepID, status, error }) => `${stepID} ${status} ${error ?? ""}`).join("\n"),
		);
	}, withinMs);
	if (video.state === "failed") throw new Error(video.failure ?? "failed without a word");
	return video;
}

function sha256(bytes: Uint8Array): Buffer {
	return createHash("sha256").update(bytes).digest();
}
