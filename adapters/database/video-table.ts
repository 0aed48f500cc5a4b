import { and, desc, eq, inArray, isNull, lt, sql } from "drizzle-orm";
import { AppError } from "../../protocol/errors.ts";
import { ChannelID, UserID, VideoID } from "../../protocol/ids.ts";
import type { Chapter, VideoKind, VideoRendition, VideoState, Visibility } from "../../protocol/vod.ts";
import type { Database } from "./database.ts";
import { captions, chunks, progress, uploads, videos, views } from "./schema.ts";

export interface VideoRow {
	videoID: VideoID;
	kind: VideoKind;
	ownerID: UserID;
	channelID: ChannelID | null;
	title: string;
	description: string;
	tags: string[];
	visibility: Visibility;
	chapters: Chapter[];
	properties: Record<string, unknown>;
	state: VideoState;
	failure: string | null;
	durationMs: number | null;
	width: number | null;
	height: number | null;
	/** LUFS, of the whole sound; null if it was not measured. */
	loudnessLufs: number | null;
	renditions: VideoRendition[];
	files: string[];
	posterKey: string | null;
	views: number;
	sizeBytes: number;
	revision: number;
	createdAt: number;
	publishedAt: number | null;
	deletedAt: number | null;
}

/** What people may change. */
export type VideoMetaRow = Pick<
	VideoRow,
	"title" | "description" | "tags" | "visibility" | "channelID" | "chapters" | "properties"
>;

/** Some of it; what is not named stays. */
export type VideoMetaChange = { [Key in keyof VideoMetaRow]?: VideoMetaRow[Key] | undefined };

/** What processing finds out and makes. */
export type VideoProcessRow = Pick<
	VideoRow,
	"state" | "failure" | "durationMs" | "width" | "height" | "loudnessLufs" | "renditions" | "files"
>;

/** Video and audio works: the catalogue. */
export class VideoTable {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** The row, for a batch with others. */
	insertion(row: VideoRow) {
		return this.#database.insert(videos).values(row);
	}

	/** Null for an unknown one. */
	async find(videoID: VideoID): Promise<VideoRow | null> {
		const [row] = await this.#database.select().from(videos).where(eq(videos.videoID, videoID));
		return row ? toVideo(row) : null;
	}

	/** Throws AppError `not-found`. */
	async get(videoID: VideoID): Promise<VideoRow> {
		const row = await this.find(videoID);
		if (!row) throw new AppError("not-found", "There is no such work.");
		return row;
	}

	/** Of these, those that there are. */
	async getMany(videoIDs: readonly VideoID[]): Promise<Map<VideoID, VideoRow>> {
		if (videoIDs.length === 0) return new Map();
		const rows = await this.#database
			.select()
			.from(videos)
			.where(inArray(videos.videoID, [...videoIDs]));
		return new Map(rows.map((row) => [VideoID.parse(row.videoID), toVideo(row)]));
	}

	/** Newest first. `viewerID`: whoever asks sees public works that can be played, and all of their own that are not deleted. */
	async list(query: {
		viewerID: UserID | null;
		channelID?: ChannelID | undefined;
		ownerID?: UserID | undefined;
		kind?: VideoKind | undefined;
		state?: VideoState | undefined;
		before?: string | undefined;
		limit: number;
	}): Promise<VideoRow[]> {
		const isListed = and(
			eq(videos.visibility, "public"),
			inArray(videos.state, ["playable", "ready"]),
			isNull(videos.deletedAt),
		);
		const isOwnList = query.ownerID !== undefined && query.ownerID === query.viewerID;
		const rows = await this.#database
			.select()
			.from(videos)
			.where(
				and(
					isOwnList ? undefined : isListed,
					query.channelID ? eq(videos.channelID, query.channelID) : undefined,
					query.ownerID ? eq(videos.ownerID, query.ownerID) : undefined,
					query.kind ? eq(videos.kind, query.kind) : undefined,
					query.state ? eq(videos.state, query.state) : undefined,
					query.before ? lt(videos.videoID, query.before) : undefined,
				),
			)
			.orderBy(desc(videos.videoID))
			.limit(query.limit);
		return rows.map(toVideo);
	}

