import { describe, expect, test } from "vitest";
import type { LiveEpoch } from "../../protocol/media-job.ts";
import { LiveIndex } from "./live-index.ts";

const TIMESCALE = 1000;

function announce(names: string[], startsAt = 0): LiveEpoch {
	return {
		startsAt,
		segmentTargetSeconds: 2,
		partTargetSeconds: 0.53,
		renditions: names.map((name) => ({
			name,
			kind: name.startsWith("audio") ? "audio" : "video",
			codecs: "avc1.64001f",
			bitrateBps: 1000,
			...(name.startsWith("audio") ? {} : { width: 16, height: Number.parseInt(name, 10) }),
			timescale: TIMESCALE,
			init: "",
		})),
	};
}

function put(
	index: LiveIndex,
	epoch: number,
	rendition: string,
	segment: number,
	part: number,
	isLast = part === 3,
) {
	const time = segment * 2000 + part * 500;
	return index.acceptPart(
		{ epoch, rendition, segment, part },
		{ time, duration: 500, isIndependent: part === 0, sizeBytes: 10 },
		isLast,
	);
}

function putSegments(index: LiveIndex, epoch: number, rendition: string, from: number, to: number) {
	for (let segment = from; segment <= to; segment++)
		for (let part = 0; part < 4; part++) put(index, epoch, rendition, segment, part);
}

function started(names: string[]): LiveIndex {
	const index = new LiveIndex();
	index.beginEpoch(1);
	index.openEpoch(1, announce(names));
	return index;
}

describe("order of parts", () => {
	test("parts that follow on each other are accepted, a repeated one is a duplicate", () => {
		const index = started(["720p-h264"]);

		const verdicts = [
			put(index, 1, "720p-h264", 0, 0),
			put(index, 1, "720p-h264", 0, 1),
			put(index, 1, "720p-h264", 0, 0),
		];

		expect(verdicts.map((verdict) => verdict.is)).toEqual(["accepted", "accepted", "duplicate"]);
	});

	test("a part whose predecessor is missing is refused with what is expected", () => {
		const index = started(["720p-h264"]);
		put(index, 1, "720p-h264", 0, 0);

		const verdict = put(index, 1, "720p-h264", 0, 2);

		expect(verdict).toEqual({ is: "out-of-order", expected: { segment: 0, part: 1 } });
	});

	test("output of an earlier epoch is superseded once a new one has begun", () => {
		const index = started(["720p-h264"]);
		index.beginEpoch(2);

		const verdict = put(index, 1, "720p-h264", 0, 0);

		expect(verdict.is).toBe("superseded");
	});

	test("a rendition that was not announced is refused", () => {
		const index = started(["720p-h264"]);

		expect(put(index, 1, "240p-h264", 0, 0).is).toBe("unknown-rendition");
	});
});

describe("a new epoch", () => {
	test("goes on with one number in all renditions, and gaps even out who fell behind", () => {
		const index = started(["720p-h264", "audio-aac"]);
		putSegments(index, 1, "720p-h264", 0, 2);
		put(index, 1, "720p-h264", 3, 0);
		putSegments(index, 1, "audio-aac", 0, 1);

		const { firstSegment, sealed } = index.beginEpoch(2);

		expect(firstSegment).toBe(4);
		expect(sealed.map(({ rendition, segment }) => [rendition, segment.number, segment.isGap])).toEqual([
			["720p-h264", 3, false],
			["audio-aac", 2, true],
			["audio-aac", 3, true],
		]);
		const audio = index.list("audio-aac", 10) ?? [];
		expect(audio.map((item) => item.segment.number)).toEqual([0, 1, 2, 3]);
		expect(audio[3]?.segment.parts[0]?.duration).toBe(500);
	});

	test("a playlist whose rendition is gone goes on with the nearest one of its kind", () => {
		const index = started(["720p-h264", "360p-h264"]);
		putSegments(index, 1, "720p-h264", 0, 0);
		putSegments(index, 1, "360p-h264", 0, 0);
		index.beginEpoch(2);
		index.openEpoch(2, announce(["480p-h264", "360p-h264"]));
		putSegments(index, 2, "480p-h264", 1, 1);
		putSegments(index, 2, "360p-h264", 1, 1);

		const listed = index.list("720p-h264", 10) ?? [];

		expect(listed.map((item) => item.rendition.name)).toEqual(["720p-h264", "480p-h264"]);
	});

	test("an epoch that never got a segment is no discontinuity", () => {
		const index = started(["720p-h264"]);
		putSegments(index, 1, "720p-h264", 0, 0);
		index.beginEpoch(2);
		index.openEpoch(2, announce(["720p-h264"]));
		index.beginEpoch(3);
		index.openEpoch(3, announce(["720p-h264"]));
		putSegments(index, 3, "720p-h264", 1, 1);

		const last = index.list("720p-h264", 10)?.at(-1)?.epoch;

		expect(last && index.discontinuitySequence(last)).toBe(1);
	});
});

describe("limits", () => {
	test("a window lists the newest segments, across epochs", () => {
		const index = started(["720p-h264"]);
		putSegments(index, 1, "720p-h264", 0, 4);
		index.beginEpoch(2);
		index.openEpoch(2, announce(["720p-h264"]));
		putSegments(index, 2, "720p-h264", 5, 6);

		const numbers = index.list("720p-h264", 4)?.map((item) => item.segment.number);

		expect(numbers).toEqual([3, 4, 5, 6]);
	});

	test("forgotten parts leave the segment's whole duration and size", () => {
		const index = started(["720p-h264"]);
		putSegments(index, 1, "720p-h264", 0, 3);

		index.forgetParts("720p-h264", 2);

		const counts = index.list("720p-h264", 10)?.map((item) => item.segment.parts.length);
		expect(counts).toEqual([1, 1, 4, 4]);
		expect(index.list("720p-h264", 10)?.[0]?.segment.parts[0]).toMatchObject({
			duration: 2000,
			sizeBytes: 40,
		});
	});

	test("complete segments are those that every rendition has finished", () => {
		const index = started(["720p-h264", "audio-aac"]);
		putSegments(index, 1, "720p-h264", 0, 2);
		putSegments(index, 1, "audio-aac", 0, 1);

		expect(index.completeSegments()).toBe(2);
	});
});
