import type { JSX } from "preact";
import type { ChannelID } from "../../protocol/ids.ts";
import { listVideos } from "../../protocol/vod.ts";
import { CardSkeleton } from "../home/cards.tsx";
import { call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { useResource } from "../shell/resource.ts";
import { VideoCard } from "../vod/video-card.tsx";
import styles from "./offline-channel.module.css";

const SHOWN = 24;

/** Public videos and audio of a channel. Nothing if it has none. */
export function ChannelVideos({ channelID }: { channelID: ChannelID }): JSX.Element | null {
	const videos = useResource(`videos ${channelID}`, async (signal) => {
		const { items } = await call(listVideos, { query: { channelID, limit: SHOWN } }, { signal });
		return items;
	});
	if (videos.value?.length === 0) return null;
	return (
		<section aria-labelledby="channel-videos">
			<h2 id="channel-videos" class={styles.section}>
				Videos and audio
			</h2>
			{videos.value === undefined && videos.failure !== null ? (
				<p class={styles.failed}>
					They did not load.
					<button type="button" class={controls.quiet} onClick={videos.reload}>
						<Icon name="retry" size={16} />
						Try again
					</button>
				</p>
			) : (
				<ul class={styles.grid}>
					{videos.value?.map((video) => <VideoCard key={video.videoID} video={video} />) ?? (
						<li>
							<CardSkeleton />
						</li>
					)}
				</ul>
			)}
		</section>
	);
}
