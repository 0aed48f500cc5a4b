import type { VideoRow } from "../../adapters/database/video-table.ts";
import type { Identity } from "../../adapters/tokens.ts";
import { unwrap } from "../../durable-objects/outcome.ts";
import { AppError } from "../../protocol/errors.ts";
import type { ChannelID } from "../../protocol/ids.ts";
import {
	addRendition,
	deleteVideo,
	getPipeline,
	getPlayback,
	getVideo,
	listVideos,
	retryPipeline,
	updateVideo,
} from "../../protocol/vod.ts";
import { listProgress, postVideoView, putProgress } from "../../protocol/vod-watching.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { type App, type AppContext, requireAccount, requireIdentity, route } from "../route.ts";
import type { Services } from "../services.ts";
import { checkChannel } from "../uploading.ts";
import { countView } from "../view-count.ts";
import { ownWork, posterKey, signWork, trackKey, viewWork, visibleWork, workEtag } from "../viewing.ts";

/** How long a deletion can be taken back. */
const KEPT_MS = 30 * 86_400_000;
/** How far the clock of a device may be ahead of ours. */
const CLOCK_SLACK_MS = 5000;

/** Video and audio works (CONTRACT §5 I). */
export function mountVideo(app: App): void {
	route(app, listVideos, async ({ query, services, context, identity }) => {
		const mac = await services.mac();
		const channelID = query.channelID && (await channelOf(services, query.channelID));
		const before = query.cursor === undefined ? undefined : await decodeCursor(mac, query.cursor);
		const viewerID = identity?.userID ?? null;
		const rows = await services.videos.list({ ...query, channelID, before, viewerID });
		const last = rows.length === query.limit ? rows.at(-1) : undefined;
		return {
			items: await Promise.all(rows.map((row) => viewWork(context, row, []))),
			nextCursor: last ? await encodeCursor(mac, last.videoID) : null,
		};
	});

	route(app, getVideo, async ({ params, services, context, identity }) => {
		const row = await visibleWork(services, params.videoID, identity);
		context.header("ETag", workEtag(row));
		return viewWork(context, row);
	});

	route(app, updateVideo, async ({ params, body, services, context, ...call }) => {
		const identity = requireAccount(call);
		const row = await ownWork(services, params.videoID, identity);
		checkPrecondition(context, row);
		const { deleted, ...change } = body;
		if (change.channelID) await checkChannel(services, identity.userID, change.channelID);
		const edited = await services.videos.edit(row.videoID, row.revision, {
			...change,
			...(deleted === false ? { deletedAt: null } : {}),
		});
		if (!edited) throw changedMeanwhile();
		if (deleted === false) await services.pipeline(row.videoID).eraseAt(row.videoID, null);
		context.header("ETag", workEtag(edited));
		return viewWork(context, edited);
	});

	route(app, deleteVideo, async ({ params, services, ...call }) => {
		const row = await ownWork(services, params.videoID, requireAccount(call));
		const now = Date.now();
		const isNew = await services.videos.delete(row.videoID, now);
		const eraseAfter = (isNew ? now : (row.deletedAt ?? now)) + KEPT_MS;
		await services.pipeline(row.videoID).eraseAt(row.videoID, eraseAfter);
		return { eraseAfter: new Date(eraseAfter).toISOString() };
	});

	mountPlayback(app);
	mountProgress(app);
}

function mountPlayback(app: App): void {
	route(app, getPlayback, async ({ params, services, context, identity }) => {
		const row = await visibleWork(services, params.videoID, identity);
		if (row.deletedAt !== null || (row.state !== "playable" && row.state !== "ready")) throw notPlayable(row);
		const [signed, tracks, at] = await Promise.all([
			signWork(context, row.videoID),
			services.captions.list(row.videoID),
			identity === null ? null : services.progress.find(identity.userID, row.videoID),
		]);
		const has = (key: string) => (row.files.includes(key) ? signed.urlOf(key) : null);
		const poster = posterKey(row);
		return {
			hls: signed.urlOf("master.m3u8"),
			dash: signed.urlOf("manifest.mpd"),
			progressive: has("download.mp4") ?? has("download.m4a"),
			storyboard: has("storyboard.vtt"),
			waveform: has("waveform.json"),
			poster: poster === null ? null : signed.urlOf(poster),
			captions: tracks.map((track) => ({ ...track, url: signed.urlOf(trackKey(track)) })),
			isComplete: row.state === "ready",
			resumeAtMs: at === null ? null : at.positionMs,
			expiresAt: signed.expiresAt,
		};
	});

	route(app, getPipeline, async ({ params, services, ...call }) => {
		const row = await ownWork(services, params.videoID, requireIdentity(call));
		const view = await services.pipeline(row.videoID).view();
		if (!view) throw new AppError("not-found", "Nothing is processed yet.");
		return view;
	});

	route(app, retryPipeline, async ({ params, body, services, ...call }) => {
		const row = await ownWork(services, params.videoID, requireAccount(call));
		return unwrap(await services.pipeline(row.videoID).retry(body.stepIDs));
	});

	route(app, addRendition, async ({ params, body, services, ...call }) => {
		const row = await ownWork(services, params.videoID, requireAccount(call));
		if (row.deletedAt !== null || row.state !== "ready") throw notPlayable(row);
		return { stepIDs: unwrap(await services.pipeline(row.videoID).further(body)) };
	});
}

