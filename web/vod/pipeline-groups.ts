import type { PipelineStep } from "../../protocol/vod.ts";

/** Steps that mean one thing to people. */
export interface StepGroup {
	key: string;
	label: string;
	status: PipelineStep["status"];
	/** 0 to 1. */
	progress: number;
	/** Why it failed; null unless it did. */
	error: string | null;
	/** Of those that failed. */
	stepIDs: string[];
	attempt: number;
}

const WORDS: Record<PipelineStep["kind"], string> = {
	probe: "Looking at the file",
	remux: "Making it playable",
	"encode-video": "Picture",
	"encode-audio": "Sound",
	thumbnail: "Pictures",
	transcript: "Captions of the file",
	assemble: "File to download",
	manifest: "Playlists",
	metadata: "Finishing",
};
/** Steps of one kind that differ. */
const STEP_WORDS: Record<string, string> = {
	poster: "Poster",
	storyboard: "Pictures for the scrubber",
	waveform: "Waveform",
};

/** What a list for people shows: the many chunks of one rendition are one line. In the order of the steps. */
export function groupSteps(steps: readonly PipelineStep[]): StepGroup[] {
	const groups = new Map<string, PipelineStep[]>();
	for (const step of steps) {
		const key = step.kind === "encode-video" ? `encode-video ${step.rendition ?? ""}` : step.stepID;
		groups.set(key, [...(groups.get(key) ?? []), step]);
	}
	return [...groups].map(([key, members]) => ({
		key,
		label: labelOf(members),
		status: statusOf(members),
		progress: mean(members.map(({ status, progress }) => (status === "COMPLETE" ? 1 : progress))),
		error: members.find(({ status }) => status === "FAILED")?.error ?? null,
		stepIDs: members.filter(({ status }) => status === "FAILED").map(({ stepID }) => stepID),
		attempt: Math.max(...members.map(({ attempt }) => attempt)),
	}));
}

function labelOf([first]: readonly PipelineStep[]): string {
	if (first === undefined) return "";
	if (first.kind !== "encode-video") return STEP_WORDS[first.stepID] ?? WORDS[first.kind];
	const names = (first.rendition ?? "").split(", ").filter((name) => name !== "");
	return names.length === 0 ? WORDS["encode-video"] : names.map(renditionWords).join(", ");
}

/** `720p-h264` is `720p`, other codecs are named. */
function renditionWords(name: string): string {
	const [size = name, codec = ""] = name.split("-");
	return codec === "h264" || codec === "" ? size : `${size} ${codec.toUpperCase()}`;
}

function statusOf(steps: readonly PipelineStep[]): PipelineStep["status"] {
	if (steps.some(({ status }) => status === "FAILED")) return "FAILED";
	if (steps.every(({ status }) => status === "COMPLETE")) return "COMPLETE";
	const hasBegun = steps.some(({ status }) => status === "RUNNING" || status === "COMPLETE");
	return hasBegun ? "RUNNING" : "PENDING";
}

function mean(values: readonly number[]): number {
	return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
