import type { ListedSegment, LiveIndex, LivePart, LiveSegment, RenditionInfo } from "./live-index.ts";

/** Segments that a live playlist lists unless the whole broadcast is asked for: 5 minutes of 2 s. */
const LIVE_WINDOW_SEGMENTS = 150;
/** Parts are listed of segments that begin less than so many target durations before the end (RFC 8216bis §4.4.4.9). */
const TARGETS_WITH_PARTS = 3;
/** Master playlist only from here on: players that join earlier stall at once. */
export const SEGMENTS_BEFORE_PLAYBACK = 3;

export interface MediaPlaylistOptions {
	rendition: string;
	/** Put behind every address: the signature. */
	query: string;
	/** RFC 8216bis §6.2.5.1 `_HLS_skip=YES`: a delta update is welcome. */
	canSkip: boolean;
	/** All segments since the start, not only the window. */
	isWhole: boolean;
	isEnded: boolean;
}

/** A media playlist (RFC 8216bis §4.4.3) with low-latency parts while live, VOD after the end. Null: no such rendition. */
export function renderMediaPlaylist(index: LiveIndex, options: MediaPlaylistOptions): string | null {
	const isVod = options.isEnded;
	const listed = index.list(
		options.rendition,
		options.isWhole || isVod ? Number.POSITIVE_INFINITY : LIVE_WINDOW_SEGMENTS,
	);
	const first = listed?.[0];
	if (!listed || !first) return null;
	const targetDuration = Math.max(
		Math.round(first.epoch.segmentTargetSeconds),
		...listed.map((item) => Math.round(segmentSeconds(item))),
	);
	const skipped = options.canSkip && !isVod ? Math.max(0, countBefore(listed, 6 * targetDuration) - 1) : 0;
	const lines = [
		"#EXTM3U",
		`#EXT-X-VERSION:${isVod ? 7 : 9}`,
		`#EXT-X-TARGETDURATION:${targetDuration}`,
		...(isVod ? ["#EXT-X-PLAYLIST-TYPE:VOD"] : serverControl(targetDuration, first.epoch.partTargetSeconds)),
		"#EXT-X-INDEPENDENT-SEGMENTS",
		`#EXT-X-MEDIA-SEQUENCE:${first.segment.number}`,
		`#EXT-X-DISCONTINUITY-SEQUENCE:${index.discontinuitySequence(first.epoch)}`,
		...(skipped > 0 ? [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`] : []),
		...renderSegments(
			listed,
			{ skipped, withPartsFrom: countBefore(listed, TARGETS_WITH_PARTS * targetDuration - 0.001) },
			options,
		),
		...(isVod ? ["#EXT-X-ENDLIST"] : [...renderHint(listed, options), ...renderReports(index, options)]),
	];
	return `${lines.join("\n")}\n`;
}

/** The primary playlist (RFC 8216bis §4.4.6): the renditions of now while live, all that ever were after the end. */
export function renderPrimaryPlaylist(
	index: LiveIndex,
	options: { query: string; isEnded: boolean },
): string {
	const renditions = options.isEnded ? index.renditions() : (index.epochs().at(-1)?.renditions ?? []);
	const audio = renditions.find((rendition) => rendition.kind === "audio");
	const videos = renditions.filter((rendition) => rendition.kind === "video");
	const lines = ["#EXTM3U", `#EXT-X-VERSION:${options.isEnded ? 7 : 9}`, "#EXT-X-INDEPENDENT-SEGMENTS"];
	if (audio && videos.length > 0) {
		lines.push(
			`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Main",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="${playlistURI(audio, options.query)}"`,
		);
	}
	const variants = videos.length > 0 ? videos : audio ? [audio] : [];
	for (const variant of variants.toSorted((a, b) => b.bitrateBps - a.bitrateBps)) {
		lines.push(`#EXT-X-STREAM-INF:${streamInfo(variant, audio)}`, playlistURI(variant, options.query));
	}
	return `${lines.join("\n")}\n`;
}

export type ReloadVerdict = "ready" | "wait" | "invalid";

/**
 * Blocking playlist reload, RFC 8216bis §6.2.5.2: whether the playlist already holds what `_HLS_msn` and `_HLS_part` ask for.
 * A part past a segment's last is the first of the next one. More than two segments ahead is an error.
 */
export function checkReload(
	index: LiveIndex,
	rendition: string,
	wanted: { segment: number; part: number | null },
): ReloadVerdict {
	const newest = index.newest(rendition);
	if (!newest) return wanted.segment <= 2 ? "wait" : "invalid";
	if (wanted.segment > newest.segment + 2) return "invalid";
	if (wanted.segment > newest.segment) return "wait";
	if (wanted.segment < newest.segment) return "ready";
	if (wanted.part === null) return newest.isClosed ? "ready" : "wait";
	return wanted.part <= newest.part ? "ready" : "wait";
}

function serverControl(targetDuration: number, partTarget: number): string[] {
	return [
		`#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=${seconds(6 * targetDuration)},HOLD-BACK=${seconds(3 * targetDuration)},PART-HOLD-BACK=${seconds(3.05 * partTarget)}`,
		`#EXT-X-PART-INF:PART-TARGET=${seconds(partTarget)}`,
	];
}

function renderSegments(
	listed: ListedSegment[],
	from: { skipped: number; withPartsFrom: number },
	options: MediaPlaylistOptions,
): string[] {
	const lines: string[] = [];
	const { skipped } = from;
	let previous: ListedSegment | undefined = listed[skipped - 1];
	for (const [position, item] of listed.entries()) {
		if (position < skipped) continue;
		const isOther = previous !== undefined && previous.epoch !== item.epoch;
		if (isOther) lines.push("#EXT-X-DISCONTINUITY");
		if (previous === undefined || isOther)
			lines.push(`#EXT-X-MAP:URI="${mediaURI(item, `init-${item.epoch.epoch}.mp4`, options)}"`);
		const withParts = !options.isEnded && position >= from.withPartsFrom;
		if (item.segment.isClosed || withParts) lines.push(...renderSegment(item, withParts, options));
		previous = item;
	}
	return lines;
}

function renderSegment(item: ListedSegment, withParts: boolean, options: MediaPlaylistOptions): string[] {
	const { segment } = item;
	const first = segment.parts[0];
	const lines: string[] = [];
	if (first) {
		const at = item.epoch.startsAt + (first.time * 1000) / item.rendition.timescale;
		lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(at)).toISOString()}`);
	}
	if (segment.isGap) lines.push("#EXT-X-GAP");
	if (withParts && !segment.isGap)
		lines.push(...segment.parts.map((part, number) => renderPart(item, part, number, options)));
	if (segment.isClosed)
		lines.push(`#EXTINF:${seconds(segmentSeconds(item))},`, mediaURI(item, `${segment.number}.m4s`, options));
	return lines;
}

function renderPart(
	item: ListedSegment,
	part: LivePart,
	number: number,
	options: MediaPlaylistOptions,
): string {
	const uri = mediaURI(item, partName(item.segment.number, number), options);
	const independent = part.isIndependent ? ",INDEPENDENT=YES" : "";
	return `#EXT-X-PART:DURATION=${seconds(part.duration / item.rendition.timescale)},URI="${uri}"${independent}`;
}

/** The next part's address before it exists (RFC 8216bis §4.4.5.3). */
function renderHint(listed: ListedSegment[], options: MediaPlaylistOptions): string[] {
	const last = listed.at(-1);
	if (!last) return [];
	const { segment } = last;
	const name = segment.isClosed
		? partName(segment.number + 1, 0)
		: partName(segment.number, segment.parts.length);
	return [`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${mediaURI(last, name, options)}"`];
}

/** Where the sibling playlists are (RFC 8216bis §4.4.5.4). */
function renderReports(index: LiveIndex, options: MediaPlaylistOptions): string[] {
	return (index.epochs().at(-1)?.renditions ?? [])
		.filter((sibling) => sibling.name !== options.rendition)
		.flatMap((sibling) => {
			const newest = index.newest(sibling.name);
			if (!newest) return [];
			return `#EXT-X-RENDITION-REPORT:URI="../${playlistURI(sibling, options.query)}",LAST-MSN=${newest.segment},LAST-PART=${Math.max(0, newest.part)}`;
		});
}

function streamInfo(variant: RenditionInfo, audio: RenditionInfo | undefined): string {
	const isVideo = variant.kind === "video";
	const bandwidth = variant.bitrateBps + (isVideo ? (audio?.bitrateBps ?? 0) : 0);
	const codecs = [variant.codecs, ...(isVideo && audio ? [audio.codecs] : [])].join(",");
	return [
		`BANDWIDTH=${bandwidth}`,
		`CODECS="${codecs}"`,
		...(isVideo ? [`RESOLUTION=${variant.width}x${variant.height}`] : []),
		...(variant.framesPerSecond ? [`FRAME-RATE=${variant.framesPerSecond.toFixed(3)}`] : []),
		...(isVideo ? ["VIDEO-RANGE=SDR", "CLOSED-CAPTIONS=NONE"] : []),
		...(isVideo && audio ? ['AUDIO="audio"'] : []),
	].join(",");
}

/** How many of the oldest segments begin more than so many seconds before the playlist's end. */
function countBefore(listed: ListedSegment[], secondsFromEnd: number): number {
	let remaining = secondsFromEnd;
	let position = listed.length;
	while (position > 0) {
		const item = listed[position - 1];
		remaining -= item ? segmentSeconds(item) : 0;
		if (remaining < 0) break;
		position--;
	}
	return position;
}

function segmentSeconds(item: ListedSegment): number {
	return durationTicks(item.segment) / item.rendition.timescale;
}

function durationTicks(segment: LiveSegment): number {
	return segment.parts.reduce((sum, part) => sum + part.duration, 0);
}

function partName(segment: number, part: number): string {
	return `${segment}.${part}.m4s`;
}

function playlistURI(rendition: RenditionInfo, query: string): string {
	return `${rendition.name}/playlist.m3u8${query === "" ? "" : `?${query}`}`;
}

function mediaURI(item: ListedSegment, name: string, options: MediaPlaylistOptions): string {
	const folder = item.rendition.name === options.rendition ? "" : `../${item.rendition.name}/`;
	return `${folder}seg/${name}${options.query === "" ? "" : `?${options.query}`}`;
}

/** Five decimals: microseconds of rounding add up to nothing over hours (RFC 8216bis §4.4.4.1 wants decimal floating point). */
function seconds(value: number): string {
	return value.toFixed(5);
}
