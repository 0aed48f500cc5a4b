import { and, eq } from "drizzle-orm";
import type { VideoID } from "../../protocol/ids.ts";
import type { CaptionTrack } from "../../protocol/vod.ts";
import type { Database } from "./database.ts";
import { captions } from "./schema.ts";

/** Which languages a work has captions in. Their text is in the bucket. */
export class CaptionTable {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	async list(videoID: VideoID): Promise<CaptionTrack[]> {
		const rows = await this.#database
			.select()
			.from(captions)
			.where(eq(captions.videoID, videoID))
			.orderBy(captions.language);
		return rows.map(({ language, label, origin }) => ({ language, label, origin }));
	}

	/** Adds the track or replaces it. */
	async put(videoID: VideoID, track: CaptionTrack): Promise<void> {
		await this.#database
			.insert(captions)
			.values({ videoID, ...track })
			.onConflictDoUpdate({
				target: [captions.videoID, captions.language],
				set: { label: track.label, origin: track.origin },
			});
	}

	/** Adds the track unless somebody has given one in that language. */
	async putIfNone(videoID: VideoID, track: CaptionTrack): Promise<void> {
		await this.#database
			.insert(captions)
			.values({ videoID, ...track })
			.onConflictDoNothing();
	}

	/** True if there was one. */
	async delete(videoID: VideoID, language: string): Promise<boolean> {
		const rows = await this.#database
			.delete(captions)
			.where(and(eq(captions.videoID, videoID), eq(captions.language, language)))
			.returning({ language: captions.language });
		return rows.length > 0;
	}
}
