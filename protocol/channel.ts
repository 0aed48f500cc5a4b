import * as z from "zod";
import { ChatSettings } from "./chat.ts";
import { endpoint } from "./endpoint.ts";
import { ChannelID, ChannelReference, StreamID, Timestamp, UserID } from "./ids.ts";
import { LatencyMode } from "./live.ts";

export const Handle = z.string().regex(/^[a-z0-9_]{3,30}$/, "3 to 30 of a–z, 0–9 and _");

/** What is on now. `title` and `name` are the same value: the seeds use both (CONTRACT §7). */
export const CurrentStreamInfo = z.object({
	title: z.string(),
	name: z.string(),
	currentWatcherCount: z.int(),
	streamID: StreamID,
	startedAt: Timestamp,
	latencyMode: LatencyMode,
});

export const Channel = z.object({
	channelID: ChannelID,
	handle: z.string(),
	name: z.string(),
	description: z.string(),
	ownerID: UserID,
	currentStreamInfo: CurrentStreamInfo.nullable(),
	followerCount: z.int(),
	chatSettings: ChatSettings,
	createdAt: Timestamp,
});
export type Channel = z.infer<typeof Channel>;

export const createChannel = endpoint({
	operationID: "createChannel",
	method: "POST",
	path: "/channels",
	summary: "Make a channel",
	auth: "user",
	body: z.object({
		handle: Handle,
		name: z.string().trim().min(1).max(80),
		description: z.string().max(2000).default(""),
	}),
	status: 201,
	reply: Channel,
	errors: ["handle-taken"],
});

/** `live=true`: only channels that are on now, most watched first. */
export const listChannels = endpoint({
	operationID: "listChannels",
	cacheControl: "public, max-age=5",
	method: "GET",
	path: "/channels",
	summary: "Channels, newest first",
	auth: "none",
	query: z.object({
		live: z.enum(["true", "false"]).optional(),
		ownerID: UserID.optional(),
		cursor: z.string().max(512).optional(),
		limit: z.coerce.number().int().min(1).max(100).default(50),
	}),
	status: 200,
	reply: z.object({ items: z.array(Channel), nextCursor: z.string().nullable() }),
	errors: ["bad-cursor"],
});

export const getChannel = endpoint({
	operationID: "getChannel",
	cacheControl: "public, max-age=15, stale-while-revalidate=30",
	method: "GET",
	path: "/channels/:channelID",
	summary: "A channel and what is on now",
	auth: "none",
	params: z.object({ channelID: ChannelReference }),
	status: 200,
	reply: Channel,
});

/** The whole key appears only in the answer to the call that made it. */
export const rotateStreamKey = endpoint({
	operationID: "rotateStreamKey",
	method: "POST",
	path: "/channels/:channelID/stream-key",
	summary: "A new stream key; the old one dies at once",
	auth: "owner",
	params: z.object({ channelID: ChannelReference }),
	query: z.object({ force: z.enum(["true", "false"]).optional() }),
	status: 201,
	reply: z.object({ streamKey: z.string() }),
	errors: ["live-in-progress"],
});

export const revokeStreamKey = endpoint({
	operationID: "revokeStreamKey",
	method: "DELETE",
	path: "/channels/:channelID/stream-key",
	summary: "Revoke the stream key; a live encoder is cut off",
	auth: "owner",
	params: z.object({ channelID: ChannelReference }),
	status: 204,
});

export const getIngest = endpoint({
	operationID: "getIngest",
	method: "GET",
	path: "/channels/:channelID/ingest",
	summary: "Where an encoder sends to",
	auth: "owner",
	params: z.object({ channelID: ChannelReference }),
	status: 200,
	reply: z.object({ whipURL: z.url(), streamKeyHint: z.string().nullable() }),
});
