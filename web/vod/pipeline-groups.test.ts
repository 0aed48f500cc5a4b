import { describe, expect, test } from "vitest";
import type { PipelineStep } from "../../protocol/vod.ts";
import { groupSteps } from "./pipeline-groups.ts";

function step(changes: Partial<PipelineStep>): PipelineStep {
	return {
		stepID: "probe",
		kind: "probe",
		status: "PENDING",
		attempt: 1,
		progress: 0,
		worker: null,
		dependsOn: [],
		startedAt: null,
		endedAt: null,
		outputKey: null,
		error: null,
		...changes,
	};
}

const chunk = (index: number, changes: Partial<PipelineStep>) =>
	step({ stepID: `v${index}-low`, kind: "encode-video", segment: index, rendition: "360p-h264", ...changes });

describe("steps for people", () => {
	test("the chunks of a rendition are one line with their mean", () => {
		const groups = groupSteps([
			chunk(0, { status: "COMPLETE", progress: 1 }),
			chunk(1, { status: "RUNNING", progress: 0.5 }),
			chunk(2, {}),
		]);

		expect(groups).toHaveLength(1);
		expect(groups[0]).toMatchObject({ label: "360p", status: "RUNNING", progress: 0.5 });
	});

	test("renditions of one decode are named together, other codecs by name", () => {
		const [group] = groupSteps([chunk(0, { rendition: "720p-h264, 480p-vp9" })]);

		expect(group?.label).toBe("720p, 480p VP9");
	});

	test("one failed chunk fails the line, says why, and is what a retry names", () => {
		const [group] = groupSteps([
			chunk(0, { status: "COMPLETE" }),
			chunk(1, { status: "FAILED", error: "The file breaks off." }),
		]);

		expect(group).toMatchObject({ status: "FAILED", error: "The file breaks off.", stepIDs: ["v1-low"] });
	});

	test("steps keep their order and have words of their own", () => {
		const groups = groupSteps([
			step({}),
			step({ stepID: "poster", kind: "thumbnail" }),
			step({ stepID: "waveform", kind: "thumbnail" }),
		]);

		expect(groups.map(({ label }) => label)).toEqual(["Looking at the file", "Poster", "Waveform"]);
	});

	test("what is complete counts whole, whatever its last report said", () => {
		const [group] = groupSteps([step({ status: "COMPLETE", progress: 0.3 })]);

		expect(group?.progress).toBe(1);
	});
});
