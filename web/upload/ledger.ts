import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { UploadID, VideoID } from "../../protocol/ids.ts";
import type { FileFacts } from "./reconcile.ts";

/** What this browser remembers of an upload that is not finished. */
export interface LedgerEntry extends FileFacts {
	uploadID: UploadID;
	assetID: VideoID;
	ownerID: string;
	kind: "video" | "audio";
	/** MIME type */
	type: string;
	title: string;
	chunkBytes: number;
	fingerprint: string;
	/** Hex SHA-256 of each chunk. */
	chunks: string[];
	/** A way to the file that outlives the page, where the browser gives one. */
	handle: FileSystemFileHandle | null;
	/** ms since 1970 */
	createdAt: number;
}

interface Tables extends DBSchema {
	uploads: { key: string; value: LedgerEntry };
	etags: {
		key: [string, number];
		value: { uploadID: string; index: number; etag: string };
	};
}

let database: Promise<IDBPDatabase<Tables> | null> | null = null;

/** Null where storage is switched off: uploads work all the same, and the server knows what it has by the file's fingerprint. */
function open(): Promise<IDBPDatabase<Tables> | null> {
	database ??= openDB<Tables>("rostrum-uploads", 1, {
		upgrade(db) {
			db.createObjectStore("uploads", { keyPath: "uploadID" });
			db.createObjectStore("etags", { keyPath: ["uploadID", "index"] });
		},
	}).catch(() => null);
	return database;
}

/** All that is remembered, oldest first. */
export async function listEntries(): Promise<LedgerEntry[]> {
	const entries = (await (await open())?.getAll("uploads")) ?? [];
	return entries.sort((a, b) => a.createdAt - b.createdAt);
}

/** Remembers an upload, or what is new of it. A handle that cannot be stored is left out. */
export async function saveEntry(entry: LedgerEntry): Promise<void> {
	const db = await open();
	if (db === null) return;
	try {
		await db.put("uploads", entry);
	} catch (error) {
		if (entry.handle === null || !(error instanceof DOMException) || error.name !== "DataCloneError")
			throw error;
		await db.put("uploads", { ...entry, handle: null });
	}
}

/** Remembers that R2 has a chunk, before anything else is done: what is known here is never sent again. */
export async function saveEtag(uploadID: UploadID, index: number, etag: string): Promise<void> {
	await (await open())?.put("etags", { uploadID, index, etag });
}

/** ETags of an upload by chunk. */
export async function loadEtags(uploadID: UploadID): Promise<Record<number, string>> {
	const rows = (await (await open())?.getAll("etags", ofUpload(uploadID))) ?? [];
	return Object.fromEntries(rows.map(({ index, etag }) => [index, etag]));
}

/** Forgets an upload: it is finished, or given up. */
export async function forgetEntry(uploadID: UploadID): Promise<void> {
	const db = await open();
	if (db === null) return;
	const transaction = db.transaction(["uploads", "etags"], "readwrite");
	await Promise.all([
		transaction.objectStore("uploads").delete(uploadID),
		transaction.objectStore("etags").delete(ofUpload(uploadID)),
		transaction.done,
	]);
}

function ofUpload(uploadID: UploadID): IDBKeyRange {
	return IDBKeyRange.bound([uploadID, 0], [uploadID, Number.MAX_SAFE_INTEGER]);
}
