import type { JSX } from "preact";
import type { Video } from "../../protocol/vod.ts";
import cards from "../home/cards.module.css";
import { ChannelArt } from "../home/channel-art.tsx";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { formatAgo, formatClock, plural } from "../shell/time.ts";
import styles from "./video-card.module.css";

/** A work that can be watched. `channelName` is left out on the channel's own page. */
export function VideoCard({
	video,
	channelName,
	watched = null,
}: {
	video: Video;
	channelName?: string;
	/** How much of it this person has seen, 0 to 1; null: not begun. */
	watched?: number | null;
}): JSX.Element {
	const { videoID, title, durationMs, posterURL, views, publishedAt, createdAt, kind } = video;
	return (
		<li class={cards.card}>
			<a class={cards.link} href={`/watch/${videoID}`}>
				<div class={cards.art}>
					{posterURL === null ? (
						<ChannelArt seed={videoID} isLive={false} />
					) : (
						<img class={styles.poster} src={posterURL} alt="" loading="lazy" />
					)}
					{kind === "audio" ? (
						<span class={`${controls.badge} ${cards.bottomStart}`}>
							<Icon name="note" size={14} />
							Audio
						</span>
					) : null}
					{durationMs === null ? null : (
						<span class={`${controls.badge} ${cards.bottomEnd}`}>{formatClock(durationMs)}</span>
					)}
					{watched === null ? null : (
						<span class={styles.watched}>
							<span style={{ width: `${Math.round(watched * 100)}%` }} />
							<span class="visually-hidden">{Math.round(watched * 100)} % watched</span>
						</span>
					)}
				</div>
				<p class={cards.title}>{title}</p>
				<p class={cards.channel}>
					{channelName === undefined || channelName === "" ? "" : `${channelName} · `}
					{plural(views, "view")} · {formatAgo(Date.parse(publishedAt ?? createdAt), Date.now())}
				</p>
			</a>
		</li>
	);
}
