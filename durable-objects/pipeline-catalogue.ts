import { CaptionTable } from "../adapters/database/caption-table.ts";
import { openDatabase } from "../adapters/database/database.ts";
import { type VideoProcessRow, VideoTable } from "../adapters/database/video-table.ts";
import { log } from "../adapters/log.ts";
import type { VideoID } from "../protocol/ids.ts";
import type { CaptionTrack } from "../protocol/vod.ts";
import type { PipelineStore } from "./pipeline-store.ts";

/** Keeps a work's row in D1 in step with its Pipeline object. What could not be written is tried again. */
export class PipelineCatalogue {
	readonly #videos: VideoTable;
	readonly #captions: CaptionTable;
	readonly #store: PipelineStore;

	constructor(env: Env, store: PipelineStore) {
		const database = openDatabase(env.DB);
		this.#videos = new VideoTable(database);
		this.#captions = new CaptionTable(database);
		this.#store = store;
	}

	/** Writes the row if it differs from what was last written. False if that failed. */
	async update(
		videoID: VideoID,
		row: VideoProcessRow,
		tracks: readonly CaptionTrack[],
		now: number,
	): Promise<boolean> {
		const written = JSON.stringify({ row, tracks });
		if (this.#store.facts.get<string>("catalogued") === written) return true;
		try {
			for (const track of tracks) await this.#captions.putIfNone(videoID, track);
			await this.#videos.process(videoID, row, now);
			this.#store.facts.put("catalogued", written);
			return true;
		} catch (error) {
			log.error("work.not-catalogued", error, { videoID });
			return false;
		}
	}
}
