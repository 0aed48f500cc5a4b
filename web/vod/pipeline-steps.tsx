import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { VideoID } from "../../protocol/ids.ts";
import { getPipeline, type PipelineView, retryPipeline } from "../../protocol/vod.ts";
import { call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { describeFailure } from "../shell/failure.ts";
import { Icon } from "../shell/icons.tsx";
import { isOnline } from "../shell/online.ts";
import { type Resource, useResource } from "../shell/resource.ts";
import { notify } from "../shell/toasts.tsx";
import { ProgressBar } from "../upload/progress-bar.tsx";
import { formatTimeLeft } from "../upload/speed-meter.ts";
import { groupSteps, type StepGroup } from "./pipeline-groups.ts";
import styles from "./pipeline-steps.module.css";

/** How often steps are asked about while they run, ms. */
const EVERY_MS = 1500;

/** The steps of a work, asked again and again while `isRunning`. */
export function usePipeline(videoID: VideoID, isRunning: boolean): Resource<PipelineView> {
	return useResource(
		`${videoID} ${isRunning}`,
		(signal) => call(getPipeline, { params: { videoID } }, { signal }),
		isRunning ? { everyMs: EVERY_MS } : {},
	);
}

/** All steps with how far they are; a failed one says why and can be tried again. */
export function PipelineSteps({
	videoID,
	isRunning,
	onRetry,
}: {
	videoID: VideoID;
	isRunning: boolean;
	onRetry?: () => void;
}): JSX.Element {
	const pipeline = usePipeline(videoID, isRunning);
	if (pipeline.value === undefined) {
		return pipeline.failure === null ? (
			<p class={controls.hint} role="status">
				Asking how far it is…
			</p>
		) : (
			<p class={controls.hint}>How far it is cannot be said right now.</p>
		);
	}
	const { steps, etaMs } = pipeline.value;
	const retried = (view: PipelineView) => {
		pipeline.replace(view);
		onRetry?.();
	};
	return (
		<div class={styles.steps} data-testid="pipeline">
			<Failure videoID={videoID} groups={groupSteps(steps)} onRetried={retried} />
			<ol class={styles.list}>
				{groupSteps(steps).map((group) => (
					<Step key={group.key} group={group} />
				))}
			</ol>
			{isRunning && etaMs !== null ? <p class={controls.hint}>About {formatTimeLeft(etaMs)}.</p> : null}
		</div>
	);
}

function Step({ group }: { group: StepGroup }): JSX.Element {
	const percent = `${Math.floor(group.progress * 100)} %`;
	const words = { COMPLETE: "done", FAILED: "failed", PENDING: "waits", RUNNING: percent }[group.status];
	return (
		<li class={styles.step} data-status={group.status}>
			<span class={styles.mark} aria-hidden="true">
				{group.status === "COMPLETE" ? <Icon name="check" size={16} /> : null}
				{group.status === "FAILED" ? <Icon name="alert" size={16} /> : null}
				{group.status === "RUNNING" ? <span class={controls.spinner} /> : null}
			</span>
			<span class={styles.label}>
				{group.label}
				{group.attempt > 1 && group.status === "RUNNING" ? <small> · try {group.attempt}</small> : null}
			</span>
			<span class={styles.percent}>{words}</span>
			{group.status === "RUNNING" ? <ProgressBar value={group.progress} label={group.label} /> : null}
		</li>
	);
}

function Failure({
	videoID,
	groups,
	onRetried,
}: {
	videoID: VideoID;
	groups: readonly StepGroup[];
	onRetried: (view: PipelineView) => void;
}): JSX.Element | null {
	const [isBusy, setBusy] = useState(false);
	const failed = groups.filter(({ status }) => status === "FAILED");
	if (failed.length === 0) return null;
	async function retry(): Promise<void> {
		setBusy(true);
		try {
			const stepIDs = failed.flatMap((group) => group.stepIDs);
			onRetried(await call(retryPipeline, { params: { videoID }, body: { stepIDs } }));
		} catch (error) {
			notify(describeFailure(error, isOnline.value).whatHappened, "bad");
		} finally {
			setBusy(false);
		}
	}
	return (
		<div class={styles.failure} role="alert">
			<ul>
				{failed.map((group) => (
					<li key={group.key}>
						<strong>{group.label} failed.</strong> {group.error ?? "No reason was given."}
					</li>
				))}
			</ul>
			<button type="button" class={controls.button} disabled={isBusy} onClick={() => void retry()}>
				<Icon name="retry" size={16} />
				Try again
			</button>
		</div>
	);
}
