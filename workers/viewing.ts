import { type VideoRow, VideoTable } from "../adapters/database/video-table.ts";
import { signMediaAccess } from "../adapters/media-signature.ts";
import type { Identity } from "../adapters/tokens.ts";
import { captionsKey } from "../domain/vod/object-key.ts";
import { AppError } from "../protocol/errors.ts";
import type { VideoID } from "../protocol/ids.ts";
import type { CaptionTrack, Video } from "../protocol/vod.ts";
import type { AppContext } from "./route.ts";
import type { Services } from "./services.ts";

/** Addresses below one work's signature. */
export interface SignedWork {
	/** Absolute address of one of its objects. */
	urlOf: (key: string) => string;
	expiresAt: string;
}

export async function signWork(context: AppContext, videoID: VideoID): Promise<SignedWork> {
	const { origin } = new URL(context.req.url);
	const mac = await context.get("services").mac();
	const { query, expiresAt } = await signMediaAccess(mac, videoID, Date.now());
	return {
		urlOf: (key) => `${origin}/media/${videoID}/${key}?${query}`,
		expiresAt: new Date(expiresAt).toISOString(),
	};
}

/** A work that the caller may know of. Throws AppError `not-found`, for what is private too. */
export async function visibleWork(
	services: Services,
	videoID: VideoID,
	identity: Identity | null,
): Promise<VideoRow> {
	const row = await services.videos.get(videoID);
	if (VideoTable.isVisible(row, identity?.userID ?? null)) return row;
	throw new AppError("not-found", "There is no such work.");
}

/** The caller's own work. Throws AppError `not-found`, `forbidden`. */
export async function ownWork(services: Services, videoID: VideoID, identity: Identity): Promise<VideoRow> {
	const row = await visibleWork(services, videoID, identity);
	if (row.ownerID !== identity.userID) throw new AppError("forbidden", "This work belongs to somebody else.");
	return row;
}

/** A row as its API shows it. `tracks`: its captions, if the caller has them. */
export async function viewWork(context: AppContext, row: VideoRow, tracks?: CaptionTrack[]): Promise<Video> {
	const signed = await signWork(context, row.videoID);
	const poster = posterKey(row);
	const toTime = (at: number | null) => (at === null ? null : new Date(at).toISOString());
	const { files: _files, posterKey: _posterKey, revision: _revision, ...shown } = row;
	return {
		...shown,
		tracks: tracks ?? (await context.get("services").captions.list(row.videoID)),
		posterURL: poster === null ? null : signed.urlOf(poster),
		createdAt: new Date(row.createdAt).toISOString(),
		publishedAt: toTime(row.publishedAt),
		deletedAt: toTime(row.deletedAt),
	};
}

/** What the version of the work that people have made is called. */
export function workEtag(row: VideoRow): string {
	return `"${row.revision}"`;
}

export function posterKey(row: VideoRow): string | null {
	return row.posterKey ?? (row.files.includes("poster.jpg") ? "poster.jpg" : null);
}

/** Captions that somebody gave do not lie where those of the file lie: a late step shall not overwrite them. */
export function trackKey(track: CaptionTrack): string {
	const key = captionsKey(track.language);
	return track.origin === "upload" ? key.replace("captions/", "captions/own-") : key;
}
