import type { RenditionWish, VideoKind } from "../../protocol/vod.ts";
import type { AudioRung, SourceProbe } from "../../protocol/vod-job.ts";
import { boxHeight } from "../streaming/ladder.ts";
import { type PlanOptions, PROBE_STEP, planSteps, SEGMENT_SECONDS } from "./plan.ts";
import type { PlannedStep } from "./step.ts";

/** What becomes of a wish: the steps that make it, or why it cannot be, for the owner to read. */
export type FurtherPlan = { name: string; steps: PlannedStep[] } | { refusal: string };

/**
 * The steps that make one more rendition of a work. The work is ready without it. The picture is cut as all of its renditions are, so that
 * players switch among them; nothing is enlarged.
 */
export function planFurther(
	kind: VideoKind,
	probe: SourceProbe,
	options: PlanOptions,
	wish: RenditionWish,
): FurtherPlan {
	return wish.codec === "aac" || wish.codec === "opus"
		? planSound(probe, { ...wish, codec: wish.codec })
		: planPicture(kind, probe, options, { ...wish, codec: wish.codec });
}

function planSound(
	probe: SourceProbe,
	{ codec, kbps = 128 }: { codec: AudioRung["codec"]; kbps?: number | undefined },
): FurtherPlan {
	if (!probe.audio) return { refusal: "There is no sound in this work." };
	const rung: AudioRung = { name: `audio-${codec}${kbps}`, codec, bitrateBps: kbps * 1000 };
	const step: PlannedStep = {
		stepID: `further-${rung.name}`,
		kind: "encode-audio",
		task: { kind: "encode-audio", segmentSeconds: SEGMENT_SECONDS, rungs: [rung] },
		dependsOn: [PROBE_STEP.stepID],
		isOptional: true,
		weight: probe.durationSeconds * 0.1,
	};
	return { name: rung.name, steps: [step] };
}

function planPicture(
	kind: VideoKind,
	probe: SourceProbe,
	options: PlanOptions,
	wish: RenditionWish & { codec: Exclude<RenditionWish["codec"], AudioRung["codec"]> },
): FurtherPlan {
	const { codec, kbps } = wish;
	const height = Number.parseInt(wish.resolution, 10);
	const name = `${height}p-${codec}`;
	if (kind === "audio" || !probe.video) return { refusal: "There is no picture in this work." };
	if (height > options.maxHeight)
		return { refusal: `Pictures of more than ${options.maxHeight}p are not made here.` };
	const plan = planSteps(kind, probe, {
		maxHeight: height,
		furtherCodecs: codec === "h264" ? [] : [codec],
		hasOpus: false,
		mayRemux: false,
	});
	const steps = plan.flatMap(({ task, ...step }): PlannedStep[] => {
		const rung = task.kind === "encode-video" ? task.rungs.find((item) => item.name === name) : undefined;
		if (task.kind !== "encode-video" || !rung) return [];
		const bitrateBps = kbps === undefined ? rung.bitrateBps : kbps * 1000;
		return [
			{
				...step,
				stepID: `further-${name}-${task.chunk}`,
				task: { ...task, rungs: [{ ...rung, bitrateBps }] },
				isOptional: true,
				weight: step.weight / task.rungs.length,
			},
		];
	});
	if (steps.length > 0) return { name, steps };
	const source = Math.round(boxHeight(probe.video));
	return {
		refusal:
			height > source
				? `The file has ${source}p: pictures are not enlarged.`
				: `${height}p is not a size that is made of this file.`,
	};
}
