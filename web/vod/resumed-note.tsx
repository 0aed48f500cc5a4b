import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { RostrumPlayer } from "../live/player/player-element.tsx";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { formatClock } from "../shell/time.ts";
import { usePositionMs } from "./chapter-list.tsx";
import styles from "./vod-view.module.css";

/** After so much of it has been watched the note has been read, ms. */
const READ_MS = 10_000;

/** Says that it goes on where the person stopped, and leads to the start. Until it is read, dismissed, or they went elsewhere. */
export function ResumedNote({
	player,
	resumedAtMs,
}: {
	player: RostrumPlayer | null;
	/** Null: it began at its start, or where the address said. */
	resumedAtMs: number | null;
}): JSX.Element | null {
	const [isOver, setOver] = useState(false);
	const positionMs = usePositionMs(player);
	const hasBegun = player?.model.state.value !== "idle" && player?.model.state.value !== "loading";
	const isElsewhere = resumedAtMs !== null && Math.abs(positionMs - resumedAtMs) > READ_MS;
	useEffect(() => setOver(false), [resumedAtMs]);
	useEffect(() => {
		if (hasBegun && positionMs > 0 && isElsewhere) setOver(true);
	}, [hasBegun, positionMs > 0, isElsewhere]);
	if (player === null || resumedAtMs === null || isOver) return null;
	const startOver = () => {
		if (player.video !== null) player.video.currentTime = 0;
		player.play();
		setOver(true);
	};
	return (
		<p class={styles.resumed} role="status" data-testid="resumed">
			<span class="numerals">Resumed at {formatClock(resumedAtMs)}</span>
			<button type="button" onClick={startOver}>
				Start over
			</button>
			<button type="button" class={controls.icon} aria-label="Dismiss" onClick={() => setOver(true)}>
				<Icon name="close" size={16} />
			</button>
		</p>
	);
}
