import HLS, { type types } from "hls-parser";

/** A playlist as fetched, with its text. */
export interface Fetched<P> {
	text: string;
	playlist: P;
	url: string;
}

export async function fetchPrimary(url: string): Promise<Fetched<types.MasterPlaylist>> {
	const text = await fetchText(url);
	const playlist = HLS.parse(text);
	if (!playlist.isMasterPlaylist) throw new Error("not a primary playlist");
	return { text, playlist, url };
}

export async function fetchMedia(url: string): Promise<Fetched<types.MediaPlaylist>> {
	const text = await fetchText(url);
	const playlist = HLS.parse(text);
	if (playlist.isMasterPlaylist) throw new Error("not a media playlist");
	return { text, playlist, url };
}

/** The address of each rendition's playlist, audio too. */
export function renditionURLs(primary: Fetched<types.MasterPlaylist>): string[] {
	const uris = primary.playlist.variants.flatMap((variant) => [
		variant.uri,
		...variant.audio.flatMap((audio) => audio.uri ?? []),
	]);
	return [...new Set(uris)].map((uri) => new URL(uri, primary.url).href);
}

export async function fetchBytes(url: string): Promise<Uint8Array> {
	const reply = await fetch(url);
	if (!reply.ok) throw new Error(`${reply.status} for ${new URL(url).pathname}`);
	return new Uint8Array(await reply.arrayBuffer());
}

/** The first map and all closed segments that follow without a discontinuity, as bytes. */
export async function downloadRun(media: Fetched<types.MediaPlaylist>): Promise<Uint8Array[]> {
	const closed = media.playlist.segments.filter((segment) => segment.uri !== "" && segment.duration > 0);
	const end = closed.findIndex((segment, position) => position > 0 && segment.discontinuity);
	const run = end === -1 ? closed : closed.slice(0, end);
	const map = run[0]?.map?.uri;
	if (map === undefined) throw new Error("no EXT-X-MAP");
	return Promise.all(
		[map, ...run.map((segment) => segment.uri)].map((uri) => fetchBytes(new URL(uri, media.url).href)),
	);
}

async function fetchText(url: string): Promise<string> {
	const reply = await fetch(url);
	if (!reply.ok) throw new Error(`${reply.status} for ${new URL(url).pathname}: ${await reply.text()}`);
	return reply.text();
}
