import { describe, expect, test } from "vitest";
import { RenditionWish } from "../../protocol/vod.ts";
import { PLAN_OPTIONS, probeOf, videoOf } from "./fixtures.ts";
import { planFurther } from "./further-rendition.ts";
import { Processing } from "./pipeline.ts";
import { PROBE_STEP, planSteps } from "./plan.ts";

function wish(change: object): RenditionWish {
	return RenditionWish.parse({ codec: "av1", resolution: "480p", ...change });
}

function plan(change: object, probe = probeOf()) {
	return planFurther("video", probe, PLAN_OPTIONS, wish(change));
}

describe("a further rendition", () => {
	test("is cut as the others are, in steps that the work is ready without", () => {
		const made = plan({ codec: "vp9", resolution: "720p" });
		const usual = planSteps("video", probeOf(), { ...PLAN_OPTIONS, mayRemux: false });
		const cuts = (steps: typeof usual) =>
			steps.flatMap(({ task }) => (task.kind === "encode-video" ? [`${task.start}-${task.end}`] : []));

		const steps = "steps" in made ? made.steps : [];

		expect([...new Set(cuts(steps))]).toEqual([...new Set(cuts(usual))]);
		expect(steps.every((step) => step.isOptional && step.dependsOn.join() === "probe")).toBe(true);
		expect(
			steps.flatMap(({ task }) => (task.kind === "encode-video" ? task.rungs.map((rung) => rung.name) : [])),
		).toEqual(steps.map(() => "720p-vp9"));
	});

	test("has the rate that was wished for, else the one of its size", () => {
		const rate = (change: object) => {
			const made = plan(change);
			const task = "steps" in made ? made.steps[0]?.task : undefined;
			return task?.kind === "encode-video" ? task.rungs[0]?.bitrateBps : undefined;
		};

		expect(rate({ kbps: 900 })).toBe(900_000);
		expect(rate({})).toBeGreaterThan(500_000);
	});

	test.each([
		[{ resolution: "1080p" }, "not enlarged"],
		[{ resolution: "2160p" }, "more than 1080p"],
		[{ resolution: "361p" }, "not a size"],
	])("%o is refused: %s", (change, reason) => {
		const made = plan(change);

		expect("refusal" in made ? made.refusal : "").toContain(reason);
	});

	test("of a picture or a sound that is not there is refused", () => {
		const silent = plan({ codec: "opus", resolution: "audio" }, probeOf({ audio: null }));
		const dark = plan({}, probeOf({ video: null }));

		expect("refusal" in silent && "refusal" in dark).toBe(true);
	});

	test("of sound is one step", () => {
		const made = plan({ codec: "opus", resolution: "audio", kbps: 96 });

		expect(made).toMatchObject({ name: "audio-opus96", steps: [{ stepID: "further-audio-opus96" }] });
	});

	test.each([
		{ codec: "h263" },
		{ resolution: "480" },
		{ resolution: "0480p" },
		{ resolution: "audio" },
		{ codec: "aac" },
		{ codec: "aac", resolution: "audio", kbps: 97 },
		{ kbps: 31 },
		{ kbps: 1e9 },
		{ kbps: 100.5 },
		{ container: "avi" },
	])("that is %o is no wish", (change) => {
		expect(RenditionWish.safeParse({ codec: "av1", resolution: "480p", ...change }).success).toBe(false);
	});
});

describe("a pipeline that was through", () => {
	test("does what is added, then the manifest and the metadata once more, and nothing else", () => {
		const probe = probeOf({ durationSeconds: 8, audio: null, video: videoOf({ keyframes: [0, 4] }) });
		const processing = new Processing([]);
		processing.add([PROBE_STEP]);
		const runAll = () => {
			const ran: string[] = [];
			for (let step = processing.next(0); step; step = processing.next(0)) {
				const { attempt } = processing.lease(step.stepID, 0);
				processing.finish(step.stepID, attempt, 0);
				ran.push(step.stepID);
			}
			return ran;
		};
		runAll();
		processing.add(planSteps("video", probe, PLAN_OPTIONS));
		runAll();
		const made = planFurther("video", probe, PLAN_OPTIONS, wish({}));
		const steps = "steps" in made ? made.steps : [];

		processing.extend(steps);
		const stateMeanwhile = processing.state();
		const ran = runAll();

		expect(stateMeanwhile).toBe("RUNNING");
		expect(ran).toEqual([...steps.map((step) => step.stepID), "manifest", "metadata"]);
		expect(processing.state()).toBe("COMPLETE");
		expect(processing.find("manifest")?.attempt).toBe(2);
	});

	test("says anew what there is when a step that had failed is done after all", () => {
		const processing = new Processing([]);
		processing.add([PROBE_STEP]);
		const end = (stepID: string, isGood: boolean) => {
			const { attempt } = processing.lease(stepID, 0);
			if (isGood) processing.finish(stepID, attempt, 0);
			else
				processing.report(
					stepID,
					{ state: "failed", attempt, worker: "m", reason: "no", isPermanent: true, log: "" },
					0,
				);
		};
		end("probe", true);
		processing.add(planSteps("video", probeOf({ audio: null }), PLAN_OPTIONS));
		for (let step = processing.next(0); step; step = processing.next(0))
			end(step.stepID, step.stepID !== "poster");

		expect(processing.state()).toBe("COMPLETE");
		expect(processing.retry(undefined)).toBe(1);

		expect(processing.find("manifest")?.status).toBe("PENDING");
		expect(processing.find("metadata")?.status).toBe("PENDING");
	});
});
