import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Video } from "../../protocol/vod.ts";
import type { RostrumPlayer } from "../live/player/player-element.tsx";
import { Stage } from "../live/watch/stage.tsx";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { useResource } from "../shell/resource.ts";
import { formatClock } from "../shell/time.ts";
import { formatBytes } from "../upload/speed-meter.ts";
import styles from "./details.module.css";
import { downloadAddress } from "./download-address.ts";
import { downloadSource } from "./download-source.ts";
import { Thumbnail } from "./thumbnail.tsx";
import { isPlayable, loudnessWords } from "./video-words.ts";
import { extrasOf, loadPlayback, sourceOf } from "./vod-playback.ts";

/** The work itself, played only when asked for, and its facts. */
export function DetailsPreview({
	video,
	onPlayer,
}: {
	video: Video;
	onPlayer: (player: RostrumPlayer | null) => void;
}): JSX.Element {
	const [isOpen, setOpen] = useState(false);
	const canPlay = isPlayable(video) && video.deletedAt === null;
	const playback = useResource(`${video.videoID} ${video.state} ${canPlay}`, (signal) =>
		canPlay ? loadPlayback(video.videoID, signal) : Promise.resolve(null),
	);
	const loudness = loudnessWords(video);
	const progressive = playback.value?.progressive ?? null;
	function take(player: RostrumPlayer | null): void {
		onPlayer(player);
		if (player === null || playback.value === null || playback.value === undefined) return;
		player.open(sourceOf(video, "", 0));
		player.setExtras(extrasOf(video, playback.value));
	}
	return (
		<section class={styles.preview} aria-label="Preview">
			{isOpen ? (
				<Opened onPlayer={take} />
			) : (
				<div class={styles.still}>
					<Thumbnail video={{ ...video, state: "processing" }} />
					{canPlay && playback.value ? (
						<button type="button" class={styles.playButton} onClick={() => setOpen(true)}>
							<Icon name="play" size={28} />
							<span class="visually-hidden">Play it here</span>
						</button>
					) : null}
				</div>
			)}
			<dl class={styles.facts}>
				<Fact name="Length" value={video.durationMs === null ? "–" : formatClock(video.durationMs)} />
				<Fact name="Size" value={video.width === null ? "–" : `${video.width} × ${video.height}`} />
				<Fact name="File" value={formatBytes(video.sizeBytes)} />
				{loudness === null ? null : <Fact name="Loudness" value={loudness.value} about={loudness.about} />}
				<Fact name="Qualities" value={qualities(video)} />
			</dl>
			{progressive === null ? null : (
				<a class={controls.button} href={downloadAddress(progressive)} download>
					<Icon name="download" size={18} />
					Download as {video.kind === "audio" ? "M4A" : "MP4"}
				</a>
			)}
			{video.state === "uploading" ? null : (
				<button type="button" class={controls.button} onClick={() => void downloadSource(video.videoID)}>
					<Icon name="download" size={18} />
					Download the original
				</button>
			)}
		</section>
	);
}

/** `take` is made anew with every drawing; the player is opened once. */
function Opened({ onPlayer }: { onPlayer: (player: RostrumPlayer | null) => void }): JSX.Element {
	const [take] = useState(() => onPlayer);
	return <Stage onPlayer={take} />;
}

function Fact({ name, value, about }: { name: string; value: string; about?: string }): JSX.Element {
	return (
		<div title={about}>
			<dt>{name}</dt>
			<dd>{value}</dd>
		</div>
	);
}

function qualities({ renditions }: Video): string {
	const names = renditions.map(({ height, bitrateBps }) =>
		height === undefined ? `${Math.round(bitrateBps / 1000)} kbit/s` : `${height}p`,
	);
	return names.length === 0 ? "–" : [...new Set(names)].join(", ");
}
