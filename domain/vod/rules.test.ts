import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { outputOf, PLAN_OPTIONS, probeOf, videoOf } from "./fixtures.ts";
import { planSteps } from "./plan.ts";
import { renderFeed } from "./podcast-feed.ts";
import { checkReport } from "./report-check.ts";
import { armed } from "./step.ts";
import { chunkCount, chunkLength, missingChunks, plainEtag, refuseFile } from "./upload-rules.ts";
import { CaptionsError, toWebVtt } from "./web-vtt.ts";

describe("the chunks of a file", () => {
	test("are equal but the last, and make the file", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 10_000 }),
				fc.integer({ min: 1, max: 500 }),
				(sizeBytes, chunkBytes) => {
					const layout = { sizeBytes, chunkBytes };
					const lengths = Array.from(
						{ length: chunkCount(layout) },
						(_, index) => chunkLength(layout, index) ?? 0,
					);

					expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(sizeBytes);
					expect(new Set([...lengths.slice(0, -1), chunkBytes]).size).toBe(1);
					expect(lengths.at(-1)).toBeGreaterThan(0);
				},
			),
		);
	});

	test.each([-1, 3, 0.5, Number.NaN])("have no number %s of three", (index) => {
		expect(chunkLength({ sizeBytes: 25, chunkBytes: 10 }, index)).toBeNull();
	});

	test("are missing if nobody has said that they are there, with an ETag", () => {
		const ledger = [
			{ index: 0, chunkStatus: "UPLOADED", etag: "a" },
			{ index: 1, chunkStatus: "FAILED", etag: "b" },
			{ index: 2, chunkStatus: "UPLOADED", etag: null },
		];

		expect(missingChunks({ sizeBytes: 40, chunkBytes: 10 }, ledger)).toEqual([1, 2, 3]);
	});

	test.each([
		['"abc"', "abc"],
		['W/"abc"', "abc"],
		["abc", "abc"],
	])("have the ETag %s without its quotes", (etag, plain) => {
		expect(plainEtag(etag)).toBe(plain);
	});
});

describe("a file", () => {
	test.each([
		[{ sizeBytes: 0, contentType: "video/mp4" }, "validation"],
		[{ sizeBytes: 21 * 1024 ** 3, contentType: "video/mp4" }, "payload-too-large"],
		[{ sizeBytes: 9, contentType: "image/svg+xml" }, "unsupported-media-type"],
		[{ sizeBytes: 9, contentType: "application/zip" }, "unsupported-media-type"],
	])("like %o is not taken", (file, code) => {
		expect(refuseFile(file)?.code).toBe(code);
	});

	test.each(["video/mp4", "audio/flac; rate=1", "", "application/octet-stream", "application/ogg"])(
		"that calls itself '%s' is taken",
		(contentType) => {
			expect(refuseFile({ sizeBytes: 20 * 1024 ** 3, contentType })).toBeNull();
		},
	);
});

describe("a report", () => {
	const steps = planSteps("video", probeOf({ video: videoOf({ codec: "vp9" }) }), PLAN_OPTIONS).map(armed);
	const [low] = steps;
	const complete = (...outputs: ReturnType<typeof outputOf>[]) => ({
		state: "complete" as const,
		attempt: 1,
		worker: "m",
		result: { kind: "outputs" as const, outputs, loudnessLufs: null },
	});

	test("of what was asked for is taken", () => {
		if (!low) throw new Error("there is no step");
		expect(checkReport(low, complete(outputOf("360p-h264", 0, { first: 0, count: 1 })))).toBeNull();
	});

	test.each([
		[
			"another rendition",
			complete(
				outputOf("360p-h264", 0, { first: 0, count: 1 }),
				outputOf("720p-h264", 0, { first: 0, count: 1 }),
			),
		],
		["another chunk", complete(outputOf("360p-h264", 1, { first: 0, count: 1 }))],
		["nothing", complete()],
		[
			"a file of somebody else's",
			complete({ ...outputOf("360p-h264", 0, { first: 0, count: 1 }), initKey: "720p-h264/init.mp4" }),
		],
		["a probe", { ...complete(), result: { kind: "probe" as const, probe: probeOf() } }],
	])("of %s is refused", (_what, report) => {
		if (!low) throw new Error("there is no step");
		expect(checkReport(low, report)).not.toBeNull();
	});
});

describe("captions", () => {
	test("in SubRip become WebVTT", () => {
		const text =
			"\uFEFF1\r\n00:00:01,5 --> 00:00:02,250\r\n{\\an8}<i>Hello</i> & <font>bye</font>\r\n\r\n2\r\n00:01:00,000 --> 00:01:02,000\r\ntwo\r\nlines\r\n";

		expect(toWebVtt(text, "srt")).toBe(
			"WEBVTT\n\n00:00:01.500 --> 00:00:02.250\n<i>Hello</i> &amp; &lt;font>bye&lt;/font>\n\n00:01:00.000 --> 00:01:02.000\ntwo\nlines\n",
		);
	});

	test("in WebVTT stay as they are, with plain line ends", () => {
		expect(toWebVtt("WEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\nHello", "vtt")).toBe(
			"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n",
		);
	});

	test.each([
		["nothing", "", "srt" as const],
		["no cue", "WEBVTT\n\nHello\n", "vtt" as const],
		["another format", "00:01.000 --> 00:02.000\nHello\n", "vtt" as const],
		["a binary", "\0\0\0 ftypisom", "srt" as const],
	])("with %s are refused", (_what, text, format) => {
		expect(() => toWebVtt(text, format)).toThrow(CaptionsError);
	});
});

describe("a podcast feed", () => {
	test("escapes what people have written, and names sound, length and date of each episode", () => {
		const text = renderFeed({
			title: "Tom & <Jerry>",
			description: "",
			link: "https://x/@tom",
			selfURL: "https://x/channels/ch/feed.xml",
			author: "Tom",
			imageURL: null,
			episodes: [
				{
					guid: "vid_1",
					title: 'One "\u0001"',
					description: "]]>",
					link: "https://x/watch/vid_1",
					publishedAt: 0,
					durationSeconds: 61.4,
					enclosure: { url: "https://x/a.m4a?b&c", sizeBytes: 5, type: "audio/mp4" },
					imageURL: null,
					chaptersURL: null,
					transcripts: [{ url: "https://x/t.vtt", language: "en" }],
				},
			],
		});

		expect(text).toContain("<title>Tom &amp; &lt;Jerry&gt;</title>");
		expect(text).toContain("<title>One &quot;&quot;</title>");
		expect(text).toContain('<enclosure url="https://x/a.m4a?b&amp;c" length="5" type="audio/mp4"/>');
		expect(text).toContain("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>");
		expect(text).toContain("<itunes:duration>61</itunes:duration>");
		expect(text).toContain("<description>]]&gt;</description>");
	});
});
