import { openDatabase } from "../adapters/database/database.ts";
import { UploadTable } from "../adapters/database/upload-table.ts";
import { VideoTable } from "../adapters/database/video-table.ts";
import { log } from "../adapters/log.ts";
import type { VideoID } from "../protocol/ids.ts";
import type { PipelineStore } from "./pipeline-store.ts";

/** An upload that was said to be complete and is still being put together is looked at again after an hour. */
const LOOK_AGAIN_MS = 3_600_000;
/** Whoever comes back to an upload that was given up is told so for this time. */
const EXPIRED_KEPT_MS = 30 * 86_400_000;

/** Looks after the upload of a work until its processing begins: one that nobody goes on with, and one whose completion nobody has told of. */
export class PipelineUpload {
	readonly #env: Env;
	readonly #store: PipelineStore;

	constructor(env: Env, store: PipelineStore) {
		this.#env = env;
		this.#store = store;
	}

	/** When it is to be looked at; undefined: never. */
	get lookAt(): number | undefined {
		return this.#watched()?.lookAt;
	}

	watch(videoID: VideoID, lookAt: number): void {
		this.#store.facts.put("upload", { videoID, lookAt });
	}

	/** `begin` processes a work whose source is there, and says whether it is. Nothing happens before `lookAt`. */
	async lookIfDue(now: number, begin: (videoID: VideoID) => Promise<boolean>): Promise<void> {
		const { videoID, lookAt } = this.#watched() ?? {};
		if (videoID === undefined || lookAt === undefined || lookAt > now) return;
		const database = openDatabase(this.#env.DB);
		const uploads = new UploadTable(database);
		const row = await uploads.findOfVideo(videoID);
		// It was put together, and nobody was told.
		const hasBegun = (row?.state === "open" || row?.state === "complete") && (await begin(videoID));
		if (hasBegun || row?.state !== "open") {
			this.#store.facts.put("upload", null);
			// It was cancelled, and nobody was told.
			if (row?.state === "aborted") this.#store.facts.put("erasure", { videoID, eraseAt: now });
			return;
		}
		if (row.expiresAt > now) {
			this.watch(videoID, Math.min(row.expiresAt, now + LOOK_AGAIN_MS));
			return;
		}
		await uploads.close(row.uploadID, "expired");
		await new VideoTable(database).delete(videoID, now);
		this.#store.facts.put("upload", null);
		this.#store.facts.put("erasure", { videoID, eraseAt: now + EXPIRED_KEPT_MS });
		log.info("upload.expired", { uploadID: row.uploadID });
	}

	#watched(): { videoID: VideoID; lookAt: number } | null {
		return this.#store.facts.get<{ videoID: VideoID; lookAt: number } | null>("upload") ?? null;
	}
}