function mountProgress(app: App): void {
	route(app, putProgress, async ({ params, body, services, ...call }) => {
		const identity = requireIdentity(call);
		const row = await visibleWork(services, params.videoID, identity);
		// A clock that is far ahead would have the last word for ever.
		const at = Math.min(body.at, Date.now() + CLOCK_SLACK_MS);
		const stored = await services.progress.put(identity.userID, { ...body, videoID: row.videoID, at });
		return { positionMs: stored.positionMs };
	});

	route(app, postVideoView, async ({ params, body, services, context, identity }) => {
		const row = await visibleWork(services, params.videoID, identity);
		const isOut = row.deletedAt === null && (row.state === "playable" || row.state === "ready");
		if (isOut) await countView(context, row, { identity, viewerSessionID: body.viewerSessionID });
		return undefined;
	});

	route(app, listProgress, async ({ query, services, context, ...call }) => {
		const identity = requireIdentity(call);
		const mac = await services.mac();
		const before = query.cursor === undefined ? undefined : readPlace(await decodeCursor(mac, query.cursor));
		const rows = await services.progress.list(identity.userID, { before, limit: query.limit });
		const works = await services.videos.getMany(rows.map((row) => row.videoID));
		const items = await Promise.all(
			rows.map((row) => viewBegun(context, identity, { ...row, work: works.get(row.videoID) })),
		);
		const last = rows.length === query.limit ? rows.at(-1) : undefined;
		return {
			items: items.flatMap((item) => item ?? []),
			nextCursor: last ? await encodeCursor(mac, `${last.at} ${last.videoID}`) : null,
		};
	});
}

/** What the caller may not see any more is not listed. */
async function viewBegun(
	context: AppContext,
	identity: Identity,
	row: { positionMs: number; at: number; work: VideoRow | undefined },
) {
	const { work } = row;
	const isThere =
		work?.deletedAt === null && (work.visibility !== "private" || work.ownerID === identity.userID);
	if (!work || !isThere) return null;
	const video = await viewWork(context, work, []);
	return { video, positionMs: row.positionMs, at: new Date(row.at).toISOString() };
}

function readPlace(sortKey: string): { at: number; videoID: string } {
	const [at = "", videoID = ""] = sortKey.split(" ");
	return { at: Number(at), videoID };
}

async function channelOf(
	services: Services,
	reference: Parameters<Services["channels"]["get"]>[0],
): Promise<ChannelID> {
	return (await services.channels.get(reference)).channelID;
}

/** Whoever changes a work says which version they saw (RFC 9110 §13.1.1, RFC 6585 §3). */
function checkPrecondition(context: AppContext, row: VideoRow): void {
	const seen = context.req.header("if-match");
	if (seen === undefined)
		throw new AppError("precondition-required", "Send If-Match with the ETag of the version that you saw.");
	const matches = seen.split(",").map((item) => item.trim());
	if (!matches.includes("*") && !matches.includes(workEtag(row))) throw changedMeanwhile();
}

function changedMeanwhile(): AppError {
	return new AppError("precondition-failed", "It has been changed since you saw it. Look again.");
}

function notPlayable(row: VideoRow): AppError {
	const isComing = row.state === "processing" || row.state === "uploading";
	return new AppError("not-playable", isComing ? "It is not ready yet." : "It cannot be played.", {
		...(isComing ? { headers: { "Retry-After": "2" } } : {}),
		members: { state: row.state },
	});
}
