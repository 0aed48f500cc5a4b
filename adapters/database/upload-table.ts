import { and, count, desc, eq, lte, sql } from "drizzle-orm";
import { AppError } from "../../protocol/errors.ts";
import { UploadID, UserID, VideoID } from "../../protocol/ids.ts";
import type { ChunkStatus } from "../../protocol/upload.ts";
import { type Database, isUniqueViolation } from "./database.ts";
import { chunks, uploads } from "./schema.ts";
import { type VideoRow, VideoTable } from "./video-table.ts";

export interface UploadRow {
	uploadID: UploadID;
	videoID: VideoID;
	ownerID: UserID;
	protocol: "chunks" | "tus";
	filename: string;
	contentType: string;
	sizeBytes: number;
	chunkBytes: number;
	fingerprint: string | null;
	state: "open" | "complete" | "aborted" | "expired";
	multipartID: string;
	origin: string;
	offsetBytes: number;
	tailKey: string | null;
	lockedUntil: number;
	lockID: string | null;
	metadata: string | null;
	createdAt: number;
	expiresAt: number;
}

export interface ChunkRow {
	index: number;
	chunkStatus: ChunkStatus;
	etag: string | null;
	fingerprint: string | null;
}

/** D1 takes 100 values a statement; a chunk has five. */
const CHUNKS_A_STATEMENT = 20;

/** Uploads and their chunk ledgers. */
export class UploadTable {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** The upload and its work at once. False if the same file of the same owner has just been begun elsewhere. */
	async insert(upload: UploadRow, video: VideoRow): Promise<boolean> {
		try {
			await this.#database.batch([
				new VideoTable(this.#database).insertion(video),
				this.#database.insert(uploads).values(upload),
			]);
			return true;
		} catch (cause) {
			if (isUniqueViolation(cause)) return false;
			throw cause;
		}
	}

	/** The caller's own upload. Throws AppError `not-found`, for somebody else's too. */
	async get(uploadID: UploadID, ownerID: UserID): Promise<UploadRow> {
		const [row] = await this.#database
			.select()
			.from(uploads)
			.where(and(eq(uploads.uploadID, uploadID), eq(uploads.ownerID, ownerID)));
		if (!row) throw new AppError("not-found", "There is no such upload.");
		return toUpload(row);
	}

	/** The upload that a work came from, or null. */
	async findOfVideo(videoID: VideoID): Promise<UploadRow | null> {
		const [row] = await this.#database
			.select()
			.from(uploads)
			.where(eq(uploads.videoID, videoID))
			.orderBy(desc(uploads.uploadID))
			.limit(1);
		return row ? toUpload(row) : null;
	}

	/** Uploads of the same file by the same owner, newest first. */
	async findSame(file: { ownerID: UserID; fingerprint: string; sizeBytes: number }): Promise<UploadRow[]> {
		const rows = await this.#database
			.select()
			.from(uploads)
			.where(
				and(
					eq(uploads.ownerID, file.ownerID),
					eq(uploads.fingerprint, file.fingerprint),
					eq(uploads.sizeBytes, file.sizeBytes),
				),
			)
			.orderBy(desc(uploads.uploadID))
			.limit(20);
		return rows.map(toUpload);
	}

	/** In the order of the file; chunks that nothing is known of are missing. */
	async listChunks(uploadID: UploadID): Promise<ChunkRow[]> {
		const rows = await this.#database
			.select()
			.from(chunks)
			.where(eq(chunks.uploadID, uploadID))
			.orderBy(chunks.chunkIndex);
		return rows.map(({ chunkIndex, chunkStatus, etag, fingerprint }) => ({
			index: chunkIndex,
			chunkStatus,
			etag,
			fingerprint,
		}));
	}

	/** What is not told of a chunk stays as it was known. Returns how many chunks are there. */
	async recordChunks(
		uploadID: UploadID,
		reported: readonly {
			index: number;
			chunkStatus: ChunkStatus;
			etag?: string | undefined;
			fingerprint?: string | undefined;
		}[],
	): Promise<number> {
		const byIndex = new Map(reported.map((chunk) => [chunk.index, chunk]));
		const rows = [...byIndex.values()].map((chunk) => ({
			uploadID,
			chunkIndex: chunk.index,
			chunkStatus: chunk.chunkStatus,
			etag: chunk.etag ?? null,
			fingerprint: chunk.fingerprint ?? null,
		}));
		for (let start = 0; start < rows.length; start += CHUNKS_A_STATEMENT) {
			await this.#database
				.insert(chunks)
				.values(rows.slice(start, start + CHUNKS_A_STATEMENT))
				.onConflictDoUpdate({
					target: [chunks.uploadID, chunks.chunkIndex],
					set: {
						chunkStatus: sql`excluded."chunkStatus"`,
						etag: sql`coalesce(excluded."etag", ${chunks.etag})`,
						fingerprint: sql`coalesce(excluded."fingerprint", ${chunks.fingerprint})`,
					},
				});
		}
		const [counted] = await this.#database
			.select({ count: count() })
			.from(chunks)
			.where(and(eq(chunks.uploadID, uploadID), eq(chunks.chunkStatus, "UPLOADED")));
		return counted?.count ?? 0;
	}

	/** True if it was open. */
	async close(uploadID: UploadID, state: "complete" | "aborted" | "expired"): Promise<boolean> {
		const rows = await this.#database
			.update(uploads)
			.set({ state })
			.where(and(eq(uploads.uploadID, uploadID), eq(uploads.state, "open")))
			.returning({ uploadID: uploads.uploadID });
		return rows.length > 0;
	}

	/** Nothing of what was sent counts any more. */
	async restart(uploadID: UploadID, multipartID: string): Promise<void> {
		await this.#database.batch([
			this.#database.delete(chunks).where(eq(chunks.uploadID, uploadID)),
			this.#database
				.update(uploads)
				.set({ multipartID, offsetBytes: 0, tailKey: null })
				.where(eq(uploads.uploadID, uploadID)),
		]);
	}

	/** Something was sent: it is given up later. */
	async extend(uploadID: UploadID, expiresAt: number): Promise<void> {
		await this.#database.update(uploads).set({ expiresAt }).where(eq(uploads.uploadID, uploadID));
	}

	/** Lets one writer at an upload until `until`. The row as it is then; null while another one writes. */
	async lock(
		uploadID: UploadID,
		lockID: string,
		times: { now: number; until: number },
	): Promise<UploadRow | null> {
		const [row] = await this.#database
			.update(uploads)
			.set({ lockID, lockedUntil: times.until })
			.where(and(eq(uploads.uploadID, uploadID), lte(uploads.lockedUntil, times.now)))
			.returning();
		return row ? toUpload(row) : null;
	}

	/** The writer has stored so much. False if the lock is not its own any more. */
	async advance(
		uploadID: UploadID,
		lockID: string,
		to: Pick<UploadRow, "offsetBytes" | "tailKey" | "lockedUntil">,
	): Promise<boolean> {
		const rows = await this.#database
			.update(uploads)
			.set(to)
			.where(and(eq(uploads.uploadID, uploadID), eq(uploads.lockID, lockID)))
			.returning({ uploadID: uploads.uploadID });
		return rows.length > 0;
	}
}

function toUpload(row: typeof uploads.$inferSelect): UploadRow {
	return {
		...row,
		uploadID: UploadID.parse(row.uploadID),
		videoID: VideoID.parse(row.videoID),
		ownerID: UserID.parse(row.ownerID),
	};
}
