import { useEffect, useState } from "preact/hooks";
import type { VideoID } from "../../protocol/ids.ts";
import { getVideo, type Video } from "../../protocol/vod.ts";
import { call } from "../shell/api.ts";
import { type Resource, useResource } from "../shell/resource.ts";
import { isChanging } from "./video-words.ts";

/** A work is asked about this often, ms: until it can be played, and while more of it is made. */
const EVERY_MS = { playable: 1000, more: 3000 };

/** A work; asked about again while it changes by itself. */
export function useVideo(videoID: VideoID): Resource<Video> {
	const [everyMs, setEvery] = useState<number | null>(EVERY_MS.playable);
	const video = useResource(
		videoID,
		(signal) => call(getVideo, { params: { videoID } }, { signal }),
		everyMs === null ? {} : { everyMs },
	);
	const next = video.value === undefined && video.failure !== null ? null : waitFor(video.value);
	useEffect(() => setEvery(next), [next]);
	return video;
}

/** Null once nothing changes by itself any more. */
function waitFor(video: Video | undefined): number | null {
	if (video === undefined || video.state === "processing" || video.state === "uploading")
		return EVERY_MS.playable;
	return isChanging(video) ? EVERY_MS.more : null;
}
