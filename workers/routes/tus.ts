import * as z from "zod";
import type { UploadRow } from "../../adapters/database/upload-table.ts";
import type { Identity } from "../../adapters/tokens.ts";
import { AppError } from "../../protocol/errors.ts";
import { UploadID } from "../../protocol/ids.ts";
import { UPLOAD_LIMITS } from "../../protocol/upload.ts";
import { VideoMeta } from "../../protocol/vod.ts";
import { identify } from "../identify.ts";
import { type App, type AppContext, parse, requireAccount } from "../route.ts";
import { parseMetadata } from "../tus-metadata.ts";
import { type TusChecksum, TusWriter } from "../tus-writing.ts";
import { beginUpload, cancelUpload, finishUpload, requireUpload } from "../uploading.ts";

const VERSION = "1.0.0";
const BYTES = "application/offset+octet-stream";
const ALGORITHMS: Record<string, string> = { md5: "MD5", sha1: "SHA-1", sha256: "SHA-256" };
const Length = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** tus 1.0 (https://tus.io/protocols/resumable-upload) over the store of uploads: creation, creation-with-upload, checksum, expiration, termination. */
export function mountTus(app: App): void {
	app.use("/tus/:uploadID?", async (context, next) => {
		await next();
		context.header("Tus-Resumable", VERSION);
	});

	app.post("/tus", async (context) => {
		const identity = await authorize(context);
		const upload = await create(context, identity);
		const at = context.req.header("content-type") === BYTES ? 0 : null;
		const written = at === null ? upload : await write(context, upload, at);
		context.header("Location", `${new URL(context.req.url).origin}/tus/${upload.uploadID}`);
		return answer(context, 201, written);
	});

	app.post("/tus/:uploadID", (context) => {
		const method = context.req.header("x-http-method-override")?.toUpperCase();
		if (method === "PATCH") return patch(context);
		if (method === "DELETE") return terminate(context);
		if (method === "HEAD") return head(context);
		throw new AppError("method-not-allowed", "Use PATCH, HEAD or DELETE.", {
			headers: { Allow: "PATCH, HEAD, DELETE" },
		});
	});

	app.get("/tus/:uploadID", head);
	app.patch("/tus/:uploadID", patch);
	app.delete("/tus/:uploadID", terminate);
}

/** What a client is told who asks what we can do (OPTIONS). */
export const TUS_OPTIONS = {
	"Tus-Resumable": VERSION,
	"Tus-Version": VERSION,
	"Tus-Extension": "creation,creation-with-upload,checksum,expiration,termination",
	"Tus-Max-Size": String(UPLOAD_LIMITS.sizeBytes),
	"Tus-Checksum-Algorithm": Object.keys(ALGORITHMS).join(","),
};

async function create(context: AppContext, identity: Identity): Promise<UploadRow> {
	const sizeBytes = Length.safeParse(context.req.header("upload-length"));
	if (!sizeBytes.success || context.req.header("upload-length") === "")
		throw new AppError("bad-request", "Upload-Length is needed, in bytes; it cannot be deferred.");
	const header = context.req.header("upload-metadata") ?? "";
	const metadata = parseMetadata(header);
	if (!metadata) throw new AppError("bad-request", "Upload-Metadata is not as tus wants it.");
	const contentType = metadata.get("filetype") ?? metadata.get("contentType") ?? "";
	const upload = await beginUpload(context, {
		protocol: "tus",
		kind: metadata.get("kind") === "audio" || contentType.startsWith("audio/") ? "audio" : "video",
		ownerID: identity.userID,
		filename: (metadata.get("filename") ?? metadata.get("name") ?? "upload").slice(0, 255),
		contentType: contentType.slice(0, 127),
		sizeBytes: sizeBytes.data,
		chunkBytes: UPLOAD_LIMITS.defaultChunkBytes,
		fingerprint: null,
		metadata: header,
		meta: readMeta(metadata),
	});
	if (!upload) throw new AppError("internal", "An upload without a fingerprint has no twin.");
	return upload;
}

/** What a client may say of the work: title, description, visibility, channelID. */
function readMeta(metadata: ReadonlyMap<string, string>) {
	const Meta = VideoMeta.pick({
		title: true,
		description: true,
		visibility: true,
		channelID: true,
	}).partial();
	const said = Object.fromEntries(
		Object.keys(Meta.shape).flatMap((name) => (metadata.has(name) ? [[name, metadata.get(name)]] : [])),
	);
	return Meta.parse(parse(Meta, said, "/upload-metadata"));
}

async function head(context: AppContext): Promise<Response> {
	const found = await findOwn(context);
	// The last byte came, and whoever was to finish died: the client will take this answer for the end.
	const isUnfinished = found.state === "open" && found.offsetBytes === found.sizeBytes;
	const upload = isUnfinished ? await write(context, found, found.offsetBytes) : found;
	context.header("Upload-Length", String(upload.sizeBytes));
	if (upload.metadata) context.header("Upload-Metadata", upload.metadata);
	return answer(context, 200, upload);
}

async function patch(context: AppContext): Promise<Response> {
	const upload = await findOwn(context);
	if (context.req.header("content-type") !== BYTES) {
		throw new AppError("unsupported-media-type", `Send ${BYTES}.`, { headers: { Accept: BYTES } });
	}
	const offsetBytes = Length.safeParse(context.req.header("upload-offset"));
	if (!offsetBytes.success) throw new AppError("bad-request", "Upload-Offset is needed.");
	if (upload.state === "complete") {
		if (offsetBytes.data !== upload.sizeBytes)
			throw new AppError("offset-mismatch", "The upload is complete.");
		return answer(context, 204, upload);
	}
	return answer(context, 204, await write(context, upload, offsetBytes.data));
}

async function terminate(context: AppContext): Promise<Response> {
	await cancelUpload(context.get("services"), await findOwn(context));
	return context.body(null, 204);
}

/** Appends the body. It is written to its end even if the client goes away: what has come counts. */
async function write(context: AppContext, upload: UploadRow, offsetBytes: number): Promise<UploadRow> {
	const work = append(context, upload, offsetBytes);
	context.executionCtx.waitUntil(work.catch(() => undefined));
	const written = await work;
	if (written.offsetBytes === written.sizeBytes) await finishUpload(context, written);
	return written;
}

async function append(context: AppContext, upload: UploadRow, offsetBytes: number): Promise<UploadRow> {
	const checksum = readChecksum(context);
	const writer = await TusWriter.open(context.get("services"), upload, { offsetBytes, checksum });
	try {
		return await writer.append(
			context.req.raw.body ?? new ReadableStream<Uint8Array>({ start: (it) => it.close() }),
		);
	} finally {
		await writer.close();
	}
}

function readChecksum(context: AppContext): TusChecksum | null {
	const header = context.req.header("upload-checksum");
	if (header === undefined) return null;
	const [name = "", digest = ""] = header.trim().split(/\s+/);
	const algorithm = ALGORITHMS[name.toLowerCase()];
	if (algorithm === undefined || digest === "")
		throw new AppError("bad-request", `Upload-Checksum knows ${Object.keys(ALGORITHMS).join(", ")}.`);
	return { algorithm, digest };
}

async function findOwn(context: AppContext): Promise<UploadRow> {
	const { userID } = await authorize(context);
	const services = context.get("services");
	const uploadID = UploadID.parse(parse(UploadID, context.req.param("uploadID"), "/params"));
	const upload = await requireUpload(services, uploadID, userID);
	if (upload.protocol !== "tus") throw new AppError("not-found", "There is no such upload.");
	return upload;
}

/** Who calls, in a version of tus that we speak. Throws AppError `precondition-failed`, `unauthenticated`, `forbidden`. */
async function authorize(context: AppContext): Promise<Identity> {
	if (context.req.header("tus-resumable") !== VERSION) {
		throw new AppError("precondition-failed", `Send Tus-Resumable: ${VERSION}.`, {
			headers: { "Tus-Version": VERSION },
		});
	}
	return requireAccount({ identity: await identify(context, "user") });
}

function answer(context: AppContext, status: 200 | 201 | 204, upload: UploadRow): Response {
	return context.body(null, status, {
		"Upload-Offset": String(upload.offsetBytes),
		"Upload-Expires": new Date(upload.expiresAt).toUTCString(),
		"Cache-Control": "no-store",
	});
}
