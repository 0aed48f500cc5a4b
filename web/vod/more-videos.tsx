import type { JSX } from "preact";
import { listVideos, type Video } from "../../protocol/vod.ts";
import { call } from "../shell/api.ts";
import { useResource } from "../shell/resource.ts";
import { VideoCard } from "./video-card.tsx";
import styles from "./vod-view.module.css";

const SHOWN = 8;

/** Other works of the channel. Nothing while there are none: it is only an offer. */
export function MoreVideos({ video }: { video: Video }): JSX.Element | null {
	const { channelID, videoID } = video;
	const others = useResource(channelID ?? "none", async (signal) => {
		if (channelID === null) return [];
		const { items } = await call(listVideos, { query: { channelID, limit: SHOWN + 1 } }, { signal });
		return items;
	});
	const shown = (others.value ?? []).filter((each) => each.videoID !== videoID).slice(0, SHOWN);
	if (shown.length === 0) return null;
	return (
		<section class={styles.more} aria-labelledby="more">
			<h2 id="more" class={styles.heading}>
				More from this channel
			</h2>
			<ul class={styles.grid}>
				{shown.map((each) => (
					<VideoCard key={each.videoID} video={each} />
				))}
			</ul>
		</section>
	);
}
