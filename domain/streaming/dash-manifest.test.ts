import { parse } from "mpd-parser";
import { describe, expect, test } from "vitest";
import { renderDashManifest } from "./dash-manifest.ts";
import { LiveIndex } from "./live-index.ts";

const STARTS_AT = Date.UTC(2026, 10, 1);

function openEpoch(index: LiveIndex, epoch: number, startsAt: number): void {
	index.beginEpoch(epoch);
	index.openEpoch(epoch, {
		startsAt,
		segmentTargetSeconds: 2,
		partTargetSeconds: 0.53,
		renditions: [
			{
				name: "720p-h264",
				kind: "video",
				codecs: "avc1.64001f",
				bitrateBps: 2_800_000,
				width: 1280,
				height: 720,
				framesPerSecond: 30,
				timescale: 90_000,
				init: "",
			},
			{
				name: "audio-aac",
				kind: "audio",
				codecs: "mp4a.40.2",
				bitrateBps: 128_000,
				timescale: 48_000,
				init: "",
			},
		],
	});
}

function fill(index: LiveIndex, epoch: number, from: number, to: number): void {
	for (const [rendition, timescale] of [
		["720p-h264", 90_000],
		["audio-aac", 48_000],
	] as const) {
		for (let segment = from; segment <= to; segment++) {
			const part = {
				time: (segment - from) * 2 * timescale,
				duration: 2 * timescale,
				isIndependent: true,
				sizeBytes: 1,
			};
			index.acceptPart({ epoch, rendition, segment, part: 0 }, part, true);
		}
	}
}

function read(index: LiveIndex, isEnded: boolean) {
	const text = renderDashManifest(index, { query: "exp=1&kid=k", isEnded, now: STARTS_AT + 60_000 });
	return { text, manifest: parse(text, { manifestUri: "http://x/media/st/manifest.mpd" }) };
}

describe("a recording's manifest", () => {
	test("lists the same files as the HLS playlists, with the signature, and its whole duration", () => {
		const index = new LiveIndex();
		openEpoch(index, 1, STARTS_AT);
		fill(index, 1, 0, 4);

		const { manifest } = read(index, true);

		const [video] = manifest.playlists;
		expect(manifest.duration).toBe(10);
		expect(video?.attributes).toMatchObject({
			CODECS: "avc1.64001f",
			RESOLUTION: { width: 1280, height: 720 },
		});
		expect(video?.segments.map((segment) => segment.resolvedUri)).toEqual(
			[0, 1, 2, 3, 4].map((number) => `http://x/media/st/720p-h264/seg/${number}.m4s?exp=1&kid=k`),
		);
		expect(video?.segments[0]?.map.resolvedUri).toBe(
			"http://x/media/st/720p-h264/seg/init-1.mp4?exp=1&kid=k",
		);
	});

	test("of two epochs has two periods that follow on each other", () => {
		const index = new LiveIndex();
		openEpoch(index, 1, STARTS_AT);
		fill(index, 1, 0, 1);
		openEpoch(index, 2, STARTS_AT + 60_000);
		fill(index, 2, 2, 3);

		const { text, manifest } = read(index, true);

		expect(text).toMatch(/<Period id="2" start="PT4\.000S">/);
		expect(manifest.duration).toBe(8);
		expect(manifest.playlists[0]?.segments.map((segment) => segment.number)).toHaveLength(4);
	});
});

test("a live manifest is dynamic, and its periods stand at their wall-clock times", () => {
	const index = new LiveIndex();
	openEpoch(index, 1, STARTS_AT);
	fill(index, 1, 0, 3);
	openEpoch(index, 2, STARTS_AT + 30_000);
	fill(index, 2, 4, 5);

	const { text } = read(index, false);

	expect(text).toContain('type="dynamic"');
	expect(text).toContain(`availabilityStartTime="${new Date(STARTS_AT).toISOString()}"`);
	expect(text).toMatch(/<Period id="2" start="PT30\.000S">/);
	expect(text).toContain('startNumber="4"');
});
