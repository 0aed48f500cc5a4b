import { UserID } from "../../protocol/ids.ts";
import {
	listVideos,
	type Video,
	type VideoKind,
	type VideoState,
	type Visibility,
} from "../../protocol/vod.ts";
import { call } from "../shell/api.ts";

/** What of one's own works is shown. */
export interface LibraryFilter {
	kind: VideoKind | "all";
	state: VideoState | "all" | "deleted";
	visibility: Visibility | "all";
	text: string;
}

export const ALL_WORKS: LibraryFilter = { kind: "all", state: "all", visibility: "all", text: "" };
const PAGE = 50;

export interface LibraryPart {
	items: Video[];
	hasMore: boolean;
}

/** One's own works, newest first: as many pages as were asked for. */
export async function loadLibrary(ownerID: string, pages: number, signal: AbortSignal): Promise<LibraryPart> {
	const owner = UserID.parse(ownerID);
	const items: Video[] = [];
	let cursor: string | null = null;
	for (let page = 0; page < pages; page += 1) {
		const query = { ownerID: owner, limit: PAGE, ...(cursor === null ? {} : { cursor }) };
		const reply: LibraryReply = await call(listVideos, { query }, { signal });
		items.push(...reply.items);
		cursor = reply.nextCursor;
		if (cursor === null) break;
	}
	return { items, hasMore: cursor !== null };
}

interface LibraryReply {
	items: Video[];
	nextCursor: string | null;
}

/** Whether a work is to be shown. Deleted ones only among the deleted. */
export function isShown(video: Video, { kind, state, visibility, text }: LibraryFilter): boolean {
	if ((video.deletedAt !== null) !== (state === "deleted")) return false;
	if (kind !== "all" && video.kind !== kind) return false;
	if (state !== "all" && state !== "deleted" && video.state !== state) return false;
	if (visibility !== "all" && video.visibility !== visibility) return false;
	const wanted = text.trim().toLowerCase();
	if (wanted === "") return true;
	return [video.title, ...video.tags].some((each) => each.toLowerCase().includes(wanted));
}
