import type { JSX } from "preact";
import type { Video } from "../../protocol/vod.ts";
import { ChannelArt } from "../home/channel-art.tsx";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { formatClock } from "../shell/time.ts";
import styles from "./library.module.css";
import { isPlayable } from "./video-words.ts";

/** A small picture of a work, and the way to watch it when it can be watched. */
export function Thumbnail({ video }: { video: Video }): JSX.Element {
	const { videoID, title, durationMs } = video;
	const picture = (
		<>
			<Art video={video} />
			{durationMs === null ? null : (
				<span class={`${controls.badge} ${styles.length}`}>{formatClock(durationMs)}</span>
			)}
		</>
	);
	if (!isPlayable(video) || video.deletedAt !== null) return <div class={styles.thumbnail}>{picture}</div>;
	return (
		<a class={styles.thumbnail} href={`/watch/${videoID}`}>
			<span class="visually-hidden">Watch {title}</span>
			{picture}
			<span class={styles.play} aria-hidden="true">
				<Icon name="play" size={22} />
			</span>
		</a>
	);
}

function Art({ video }: { video: Video }): JSX.Element {
	if (video.posterURL !== null) return <img src={video.posterURL} alt="" loading="lazy" />;
	return <ChannelArt seed={video.videoID} isLive={false} />;
}
