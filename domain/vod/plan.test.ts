import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VodTask } from "../../protocol/vod-job.ts";
import { cutChunks } from "./chunks.ts";
import { PLAN_OPTIONS, probeOf, videoOf } from "./fixtures.ts";
import { Processing } from "./pipeline.ts";
import { PROBE_STEP, planSteps, refuseSource } from "./plan.ts";
import { planInsteadOfRemux } from "./replan.ts";
import type { PlannedStep } from "./step.ts";

function kinds(steps: PlannedStep[]): string[] {
	return steps.map((step) => step.task.kind);
}

function rungsOf(steps: PlannedStep[]): string[] {
	return [
		...new Set(
			steps.flatMap(({ task }) => (task.kind === "encode-video" ? task.rungs.map((rung) => rung.name) : [])),
		),
	].toSorted();
}

const anyProbe = fc
	.record({
		durationSeconds: fc.double({ min: 0.04, max: 40_000, noNaN: true }),
		codec: fc.constantFrom("h264", "hevc", "vp9", "mjpeg"),
		width: fc.integer({ min: 2, max: 8192 }),
		height: fc.integer({ min: 2, max: 8192 }),
		rotation: fc.constantFrom(0, 90, 180, 270),
		framesPerSecond: fc.double({ min: 1, max: 240, noNaN: true }),
		gop: fc.option(fc.double({ min: 0.04, max: 60, noNaN: true }), { nil: null }),
		hasVideo: fc.boolean(),
		hasAudio: fc.boolean(),
		hasCover: fc.boolean(),
		bitrateBps: fc.integer({ min: 0, max: 100_000_000 }),
	})
	.map(({ gop, hasVideo, hasAudio, codec, width, height, rotation, framesPerSecond, ...rest }) => {
		const keyframes =
			gop === null
				? null
				: Array.from({ length: Math.min(2000, Math.ceil(rest.durationSeconds / gop)) }, (_, n) => n * gop);
		return probeOf({
			...rest,
			video: hasVideo ? videoOf({ codec, width, height, rotation, framesPerSecond, keyframes }) : null,
			...(hasAudio ? {} : { audio: null }),
		});
	});

