import { PipelineID, type VideoID } from "../../protocol/ids.ts";
import type { PipelineStep, PipelineView } from "../../protocol/vod.ts";
import type { Processing } from "./pipeline.ts";
import { renditionNames } from "./report-check.ts";
import type { Step } from "./step.ts";

/** Until the plan is there nobody knows how much there is to do: the probe is about this much of it. */
const PROBE_SHARE = 0.02;

/** The DAG as the uploader sees it (CONTRACT row 116). */
export function viewPipeline(
	processing: Processing,
	about: { videoID: VideoID; startedAt: number; now: number },
): PipelineView {
	const steps = processing.steps();
	const state = processing.state();
	const progress = state === "COMPLETE" ? 1 : overallProgress(steps);
	const elapsedMs = about.now - about.startedAt;
	return {
		pipelineID: pipelineIDOf(about.videoID),
		videoID: about.videoID,
		state,
		steps: steps.map(viewStep),
		progress,
		etaMs:
			state === "RUNNING" && progress > PROBE_SHARE
				? Math.round((elapsedMs * (1 - progress)) / progress)
				: null,
	};
}

/** A work has one pipeline, whose name follows from its own. */
export function pipelineIDOf(videoID: VideoID): PipelineID {
	return PipelineID.parse(videoID.replace("vid_", "pl_"));
}

function overallProgress(steps: readonly Step[]): number {
	const total = steps.reduce((sum, step) => sum + step.weight, 0);
	const done = steps.reduce((sum, step) => sum + step.weight * step.progress, 0);
	const isPlanned = steps.some((step) => step.kind === "metadata");
	return total === 0 ? 0 : (done / total) * (isPlanned ? 1 : PROBE_SHARE);
}

function viewStep(step: Step): PipelineStep {
	const names = renditionNames(step);
	return {
		stepID: step.stepID,
		kind: step.kind,
		...(step.task.kind === "encode-video" ? { segment: step.task.chunk } : {}),
		...(names.length > 0 ? { rendition: names.join(", ") } : {}),
		status: step.status,
		attempt: step.attempt,
		progress: step.progress,
		worker: step.worker,
		dependsOn: step.dependsOn,
		startedAt: toTime(step.startedAt),
		endedAt: toTime(step.endedAt),
		outputKey: names[0] ?? null,
		error: step.error,
	};
}

function toTime(at: number | null): string | null {
	return at === null ? null : new Date(at).toISOString();
}
