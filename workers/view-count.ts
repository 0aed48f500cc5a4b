import type { VideoRow } from "../adapters/database/video-table.ts";
import type { Identity } from "../adapters/tokens.ts";
import { networkOf } from "../domain/vod/network-of.ts";
import { limitRate } from "./rate-limit.ts";
import type { AppContext } from "./route.ts";

/** Whoever comes back to a work within this time is the same view. */
const SAME_VIEW_MS = 24 * 3600_000;
/** More viewers than a large household or a small office has are not counted from one address: names, and accounts, can be made by a script. */
const MAX_FROM_ADDRESS = 40;

/**
 * Counts somebody as a viewer of a work: an account, or else a session of a browser. Its owner never is one. Telling it again is harmless.
 * Throws AppError `rate-limited`.
 */
export async function countView(
	context: AppContext,
	row: VideoRow,
	viewer: { identity: Identity | null; viewerSessionID: string },
): Promise<void> {
	const services = context.get("services");
	const { identity, viewerSessionID } = viewer;
	if (identity?.userID === row.ownerID) return;
	const address = networkOf(context.req.header("cf-connecting-ip") ?? "local");
	await limitRate(services, `view ${address}`);
	const mac = await services.mac();
	const { videoID } = row;
	const viewerHash = await mac.sign("view", `${videoID} ${identity?.userID ?? viewerSessionID}`);
	const addressHash = await mac.sign("view-address", `${videoID} ${address}`);
	if ((await services.views.countFrom(videoID, addressHash)) >= MAX_FROM_ADDRESS) return;
	const at = Date.now();
	const isNew = await services.views.note(videoID, { viewerHash, addressHash, at }, at - SAME_VIEW_MS);
	if (isNew) await services.videos.countView(videoID);
}