describe("the plan", () => {
	test("of any source is a DAG of valid tasks with the metadata last, after all else", () => {
		fc.assert(
			fc.property(anyProbe, fc.constantFrom("video" as const, "audio" as const), (probe, kind) => {
				const options = { maxHeight: 1080, furtherCodecs: ["vp9" as const], hasOpus: true };
				const steps = [PROBE_STEP, ...planSteps(kind, probe, options)];
				const processing = new Processing([]);

				processing.add(steps);

				expect(new Set(steps.map((step) => step.stepID)).size).toBe(steps.length);
				expect(steps.at(-1)?.stepID).toBe("metadata");
				expect(steps.at(-1)?.dependsOn).toEqual(["manifest"]);
				const manifest = steps.at(-2);
				const others = steps.slice(1, -2).map((step) => step.stepID);
				expect(manifest?.dependsOn.toSorted()).toEqual(others.toSorted());
				for (const { task } of steps.slice(0, -2)) expect(VodTask.safeParse(task).error).toBeUndefined();
			}),
			{ numRuns: 200 },
		);
	});

	test("of a picture never enlarges it, and names no rung twice in a chunk", () => {
		fc.assert(
			fc.property(anyProbe, (probe) => {
				for (const { task } of planSteps("video", probe, PLAN_OPTIONS)) {
					if (task.kind !== "encode-video" || !probe.video) continue;
					for (const rung of task.rungs) {
						expect(rung.width).toBeLessThanOrEqual(Math.max(2, probe.video.width));
						expect(rung.height).toBeLessThanOrEqual(Math.max(2, probe.video.height));
						expect(rung.framesPerSecond).toBeLessThanOrEqual(Math.max(probe.video.framesPerSecond, 0));
					}
				}
			}),
		);
	});

	test("of a file that fits takes its picture and sound as they are first, and makes the lower qualities after", () => {
		const steps = planSteps("video", probeOf(), PLAN_OPTIONS);

		expect(steps[0]?.task).toMatchObject({ kind: "remux", video: "720p-source", audio: "audio-source" });
		expect(rungsOf(steps)).toEqual(["360p-h264", "480p-h264"]);
		expect(kinds(steps)).not.toContain("encode-audio");
		expect(steps.find((step) => step.stepID === "download")?.task).toEqual({
			kind: "progressive",
			video: "720p-source",
			audio: "audio-source",
		});
	});

	test.each([
		["another codec", { video: videoOf({ codec: "hevc", profile: "Main" }) }],
		["ten bits", { video: videoOf({ pixelFormat: "yuv420p10le", profile: "High 10" }) }],
		["half pictures", { video: videoOf({ isInterlaced: true }) }],
		["a rotated picture", { video: videoOf({ rotation: 90, width: 720, height: 1280 }) }],
		["GOPs of 12 s", { video: videoOf({ keyframes: [0, 12, 24, 36, 48] }) }],
	])("of a file with %s encodes the picture, a short chunk of the lowest quality first", (_what, change) => {
		const steps = planSteps("video", probeOf(change), PLAN_OPTIONS);

		expect(steps[0]).toMatchObject({ stepID: "v0-low", task: { chunk: 0, start: 0 } });
		expect(steps[1]?.task).toMatchObject({ kind: "remux", video: null, audio: "audio-source" });
		expect(kinds(steps)).not.toContain("encode-audio");
		expect(rungsOf(steps)).toHaveLength(3);
		const order = steps.map((step) => step.stepID);
		expect(order.findLastIndex((stepID) => stepID.endsWith("-low"))).toBeLessThan(order.indexOf("v0-rest"));
	});

	test("of a file in a container without exact times encodes picture and sound", () => {
		const steps = planSteps("video", probeOf({ container: "mpegts" }), PLAN_OPTIONS);

		expect(kinds(steps)).not.toContain("remux");
		expect(steps[0]?.stepID).toBe("v0-low");
		expect(steps[1]?.stepID).toBe("audio");
	});

	test("of a file whose sound alone does not fit takes the picture and encodes the sound", () => {
		const audio = { codec: "opus", channels: 2, sampleRate: 48_000, bitrateBps: null, codecs: "opus" };
		const steps = planSteps("video", probeOf({ audio }), PLAN_OPTIONS);

		expect(steps[0]?.task).toMatchObject({ kind: "remux", video: "720p-source", audio: null });
		expect(steps[1]?.task).toMatchObject({ kind: "encode-audio", rungs: [{ name: "audio-aac128" }] });
	});

	test("of a file much fatter than it need be makes its own size too", () => {
		const steps = planSteps("video", probeOf({ bitrateBps: 30_000_000 }), PLAN_OPTIONS);

		expect(rungsOf(steps)).toEqual(["360p-h264", "480p-h264", "720p-h264"]);
	});

	test("of an audio work has no step for a picture, whatever is in the file", () => {
		const steps = planSteps("audio", probeOf({ hasCover: true }), PLAN_OPTIONS);

		expect(kinds(steps)).not.toContain("encode-video");
		const encode = steps.find((step) => step.stepID === "audio");
		expect(encode?.task).toMatchObject({
			rungs: [
				{ name: "audio-aac256" },
				{ name: "audio-aac128" },
				{ name: "audio-aac64" },
				{ name: "audio-opus128" },
			],
		});
		expect(kinds(steps)).toContain("waveform");
		expect(steps.find((step) => step.stepID === "poster")?.task).toMatchObject({ cover: true });
	});

	test("of a silent picture has no step for sound", () => {
		const steps = planSteps("video", probeOf({ audio: null }), PLAN_OPTIONS);

		expect(kinds(steps)).not.toContain("encode-audio");
		expect(steps.find((step) => step.stepID === "download")?.task).toMatchObject({ audio: null });
	});

	test("makes further codecs last, under names of their own, also in the size of a source that is taken as it is", () => {
		const steps = planSteps("video", probeOf(), { ...PLAN_OPTIONS, furtherCodecs: ["av1"] });

		expect(rungsOf(steps)).toEqual(["360p-av1", "360p-h264", "480p-av1", "480p-h264", "720p-av1"]);
		const order = steps.map((step) => step.stepID);
		expect(order.indexOf("v0-av1")).toBeGreaterThan(
			order.findLastIndex((stepID) => stepID.endsWith("-rest")),
		);
	});

	test("tells who makes further codecs that the source's rate is uneven", () => {
		const options = { ...PLAN_OPTIONS, furtherCodecs: ["av1" as const] };
		const rungs = [true, false].flatMap((isVariableRate) =>
			planSteps("video", probeOf({ video: videoOf({ isVariableRate }) }), options).flatMap(
				({ stepID, task }) =>
					stepID === "v0-av1" && task.kind === "encode-video" ? task.rungs.slice(0, 1) : [],
			),
		);

		expect(rungs.map((rung) => rung.isVariableRate)).toEqual([true, undefined]);
	});

	test("makes further codecs of a source of the lowest size, which has no H.264 to encode", () => {
		const probe = probeOf({ video: videoOf({ width: 640, height: 360 }), bitrateBps: 800_000 });
		const steps = planSteps("video", probe, { ...PLAN_OPTIONS, furtherCodecs: ["vp9"] });

		expect(rungsOf(steps)).toEqual(["360p-vp9"]);
	});

	test.each([
		["audio" as const, { audio: null }, "no sound"],
		["video" as const, { audio: null, video: null }, "no picture"],
		["video" as const, { durationSeconds: 0 }, "no playable length"],
	])("for %s refuses what it cannot use: %o", (kind, change, words) => {
		expect(refuseSource(kind, probeOf(change))).toContain(words);
		expect(refuseSource(kind, probeOf())).toBeNull();
	});
});

