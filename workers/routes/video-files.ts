import { log } from "../../adapters/log.ts";
import { signMediaAccess, verifyMediaAccess } from "../../adapters/media-signature.ts";
import { objectKey, SOURCE_KEY } from "../../domain/vod/object-key.ts";
import { CaptionsError, toWebVtt } from "../../domain/vod/web-vtt.ts";
import { AppError } from "../../protocol/errors.ts";
import type { VideoID } from "../../protocol/ids.ts";
import { type CaptionTrack, deleteCaptions, getSource, putCaptions, putPoster } from "../../protocol/vod.ts";
import { answerObject } from "../object-answer.ts";
import { type App, type AppContext, readBytes, readText, requireAccount, route } from "../route.ts";
import { ownWork, trackKey, viewWork } from "../viewing.ts";

const FILE_MAX_BYTES = 2 * 1024 ** 2;

const POSTER_TYPES: Record<string, { extension: string; isIt: (bytes: Uint8Array) => boolean }> = {
	"image/jpeg": { extension: "jpg", isIt: (bytes) => startsWith(bytes, [0xff, 0xd8, 0xff]) },
	"image/png": { extension: "png", isIt: (bytes) => startsWith(bytes, [0x89, 0x50, 0x4e, 0x47]) },
	"image/webp": {
		extension: "webp",
		isIt: (bytes) =>
			startsWith(bytes, [0x52, 0x49, 0x46, 0x46]) && startsWith(bytes.subarray(8), [0x57, 0x45, 0x42, 0x50]),
	},
};

/** What an owner adds to a work by hand, captions and a poster, and the file that it was made of. */
export function mountVideoFiles(app: App): void {
	route(app, putCaptions, async ({ params, query, services, context, ...call }) => {
		const row = await ownWork(services, params.videoID, requireAccount(call));
		const text = readCaptions(await readText(context, FILE_MAX_BYTES), captionsFormat(context));
		const { language } = params;
		const track: CaptionTrack = { language, label: query.label ?? nameOf(language), origin: "upload" };
		await services.env.MEDIA.put(objectKey(row.videoID, trackKey(track)), text, {
			httpMetadata: { contentType: "text/vtt; charset=utf-8" },
		});
		await services.captions.put(row.videoID, track);
		return viewWork(context, row);
	});

	route(app, deleteCaptions, async ({ params, services, ...call }) => {
		const row = await ownWork(services, params.videoID, requireAccount(call));
		if (!(await services.captions.delete(row.videoID, params.language)))
			throw new AppError("not-found", "There are no captions in this language.");
		return undefined;
	});

	route(app, getSource, async ({ params, services, context, identity }) => {
		if (context.req.query("sig") !== undefined) return answerSource(context, params.videoID, false);
		const row = await ownWork(services, params.videoID, requireAccount({ identity }));
		return answerSource(context, row.videoID, true);
	});

	route(app, putPoster, async ({ params, services, context, ...call }) => {
		const row = await ownWork(services, params.videoID, requireAccount(call));
		const contentType = mediaType(context);
		const type = POSTER_TYPES[contentType];
		const bytes = await readBytes(context, FILE_MAX_BYTES);
		if (!type?.isIt(bytes))
			throw new AppError("unsupported-media-type", "Send a picture: JPEG, PNG or WebP.");
		const key = `poster-own-${Date.now()}.${type.extension}`;
		await services.env.MEDIA.put(objectKey(row.videoID, key), bytes, { httpMetadata: { contentType } });
		await services.videos.setPoster(row.videoID, key);
		if (row.posterKey !== null) {
			const old = objectKey(row.videoID, row.posterKey);
			const gone = services.env.MEDIA.delete(old).catch((error: unknown) => {
				log.error("poster.not-deleted", error, { videoID: row.videoID });
			});
			context.executionCtx.waitUntil(gone);
		}
		return viewWork(context, { ...row, posterKey: key });
	});
}

/** Its owner has a token, or an address that was signed for the owner and for this alone. */
async function answerSource(context: AppContext, videoID: VideoID, isOwner: boolean) {
	const services = context.get("services");
	const mac = await services.mac();
	const { origin, searchParams } = new URL(context.req.url);
	if (!isOwner) await verifyMediaAccess(mac, videoID, searchParams, Date.now(), "source");
	if (isOwner && (context.req.header("accept") ?? "").includes("application/json")) {
		const { query, expiresAt } = await signMediaAccess(mac, videoID, Date.now(), "source");
		const url = `${origin}/videos/${videoID}/source?${query}`;
		return { url, expiresAt: new Date(expiresAt).toISOString() };
	}
	const upload = await services.uploads.findOfVideo(videoID);
	return answerObject(context, services.env.MEDIA, {
		key: objectKey(videoID, SOURCE_KEY),
		// Whatever it says that it is: it is saved, never shown by a page of ours.
		contentType: "application/octet-stream",
		downloadAs: upload?.filename ?? videoID,
	});
}

function captionsFormat(context: AppContext): "vtt" | "srt" {
	const type = mediaType(context);
	if (type === "text/vtt") return "vtt";
	if (type === "application/x-subrip") return "srt";
	throw new AppError("unsupported-media-type", "Send text/vtt or application/x-subrip.");
}

function readCaptions(text: string, format: "vtt" | "srt"): string {
	try {
		return toWebVtt(text, format);
	} catch (cause) {
		if (!(cause instanceof CaptionsError)) throw cause;
		throw new AppError("validation", cause.message, { cause });
	}
}

/** The language by its own name: `Deutsch`. */
function nameOf(language: string): string {
	return new Intl.DisplayNames([language, "en"], { type: "language" }).of(language) ?? language;
}

function mediaType(context: AppContext): string {
	return (context.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
	return signature.every((byte, position) => bytes[position] === byte);
}
