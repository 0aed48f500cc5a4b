import { Parser } from "m3u8-parser";
import { parse as parseMpd } from "mpd-parser";
import { describe, expect, test } from "vitest";
import { VideoID } from "../../protocol/ids.ts";
import { outputOf, PLAN_OPTIONS, probeOf, videoOf } from "./fixtures.ts";
import { planSteps } from "./plan.ts";
import { armed } from "./step.ts";
import {
	indexRenditions,
	isPlayable,
	listRenditions,
	type StoredOutput,
	type VodIndex,
} from "./vod-index.ts";
import { renderVodManifest } from "./vod-manifest.ts";
import { renderCaptionsPlaylist, renderVodMediaPlaylist, renderVodPrimaryPlaylist } from "./vod-playlist.ts";

const QUERY = "exp=1&kid=k&sig=s";
const videoID = VideoID.parse("vid_01ARZ3NDEKTSV4RRFFQ69G5FAV");
/** A minute of HEVC: chunks of 4, 10, 10, 10, 10, 10, 6 s of three rungs, and sound. */
const STEPS = planSteps("video", probeOf({ video: videoOf({ codec: "hevc" }) }), PLAN_OPTIONS).map(armed);

function whole(name: string, chunk: number, first: number, count: number): StoredOutput {
	return { output: outputOf(name, chunk, { first, count }), isFinal: true };
}

function indexOf(outputs: StoredOutput[], isComplete = false): VodIndex {
	return {
		videoID,
		isComplete,
		durationSeconds: 60,
		hasVideo: true,
		hasAudio: true,
		renditions: indexRenditions(STEPS, outputs),
		files: [],
	};
}

/** All chunks of a rung, 3 segments each. */
function allOf(name: string): StoredOutput[] {
	return Array.from({ length: 7 }, (_, chunk) => whole(name, chunk, chunk * 3, 3));
}

function reparse(text: string) {
	const parser = new Parser();
	parser.push(text);
	parser.end();
	return parser.manifest;
}

describe("a rendition", () => {
	test("reaches from its start to the first chunk that is missing, whatever comes behind", () => {
		const [rendition] = indexRenditions(STEPS, [
			whole("360p-h264", 3, 9, 3),
			whole("360p-h264", 0, 0, 3),
			whole("360p-h264", 1, 3, 3),
		]);

		expect(rendition?.segments).toHaveLength(6);
		expect(rendition?.isFinished).toBe(false);
	});

	test("shows what a running chunk has stored, and nothing behind it", () => {
		const [rendition] = indexRenditions(STEPS, [
			{ output: outputOf("360p-h264", 0, { first: 0, count: 1 }), isFinal: false },
			whole("360p-h264", 1, 3, 3),
		]);

		expect(rendition?.segments).toHaveLength(1);
	});

	test("is finished when all of its chunks are", () => {
		expect(indexRenditions(STEPS, allOf("360p-h264"))[0]?.isFinished).toBe(true);
		expect(indexRenditions(STEPS, allOf("360p-h264").slice(0, 6))[0]?.isFinished).toBe(false);
	});

	test("has no gap where a chunk's last frame was held too short", () => {
		const first = outputOf("360p-h264", 0, { first: 0, count: 3 });
		const last = first.segments[2];
		if (last) last.duration -= 7;

		const [rendition] = indexRenditions(STEPS, [
			{ output: first, isFinal: true },
			whole("360p-h264", 1, 3, 3),
		]);

		expect(rendition?.segments.map((segment) => segment.duration)).toEqual([
			4000, 4000, 4000, 4000, 4000, 4000,
		]);
	});
});

