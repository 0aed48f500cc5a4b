import { signMediaAccess, verifyMediaAccess } from "../../adapters/media-signature.ts";
import { INDEX_KEY, objectKey, SOURCE_KEY } from "../../domain/vod/object-key.ts";
import type { VodIndex } from "../../domain/vod/vod-index.ts";
import { renderVodManifest } from "../../domain/vod/vod-manifest.ts";
import {
	renderCaptionsPlaylist,
	renderVodMediaPlaylist,
	renderVodPrimaryPlaylist,
} from "../../domain/vod/vod-playlist.ts";
import { AppError } from "../../protocol/errors.ts";
import { VideoID } from "../../protocol/ids.ts";
import { ObjectKey } from "../../protocol/vod-job.ts";
import { answerObject } from "../object-answer.ts";
import { type App, type AppContext, parse } from "../route.ts";
import type { Services } from "../services.ts";
import { trackKey } from "../viewing.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";
/** Files that may be made anew under their name. */
const CHANGING = "private, max-age=60";

/** A work's playlists and objects below its signed prefix. */
export function mountVodMedia(app: App): void {
	app.get("/media/:videoID{vid_[^/]+}/:path{.+}", async (context) => {
		const signed = await openSigned(context);
		const path = context.req.param("path");
		if (path === "master.m3u8") return answerPrimary(context, signed);
		if (path === "manifest.mpd") return answerManifest(context, signed);
		const [, rendition] = /^([^/]+)\/playlist\.m3u8$/.exec(path) ?? [];
		if (rendition !== undefined) return answerMedia(context, signed, rendition);
		const [, language] = /^captions\/([^/]+)\.m3u8$/.exec(path) ?? [];
		if (language !== undefined) return answerCaptions(context, signed, language);
		return answerFile(context, { ...signed, path });
	});
}

interface SignedCall {
	services: Services;
	videoID: VideoID;
	/** A signature for addresses inside of the answer. */
	query: string;
}

/** What there is of a work: from the bucket once it is finished, else from its pipeline. Throws AppError `segment-not-ready`. */
export async function loadIndex(services: Services, videoID: VideoID): Promise<VodIndex> {
	const stored = await services.env.MEDIA.get(objectKey(videoID, INDEX_KEY));
	if (stored) return stored.json<VodIndex>();
	const index = await services.pipeline(videoID).index();
	if (index && index.renditions.length > 0) return index;
	throw new AppError("segment-not-ready", "Nothing can be played yet.", { headers: { "Retry-After": "2" } });
}

async function openSigned(context: AppContext): Promise<SignedCall> {
	const services = context.get("services");
	const videoID = VideoID.parse(parse(VideoID, context.req.param("videoID"), "/params"));
	const mac = await services.mac();
	await verifyMediaAccess(mac, videoID, new URL(context.req.url).searchParams, Date.now());
	return { services, videoID, query: (await signMediaAccess(mac, videoID, Date.now())).query };
}

async function answerPrimary(context: AppContext, { services, videoID, query }: SignedCall) {
	const index = await loadIndex(services, videoID);
	const tracks = await services.captions.list(videoID);
	return answerPlaylist(
		context,
		renderVodPrimaryPlaylist(index, tracks, { query }),
		index.isComplete ? 60 : 1,
	);
}

async function answerManifest(context: AppContext, { services, videoID, query }: SignedCall) {
	const index = await loadIndex(services, videoID);
	const text = renderVodManifest(index, { query });
	if (text === null) {
		throw new AppError("segment-not-ready", "DASH begins when one quality is whole; HLS plays before.", {
			headers: { "Retry-After": "5" },
		});
	}
	return context.body(text, 200, {
		"Content-Type": "application/dash+xml",
		"Cache-Control": `private, max-age=${index.isComplete ? 60 : 1}`,
	});
}

function answerPlaylist(context: AppContext, text: string, lifetimeSeconds: number): Response {
	return context.body(text, 200, {
		"Content-Type": "application/vnd.apple.mpegurl",
		"Cache-Control": `private, max-age=${lifetimeSeconds}`,
	});
}

async function answerMedia(context: AppContext, { services, videoID, query }: SignedCall, name: string) {
	const index = await loadIndex(services, videoID);
	const text = renderVodMediaPlaylist(index, name, { query });
	if (text === null) throw new AppError("not-found", "There is no such rendition.");
	const isFinished = index.renditions.some((rendition) => rendition.name === name && rendition.isFinished);
	return answerPlaylist(context, text, isFinished ? 300 : 1);
}

async function answerCaptions(
	context: AppContext,
	{ services, videoID, query }: SignedCall,
	language: string,
) {
	const tracks = await services.captions.list(videoID);
	const track = tracks.find((item) => item.language.toLowerCase() === language);
	if (!track) throw new AppError("not-found", "There are no captions in this language.");
	const index = await loadIndex(services, videoID);
	return answerPlaylist(context, renderCaptionsPlaylist(index, trackKey(track), { query }), 60);
}

/** Everything but what is nobody's to fetch: the source as it was uploaded, and what we keep for ourselves. */
async function answerFile(context: AppContext, of: SignedCall & { path: string }): Promise<Response> {
	const name = ObjectKey.parse(parse(ObjectKey, of.path, "/params"));
	if (name === SOURCE_KEY || name === INDEX_KEY || name.startsWith("tails/"))
		throw new AppError("not-found", "There is nothing here.");
	const { services } = of;
	const key = objectKey(of.videoID, name);
	if (name === "storyboard.vtt") return answerStoryboard(context, services, key, of.query);
	const isSegment = name.endsWith(".m4s") || (name.includes("/") && name.endsWith(".mp4"));
	const { dl, download } = context.req.query();
	const isDownload =
		dl === "1" || download === "1" || context.req.header("accept") === "application/octet-stream";
	return answerObject(context, services.env.MEDIA, {
		key,
		contentType: contentTypeOf(name),
		cacheControl: isSegment ? IMMUTABLE : CHANGING,
		downloadAs: isDownload ? await downloadName(services, of.videoID, name) : undefined,
	});
}

/** `My holiday.mp4`; other objects by their key. */
async function downloadName(services: Services, videoID: VideoID, name: string): Promise<string> {
	const [, extension] = /^download\.(mp4|m4a)$/.exec(name) ?? [];
	if (extension === undefined) return `${videoID}-${name.replaceAll("/", "-")}`;
	return `${(await services.videos.get(videoID)).title}.${extension}`;
}

/** The pictures that it names are signed as it is itself. */
async function answerStoryboard(
	context: AppContext,
	services: Services,
	key: string,
	query: string,
): Promise<Response> {
	const stored = await services.env.MEDIA.get(key);
	if (!stored) throw new AppError("not-found", "There is no storyboard.");
	const text = (await stored.text()).replaceAll(/^([a-z0-9._-]+\.(?:jpg|webp))#/gm, `$1?${query}#`);
	return context.body(text, 200, { "Content-Type": "text/vtt; charset=utf-8", "Cache-Control": CHANGING });
}

/** Undefined: what it was stored as. */
function contentTypeOf(name: string): string | undefined {
	const extension = name.slice(name.lastIndexOf(".") + 1);
	const types: Record<string, string> = {
		m4s: "video/iso.segment",
		mp4: "video/mp4",
		m4a: "audio/mp4",
		vtt: "text/vtt; charset=utf-8",
		json: "application/json",
		jpg: "image/jpeg",
	};
	return types[extension];
}
