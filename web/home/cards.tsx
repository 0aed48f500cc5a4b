import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Channel } from "../../protocol/channel.ts";
import type { Livestream } from "../../protocol/live.ts";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { useNow } from "../shell/resource.ts";
import { serverClock } from "../shell/server-clock.ts";
import { formatAgo, formatClock, formatCount, plural } from "../shell/time.ts";
import styles from "./cards.module.css";
import { ChannelArt } from "./channel-art.tsx";
import { LivePreview } from "./live-preview.tsx";

/** A resting pointer starts the preview after this long, ms. */
const HOVER_MS = 600;
/** The card in front starts its preview by itself after this long, ms: the page comes first. */
const FEATURE_MS = 1500;

/** A channel that is on now. `isFeatured`: the one in front, larger and with its description. */
export function LiveCard({
	channel,
	isFeatured,
}: {
	channel: Channel;
	isFeatured: boolean;
}): JSX.Element | null {
	const now = useNow(1000);
	const [isWanted, hover] = usePreviewWish(isFeatured);
	const info = channel.currentStreamInfo;
	if (info === null) return null;
	const uptime = formatClock(serverClock.at(now) - Date.parse(info.startedAt));
	return (
		<li class={styles.card} data-featured={isFeatured}>
			<a class={styles.link} href={`/@${channel.handle}`} {...hover}>
				<div class={styles.art}>
					<ChannelArt seed={channel.channelID} isLive />
					<LivePreview channel={channel} streamID={info.streamID} isWanted={isWanted} />
					<span class={`${controls.onAir} ${styles.topStart}`}>LIVE</span>
					<span class={`${controls.badge} ${styles.bottomEnd}`}>{uptime}</span>
					<span class={`${controls.badge} ${styles.bottomStart}`}>
						<Icon name="eye" size={14} />
						{formatCount(info.currentWatcherCount)}
						<span class="visually-hidden"> watching</span>
					</span>
				</div>
				<div class={styles.words}>
					<p class={styles.title}>{info.title}</p>
					<p class={styles.channel}>{channel.name}</p>
					{isFeatured ? <p class={styles.about}>{channel.description}</p> : null}
				</div>
			</a>
		</li>
	);
}

/** Whether the card is to move: when the pointer rests on it, or by itself when it is in front. */
function usePreviewWish(
	isFeatured: boolean,
): [boolean, { onPointerEnter: () => void; onPointerLeave: () => void }] {
	const [isOver, setOver] = useState(false);
	const [isWanted, setWanted] = useState(false);
	useEffect(() => {
		if (!isOver && !isFeatured) {
			setWanted(false);
			return;
		}
		const timer = setTimeout(() => setWanted(true), isOver ? HOVER_MS : FEATURE_MS);
		return () => clearTimeout(timer);
	}, [isOver, isFeatured]);
	return [isWanted, { onPointerEnter: () => setOver(true), onPointerLeave: () => setOver(false) }];
}

/** A stream that is over and can be watched. `channel` is left out on the channel's own page. */
export function RecordingCard({
	stream,
	channel,
}: {
	stream: Livestream;
	channel?: { channelID: string; name: string };
}): JSX.Element {
	const startedAt = Date.parse(stream.startedAt ?? stream.createdAt);
	const endedAt = stream.endedAt === null ? null : Date.parse(stream.endedAt);
	return (
		<li class={styles.card}>
			<a class={styles.link} href={`/watch/${stream.streamID}`}>
				<div class={styles.art}>
					<ChannelArt seed={stream.streamID} isLive={false} />
					<span class={styles.play} aria-hidden="true">
						<Icon name="play" size={22} />
					</span>
					{endedAt === null ? null : (
						<span class={`${controls.badge} ${styles.bottomEnd}`}>{formatClock(endedAt - startedAt)}</span>
					)}
				</div>
				<p class={styles.title}>{stream.title}</p>
				<p class={styles.channel}>
					{channel === undefined ? "" : `${channel.name} · `}
					{formatAgo(endedAt ?? startedAt, Date.now())}
					{stream.peakWatchers > 0 ? ` · peak ${plural(stream.peakWatchers, "viewer")}` : ""}
				</p>
			</a>
		</li>
	);
}

/** A card's place before it is loaded: the same geometry, so that nothing moves. */
export function CardSkeleton(): JSX.Element {
	return (
		<div class={styles.card}>
			<div class={`${styles.art} ${controls.skeleton}`} />
			<div class={`${styles.titleBone} ${controls.skeleton}`} />
			<div class={`${styles.channelBone} ${controls.skeleton}`} />
		</div>
	);
}
