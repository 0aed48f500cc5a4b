import type { JSX } from "preact";
import type { VideoID } from "../../protocol/ids.ts";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { notify } from "../shell/toasts.tsx";
import { PipelineSteps } from "../vod/pipeline-steps.tsx";
import { useVideo } from "../vod/video-resource.ts";
import { isPlayable } from "../vod/video-words.ts";
import type { ChosenFile } from "./chosen-file.ts";
import { pickFiles } from "./picked-files.ts";
import { ProgressBar } from "./progress-bar.tsx";
import type { UploadJob } from "./upload-job.ts";
import styles from "./upload-list.module.css";
import type { UploadPhase } from "./upload-phase.ts";
import { phaseWords, uploadWords } from "./upload-words.ts";
import { cancelUpload, dismiss, mayDismiss } from "./uploads.ts";

/** One file on its way: how far it is, what can be done with it, and the steps after it. */
export function UploadRow({
	job,
	addFiles,
}: {
	job: UploadJob;
	addFiles: (files: ChosenFile[]) => void;
}): JSX.Element {
	const phase = job.phase.value;
	const assetID = job.assetID.value;
	const words = uploadWords(phase, {
		readBytes: job.readBytes.value,
		sentBytes: job.sentBytes.value,
		sizeBytes: job.sizeBytes,
		bytesPerSecond: job.bytesPerSecond.value,
		timeLeftMs: job.timeLeftMs,
	});
	return (
		<li class={styles.row} data-phase={phase.kind} data-testid="upload">
			<div class={styles.head}>
				<span class={styles.kind}>
					<Icon name={job.kind === "audio" ? "note" : "film"} size={18} />
				</span>
				<p class={styles.name}>{job.filename}</p>
				<div class={styles.actions}>
					{assetID === null ? null : (
						<a class={controls.quiet} href={`/studio/v/${assetID}`}>
							<Icon name="edit" size={16} />
							Details
						</a>
					)}
					<Actions job={job} phase={phase} addFiles={addFiles} />
				</div>
			</div>
			<Bar job={job} phase={phase} />
			<p class={styles.status} data-tone={isBad(phase) ? "bad" : "plain"}>
				{words}
			</p>
			<p class="visually-hidden" role="status">
				{`${job.filename}: ${phaseWords(phase)}`}
			</p>
			{phase.kind === "sent" && assetID !== null ? <Making videoID={assetID} /> : null}
			{phase.kind === "duplicate" && assetID !== null ? (
				<a class={`${controls.button} ${styles.go}`} href={`/watch/${assetID}`}>
					See it
				</a>
			) : null}
		</li>
	);
}

function Bar({ job, phase }: { job: UploadJob; phase: UploadPhase }): JSX.Element | null {
	if (phase.kind === "sent" || phase.kind === "duplicate" || phase.kind === "elsewhere") return null;
	const isReading = phase.kind === "fingerprinting";
	const bytes = isReading ? job.readBytes.value : job.sentBytes.value;
	const rests = phase.kind === "uploading" || phase.kind === "completing" ? "work" : "rest";
	const tone = phase.kind === "failed" ? "bad" : rests;
	return (
		<ProgressBar
			value={job.sizeBytes === 0 ? 0 : bytes / job.sizeBytes}
			label={`${isReading ? "Reading" : "Uploading"} ${job.filename}`}
			tone={tone}
		/>
	);
}

function Actions({
	job,
	phase,
	addFiles,
}: {
	job: UploadJob;
	phase: UploadPhase;
	addFiles: (files: ChosenFile[]) => void;
}): JSX.Element {
	const name = job.filename;
	const isRunning = ["queued", "fingerprinting", "uploading", "offline"].includes(phase.kind);
	const canGoOn =
		phase.kind === "paused" || phase.kind === "elsewhere" || (phase.kind === "failed" && phase.canRetry);
	return (
		<>
			{isRunning ? (
				<button
					type="button"
					class={controls.icon}
					aria-label={`Pause ${name}`}
					title="Pause"
					onClick={() => job.pause()}
				>
					<Icon name="pause" />
				</button>
			) : null}
			{canGoOn ? (
				<button type="button" class={controls.button} onClick={() => job.start()}>
					<Icon name={phase.kind === "paused" ? "play" : "retry"} size={16} />
					{phase.kind === "paused" ? "Resume" : "Try again"}
				</button>
			) : null}
			{phase.kind === "needs-file" ? <Resume job={job} canAsk={phase.canAsk} addFiles={addFiles} /> : null}
			{mayDismiss(job) ? (
				<button
					type="button"
					class={controls.icon}
					aria-label={`Put ${name} away`}
					title="Put away"
					onClick={() => dismiss(job)}
				>
					<Icon name="close" />
				</button>
			) : (
				<button
					type="button"
					class={controls.icon}
					aria-label={`Cancel ${name}`}
					title="Cancel"
					disabled={phase.kind === "completing"}
					onClick={() => cancel(job)}
				>
					<Icon name="trash" />
				</button>
			)}
		</>
	);
}

function Resume({
	job,
	canAsk,
	addFiles,
}: {
	job: UploadJob;
	canAsk: boolean;
	addFiles: (files: ChosenFile[]) => void;
}): JSX.Element {
	async function choose(): Promise<void> {
		const [chosen, ...others] = await pickFiles({ multiple: false });
		if (chosen !== undefined) await job.giveFile(chosen.file, chosen.handle);
		if (others.length > 0) addFiles(others);
	}
	return (
		<>
			{canAsk ? (
				<button type="button" class={controls.primary} onClick={() => void job.resumeFromHandle(true)}>
					<Icon name="play" size={16} />
					Resume
				</button>
			) : null}
			<button type="button" class={canAsk ? controls.quiet : controls.primary} onClick={() => void choose()}>
				Choose the file again
			</button>
		</>
	);
}

/** After the last byte: the steps that make the work. */
function Making({ videoID }: { videoID: VideoID }): JSX.Element {
	const video = useVideo(videoID);
	const state = video.value?.state ?? "processing";
	const canWatch = video.value !== undefined && isPlayable(video.value);
	return (
		<div class={styles.making} data-state={state}>
			{canWatch ? (
				<p class={styles.ready} role="status">
					<Icon name="check" size={18} />
					{state === "ready" ? "Ready." : "It can be watched already; better qualities follow."}
					<a class={controls.primary} href={`/watch/${videoID}`}>
						<Icon name="play" size={16} />
						Watch
					</a>
				</p>
			) : null}
			{state === "failed" ? (
				<p class={controls.fault}>{video.value?.failure ?? "No reason was given."}</p>
			) : null}
			{state === "ready" ? null : (
				<PipelineSteps videoID={videoID} isRunning={state !== "failed"} onRetry={video.reload} />
			)}
		</div>
	);
}

function cancel(job: UploadJob): void {
	cancelUpload(job).catch(() => {
		notify("The server did not hear of it. It gives unfinished uploads up after a week by itself.", "bad");
	});
}

function isBad(phase: UploadPhase): boolean {
	return phase.kind === "failed" || (phase.kind === "needs-file" && phase.problem !== null);
}
