import type { JSX } from "preact";
import type { VideoID } from "../../protocol/ids.ts";
import { WatchSkeleton } from "../live/watch/watch-skeleton.tsx";
import { ApiError } from "../shell/api.ts";
import { FailurePage } from "../shell/failure-panel.tsx";
import { NotFoundPage } from "../shell/not-found-page.tsx";
import { useVideo } from "./video-resource.ts";
import { VodView } from "./vod-view.tsx";

/** `/watch/vid_…`: a video or audio work. */
export function VodWatch({ videoID }: { videoID: VideoID }): JSX.Element {
	const video = useVideo(videoID);
	if (video.value !== undefined) return <VodView video={video.value} reload={video.reload} />;
	if (video.failure === null) return <WatchSkeleton />;
	return isNotThere(video.failure) ? (
		<NotFoundPage />
	) : (
		<FailurePage error={video.failure} retry={video.reload} />
	);
}

/** What one may not see is not there: the API does not tell one from the other. */
function isNotThere(failure: unknown): boolean {
	return failure instanceof ApiError && [403, 404, 410].includes(failure.problem.status);
}
