import type { VideoKind } from "../../protocol/vod.ts";
import type { SourceProbe } from "../../protocol/vod-job.ts";
import type { StepChange } from "./pipeline.ts";
import { type PlanOptions, planSteps } from "./plan.ts";
import { renditionNames } from "./report-check.ts";
import type { PlannedStep } from "./step.ts";

/**
 * A source that looked as if it could be taken as it is, and cannot: what the remux would have made is encoded instead. Steps that there are
 * stay; returned are those to add, and what changes for those that wait for them.
 */
export function planInsteadOfRemux(
	kind: VideoKind,
	probe: SourceProbe,
	options: PlanOptions,
	existing: readonly PlannedStep[],
): { added: PlannedStep[]; changes: StepChange[] } {
	const plan = planSteps(kind, probe, { ...options, mayRemux: false });
	const made = new Set(existing.filter((step) => step.kind !== "remux").flatMap(renditionNames));
	const added = plan.flatMap((step): PlannedStep[] => {
		const { task } = step;
		if (task.kind !== "encode-video" && task.kind !== "encode-audio") return [];
		const stepID = `${step.stepID}-instead`;
		if (task.kind === "encode-audio") {
			const rungs = task.rungs.filter((rung) => !made.has(rung.name));
			return rungs.length === 0 ? [] : [{ ...step, stepID, task: { ...task, rungs } }];
		}
		const rungs = task.rungs.filter((rung) => !made.has(rung.name));
		return rungs.length === 0 ? [] : [{ ...step, stepID, task: { ...task, rungs } }];
	});
	const stepIDs = added.map((step) => step.stepID);
	const waiting = existing.filter((step) => ["storyboard", "download", "manifest"].includes(step.stepID));
	const changes = waiting.map((step): StepChange => {
		const task = plan.find((item) => item.stepID === step.stepID)?.task ?? step.task;
		return { stepID: step.stepID, dependsOn: [...step.dependsOn, ...stepIDs], task };
	});
	return { added, changes: [...changes, { stepID: "remux", isOptional: true }] };
}
