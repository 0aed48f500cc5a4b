import type { JSX } from "preact";
import controls from "../../shell/controls.module.css";
import { FailurePanel } from "../../shell/failure-panel.tsx";
import { Icon } from "../../shell/icons.tsx";
import { useNow } from "../../shell/resource.ts";
import { formatAgo } from "../../shell/time.ts";
import type { RostrumPlayer } from "../player/player-element.tsx";
import styles from "./watch.module.css";
import type { WatchPhase } from "./watch-phase.ts";

/** What the page says over the picture: starting, interrupted, ended, error. Nothing while it simply plays. */
export function StageOverlay({
	phase,
	since,
	player,
	hasRecording,
	watchRecording,
	channelPath,
}: {
	phase: WatchPhase;
	/** When the phase began for this viewer, ms since 1970. */
	since: number;
	player: RostrumPlayer | null;
	hasRecording: boolean;
	watchRecording: () => void;
	channelPath: string;
}): JSX.Element | null {
	const state = player?.model.state.value ?? "idle";
	const isRecording = player?.model.mode.value === "recording";
	if (phase === "interrupted") return <Interrupted since={since} />;
	if (phase === "ended" && isOver(state, isRecording)) {
		return <Ended hasRecording={hasRecording} watch={watchRecording} channelPath={channelPath} />;
	}
	if (state === "error") {
		return (
			<div class={styles.cover}>
				<FailurePanel error={player?.model.failure.value} retry={() => player?.retry()} />
			</div>
		);
	}
	if (phase === "failed") {
		return <Ended hasRecording={false} watch={watchRecording} channelPath={channelPath} />;
	}
	if (phase === "starting" || state === "waiting") {
		return <Starting isRealtime={player?.model.mode.value === "realtime"} />;
	}
	return null;
}

/** Whether there is nothing more to see than what the end says. */
function isOver(state: string, isRecording: boolean): boolean {
	if (state === "ended" || state === "idle") return true;
	return !isRecording && (state === "waiting" || state === "error" || state === "buffering");
}

function Starting({ isRealtime }: { isRealtime: boolean }): JSX.Element {
	return (
		<div class={styles.cover} role="status" data-testid="starting">
			<p class={styles.coverTitle}>
				{isRealtime ? "Waiting for the first picture…" : "Waiting for the first segment…"}
			</p>
			<p>The picture begins by itself.</p>
		</div>
	);
}

function Interrupted({ since }: { since: number }): JSX.Element {
	const now = useNow(1000);
	return (
		<div class={styles.strip} role="status" data-testid="interrupted">
			<span class={controls.spinner} aria-hidden="true" />
			<p>
				<strong>Signal lost {formatAgo(since, now)}, we keep trying.</strong> The chat stays open.
			</p>
		</div>
	);
}

function Ended({
	hasRecording,
	watch,
	channelPath,
}: {
	hasRecording: boolean;
	watch: () => void;
	channelPath: string;
}): JSX.Element {
	return (
		<div class={styles.cover} role="status" data-testid="ended">
			<p class={styles.coverTitle}>This stream has ended</p>
			<p>{hasRecording ? "The recording is here already." : "There is no recording of it."}</p>
			<div class={styles.coverActions}>
				{hasRecording ? (
					<button type="button" class={controls.primary} onClick={watch}>
						<Icon name="play" size={18} />
						Watch it from the start
					</button>
				) : null}
				<a class={controls.button} href={channelPath}>
					More from this channel
				</a>
			</div>
		</div>
	);
}
