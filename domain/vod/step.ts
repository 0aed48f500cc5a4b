import type { STEP_KINDS } from "../../protocol/vod.ts";
import type { VodTask } from "../../protocol/vod-job.ts";

export type StepKind = (typeof STEP_KINDS)[number];

/** What a step does: a task for a media program, or something that the pipeline does itself. */
export type StepTask = VodTask | { kind: "manifest" } | { kind: "metadata" };

/** A step as it is planned. Steps are offered in the order of the plan, each after all that it depends on. */
export interface PlannedStep {
	stepID: string;
	kind: StepKind;
	task: StepTask;
	dependsOn: string[];
	/** The work is ready without it: who depends on it waits for its end only. */
	isOptional: boolean;
	/** Expected work, in seconds of one CPU. */
	weight: number;
}

export type StepStatus = "PENDING" | "RUNNING" | "COMPLETE" | "FAILED";

/** A step with what has become of it. Times in milliseconds. */
export interface Step extends PlannedStep {
	status: StepStatus;
	/** Grows with each lease and never falls: an older attempt's reports are refused. */
	attempt: number;
	/** Ends by failure, and leases that ran out, since it was armed. */
	failures: number;
	losses: number;
	/** 0 to 1. */
	progress: number;
	worker: string | null;
	startedAt: number | null;
	endedAt: number | null;
	/** While RUNNING: when it counts as lost. */
	leaseUntil: number | null;
	/** While RUNNING at a media program: when it is to be asked whether it still has the step, unless it reports before. */
	askAt: number | null;
	/** While PENDING: whoever had it last may still be at it, and keeps it if it speaks up before the step is offered again. */
	mayReturn: boolean;
	/** While PENDING: not before. */
	notBefore: number;
	error: string | null;
	/** The file is to blame: another try would end the same. */
	isPermanent: boolean;
}

/** What a work is first played and shown with: it does not wait until the ladders of other works are done. */
export function isUrgent({ task }: PlannedStep): boolean {
	switch (task.kind) {
		case "probe":
		case "remux":
		case "encode-audio":
			return true;
		case "encode-video":
			return task.chunk === 0 && task.rungs.length === 1;
		case "thumbnail":
			return !task.storyboard;
		default:
			return false;
	}
}

/** True for what the pipeline does itself. */
export function isInternal({ task }: Pick<PlannedStep, "task">): boolean {
	return task.kind === "manifest" || task.kind === "metadata";
}

/** A step that nobody has begun. */
export function armed(planned: PlannedStep): Step {
	return {
		...planned,
		status: "PENDING",
		attempt: 0,
		failures: 0,
		losses: 0,
		progress: 0,
		worker: null,
		startedAt: null,
		endedAt: null,
		leaseUntil: null,
		askAt: null,
		mayReturn: false,
		notBefore: 0,
		error: null,
		isPermanent: false,
	};
}
