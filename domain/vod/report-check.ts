import type { VodOutput, VodReport } from "../../protocol/vod-job.ts";
import type { PlannedStep, Step } from "./step.ts";

/** Why a report cannot be of this step, or null: what it stored must be what it was asked for, below its renditions' names. */
export function checkReport(step: Step, report: VodReport): string | null {
	if (report.state === "failed") return null;
	if (report.state === "running") return checkOutputs(step, report.outputs);
	const { result } = report;
	const wanted = resultKind(step);
	if (result.kind !== wanted) return `The step ends with ${wanted}, not with ${result.kind}.`;
	if (result.kind !== "outputs") return null;
	const missing = renditionNames(step).find((name) => !result.outputs.some((output) => output.name === name));
	if (missing !== undefined) return `The rendition ${missing} is missing.`;
	return checkOutputs(step, result.outputs);
}

function resultKind({ task }: Step): "probe" | "outputs" | "files" {
	switch (task.kind) {
		case "probe":
			return "probe";
		case "remux":
		case "encode-video":
		case "encode-audio":
			return "outputs";
		case "thumbnail":
		case "waveform":
		case "captions":
		case "progressive":
		case "manifest":
		case "metadata":
			return "files";
	}
}

/** The renditions that a step makes. */
export function renditionNames({ task }: PlannedStep): string[] {
	switch (task.kind) {
		case "remux":
			return [task.video, task.audio].flatMap((name) => name ?? []);
		case "encode-video":
		case "encode-audio":
			return task.rungs.map((rung) => rung.name);
		default:
			return [];
	}
}

function checkOutputs(step: Step, outputs: readonly VodOutput[]): string | null {
	const names = renditionNames(step);
	const chunk = step.task.kind === "encode-video" ? step.task.chunk : 0;
	for (const output of outputs) {
		if (!names.includes(output.name)) return `The step does not make ${output.name}.`;
		if (output.chunk !== chunk) return `The step makes chunk ${chunk}, not ${output.chunk}.`;
		const keys = [output.initKey, ...output.segments.map((segment) => segment.key)];
		const stray = keys.find((key) => !key.startsWith(`${output.name}/`));
		if (stray !== undefined) return `The key ${stray} is not below ${output.name}/.`;
	}
	return null;
}
