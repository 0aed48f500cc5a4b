import type { JSX } from "preact";
import type { Video } from "../../protocol/vod.ts";
import { ProgressBar } from "../upload/progress-bar.tsx";
import { formatTimeLeft } from "../upload/speed-meter.ts";
import styles from "./library.module.css";
import { groupSteps } from "./pipeline-groups.ts";
import { usePipeline } from "./pipeline-steps.tsx";

/** How far the making of a work is, in one line. */
export function WorkProgress({ video }: { video: Video }): JSX.Element {
	const pipeline = usePipeline(video.videoID, true).value;
	const running = groupSteps(pipeline?.steps ?? []).filter(({ status }) => status === "RUNNING");
	const labels = running.map(({ label, progress }) => `${label} ${Math.floor(progress * 100)} %`);
	const left =
		pipeline === undefined || pipeline.etaMs === null ? "" : ` · ${formatTimeLeft(pipeline.etaMs)}`;
	return (
		<div class={styles.progress}>
			<ProgressBar value={pipeline?.progress ?? 0} label={`Processing ${video.title}`} />
			<p class={styles.progressWords}>
				{labels.length === 0 ? "Waits for a free machine" : labels.join(" · ")}
				{left}
			</p>
		</div>
	);
}
