import type { UploadRow } from "../../adapters/database/upload-table.ts";
import { toBase64, toHex } from "../../adapters/digest.ts";
import { S3Signer } from "../../adapters/s3-signer.ts";
import { objectKey, SOURCE_KEY } from "../../domain/vod/object-key.ts";
import { chunkCount, chunkLength, plainEtag } from "../../domain/vod/upload-rules.ts";
import { AppError } from "../../protocol/errors.ts";
import { UploadID, UserID } from "../../protocol/ids.ts";
import {
	abortUpload,
	completeUpload,
	createUpload,
	getUpload,
	presignChunks,
	reportChunks,
	UPLOAD_LIMITS,
	type Upload,
} from "../../protocol/upload.ts";
import { once } from "../idempotency.ts";
import { type App, type AppContext, parse, readBytes, requireAccount, route } from "../route.ts";
import type { Services } from "../services.ts";
import { beginUpload, cancelUpload, finishUpload, requireUpload, uploadExpiry } from "../uploading.ts";

/** An address for a chunk is good for this time: enough for 10 MiB over a bad line. */
const CHUNK_URL_SECONDS = 3600;

/** Uploads in chunks, straight to R2 by pre-signed addresses (CONTRACT §5 H). */
export function mountUpload(app: App): void {
	route(app, createUpload, async ({ body, context, ...call }) => {
		const { userID } = requireAccount(call);
		const reply = await once(createUpload, { context, userID, body }, () => {
			const { assetMeta, size, chunkSize, ...file } = body;
			return createOrResume(context, {
				...file,
				protocol: "chunks",
				ownerID: userID,
				sizeBytes: size,
				chunkBytes: chunkSize ?? UPLOAD_LIMITS.defaultChunkBytes,
				metadata: null,
				meta: assetMeta ?? {},
			});
		});
		if (reply.uploadID !== null) context.header("Location", `/uploads/${reply.uploadID}`);
		return reply.duplicateOf === undefined ? reply : context.json(reply, 200);
	});

	route(app, getUpload, async ({ params, services, ...call }) =>
		viewUpload(services, await requireUpload(services, params.uploadID, requireAccount(call).userID)),
	);

	route(app, presignChunks, async ({ params, body, services, context, ...call }) => {
		const upload = await requireOpen(services, params.uploadID, call);
		const now = Date.now();
		await services.uploads.extend(upload.uploadID, uploadExpiry(now));
		const items = await Promise.all(
			body.indexes.map(async (index) => ({
				index,
				url: await presign(context, upload, { index, now }),
				method: "PUT" as const,
				headers: {},
				expiresAt: new Date(now + CHUNK_URL_SECONDS * 1000).toISOString(),
			})),
		);
		return { items };
	});

	route(app, reportChunks, async ({ params, body, services, ...call }) => {
		const upload = await requireOpen(services, params.uploadID, call);
		for (const { index } of body.chunks) requireLength(upload, index);
		const rows = body.chunks.map(({ etag, ...chunk }) => ({
			...chunk,
			...(etag === undefined ? {} : { etag: plainEtag(etag) }),
		}));
		return { received: await services.uploads.recordChunks(upload.uploadID, rows) };
	});

	route(app, completeUpload, async ({ params, body, services, context, ...call }) => {
		const upload = await requireUpload(services, params.uploadID, requireAccount(call).userID);
		if (upload.state === "open" && body.chunks.length > 0) {
			for (const { index } of body.chunks) requireLength(upload, index);
			const rows = body.chunks.map(({ index, etag }) => ({
				index,
				chunkStatus: "UPLOADED" as const,
				etag: plainEtag(etag),
			}));
			await services.uploads.recordChunks(upload.uploadID, rows);
		}
		const reply = await finishUpload(context, upload);
		context.header("Location", `/videos/${reply.assetID}`);
		return reply;
	});

	route(app, abortUpload, async ({ params, services, ...call }) => {
		const upload = await services.uploads.get(params.uploadID, requireAccount(call).userID);
		await cancelUpload(services, upload);
		return undefined;
	});

	mountChunks(app);
}

