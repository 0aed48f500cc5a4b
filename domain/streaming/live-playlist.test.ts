import HLS from "hls-parser";
import { Parser } from "m3u8-parser";
import { describe, expect, test } from "vitest";
import { LiveIndex } from "./live-index.ts";
import { checkReload, renderMediaPlaylist, renderPrimaryPlaylist } from "./live-playlist.ts";

const LIVE = {
	rendition: "720p-h264",
	query: "exp=1&kid=k&sig=s",
	canSkip: false,
	isWhole: false,
	isEnded: false,
};

function stream(segments: number, openParts = 2): LiveIndex {
	const index = new LiveIndex();
	index.beginEpoch(1);
	index.openEpoch(1, {
		startsAt: Date.UTC(2026, 10, 1),
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
	for (const [rendition, timescale] of [
		["720p-h264", 90_000],
		["audio-aac", 48_000],
	] as const) {
		for (let segment = 0; segment <= segments; segment++) {
			for (let part = 0; part < (segment === segments ? openParts : 4); part++) {
				index.acceptPart(
					{ epoch: 1, rendition, segment, part },
					{
						time: (segment * 2 + part / 2) * timescale,
						duration: timescale / 2,
						isIndependent: part === 0,
						sizeBytes: 1,
					},
					part === 3,
				);
			}
		}
	}
	return index;
}

function render(index: LiveIndex, options: Partial<typeof LIVE> = {}): string {
	return renderMediaPlaylist(index, { ...LIVE, ...options }) ?? "";
}

describe("a live media playlist", () => {
	test("is understood by two independent parsers, which agree on its segments", () => {
		const text = render(stream(6));

		const hls = HLS.parse(text);
		const m3u8 = new Parser();
		m3u8.push(text);
		m3u8.end();

		if (hls.isMasterPlaylist) throw new Error("parsed as a primary playlist");
		const closed = hls.segments.filter(
			(segment) => segment.duration !== undefined && segment.duration > 0 && segment.uri,
		);
		expect(closed.length).toBe(6);
		expect(m3u8.manifest.segments.filter((segment: { duration?: number }) => segment.duration).length).toBe(
			6,
		);
		expect(m3u8.manifest.partTargetDuration).toBeCloseTo(0.53);
	});

	test("obeys the arithmetic of RFC 8216bis: hold-backs, part target, target duration", () => {
		const text = render(stream(6));

		const holdBack = Number(/PART-HOLD-BACK=([\d.]+)/.exec(text)?.[1]);
		const partTarget = Number(/PART-TARGET=([\d.]+)/.exec(text)?.[1]);
		const target = Number(/TARGETDURATION:(\d+)/.exec(text)?.[1]);
		const skipUntil = Number(/CAN-SKIP-UNTIL=([\d.]+)/.exec(text)?.[1]);

		expect(holdBack).toBeGreaterThanOrEqual(3 * partTarget);
		expect(skipUntil).toBeGreaterThanOrEqual(6 * target);
		for (const [, duration] of text.matchAll(/EXT-X-PART:DURATION=([\d.]+)/g))
			expect(Number(duration)).toBeLessThanOrEqual(partTarget);
		for (const [, duration] of text.matchAll(/EXTINF:([\d.]+)/g))
			expect(Math.round(Number(duration))).toBeLessThanOrEqual(target);
	});

	test("hints at the next part of the open segment, and at the next segment once it is closed", () => {
		expect(render(stream(4, 2))).toContain('PRELOAD-HINT:TYPE=PART,URI="seg/4.2.m4s?');
		expect(render(stream(4, 4))).toContain('PRELOAD-HINT:TYPE=PART,URI="seg/5.0.m4s?');
	});

	test("reports where the sibling playlists are", () => {
		expect(render(stream(4, 2))).toContain(
			'#EXT-X-RENDITION-REPORT:URI="../audio-aac/playlist.m3u8?exp=1&kid=k&sig=s",LAST-MSN=4,LAST-PART=1',
		);
	});

	test("as a delta update leaves out exactly what lies before the skip boundary", () => {
		const full = render(stream(20));
		const delta = render(stream(20), { canSkip: true });

		const skipped = Number(/SKIPPED-SEGMENTS=(\d+)/.exec(delta)?.[1]);
		const listed = [...delta.matchAll(/#EXTINF:/g)].length;

		expect(skipped).toBeGreaterThan(0);
		expect(skipped + listed).toBe([...full.matchAll(/#EXTINF:/g)].length);
		expect(listed * 2).toBeGreaterThanOrEqual(12);
	});

	test("never lists more than its window, and its media sequence moves on", () => {
		const text = render(stream(200));

		expect([...text.matchAll(/#EXTINF:/g)].length).toBeLessThanOrEqual(150);
		expect(text).toContain("#EXT-X-MEDIA-SEQUENCE:51");
	});

	test("marks the border between two epochs with a discontinuity and a new map", () => {
		const index = stream(3, 4);
		index.beginEpoch(2);
		index.openEpoch(2, {
			startsAt: Date.UTC(2026, 10, 2),
			segmentTargetSeconds: 2,
			partTargetSeconds: 0.53,
			renditions: [
				{
					name: "720p-h264",
					kind: "video",
					codecs: "avc1.64001f",
					bitrateBps: 1,
					width: 1280,
					height: 720,
					timescale: 90_000,
					init: "",
				},
			],
		});
		index.acceptPart(
			{ epoch: 2, rendition: "720p-h264", segment: 4, part: 0 },
			{ time: 0, duration: 45_000, isIndependent: true, sizeBytes: 1 },
			false,
		);

		const text = render(index);

		expect(text).toMatch(/#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="seg\/init-2\.mp4/);
		expect(text.indexOf("init-1.mp4")).toBeLessThan(text.indexOf("#EXT-X-DISCONTINUITY\n"));
	});
});

test("after the end the playlist is VOD: whole, closed, without low-latency tags", () => {
	const index = stream(200, 2);
	index.seal();

	const text = render(index, { isEnded: true });

	expect(text).toContain("#EXT-X-PLAYLIST-TYPE:VOD");
	expect(text.trimEnd().endsWith("#EXT-X-ENDLIST")).toBe(true);
	expect([...text.matchAll(/#EXTINF:/g)].length).toBe(201);
	expect(text).not.toMatch(/EXT-X-PART|PRELOAD-HINT|SERVER-CONTROL/);
});

test("the primary playlist names each rendition with its audio, best first", () => {
	const playlist = HLS.parse(renderPrimaryPlaylist(stream(4), { query: "q=1", isEnded: false }));

	if (!playlist.isMasterPlaylist) throw new Error("parsed as a media playlist");
	expect(playlist.variants[0]).toMatchObject({
		bandwidth: 2_928_000,
		codecs: "avc1.64001f,mp4a.40.2",
		uri: "720p-h264/playlist.m3u8?q=1",
	});
	expect(playlist.variants[0]?.audio[0]?.uri).toBe("audio-aac/playlist.m3u8?q=1");
});

describe("blocking reload", () => {
	test.each([
		[{ segment: 4, part: 1 }, "ready"],
		[{ segment: 4, part: 2 }, "wait"],
		[{ segment: 4, part: null }, "wait"],
		[{ segment: 3, part: null }, "ready"],
		[{ segment: 3, part: 9 }, "ready"],
		[{ segment: 6, part: 0 }, "wait"],
		[{ segment: 7, part: null }, "invalid"],
	] as const)("%o of a stream at segment 4 part 1: %s", (wanted, verdict) => {
		expect(checkReload(stream(4, 2), "720p-h264", wanted)).toBe(verdict);
	});
});
