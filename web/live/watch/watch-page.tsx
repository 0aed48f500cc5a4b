import type { JSX } from "preact";
import { lazy, useLocation, useRoute } from "preact-iso";
import { VideoID } from "../../../protocol/ids.ts";
import { OfflineChannel } from "../../channel/offline-channel.tsx";
import { ApiError } from "../../shell/api.ts";
import { FailurePage } from "../../shell/failure-panel.tsx";
import { NotFoundPage } from "../../shell/not-found-page.tsx";
import { useResource } from "../../shell/resource.ts";
import { WatchSkeleton } from "./watch-skeleton.tsx";
import { loadTarget, NoSuchPageError, type WatchTarget } from "./watch-target.ts";
import { WatchView } from "./watch-view.tsx";

const VodWatch = lazy(() => import("../../vod/vod-watch.tsx").then((module) => module.VodWatch));

/** `/watch/:id`: a channel (`ch_…`, `@handle`) as it is now, one stream (`st_…`) or one work (`vid_…`) for good. */
export function WatchPage(): JSX.Element {
	const { params } = useRoute();
	const videoID = VideoID.safeParse(params.id);
	if (videoID.success) return <VodWatch key={videoID.data} videoID={videoID.data} />;
	return <Watch key={params.id} id={params.id ?? ""} />;
}

/** The page for what an address names; also the channel's own page while it is live. */
export function Watch({ id }: { id: string }): JSX.Element {
	const { query } = useLocation();
	const target = useResource<WatchTarget>(id, (signal) => loadTarget(id, signal));
	if (target.value === undefined) {
		if (target.failure === null) return <WatchSkeleton />;
		return isNotFound(target.failure) ? (
			<NotFoundPage />
		) : (
			<FailurePage error={target.failure} retry={target.reload} />
		);
	}
	const { channel, stream, isPinned } = target.value;
	if (stream === null) return <OfflineChannel channel={channel} onLive={target.reload} />;
	return <WatchView channel={channel} stream={stream} isPinned={isPinned} wishedMode={query.mode} />;
}

function isNotFound(failure: unknown): boolean {
	if (failure instanceof NoSuchPageError) return true;
	return failure instanceof ApiError && [404, 410].includes(failure.problem.status);
}