/** Where chunks go if the bucket's S3 address is not set up: the same verb, headers and answer. */
function mountChunks(app: App): void {
	app.put("/uploads/:uploadID/chunks/:index", async (context) => {
		const services = context.get("services");
		const uploadID = UploadID.parse(parse(UploadID, context.req.param("uploadID"), "/params"));
		const index = Number(context.req.param("index"));
		const ownerID = await verifyChunkAccess(context, uploadID, index);
		const upload = await requireUpload(services, uploadID, ownerID);
		if (upload.state !== "open") throw new AppError("already-complete", "The upload is complete.");
		const length = requireLength(upload, index);
		const bytes = await readBytes(context, UPLOAD_LIMITS.maxChunkBytes);
		if (bytes.byteLength !== length)
			throw new AppError("bad-request", `Chunk ${index} has ${length} bytes, not ${bytes.byteLength}.`);
		const fingerprint = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
		checkDigest(context, fingerprint);
		const etag = await services.uploadStore.putChunk(upload, index, bytes);
		const row = { index, chunkStatus: "UPLOADED" as const, etag, fingerprint: toHex(fingerprint) };
		await services.uploads.recordChunks(uploadID, [row]);
		return context.json({ etag }, 200, { ETag: `"${etag}"`, "Cache-Control": "private, no-store" });
	});
}

async function createOrResume(context: AppContext, offer: Parameters<typeof beginUpload>[1]) {
	const services = context.get("services");
	// Twice: two calls at once for one file may find nothing, and then one of them finds the other's.
	for (let attempt = 0; attempt < 2; attempt++) {
		const known = await findKnown(services, offer);
		if (known) return known;
		const upload = await beginUpload(context, offer);
		if (upload) return viewBegun(upload, []);
	}
	throw new AppError("overloaded", "This file is being begun elsewhere; try again.", {
		headers: { "Retry-After": "1" },
	});
}

/** An open upload of the same file goes on; a finished one is not sent again, unless its work is gone or failed. */
async function findKnown(services: Services, offer: Parameters<typeof beginUpload>[1]) {
	const { ownerID, fingerprint, sizeBytes } = offer;
	if (fingerprint === null) return null;
	const same = await services.uploads.findSame({ ownerID, fingerprint, sizeBytes });
	for (const upload of same) {
		if (upload.state === "open" && upload.expiresAt > Date.now()) {
			const ledger = await services.uploads.listChunks(upload.uploadID);
			const have = ledger.filter((chunk) => chunk.chunkStatus === "UPLOADED" && chunk.etag !== null);
			return viewBegun(
				upload,
				have.map((chunk) => chunk.index),
			);
		}
		if (upload.state === "open") await services.uploads.close(upload.uploadID, "expired");
		if (upload.state !== "complete") continue;
		const video = await services.videos.find(upload.videoID);
		if (!video || video.deletedAt !== null || video.state === "failed" || video.kind !== offer.kind) continue;
		return { ...viewBegun(upload, []), uploadID: null, expiresAt: null, duplicateOf: upload.videoID };
	}
	return null;
}

function viewBegun(upload: UploadRow, have: number[]) {
	return {
		uploadID: upload.uploadID,
		assetID: upload.videoID,
		chunkSize: upload.chunkBytes,
		chunkCount: chunkCount(upload),
		expiresAt: new Date(upload.expiresAt).toISOString(),
		have,
	};
}

