import type { JSX } from "preact";
import { formatDelay } from "../../shell/time.ts";
import styles from "./player.module.css";
import type { RostrumPlayer } from "./player-element.tsx";

/** LIVE, red while it is true; grey and a way back while it is not. Beside it the delay as a number. */
export function LivePill({ player }: { player: RostrumPlayer }): JSX.Element | null {
	const { isLive, isBehind, sample, state } = player.model;
	if (!isLive.value || state.value === "ended") return null;
	const { latencyMs } = sample.value;
	const isPaused = state.value === "paused";
	const isTrue = !isBehind.value && !isPaused;
	const delay = latencyMs === null ? null : formatDelay(latencyMs);
	return (
		<>
			<button
				type="button"
				class={styles.live}
				data-live={isTrue}
				aria-label={isTrue ? "Live" : "Go to live"}
				title={isTrue ? "You see the newest picture" : "Go to live"}
				onClick={() => player.goLive()}
			>
				<span class={styles.liveDot} aria-hidden="true" />
				LIVE
			</button>
			{delay === null ? null : (
				<span class={styles.delay} title="How far this picture is behind the camera" data-testid="latency">
					<span class="visually-hidden">Delay </span>
					{delay}
				</span>
			)}
		</>
	);
}
