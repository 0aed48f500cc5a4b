import { type IndexedRendition, listRenditions, type VodIndex } from "./vod-index.ts";

/**
 * MPEG-DASH (ISO/IEC 23009-1) over the very CMAF segments that HLS lists: one Period, segments by SegmentList, since their names are keys
 * and no template. Only whole renditions, so that it is static; null before there is a picture (or sound) that is whole.
 */
export function renderVodManifest(index: VodIndex, options: { query: string }): string | null {
	const whole = listRenditions(index).filter((rendition) => rendition.isFinished);
	const has = (kind: "video" | "audio") => whole.some((rendition) => rendition.kind === kind);
	if (whole.length === 0 || (index.hasVideo && !has("video")) || (index.hasAudio && !has("audio")))
		return null;
	const seconds = Math.max(...whole.map(endSeconds));
	const longest = Math.max(
		...whole.flatMap((rendition) =>
			rendition.segments.map((segment) => segment.duration / rendition.timescale),
		),
	);
	return [
		'<?xml version="1.0" encoding="UTF-8"?>',
		`<MPD ${attributes({
			xmlns: "urn:mpeg:dash:schema:mpd:2011",
			profiles: "urn:mpeg:dash:profile:full:2011",
			type: "static",
			minBufferTime: duration(longest),
			mediaPresentationDuration: duration(seconds),
		})}>`,
		`<Period ${attributes({ id: "0", start: duration(0), duration: duration(seconds) })}>`,
		...renderSets(whole, options.query),
		"</Period>",
		"</MPD>",
		"",
	].join("\n");
}

/** One AdaptationSet a kind and codec: players switch within one. */
function renderSets(renditions: IndexedRendition[], query: string): string[] {
	const sets = Map.groupBy(renditions, (rendition) => `${rendition.kind} ${rendition.codecs.split(".")[0]}`);
	return [...sets.values()].flatMap((own) => [
		`<AdaptationSet ${attributes({
			contentType: own[0]?.kind ?? "video",
			mimeType: `${own[0]?.kind ?? "video"}/mp4`,
			startWithSAP: "1",
		})}>`,
		...own.flatMap((rendition) => renderRepresentation(rendition, query)),
		"</AdaptationSet>",
	]);
}

function renderRepresentation(rendition: IndexedRendition, query: string): string[] {
	const suffix = query === "" ? "" : `?${query}`;
	const [first] = rendition.segments;
	return [
		`<Representation ${attributes({
			id: rendition.name,
			codecs: rendition.codecs,
			bandwidth: String(rendition.bitrateBps),
			...(rendition.width === undefined ? {} : { width: String(rendition.width) }),
			...(rendition.height === undefined ? {} : { height: String(rendition.height) }),
			...(rendition.framesPerSecond === undefined ? {} : { frameRate: frameRate(rendition.framesPerSecond) }),
		})}>`,
		`<SegmentList ${attributes({ timescale: String(rendition.timescale), presentationTimeOffset: "0" })}>`,
		`<Initialization ${attributes({ sourceURL: `${first?.initKey ?? ""}${suffix}` })}/>`,
		"<SegmentTimeline>",
		...rendition.segments.map((segment) => `<S t="${segment.time}" d="${segment.duration}"/>`),
		"</SegmentTimeline>",
		...rendition.segments.map(
			(segment) => `<SegmentURL ${attributes({ media: `${segment.key}${suffix}` })}/>`,
		),
		"</SegmentList>",
		"</Representation>",
	];
}

function endSeconds(rendition: IndexedRendition): number {
	const last = rendition.segments.at(-1);
	return last ? (last.time + last.duration) / rendition.timescale : 0;
}

/** A whole number, or a fraction (ISO/IEC 23009-1 §5.3.7.2). */
function frameRate(framesPerSecond: number): string {
	const rounded = Math.round(framesPerSecond);
	return Math.abs(framesPerSecond - rounded) < 0.001
		? String(rounded)
		: `${Math.round(framesPerSecond * 1001)}/1001`;
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
