import { openDatabase } from "../adapters/database/database.ts";
import { UploadTable } from "../adapters/database/upload-table.ts";
import { VideoTable } from "../adapters/database/video-table.ts";
import { log } from "../adapters/log.ts";
import { objectKey, SOURCE_KEY } from "../domain/vod/object-key.ts";
import type { VideoID } from "../protocol/ids.ts";

/** Everything there is of a work: parts, objects, rows. Rows go last: what died half-way is found and done again. */
export async function eraseWork(env: Env, videoID: VideoID): Promise<void> {
	const database = openDatabase(env.DB);
	const upload = await new UploadTable(database).findOfVideo(videoID);
	if (upload && upload.state !== "complete" && upload.multipartID !== "") {
		const multipart = env.MEDIA.resumeMultipartUpload(objectKey(videoID, SOURCE_KEY), upload.multipartID);
		// R2 gives up multipart uploads by itself after a week: one that is gone is what was wanted.
		await multipart
			.abort()
			.catch((error: unknown) => log.warn("multipart.not-aborted", { videoID, error: String(error) }));
	}
	for (;;) {
		const { objects } = await env.MEDIA.list({ prefix: objectKey(videoID, ""), limit: 1000 });
		if (objects.length === 0) break;
		await env.MEDIA.delete(objects.map((object) => object.key));
	}
	await new VideoTable(database).erase(videoID);
	log.info("work.erased", { videoID });
}
