import * as z from "zod";
import { endpoint } from "./endpoint.ts";
import { Timestamp, VideoID } from "./ids.ts";
import { ViewerSessionID } from "./live.ts";
import { Video } from "./vod.ts";

const videoParams = z.object({ videoID: VideoID });

/** `at`: when the position was true, by the device's clock in milliseconds; the latest wins. */
export const putProgress = endpoint({
	operationID: "putProgress",
	method: "PUT",
	path: "/videos/:videoID/progress",
	summary: "Where somebody has got to",
	auth: "user",
	params: videoParams,
	body: z.object({
		positionMs: z.int().min(0),
		durationMs: z.int().min(0),
		deviceID: z.string().min(1).max(64),
		at: z.int().min(0),
	}),
	status: 200,
	reply: z.object({ positionMs: z.int() }),
});

/**
 * Told once by a player that has shown some seconds of it. A viewer counts once a day: an account, else `viewerSessionID`, which the
 * browser makes and keeps. Owners do not count.
 */
export const postVideoView = endpoint({
	operationID: "postVideoView",
	method: "POST",
	path: "/videos/:videoID/views",
	summary: "Somebody watches it",
	auth: "optional",
	params: videoParams,
	body: z.object({ viewerSessionID: ViewerSessionID }),
	status: 202,
	errors: ["rate-limited"],
});

export const listProgress = endpoint({
	operationID: "listProgress",
	method: "GET",
	path: "/users/me/progress",
	summary: "What the caller has begun to watch",
	auth: "user",
	query: z.object({
		cursor: z.string().max(512).optional(),
		limit: z.coerce.number().int().min(1).max(100).default(50),
	}),
	status: 200,
	reply: z.object({
		items: z.array(z.object({ video: Video, positionMs: z.int(), at: Timestamp })),
		nextCursor: z.string().nullable(),
	}),
	errors: ["bad-cursor"],
});