describe("a work in the making", () => {
	const growing = indexOf([whole("360p-h264", 0, 0, 3), whole("audio-aac128", 0, 0, 15)]);

	test("can be played from the first picture and sound on, not before", () => {
		expect(isPlayable(indexOf([whole("360p-h264", 0, 0, 1)]))).toBe(false);
		expect(isPlayable(indexOf([whole("audio-aac128", 0, 0, 1)]))).toBe(false);
		expect(isPlayable(growing)).toBe(true);
	});

	test("offers the quality that is furthest, then the finished ones alone", () => {
		const behind = [whole("720p-h264", 0, 0, 2), whole("360p-h264", 0, 0, 3)];
		expect(listRenditions(indexOf(behind)).map((item) => item.name)).toEqual(["360p-h264"]);
		const one = [...allOf("360p-h264"), whole("720p-h264", 0, 0, 3)];
		expect(listRenditions(indexOf(one)).map((item) => item.name)).toEqual(["360p-h264"]);
		const both = [...allOf("360p-h264"), ...allOf("720p-h264")];
		expect(listRenditions(indexOf(both))).toHaveLength(2);
	});

	test("is an HLS event that begins at its start and does not end", () => {
		const text = renderVodMediaPlaylist(growing, "360p-h264", { query: QUERY }) ?? "";
		const playlist = reparse(text);

		expect(text).toContain("#EXT-X-PLAYLIST-TYPE:EVENT");
		expect(text).toContain("#EXT-X-START:TIME-OFFSET=0");
		expect(playlist.endList).toBeFalsy();
		expect(playlist.segments.map((segment) => segment.uri)).toEqual([
			`c0-00001.m4s?${QUERY}`,
			`c0-00002.m4s?${QUERY}`,
			`c0-00003.m4s?${QUERY}`,
		]);
		expect(playlist.segments[0]?.map?.uri).toBe(`init.mp4?${QUERY}`);
	});

	test("keeps its target duration while it grows", () => {
		const later = indexOf([...allOf("360p-h264"), whole("audio-aac128", 0, 0, 15)]);

		const [before, after] = [growing, later].map((index) =>
			reparse(renderVodMediaPlaylist(index, "audio-aac128", { query: "" }) ?? ""),
		);

		expect(before?.targetDuration).toBe(after?.targetDuration);
	});

	test("has no DASH manifest before a whole quality", () => {
		expect(renderVodManifest(growing, { query: QUERY })).toBeNull();
	});
});

describe("a finished work", () => {
	const finished = indexOf(
		[...allOf("360p-h264"), ...allOf("720p-h264"), whole("audio-aac128", 0, 0, 15)],
		true,
	);

	test("is HLS version 7 with every quality, its codecs and its sound", () => {
		const text = renderVodPrimaryPlaylist(finished, [], { query: QUERY });
		const { playlists, mediaGroups } = reparse(text);

		expect(text).toContain("#EXT-X-VERSION:7");
		expect(text).not.toContain("EXT-X-START");
		expect(playlists?.map((item) => item.uri)).toEqual([
			`360p-h264/playlist.m3u8?${QUERY}`,
			`720p-h264/playlist.m3u8?${QUERY}`,
		]);
		expect(playlists?.[0]?.attributes).toMatchObject({
			CODECS: "avc1.64001f,mp4a.40.2",
			BANDWIDTH: 2_000_000,
			AUDIO: "audio-aac128",
		});
		expect(Object.keys(mediaGroups?.AUDIO ?? {})).toEqual(["audio-aac128"]);
	});

	test("ends its media playlists", () => {
		const playlist = reparse(renderVodMediaPlaylist(finished, "720p-h264", { query: QUERY }) ?? "");

		expect(playlist.endList).toBe(true);
		expect(playlist.segments).toHaveLength(21);
		expect(playlist.targetDuration).toBe(4);
	});

	test("lists captions under names that differ, each as one segment of the work's length", () => {
		const tracks = [
			{ language: "en", label: 'The "English"', origin: "upload" as const },
			{ language: "en-GB", label: 'The "English"', origin: "file" as const },
		];
		const text = renderVodPrimaryPlaylist(finished, tracks, { query: QUERY });

		expect(Object.keys(reparse(text).mediaGroups?.SUBTITLES?.captions ?? {})).toEqual([
			"The 'English' (en)",
			"The 'English' (en-GB)",
		]);
		expect(text).toContain('URI="captions/en-gb.m3u8?');
		const captions = reparse(renderCaptionsPlaylist(finished, "captions/own-en.vtt", { query: QUERY }));
		expect(captions.segments).toMatchObject([{ uri: `own-en.vtt?${QUERY}`, duration: 60 }]);
	});

	test("has a DASH manifest with the very segments of HLS", () => {
		const text = renderVodManifest(finished, { query: QUERY }) ?? "";
		const { playlists } = parseMpd(text, { manifestUri: "http://x/media/v/manifest.mpd" });

		expect(playlists.map((item) => item.attributes.NAME)).toEqual(["360p-h264", "720p-h264"]);
		expect(playlists[0]?.segments).toHaveLength(21);
		expect(playlists[0]?.segments[3]).toMatchObject({
			resolvedUri: `http://x/media/v/360p-h264/c1-00001.m4s?${QUERY}`,
			duration: 4,
		});
		expect(text.match(/contentType="audio"/g)).toHaveLength(1);
	});

	test("of sound alone offers each quality as a variant of its own", () => {
		const outputs = [whole("audio-aac128", 0, 0, 15), whole("audio-aac64", 0, 0, 15)];
		const text = renderVodPrimaryPlaylist({ ...indexOf(outputs, true), hasVideo: false }, [], { query: "" });

		expect(text).not.toContain("EXT-X-MEDIA");
		expect(reparse(text).playlists?.map((item) => item.uri)).toEqual([
			"audio-aac128/playlist.m3u8",
			"audio-aac64/playlist.m3u8",
		]);
	});
});
