import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { VideoID } from "../../protocol/ids.ts";
import type { Video } from "../../protocol/vod.ts";
import type { RostrumPlayer } from "../live/player/player-element.tsx";
import { ApiError } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { FailurePage } from "../shell/failure-panel.tsx";
import { Icon } from "../shell/icons.tsx";
import { NotFoundPage } from "../shell/not-found-page.tsx";
import { usePageTitle } from "../shell/page-title.ts";
import type { Resource } from "../shell/resource.ts";
import { CaptionsEditor } from "./captions-editor.tsx";
import styles from "./details.module.css";
import { DetailsForm } from "./details-form.tsx";
import { DetailsPreview } from "./details-preview.tsx";
import { PipelineSteps } from "./pipeline-steps.tsx";
import { PosterEditor } from "./poster-editor.tsx";
import { StudioGate } from "./studio-gate.tsx";
import { deleteWithUndo, restoreVideo } from "./video-changes.ts";
import { useVideo } from "./video-resource.ts";
import { STATE_WORDS } from "./video-words.ts";

/** `/studio/v/:id`: everything about one work, for its owner. */
export function DetailsPage(): JSX.Element {
	const { params } = useRoute();
	const videoID = VideoID.safeParse(params.id);
	if (!videoID.success) return <NotFoundPage />;
	return (
		<StudioGate>
			{({ ownerID }) => <Details key={videoID.data} videoID={videoID.data} ownerID={ownerID} />}
		</StudioGate>
	);
}

function Details({ videoID, ownerID }: { videoID: VideoID; ownerID: string }): JSX.Element {
	const video = useVideo(videoID);
	usePageTitle(video.value?.title ?? "Details");
	if (video.value === undefined) {
		if (video.failure === null) return <div class={`${styles.bone} ${controls.skeleton}`} aria-busy="true" />;
		const isGone = video.failure instanceof ApiError && video.failure.problem.status === 404;
		return isGone ? <NotFoundPage /> : <FailurePage error={video.failure} retry={video.reload} />;
	}
	if (video.value.ownerID !== ownerID) return <NotFoundPage />;
	return <Work video={video.value} resource={video} />;
}

function Work({ video, resource }: { video: Video; resource: Resource<Video> }): JSX.Element {
	const [player, setPlayer] = useState<RostrumPlayer | null>(null);
	const { state, deletedAt } = video;
	const isMade = state === "ready" || state === "uploading";
	return (
		<>
			<Head video={video} resource={resource} />
			{deletedAt === null ? null : <Deleted video={video} reload={resource.reload} />}
			<div class={styles.columns}>
				<DetailsForm key={video.videoID} video={video} onSaved={resource.replace} />
				<aside class={styles.side} aria-label="Preview, processing and captions">
					<DetailsPreview video={video} onPlayer={setPlayer} />
					{state === "uploading" ? (
						<p class={controls.hint}>
							The file is still being uploaded. What you write here is kept already.
						</p>
					) : null}
					{isMade ? null : (
						<section class={styles.box} aria-labelledby="processing">
							<h2 id="processing" class={styles.boxTitle}>
								{STATE_WORDS[state].label}
							</h2>
							{state === "failed" ? (
								<p class={controls.fault}>{video.failure ?? "No reason was given."}</p>
							) : (
								<p class={controls.hint}>{STATE_WORDS[state].about}</p>
							)}
							<PipelineSteps
								videoID={video.videoID}
								isRunning={state !== "failed"}
								onRetry={resource.reload}
							/>
						</section>
					)}
					<PosterEditor video={video} player={player} onSaved={resource.replace} />
					<CaptionsEditor video={video} onChange={resource.reload} />
				</aside>
			</div>
		</>
	);
}

function Head({ video, resource }: { video: Video; resource: Resource<Video> }): JSX.Element {
	const { route } = useLocation();
	return (
		<header class={styles.head}>
			<a class={controls.quiet} href="/studio/library">
				<Icon name="arrowLeft" size={18} />
				Library
			</a>
			<h1 class={styles.title}>{video.title}</h1>
			<div class={styles.headActions}>
				<a class={controls.button} href={`/watch/${video.videoID}`}>
					<Icon name="play" size={16} />
					Watch
				</a>
				{video.deletedAt === null ? (
					<button
						type="button"
						class={controls.danger}
						onClick={() =>
							void deleteWithUndo(video, () => {
								resource.reload();
								route("/studio/library");
							})
						}
					>
						<Icon name="trash" size={16} />
						Delete
					</button>
				) : null}
			</div>
		</header>
	);
}

function Deleted({ video, reload }: { video: Video; reload: () => void }): JSX.Element {
	return (
		<div class={styles.deleted} role="status">
			<p>
				<strong>This is deleted.</strong> Nobody sees it; it is erased for good 30 days after its deletion.
			</p>
			<button
				type="button"
				class={controls.button}
				onClick={() => void restoreVideo(video.videoID).then(reload)}
			>
				<Icon name="retry" size={16} />
				Restore
			</button>
		</div>
	);
}
