import { and, desc, eq, sql } from "drizzle-orm";
import { type UserID, VideoID } from "../../protocol/ids.ts";
import type { Database } from "./database.ts";
import { progress } from "./schema.ts";

export interface ProgressRow {
	videoID: VideoID;
	positionMs: number;
	durationMs: number;
	deviceID: string;
	/** By the device's clock. */
	at: number;
}

/** How far people have watched. */
export class ProgressTable {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** Stores the position if none is newer. Returns what then holds. */
	async put(userID: UserID, row: ProgressRow): Promise<ProgressRow> {
		const newer = sql`excluded."at" >= ${progress.at}`;
		const keep = (column: "positionMs" | "durationMs" | "deviceID" | "at") =>
			sql`CASE WHEN ${newer} THEN ${sql.raw(`excluded."${column}"`)} ELSE ${progress[column]} END`;
		const [stored] = await this.#database
			.insert(progress)
			.values({ userID, ...row })
			.onConflictDoUpdate({
				target: [progress.userID, progress.videoID],
				set: {
					positionMs: keep("positionMs"),
					durationMs: keep("durationMs"),
					deviceID: keep("deviceID"),
					at: keep("at"),
				},
			})
			.returning();
		return stored ? toProgress(stored) : row;
	}

	async find(userID: UserID, videoID: VideoID): Promise<ProgressRow | null> {
		const [row] = await this.#database
			.select()
			.from(progress)
			.where(and(eq(progress.userID, userID), eq(progress.videoID, videoID)));
		return row ? toProgress(row) : null;
	}

	/** What was watched last comes first. */
	async list(
		userID: UserID,
		query: { before?: { at: number; videoID: string } | undefined; limit: number },
	): Promise<ProgressRow[]> {
		const { before } = query;
		const rows = await this.#database
			.select()
			.from(progress)
			.where(
				and(
					eq(progress.userID, userID),
					before ? sql`(${progress.at}, ${progress.videoID}) < (${before.at}, ${before.videoID})` : undefined,
				),
			)
			.orderBy(desc(progress.at), desc(progress.videoID))
			.limit(query.limit);
		return rows.map(toProgress);
	}
}

function toProgress(row: typeof progress.$inferSelect): ProgressRow {
	const { positionMs, durationMs, deviceID, at } = row;
	return { videoID: VideoID.parse(row.videoID), positionMs, durationMs, deviceID, at };
}
