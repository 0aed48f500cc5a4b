import type { JSX } from "preact";
import type { Channel } from "../../protocol/channel.ts";
import type { Video } from "../../protocol/vod.ts";
import type { RostrumPlayer } from "../live/player/player-element.tsx";
import watch from "../live/watch/watch.module.css";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { MenuButton } from "../shell/menu.tsx";
import { formatAgo, formatClock, plural } from "../shell/time.ts";
import { notify } from "../shell/toasts.tsx";
import { downloadAddress } from "./download-address.ts";
import { SoundFacts } from "./sound-facts.tsx";
import { splitTimestamps } from "./timestamps.ts";
import { VISIBILITY_WORDS } from "./video-words.ts";
import styles from "./vod-view.module.css";

/** Title, channel, and what is said of the work, below the picture. */
export function VodInfo({
	video,
	channel,
	player,
	isOwner,
	isSound,
	downloadURL,
}: {
	video: Video;
	channel: Channel | null;
	player: RostrumPlayer | null;
	isOwner: boolean;
	/** There is nothing to see. */
	isSound: boolean;
	downloadURL: string | null;
}): JSX.Element {
	const { title, visibility, views, publishedAt, createdAt, videoID } = video;
	return (
		<section class={watch.info} aria-label="About it">
			<div class={watch.infoHead}>
				<h1 class={watch.title}>{title}</h1>
				<div class={watch.facts}>
					{visibility === "public" ? null : (
						<span class={controls.badge} title={VISIBILITY_WORDS[visibility].about}>
							<Icon name={visibility === "private" ? "lock" : "link"} size={14} />
							{VISIBILITY_WORDS[visibility].label}
						</span>
					)}
					<span class={controls.badge}>
						<Icon name="eye" size={14} />
						{plural(views, "view")}
					</span>
					<span class={controls.badge}>{formatAgo(Date.parse(publishedAt ?? createdAt), Date.now())}</span>
				</div>
			</div>
			<div class={watch.infoRow}>
				{channel === null ? null : <ChannelLink channel={channel} />}
				<span class={watch.push} />
				{isOwner ? (
					<a class={controls.button} href={`/studio/v/${videoID}`}>
						<Icon name="edit" size={18} />
						Edit
					</a>
				) : null}
				{isOwner && downloadURL !== null ? (
					<a class={controls.button} href={downloadAddress(downloadURL)} download>
						<Icon name="download" size={18} />
						Download
					</a>
				) : null}
				<Share video={video} player={player} />
			</div>
			<Description video={video} player={player} />
			{isSound ? <SoundFacts video={video} /> : null}
			{video.tags.length === 0 ? null : (
				<ul class={styles.tags} aria-label="Tags">
					{video.tags.map((tag) => (
						<li key={tag} class={controls.badge}>
							{tag}
						</li>
					))}
				</ul>
			)}
		</section>
	);
}

function ChannelLink({ channel }: { channel: Channel }): JSX.Element {
	return (
		<a class={watch.channel} href={`/@${channel.handle}`}>
			<span class={watch.avatar} aria-hidden="true">
				{channel.name.slice(0, 1).toUpperCase()}
			</span>
			<span>
				<strong>{channel.name}</strong>
				<small>@{channel.handle}</small>
			</span>
		</a>
	);
}

function Share({ video, player }: { video: Video; player: RostrumPlayer | null }): JSX.Element {
	const link = new URL(`/watch/${video.videoID}`, location.href).href;
	const copy = (text: string, said: string) => {
		navigator.clipboard.writeText(text).then(
			() => notify(said),
			() => notify(`This browser does not let us copy. The link is ${text}`, "bad"),
		);
	};
	return (
		<MenuButton
			label="Share"
			class={controls.button}
			items={[
				{ label: "Copy the link", run: () => copy(link, "Link copied") },
				{
					label: "Copy the link to this moment",
					run: () => {
						const seconds = Math.floor(player?.video?.currentTime ?? 0);
						copy(`${link}?t=${seconds}`, `Link to ${formatClock(seconds * 1000)} copied`);
					},
				},
			]}
		>
			<Icon name="link" size={18} />
			Share
		</MenuButton>
	);
}

function Description({ video, player }: { video: Video; player: RostrumPlayer | null }): JSX.Element | null {
	if (video.description === "") return null;
	return (
		<p class={`${watch.description} ${styles.description}`}>
			{splitTimestamps(video.description, video.durationMs).map(({ text, atMs }, index) =>
				atMs === null ? (
					text
				) : (
					<button key={index} type="button" class={styles.moment} onClick={() => goTo(player, atMs)}>
						{text}
					</button>
				),
			)}
		</p>
	);
}

function goTo(player: RostrumPlayer | null, atMs: number): void {
	if (player?.video) player.video.currentTime = atMs / 1000;
}