async function viewUpload(services: Services, upload: UploadRow): Promise<Upload> {
	const ledger = new Map(
		(await services.uploads.listChunks(upload.uploadID)).map((chunk) => [chunk.index, chunk]),
	);
	const count = chunkCount(upload);
	const chunks = Array.from(
		{ length: count },
		(_, index) =>
			ledger.get(index) ?? { index, chunkStatus: "NOT_UPLOADED" as const, etag: null, fingerprint: null },
	);
	return {
		uploadID: upload.uploadID,
		assetID: upload.videoID,
		state: upload.state,
		filename: upload.filename,
		size: upload.sizeBytes,
		chunkSize: upload.chunkBytes,
		chunkCount: count,
		received: chunks.filter((chunk) => chunk.chunkStatus === "UPLOADED").length,
		chunks,
		expiresAt: new Date(upload.expiresAt).toISOString(),
	};
}

async function requireOpen(
	services: Services,
	uploadID: UploadID,
	call: Parameters<typeof requireAccount>[0],
): Promise<UploadRow> {
	const upload = await requireUpload(services, uploadID, requireAccount(call).userID);
	if (upload.state !== "open") throw new AppError("already-complete", "The upload is complete.");
	return upload;
}

function requireLength(upload: UploadRow, index: number): number {
	const length = chunkLength(upload, index);
	if (length === null)
		throw new AppError("validation", `The file has ${chunkCount(upload)} chunks: no chunk ${index}.`);
	return length;
}

async function presign(
	context: AppContext,
	upload: UploadRow,
	{ index, now }: { index: number; now: number },
): Promise<string> {
	const services = context.get("services");
	const { origin } = new URL(context.req.url);
	const { bucketS3 } = services.config;
	const sizeBytes = requireLength(upload, index);
	if (bucketS3) {
		const bucketURL = bucketS3.bucketURL.startsWith("/") ? origin + bucketS3.bucketURL : bucketS3.bucketURL;
		return new S3Signer({ ...bucketS3, bucketURL }).presignPart({
			key: objectKey(upload.videoID, SOURCE_KEY),
			multipartID: upload.multipartID,
			partNumber: index + 1,
			sizeBytes,
			expiresSeconds: CHUNK_URL_SECONDS,
			now,
		});
	}
	const mac = await services.mac();
	const exp = Math.floor(now / 1000) + CHUNK_URL_SECONDS;
	const sig = await mac.sign(
		"chunk",
		chunkText({ uploadID: upload.uploadID, index, exp, ownerID: upload.ownerID }),
	);
	return `${origin}/uploads/${upload.uploadID}/chunks/${index}?exp=${exp}&by=${upload.ownerID}&kid=${mac.keyID}&sig=${sig}`;
}

/** Who the address was made for. Throws AppError `bad-signature`, `url-expired`. */
async function verifyChunkAccess(
	context: AppContext,
	uploadID: UploadID,
	index: number,
): Promise<UploadRow["ownerID"]> {
	const services = context.get("services");
	const { exp = "", by = "", kid = "", sig = "" } = context.req.query();
	const ownerID = UserID.safeParse(by);
	const text = chunkText({ uploadID, index, exp: Number(exp), ownerID: by });
	if (!ownerID.success || !(await (await services.mac()).verify("chunk", text, kid, sig)))
		throw new AppError("bad-signature", "The address is not signed for this chunk.");
	if (Number(exp) * 1000 <= Date.now())
		throw new AppError("url-expired", "The address has expired; ask for a new one.");
	return ownerID.data;
}

function chunkText(of: { uploadID: string; index: number; exp: number; ownerID: string }): string {
	return [of.uploadID, of.index, of.exp, of.ownerID].join("\n");
}

/** `Content-Digest: sha-256=:…:` (RFC 9530). Throws AppError `digest-mismatch`. */
function checkDigest(context: AppContext, fingerprint: Uint8Array): void {
	const told = /sha-256=:([A-Za-z0-9+/=]+):/.exec(context.req.header("content-digest") ?? "")?.[1];
	if (told === undefined || told === toBase64(fingerprint)) return;
	throw new AppError("digest-mismatch", "The chunk is not what its Content-Digest says.");
}
