import type * as z from "zod";
import type { VideoID } from "../../protocol/ids.ts";
import { deleteVideo, getVideo, updateVideo, type Video, type VideoMeta } from "../../protocol/vod.ts";
import { ApiError, call } from "../shell/api.ts";
import { describeFailure } from "../shell/failure.ts";
import { isOnline } from "../shell/online.ts";
import { notify } from "../shell/toasts.tsx";

type Change = NonNullable<z.input<NonNullable<typeof updateVideo.body>>>;

/** What people may have changed; the pipeline never touches these. */
const META: readonly (keyof VideoMeta)[] = [
	"title",
	"description",
	"tags",
	"visibility",
	"channelID",
	"chapters",
];
const MOST_TRIES = 4;

/** Somebody else changed the same work meanwhile. `current` is what it is now. */
export class ConflictError extends Error {
	readonly current: Video;

	constructor(current: Video) {
		super("It was changed elsewhere meanwhile");
		this.name = "ConflictError";
		this.current = current;
	}
}

/**
 * Changes what is said of a work. `base`: what the person saw; if that is not what is there any more, ends in ConflictError. That the
 * pipeline went on meanwhile is no conflict. Without `base` the change is made whatever is there.
 */
export async function changeVideo(videoID: VideoID, change: Change, base: Video | null): Promise<Video> {
	for (let attempt = 1; ; attempt += 1) {
		const { video, etag } = await loadVersion(videoID);
		if (base !== null && !hasSameMeta(base, video)) throw new ConflictError(video);
		try {
			return await call(updateVideo, { params: { videoID }, body: change }, { ifMatch: etag });
		} catch (error) {
			const isStale = error instanceof ApiError && error.problem.code === "precondition-failed";
			if (!isStale || attempt >= MOST_TRIES) throw error;
		}
	}
}

/** Deletes a work, and offers to take it back. `onChange` is called after each. */
export async function deleteWithUndo(video: Video, onChange: () => void): Promise<void> {
	const { videoID, title } = video;
	try {
		await call(deleteVideo, { params: { videoID } });
	} catch (error) {
		notify(describeFailure(error, isOnline.value).whatHappened, "bad");
		return;
	}
	onChange();
	notify(`“${title}” is deleted. It is erased in 30 days.`, "plain", {
		label: "Undo",
		run: () => void restoreVideo(videoID).then(onChange),
	});
}

/** Takes a deletion back. */
export async function restoreVideo(videoID: VideoID): Promise<void> {
	try {
		await changeVideo(videoID, { deleted: false }, null);
		notify("It is back.");
	} catch (error) {
		notify(describeFailure(error, isOnline.value).whatHappened, "bad");
	}
}

/** Whether people said the same of both. Exported for tests. */
export function hasSameMeta(a: VideoMeta, b: VideoMeta): boolean {
	return META.every((key) => JSON.stringify(a[key]) === JSON.stringify(b[key]));
}

async function loadVersion(videoID: VideoID): Promise<{ video: Video; etag: string }> {
	let etag = "*";
	const onHeaders = (headers: Headers) => {
		etag = headers.get("ETag") ?? "*";
	};
	const video = await call(getVideo, { params: { videoID } }, { onHeaders });
	return { video, etag };
}