	/** Changes what people say of it if it still is at `revision`. Null if it is not. */
	async edit(
		videoID: VideoID,
		revision: number,
		change: VideoMetaChange & { deletedAt?: null },
	): Promise<VideoRow | null> {
		const [row] = await this.#database
			.update(videos)
			.set({ ...change, revision: revision + 1 })
			.where(and(eq(videos.videoID, videoID), eq(videos.revision, revision)))
			.returning();
		return row ? toVideo(row) : null;
	}

	/** What processing has come to. It is published when it first can be watched. */
	async process(videoID: VideoID, change: VideoProcessRow, now: number): Promise<void> {
		const isOut = change.state === "playable" || change.state === "ready";
		await this.#database
			.update(videos)
			.set({ ...change, ...(isOut ? { publishedAt: sql`coalesce(${videos.publishedAt}, ${now})` } : {}) })
			.where(eq(videos.videoID, videoID));
	}

	/** The upload is whole. */
	async received(videoID: VideoID): Promise<void> {
		await this.#database
			.update(videos)
			.set({ state: "processing" })
			.where(and(eq(videos.videoID, videoID), eq(videos.state, "uploading")));
	}

	/** True if it was not deleted before. */
	async delete(videoID: VideoID, now: number): Promise<boolean> {
		const rows = await this.#database
			.update(videos)
			.set({ deletedAt: now, revision: sql`${videos.revision} + 1` })
			.where(and(eq(videos.videoID, videoID), isNull(videos.deletedAt)))
			.returning({ videoID: videos.videoID });
		return rows.length > 0;
	}

	/** The owner's own poster. */
	async setPoster(videoID: VideoID, posterKey: string): Promise<void> {
		await this.#database.update(videos).set({ posterKey }).where(eq(videos.videoID, videoID));
	}

	async countView(videoID: VideoID): Promise<void> {
		await this.#database
			.update(videos)
			.set({ views: sql`${videos.views} + 1` })
			.where(eq(videos.videoID, videoID));
	}

	/** All that is known of it goes, and of its uploads. */
	async erase(videoID: VideoID): Promise<void> {
		const own = this.#database
			.select({ uploadID: uploads.uploadID })
			.from(uploads)
			.where(eq(uploads.videoID, videoID));
		await this.#database.batch([
			this.#database.delete(chunks).where(inArray(chunks.uploadID, own)),
			this.#database.delete(uploads).where(eq(uploads.videoID, videoID)),
			this.#database.delete(captions).where(eq(captions.videoID, videoID)),
			this.#database.delete(views).where(eq(views.videoID, videoID)),
			this.#database.delete(progress).where(eq(progress.videoID, videoID)),
			this.#database.delete(videos).where(eq(videos.videoID, videoID)),
		]);
	}

	/** Public works of a channel that are ready, newest first. */
	async listFeed(channelID: ChannelID, kind: VideoKind, limit: number): Promise<VideoRow[]> {
		const rows = await this.#database
			.select()
			.from(videos)
			.where(
				and(
					eq(videos.channelID, channelID),
					eq(videos.kind, kind),
					eq(videos.visibility, "public"),
					eq(videos.state, "ready"),
					isNull(videos.deletedAt),
				),
			)
			.orderBy(desc(videos.videoID))
			.limit(limit);
		return rows.map(toVideo);
	}

	/** Whether somebody who is not its owner may know of it. */
	static isVisible(row: VideoRow, viewerID: UserID | null): boolean {
		if (row.ownerID === viewerID) return true;
		return row.deletedAt === null && row.visibility !== "private";
	}
}

function toVideo(row: typeof videos.$inferSelect): VideoRow {
	return {
		...row,
		videoID: VideoID.parse(row.videoID),
		ownerID: UserID.parse(row.ownerID),
		channelID: row.channelID === null ? null : ChannelID.parse(row.channelID),
	};
}
