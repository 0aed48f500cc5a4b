import type { JSX } from "preact";
import type { Video } from "../../protocol/vod.ts";
import { ChannelArt } from "../home/channel-art.tsx";
import type { RostrumPlayer } from "../live/player/player-element.tsx";
import { useResource } from "../shell/resource.ts";
import styles from "./audio-face.module.css";
import { usePositionMs } from "./chapter-list.tsx";
import { Waveform } from "./waveform.tsx";
import { parseWaveform } from "./waveform-shape.ts";

/** What stands in the picture's place when there is only sound: cover and waveform. */
export function AudioFace({
	player,
	video,
	waveformURL,
}: {
	player: RostrumPlayer;
	video: Video;
	/** Signed; null while it is not made. */
	waveformURL: string | null;
}): JSX.Element {
	// The signature changes with every answer, the file does not.
	const path = waveformURL === null ? "none" : new URL(waveformURL, location.href).pathname;
	const peaks = useResource(path, (signal) => loadPeaks(waveformURL, signal));
	const positionMs = usePositionMs(player);
	return (
		<div class={styles.face}>
			<div class={styles.cover}>
				{video.posterURL === null ? (
					<ChannelArt seed={video.videoID} isLive={false} />
				) : (
					<img src={video.posterURL} alt="" />
				)}
			</div>
			<div class={styles.side}>
				<p class={styles.title}>{video.title}</p>
				<Waveform
					peaks={peaks.value ?? null}
					positionMs={positionMs}
					durationMs={video.durationMs ?? 0}
					seek={(ms) => {
						if (player.video !== null) player.video.currentTime = ms / 1000;
					}}
				/>
			</div>
		</div>
	);
}

async function loadPeaks(url: string | null, signal: AbortSignal): Promise<number[] | null> {
	if (url === null) return null;
	const response = await fetch(url, { signal });
	if (!response.ok) throw new Error(`waveform: ${response.status}`);
	return parseWaveform(await response.json());
}