describe("a remux that cannot be", () => {
	test("is replaced by encoding what it would have made, and the rest waits for that", () => {
		const plan = [PROBE_STEP, ...planSteps("video", probeOf(), PLAN_OPTIONS)];
		const processing = new Processing([]);
		processing.add(plan);
		const failure = { worker: "m", reason: "It cannot be cut.", isPermanent: true, log: "" };
		const finish = (stepID: string) => processing.finish(stepID, processing.lease(stepID, 0).attempt, 0);
		finish("probe");
		processing.report(
			"remux",
			{ state: "failed", attempt: processing.lease("remux", 0).attempt, ...failure },
			0,
		);
		expect(processing.state()).toBe("FAILED");

		const { added, changes } = planInsteadOfRemux("video", probeOf(), PLAN_OPTIONS, processing.steps());
		processing.add(added);
		processing.amend(changes);
		const order: string[] = [];
		for (let step = processing.next(0); step; step = processing.next(0)) {
			finish(step.stepID);
			order.push(step.stepID);
		}

		expect(rungsOf(added)).toEqual(["720p-h264"]);
		expect(processing.find("download")?.task).toMatchObject({ video: "720p-h264", audio: "audio-aac128" });
		expect(order.indexOf("manifest")).toBeGreaterThan(order.indexOf("audio-instead"));
		expect(order.at(-1)).toBe("metadata");
		expect(processing.state()).toBe("COMPLETE");
	});
});

describe("chunks", () => {
	test("cover the work without gap or overlap, and are cut at key frames alone", () => {
		fc.assert(
			fc.property(
				fc.array(fc.double({ min: 0.04, max: 30, noNaN: true }), { minLength: 1, maxLength: 300 }),
				(gaps) => {
					const keyframes = [0];
					for (const gap of gaps) keyframes.push((keyframes.at(-1) ?? 0) + gap);
					const duration = (keyframes.at(-1) ?? 0) + 1;

					const chunks = cutChunks(keyframes, duration);

					expect(chunks[0]?.start).toBe(0);
					expect(chunks.at(-1)?.end).toBeNull();
					for (const [position, chunk] of chunks.entries()) {
						expect(chunk.index).toBe(position);
						expect(keyframes).toContain(chunk.start);
						expect(chunk.seconds).toBeGreaterThan(0);
						if (position > 0) expect(chunk.start).toBe(chunks[position - 1]?.end);
					}
				},
			),
		);
	});

	test("begin with a short one and leave no stub", () => {
		const chunks = cutChunks(
			Array.from({ length: 57 }, (_, index) => index),
			57,
		);

		expect(chunks.map((chunk) => chunk.seconds)).toEqual([4, 10, 10, 10, 10, 13]);
	});

	test("of a file with one key frame are one", () => {
		expect(cutChunks([0], 600)).toHaveLength(1);
	});

	test("of a file of which every frame is one lie on a grid", () => {
		expect(cutChunks(null, 30).map((chunk) => chunk.start)).toEqual([0, 4, 14, 24]);
	});
});
