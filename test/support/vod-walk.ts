import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse as parseManifest } from "mpd-parser";
import { fetchBytes, fetchMedia, fetchPrimary } from "./hls.ts";

/** One rendition as a manifest tells of it. */
export interface WalkedRendition {
	name: string;
	kind: "video" | "audio";
	codecs: string;
	width: number | undefined;
	height: number | undefined;
	framesPerSecond: number | undefined;
	/** Of each segment, in seconds; by HLS what is before it makes its start. */
	starts: number[];
	durations: number[];
	/** Addresses of the header and of all segments, in order. */
	urls: string[];
}

/** Follows a primary playlist to all of its renditions; throws if one is not as version 7 and `VOD` want it. */
export async function walkHls(url: string): Promise<WalkedRendition[]> {
	const primary = await fetchPrimary(url);
	if (primary.playlist.version !== 7) throw new Error(`version ${primary.playlist.version}`);
	const renditions = new Map<string, WalkedRendition>();
	for (const variant of primary.playlist.variants) {
		const codecs = (variant.codecs ?? "").split(",");
		const { width, height } = variant.resolution ?? {};
		const kind = variant.resolution === undefined ? ("audio" as const) : ("video" as const);
		const own = { kind, codecs: codecs[0] ?? "", width, height, framesPerSecond: variant.frameRate };
		const walked = await walkMedia(new URL(variant.uri, url).href, own);
		renditions.set(walked.name, walked);
		for (const { uri } of variant.audio) {
			const sound = { kind: "audio" as const, codecs: codecs[1] ?? "" };
			const media = new URL(uri ?? "", url).href;
			const heard = await walkMedia(media, {
				...{ ...sound, width: undefined, height: undefined, framesPerSecond: undefined },
			});
			renditions.set(heard.name, heard);
		}
	}
	return [...renditions.values()];
}

async function walkMedia(
	url: string,
	own: Omit<WalkedRendition, "name" | "starts" | "durations" | "urls">,
): Promise<WalkedRendition> {
	const { playlist, text } = await fetchMedia(url);
	if (playlist.playlistType !== "VOD" || !playlist.endlist) throw new Error(`not the whole: ${text}`);
	const { segments } = playlist;
	const map = segments[0]?.map?.uri;
	if (map === undefined) throw new Error("no EXT-X-MAP");
	if (segments.some((segment) => segment.discontinuity)) throw new Error("a discontinuity");
	return {
		...own,
		name: renditionName(url),
		starts: segments.map((_, index) =>
			segments.slice(0, index).reduce((sum, segment) => sum + segment.duration, 0),
		),
		durations: segments.map((segment) => segment.duration),
		urls: [map, ...segments.map((segment) => segment.uri)].map((uri) => new URL(uri, url).href),
	};
}

/** The same by a DASH manifest. */
export async function walkDash(url: string): Promise<WalkedRendition[]> {
	const text = new TextDecoder().decode(await fetchBytes(url));
	const { playlists, mediaGroups } = parseManifest(text, { manifestUri: url });
	const sounds = Object.values(mediaGroups.AUDIO)
		.flatMap((group) => Object.values(group))
		.flatMap((track) => track.playlists);
	return [
		...playlists.map((playlist) => ({ kind: "video" as const, ...playlist })),
		...sounds.map((playlist) => ({ kind: "audio" as const, ...playlist })),
	].map(({ kind, attributes, segments }) => ({
		kind,
		name: String(attributes["NAME"]),
		codecs: String(attributes["CODECS"]),
		...sizeOf(attributes["RESOLUTION"]),
		framesPerSecond: attributes["FRAME-RATE"] === undefined ? undefined : Number(attributes["FRAME-RATE"]),
		starts: segments.map((segment) => segment.presentationTime),
		durations: segments.map((segment) => segment.duration),
		urls: [segments[0]?.map.resolvedUri ?? "", ...segments.map((segment) => segment.resolvedUri)],
	}));
}

/** A rendition as it was fetched. */
export interface Downloaded {
	path: string;
	/** Where each segment says that it begins, in seconds. */
	starts: number[];
}

/** Everything of a rendition in one file. */
export async function download({ name, urls }: WalkedRendition, folder: string): Promise<Downloaded> {
	const pieces: Buffer[] = [];
	for (const url of urls) pieces.push(Buffer.from(await fetchBytes(url)));
	const path = join(folder, `${name}-${crypto.randomUUID()}.mp4`);
	await writeFile(path, Buffer.concat(pieces));
	const [header = Buffer.alloc(0), ...segments] = pieces;
	const ticks = header.readUInt32BE(bodyOf(header, "mdhd") + 12);
	return { path, starts: segments.map((segment) => decodeTime(segment) / ticks) };
}

/** Of its first sample, in ticks (ISO/IEC 14496-12 §8.8.12). */
function decodeTime(segment: Buffer): number {
	const body = bodyOf(segment, "tfdt");
	return segment[body] === 1 ? Number(segment.readBigUInt64BE(body + 4)) : segment.readUInt32BE(body + 4);
}

/** Where the first box of this type has its version. */
function bodyOf(bytes: Buffer, type: string): number {
	const at = bytes.indexOf(type, 0, "latin1");
	if (at === -1) throw new Error(`no ${type}`);
	return at + type.length;
}

/** What an address names, whoever may open it and until when. */
export function objectOf(url: string): string {
	return new URL(url).pathname;
}

function renditionName(url: string): string {
	const [, name] = /\/([^/]+)\/playlist\.m3u8$/.exec(new URL(url).pathname) ?? [];
	if (name === undefined) throw new Error(`no rendition in ${url}`);
	return name;
}

function sizeOf(resolution: unknown): { width: number | undefined; height: number | undefined } {
	if (typeof resolution !== "object" || resolution === null) return { width: undefined, height: undefined };
	const { width, height } = { width: undefined, height: undefined, ...resolution };
	return { width: Number(width), height: Number(height) };
}
