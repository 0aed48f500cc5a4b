import { ulid } from "ulidx";
import type { ChunkRow, UploadRow } from "../adapters/database/upload-table.ts";
import type { VideoMetaChange, VideoMetaRow, VideoRow } from "../adapters/database/video-table.ts";
import { fromHex, toHex } from "../adapters/digest.ts";
import { log } from "../adapters/log.ts";
import { objectKey, SOURCE_KEY } from "../domain/vod/object-key.ts";
import { pipelineIDOf } from "../domain/vod/pipeline-view.ts";
import { missingChunks, refuseFile } from "../domain/vod/upload-rules.ts";
import { AppError } from "../protocol/errors.ts";
import { UploadID, type UserID, VideoID } from "../protocol/ids.ts";
import { UPLOAD_LIMITS } from "../protocol/upload.ts";
import type { VideoKind } from "../protocol/vod.ts";
import type { AppContext } from "./route.ts";
import type { Services } from "./services.ts";

/** An upload whose completion was begun is looked at after this time, in case nobody was left to say so. */
const UNRUNG_MS = 15_000;

/** A file that somebody wants to send. */
export interface FileOffer {
	protocol: UploadRow["protocol"];
	kind: VideoKind;
	ownerID: UserID;
	filename: string;
	contentType: string;
	sizeBytes: number;
	chunkBytes: number;
	fingerprint: string | null;
	metadata: string | null;
	meta: VideoMetaChange;
}

/** The next time when an upload that nothing is sent to is given up. */
export function uploadExpiry(now: number): number {
	return now + UPLOAD_LIMITS.expirySeconds * 1000;
}

/** Begins an upload and its work. Null if the same file of the same owner was begun in this very moment. Throws AppError. */
export async function beginUpload(context: AppContext, offer: FileOffer): Promise<UploadRow | null> {
	const services = context.get("services");
	const refused = refuseFile(offer);
	if (refused) throw new AppError(refused.code, refused.reason);
	await checkChannel(services, offer.ownerID, offer.meta.channelID ?? null);
	const now = Date.now();
	const videoID = VideoID.parse(`vid_${ulid(now)}`);
	const upload: UploadRow = {
		uploadID: UploadID.parse(`up_${ulid(now)}`),
		videoID,
		ownerID: offer.ownerID,
		protocol: offer.protocol,
		filename: offer.filename,
		contentType: offer.contentType,
		sizeBytes: offer.sizeBytes,
		chunkBytes: offer.chunkBytes,
		fingerprint: offer.fingerprint,
		state: "open",
		multipartID: await services.uploadStore.begin(videoID, offer.contentType),
		origin: new URL(context.req.url).origin,
		offsetBytes: 0,
		tailKey: null,
		lockedUntil: 0,
		lockID: null,
		metadata: offer.metadata,
		createdAt: now,
		expiresAt: uploadExpiry(now),
	};
	// First, so that no row is without somebody who looks after it.
	await services.pipeline(videoID).watchUpload(videoID, upload.expiresAt);
	const isNew = await services.uploads.insert(upload, newVideo(videoID, offer, now));
	return isNew ? upload : null;
}

/** Somebody's works can only be in a channel of theirs. Throws AppError `forbidden`, `not-found`. */
export async function checkChannel(
	services: Services,
	ownerID: UserID,
	channelID: VideoMetaRow["channelID"],
): Promise<void> {
	if (channelID === null) return;
	const channel = await services.channels.get(channelID);
	if (channel.ownerID !== ownerID) throw new AppError("forbidden", "This channel belongs to somebody else.");
}

/** The upload, if it is the caller's. Throws AppError `not-found`; `upload-expired` for one that was given up or cancelled. */
export async function requireUpload(
	services: Services,
	uploadID: UploadID,
	ownerID: UserID,
): Promise<UploadRow> {
	const upload = await services.uploads.get(uploadID, ownerID);
	const isOver =
		upload.state === "expired" ||
		upload.state === "aborted" ||
		(upload.state === "open" && upload.expiresAt <= Date.now());
	if (isOver) throw new AppError("upload-expired", "This upload was given up. Begin a new one.");
	return upload;
}

/**
 * All chunks are there: puts them together and rings for the pipeline. Repeating it is harmless.
 * Throws AppError `missing-chunks`, `fingerprint-mismatch`.
 */
