import { useEffect, useState } from "preact/hooks";
import type { VideoID } from "../../protocol/ids.ts";
import { getVideo, type Video } from "../../protocol/vod.ts";
import { call } from "../shell/api.ts";
import { type Resource, useResource } from "../shell/resource.ts";
import { isChanging } from "./video-words.ts";

/** While more of it is made, a work is asked about this often, ms. */
const EVERY_MS = 3000;

/** A work; asked about again while it changes by itself. */
export function useVideo(videoID: VideoID): Resource<Video> {
	const [isWatched, setWatched] = useState(true);
	const video = useResource(
		videoID,
		(signal) => call(getVideo, { params: { videoID } }, { signal }),
		isWatched ? { everyMs: EVERY_MS } : {},
	);
	const changes = video.value === undefined ? video.failure === null : isChanging(video.value);
	useEffect(() => setWatched(changes), [changes]);
	return video;
}
