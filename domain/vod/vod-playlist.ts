import type { CaptionTrack } from "../../protocol/vod.ts";
import { type IndexedRendition, listRenditions, type VodIndex } from "./vod-index.ts";

/** Put behind every address: the signature. */
interface Signed {
	query: string;
}

/** The primary playlist (RFC 8216bis §4.4.6), version 7. */
export function renderVodPrimaryPlaylist(
	index: VodIndex,
	tracks: readonly CaptionTrack[],
	{ query }: Signed,
): string {
	const listed = listRenditions(index);
	const sounds = listed.filter((rendition) => rendition.kind === "audio");
	const pictures = listed.filter((rendition) => rendition.kind === "video");
	const lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"];
	if (!index.isComplete) lines.push(FROM_START);
	for (const sound of pictures.length > 0 ? sounds : []) {
		lines.push(
			`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${sound.name}",NAME="Main",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="${playlistURI(sound.name, query)}"`,
		);
	}
	for (const [position, track] of tracks.entries()) {
		lines.push(
			`#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME=${quoted(distinctLabel(tracks, position))},LANGUAGE="${track.language}",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="captions/${track.language.toLowerCase()}.m3u8${suffix(query)}"`,
		);
	}
	const hasCaptions = tracks.length > 0;
	if (pictures.length === 0)
		for (const sound of sounds)
			lines.push(`#EXT-X-STREAM-INF:${streamInfo(sound, null, hasCaptions)}`, playlistURI(sound.name, query));
	for (const picture of pictures)
		for (const sound of sounds.length > 0 ? sounds : [null])
			lines.push(
				`#EXT-X-STREAM-INF:${streamInfo(picture, sound, hasCaptions)}`,
				playlistURI(picture.name, query),
			);
	return `${lines.join("\n")}\n`;
}

/** A media playlist (RFC 8216bis §4.4.3): EVENT while the work is being made, with an end once this rendition is whole; VOD then. Null: no such rendition. */
export function renderVodMediaPlaylist(index: VodIndex, name: string, { query }: Signed): string | null {
	const rendition = index.renditions.find((item) => item.name === name);
	if (!rendition || rendition.segments.length === 0) return null;
	const lines = [
		"#EXTM3U",
		"#EXT-X-VERSION:7",
		`#EXT-X-TARGETDURATION:${targetDuration(index)}`,
		`#EXT-X-PLAYLIST-TYPE:${index.isComplete ? "VOD" : "EVENT"}`,
		"#EXT-X-INDEPENDENT-SEGMENTS",
		"#EXT-X-MEDIA-SEQUENCE:0",
		...(rendition.isFinished ? [] : [FROM_START]),
	];
	let initKey: string | null = null;
	for (const segment of rendition.segments) {
		if (segment.initKey !== initKey) {
			lines.push(`#EXT-X-MAP:URI="${objectURI(rendition, segment.initKey, query)}"`);
			initKey = segment.initKey;
		}
		lines.push(
			`#EXTINF:${(segment.duration / rendition.timescale).toFixed(5)},`,
			objectURI(rendition, segment.key, query),
		);
	}
	if (rendition.isFinished) lines.push("#EXT-X-ENDLIST");
	return `${lines.join("\n")}\n`;
}

/** Captions, which lie at `key` beside the playlist, as one segment of the work's length. */
export function renderCaptionsPlaylist(index: VodIndex, key: string, { query }: Signed): string {
	const seconds = Math.max(0.001, index.durationSeconds);
	return `${[
		"#EXTM3U",
		"#EXT-X-VERSION:7",
		`#EXT-X-TARGETDURATION:${Math.ceil(seconds)}`,
		"#EXT-X-PLAYLIST-TYPE:VOD",
		"#EXT-X-MEDIA-SEQUENCE:0",
		`#EXTINF:${seconds.toFixed(5)},`,
		`${key.replace("captions/", "")}${suffix(query)}`,
		"#EXT-X-ENDLIST",
	].join("\n")}\n`;
}

/** Players take a list without an end for a live stream and begin at its edge, unless they are told otherwise. */
const FROM_START = "#EXT-X-START:TIME-OFFSET=0,PRECISE=YES";

/** The same in every playlist of the work; it may not change while a playlist grows, so it has room. */
function targetDuration(index: VodIndex): number {
	const longest = Math.max(
		...index.renditions.flatMap((rendition) =>
			rendition.segments.map((segment) => segment.duration / rendition.timescale),
		),
	);
	return index.isComplete ? Math.max(1, Math.round(longest)) : Math.max(10, Math.round(longest));
}

function streamInfo(variant: IndexedRendition, sound: IndexedRendition | null, hasCaptions: boolean): string {
	const isVideo = variant.kind === "video";
	return [
		`BANDWIDTH=${variant.bitrateBps + (sound?.bitrateBps ?? 0)}`,
		`AVERAGE-BANDWIDTH=${variant.averageBps + (sound?.averageBps ?? 0)}`,
		`CODECS="${[variant.codecs, ...(sound ? [sound.codecs] : [])].join(",")}"`,
		...(isVideo ? [`RESOLUTION=${variant.width}x${variant.height}`] : []),
		...(isVideo && variant.framesPerSecond ? [`FRAME-RATE=${variant.framesPerSecond.toFixed(3)}`] : []),
		...(isVideo ? ["VIDEO-RANGE=SDR", "CLOSED-CAPTIONS=NONE"] : []),
		...(sound ? [`AUDIO="${sound.name}"`] : []),
		...(hasCaptions ? ['SUBTITLES="captions"'] : []),
	].join(",");
}

/** Two tracks of a group may not bear one name (RFC 8216bis §4.4.6.1.1). */
function distinctLabel(tracks: readonly CaptionTrack[], position: number): string {
	const { label = "", language = "" } = tracks[position] ?? {};
	return tracks.filter((track) => track.label === label).length > 1 ? `${label} (${language})` : label;
}

/** A quoted string holds no quotation marks and no line breaks (RFC 8216bis §4.2). */
function quoted(text: string): string {
	return `"${text.replaceAll(/["\r\n]/g, "'")}"`;
}

function playlistURI(name: string, query: string): string {
	return `${name}/playlist.m3u8${suffix(query)}`;
}

/** Keys lie below the rendition's name, and so does its playlist. */
function objectURI(rendition: IndexedRendition, key: string, query: string): string {
	const prefix = `${rendition.name}/`;
	return `${key.startsWith(prefix) ? key.slice(prefix.length) : `../${key}`}${suffix(query)}`;
}

function suffix(query: string): string {
	return query === "" ? "" : `?${query}`;
}
