import type { JSX } from "preact";
import type { Video } from "../../protocol/vod.ts";
import type { RostrumPlayer } from "../live/player/player-element.tsx";
import styles from "./vod-view.module.css";

/** While a work is made its best quality comes last. Who watches already is offered it, and goes on where they are. */
export function BetterQuality({
	player,
	video,
}: {
	player: RostrumPlayer | null;
	video: Video;
}): JSX.Element | null {
	const best = Math.max(0, ...video.renditions.map(({ height }) => height ?? 0));
	const qualities = player?.model.qualities.value ?? [];
	const known = Math.max(0, ...qualities.map(({ height }) => height));
	const source = player?.model.source.value ?? null;
	if (player === null || source === null || qualities.length === 0 || best <= known) return null;
	return (
		<p class={styles.better} role="status">
			<span>{best}p is ready.</span>
			<button
				type="button"
				onClick={() => player.open({ ...source, startAtSeconds: player.video?.currentTime ?? 0 })}
			>
				Switch
			</button>
		</p>
	);
}
