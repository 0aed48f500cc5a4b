import type { JSX } from "preact";
import type { Video } from "../../protocol/vod.ts";
import type { RostrumPlayer } from "../live/player/player-element.tsx";
import watch from "../live/watch/watch.module.css";
import controls from "../shell/controls.module.css";
import { FailurePanel } from "../shell/failure-panel.tsx";
import { PipelineSteps } from "./pipeline-steps.tsx";
import { isPlayable } from "./video-words.ts";
import styles from "./vod-view.module.css";

/** What is said over the picture: not here yet, being made, failed, broken. Nothing while it plays. */
export function VodOverlay({
	video,
	player,
	isOwner,
	failure,
	reload,
}: {
	video: Video;
	player: RostrumPlayer | null;
	isOwner: boolean;
	/** Why the addresses to play it did not come; null if they did. */
	failure: unknown;
	reload: () => void;
}): JSX.Element | null {
	if (!isPlayable(video)) return <NotPlayable video={video} isOwner={isOwner} reload={reload} />;
	const isBroken = player?.model.state.value === "error";
	if (isBroken || (failure !== null && player?.model.state.value === "idle")) {
		const error = isBroken ? player.model.failure.value : failure;
		const retry = isBroken ? () => player.retry() : reload;
		return (
			<div class={watch.cover}>
				<FailurePanel error={error} retry={retry} />
			</div>
		);
	}
	return null;
}

function NotPlayable({
	video,
	isOwner,
	reload,
}: {
	video: Video;
	isOwner: boolean;
	reload: () => void;
}): JSX.Element {
	const { state, videoID, failure } = video;
	return (
		<div class={watch.cover} data-testid={`vod-${state}`}>
			<div class={styles.notYet} role="status">
				{state === "uploading" ? (
					<>
						<p class={watch.coverTitle}>It is still being uploaded</p>
						<p>This page begins to play as soon as there is something to see.</p>
					</>
				) : null}
				{state === "processing" ? (
					<>
						<p class={watch.coverTitle}>It is being prepared</p>
						<p>It plays here by itself, mostly within seconds.</p>
					</>
				) : null}
				{state === "failed" ? (
					<>
						<p class={watch.coverTitle}>This could not be prepared</p>
						{isOwner ? null : <p>Whoever uploaded it has been told why.</p>}
						{isOwner && failure !== null ? <p>{failure}</p> : null}
					</>
				) : null}
			</div>
			{isOwner && state !== "uploading" ? (
				<div class={styles.coverSteps}>
					<PipelineSteps videoID={videoID} isRunning={state !== "failed"} onRetry={reload} />
				</div>
			) : null}
			{isOwner ? (
				<a class={controls.button} href={state === "uploading" ? "/studio/library" : `/studio/v/${videoID}`}>
					{state === "uploading" ? "Go to the upload" : "Details"}
				</a>
			) : null}
		</div>
	);
}
