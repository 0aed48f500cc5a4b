import { and, count, eq, lt } from "drizzle-orm";
import type { VideoID } from "../../protocol/ids.ts";
import type { Database } from "./database.ts";
import { views } from "./schema.ts";

/** Who has been counted lately as a viewer of which work. */
export class ViewTable {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** Notes a viewer; what was noted before `since` is forgotten. True if this one was not noted yet. */
	async note(
		videoID: VideoID,
		view: { viewerHash: string; addressHash: string; at: number },
		since: number,
	): Promise<boolean> {
		const [, added] = await this.#database.batch([
			this.#database.delete(views).where(lt(views.at, since)),
			this.#database
				.insert(views)
				.values({ videoID, ...view })
				.onConflictDoNothing()
				.returning({ at: views.at }),
		]);
		return added.length > 0;
	}

	/** How many viewers of a work were noted from one address. */
	async countFrom(videoID: VideoID, addressHash: string): Promise<number> {
		const [row] = await this.#database
			.select({ viewers: count() })
			.from(views)
			.where(and(eq(views.videoID, videoID), eq(views.addressHash, addressHash)));
		return row?.viewers ?? 0;
	}
}