export async function finishUpload(
	context: AppContext,
	upload: UploadRow,
): Promise<{ assetID: VideoID; pipelineID: string }> {
	const services = context.get("services");
	const { videoID } = upload;
	if (upload.state === "open") {
		// Should this call die before it has rung.
		await services.pipeline(videoID).watchUpload(videoID, Date.now() + UNRUNG_MS);
		await assemble(services, upload);
		await services.uploads.close(upload.uploadID, "complete");
		await services.videos.received(videoID);
	}
	await ring(context, upload);
	return { assetID: videoID, pipelineID: pipelineIDOf(videoID) };
}

/** Cancels an upload: nothing of it stays. */
export async function cancelUpload(services: Services, upload: UploadRow): Promise<void> {
	if (upload.state === "complete")
		throw new AppError("already-complete", "The upload is complete; delete the work instead.");
	await services.uploads.close(upload.uploadID, "aborted");
	await services.pipeline(upload.videoID).eraseNow(upload.videoID);
}

async function assemble(services: Services, upload: UploadRow): Promise<void> {
	const ledger = await services.uploads.listChunks(upload.uploadID);
	const missing = missingChunks(upload, ledger);
	if (missing.length > 0) throw chunksMissing(missing);
	await checkFingerprint(upload, ledger);
	const etags = ledger.map((chunk) => chunk.etag ?? "");
	const assembled = await services.uploadStore.assemble(upload, etags);
	if ("sizeBytes" in assembled && assembled.sizeBytes === upload.sizeBytes) return;
	log.warn("upload.not-assembled", {
		uploadID: upload.uploadID,
		...("problem" in assembled ? { problem: String(assembled.problem) } : assembled),
	});
	// The ledger does not say what the store has: all is to be sent again, into a new object.
	await services.uploads.restart(
		upload.uploadID,
		await services.uploadStore.begin(upload.videoID, upload.contentType),
	);
	throw chunksMissing(ledger.map((chunk) => chunk.index));
}

function chunksMissing(missing: number[]): AppError {
	return new AppError("missing-chunks", "Some chunks are not there.", { members: { missing } });
}

/** The fingerprint is made of the chunks' own; if the sender has told all of them, they must make it. */
async function checkFingerprint(upload: UploadRow, ledger: readonly ChunkRow[]): Promise<void> {
	if (upload.fingerprint === null || ledger.some((chunk) => chunk.fingerprint === null)) return;
	const hashes = ledger.flatMap((chunk) => fromHex(chunk.fingerprint ?? ""));
	const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(hashes));
	if (`sha-256:${toHex(new Uint8Array(digest))}` === upload.fingerprint) return;
	throw new AppError("fingerprint-mismatch", "The chunks do not make the file that was announced.");
}

/** The queue is only a second bell, for the case that this call dies on its way. */
async function ring(context: AppContext, upload: UploadRow): Promise<void> {
	const services = context.get("services");
	const { videoID, sizeBytes } = upload;
	const { origin } = new URL(context.req.url);
	const message = { object: { key: objectKey(videoID, SOURCE_KEY), size: sizeBytes } };
	const rung = await Promise.allSettled([
		services.env.VOD_QUEUE.send(message),
		services.pipeline(videoID).start(videoID, origin),
	]);
	const failed = rung.filter((result) => result.status === "rejected");
	for (const { reason } of failed) log.error("pipeline.not-rung", reason, { videoID });
	if (failed.length === rung.length)
		throw new AppError("overloaded", "Processing cannot begin now; try again.");
}

function newVideo(videoID: VideoID, offer: FileOffer, now: number): VideoRow {
	return {
		videoID,
		kind: offer.kind,
		ownerID: offer.ownerID,
		channelID: offer.meta.channelID ?? null,
		title: offer.meta.title ?? titleOf(offer.filename),
		description: offer.meta.description ?? "",
		tags: offer.meta.tags ?? [],
		visibility: offer.meta.visibility ?? "private",
		chapters: offer.meta.chapters ?? [],
		properties: offer.meta.properties ?? {},
		state: "uploading",
		failure: null,
		durationMs: null,
		width: null,
		height: null,
		loudnessLufs: null,
		renditions: [],
		files: [],
		posterKey: null,
		views: 0,
		sizeBytes: offer.sizeBytes,
		revision: 1,
		createdAt: now,
		publishedAt: null,
		deletedAt: null,
	};
}

/** `my_holiday.final.mp4` → `my holiday.final`. */
function titleOf(filename: string): string {
	const title = filename
		.replace(/\.[A-Za-z0-9]{1,5}$/, "")
		.replaceAll("_", " ")
		.trim();
	return (title === "" ? filename : title).slice(0, 140);
}
