import type { Epoch, ListedSegment, LiveIndex, RenditionInfo } from "./live-index.ts";

/** Segments that a live manifest lists: 5 minutes of 2 s, as the HLS playlists do. */
const LIVE_WINDOW_SEGMENTS = 150;
/** Where players begin behind the live edge, in segments. */
const DELAY_SEGMENTS = 3;

/**
 * MPEG-DASH (ISO/IEC 23009-1, profile isoff-live) over the very CMAF segments that HLS lists: one Period an epoch,
 * segments by $Number$ with a timeline. Live it is dynamic and its Periods stand at their wall-clock times;
 * after the end it is static and they follow on each other. `now` in ms since 1970.
 */
export function renderDashManifest(
	index: LiveIndex,
	options: { query: string; isEnded: boolean; now: number },
): string {
	const limit = options.isEnded ? Number.POSITIVE_INFINITY : LIVE_WINDOW_SEGMENTS;
	const tracks = index.renditions().map((info) => ({ info, segments: listClosed(index, info.name, limit) }));
	const originAt = index.epochs()[0]?.startsAt ?? 0;
	let elapsed = 0;
	const periods = index.epochs().flatMap((epoch) => {
		const own = tracks
			.map(({ segments }) => segments.filter((item) => item.epoch === epoch))
			.filter((segments) => segments.length > 0);
		if (own.length === 0) return [];
		const start = options.isEnded ? elapsed : (epoch.startsAt - originAt) / 1000;
		elapsed += Math.max(...own.map(spanSeconds));
		return renderPeriod(epoch, { start, isContiguous: options.isEnded }, distinct(own), options.query);
	});
	const segmentSeconds = index.epochs()[0]?.segmentTargetSeconds ?? 2;
	return [
		'<?xml version="1.0" encoding="UTF-8"?>',
		`<MPD ${attributes({
			xmlns: "urn:mpeg:dash:schema:mpd:2011",
			profiles: "urn:mpeg:dash:profile:isoff-live:2011",
			minBufferTime: duration(segmentSeconds),
			...(options.isEnded
				? { type: "static", mediaPresentationDuration: duration(elapsed) }
				: liveAttributes(originAt, segmentSeconds, options.now)),
		})}>`,
		...periods,
		'<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-head:2014" value="/healthz"/>',
		"</MPD>",
		"",
	].join("\n");
}

function liveAttributes(originAt: number, segmentSeconds: number, now: number) {
	return {
		type: "dynamic",
		availabilityStartTime: new Date(originAt).toISOString(),
		publishTime: new Date(now).toISOString(),
		minimumUpdatePeriod: duration(segmentSeconds),
		timeShiftBufferDepth: duration(LIVE_WINDOW_SEGMENTS * segmentSeconds),
		suggestedPresentationDelay: duration(DELAY_SEGMENTS * segmentSeconds),
		maxSegmentDuration: duration(segmentSeconds + 1),
	};
}

function listClosed(index: LiveIndex, name: string, limit: number): ListedSegment[] {
	return (index.list(name, limit) ?? []).filter((item) => item.segment.isClosed && !item.segment.isGap);
}

/** A rendition that the epoch lacks is listed by its neighbour: once is enough. */
function distinct(lists: ListedSegment[][]): ListedSegment[][] {
	const byName = new Map(lists.map((segments) => [segments[0]?.rendition.name, segments]));
	return [...byName.values()];
}

function renderPeriod(
	epoch: Epoch,
	at: { start: number; isContiguous: boolean },
	lists: ListedSegment[][],
	query: string,
): string[] {
	const sets = (["video", "audio"] as const).flatMap((kind) => {
		const own = lists.filter((segments) => segments[0]?.rendition.kind === kind);
		if (own.length === 0) return [];
		return [
			`<AdaptationSet ${attributes({ contentType: kind, mimeType: `${kind}/mp4`, segmentAlignment: "true", startWithSAP: "1" })}>`,
			...own.flatMap((segments) =>
				renderRepresentation(epoch, segments, { query, isContiguous: at.isContiguous }),
			),
			"</AdaptationSet>",
		];
	});
	return [
		`<Period ${attributes({ id: String(epoch.epoch), start: duration(at.start) })}>`,
		...sets,
		"</Period>",
	];
}

function renderRepresentation(
	epoch: Epoch,
	segments: ListedSegment[],
	options: { query: string; isContiguous: boolean },
): string[] {
	const [first] = segments;
	if (!first) return [];
	const { rendition } = first;
	const suffix = options.query === "" ? "" : `?${options.query}`;
	return [
		`<Representation ${attributes(describe(rendition))}>`,
		`<SegmentTemplate ${attributes({
			timescale: String(rendition.timescale),
			startNumber: String(first.segment.number),
			// A recording's Period begins with its first segment; a live one with media time 0.
			presentationTimeOffset: String(options.isContiguous ? startOf(first) : 0),
			initialization: `${rendition.name}/seg/init-${epoch.epoch}.mp4${suffix}`,
			media: `${rendition.name}/seg/$Number$.m4s${suffix}`,
		})}><SegmentTimeline>`,
		...segments.map((item) => `<S t="${startOf(item)}" d="${ticksOf(item)}"/>`),
		"</SegmentTimeline></SegmentTemplate>",
		"</Representation>",
	];
}

function describe(rendition: RenditionInfo): Record<string, string> {
	return {
		id: rendition.name,
		codecs: rendition.codecs,
		bandwidth: String(rendition.bitrateBps),
		...(rendition.width === undefined ? {} : { width: String(rendition.width) }),
		...(rendition.height === undefined ? {} : { height: String(rendition.height) }),
		...(rendition.framesPerSecond === undefined
			? {}
			: { frameRate: String(Math.round(rendition.framesPerSecond)) }),
	};
}

function startOf(item: ListedSegment): number {
	return item.segment.parts[0]?.time ?? 0;
}

function ticksOf(item: ListedSegment): number {
	return item.segment.parts.reduce((sum, part) => sum + part.duration, 0);
}

function spanSeconds(segments: ListedSegment[]): number {
	const [first] = segments;
	return first ? segments.reduce((sum, item) => sum + ticksOf(item), 0) / first.rendition.timescale : 0;
}

/** ISO 8601. */
function duration(seconds: number): string {
	return `PT${seconds.toFixed(3)}S`;
}

function attributes(values: Record<string, string>): string {
	return Object.entries(values)
		.map(
			([name, value]) =>
				`${name}="${value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")}"`,
		)
		.join(" ");
}
