import * as z from "zod";
import { endpoint } from "./endpoint.ts";
import { ChannelID, ChannelReference, StreamID, Timestamp, UserID } from "./ids.ts";

/** What a stream is made for: WebRTC under a second, LL-HLS at about two, plain HLS at about eight. */
export const LatencyMode = z.enum(["realtime", "low", "normal"]);
export type LatencyMode = z.infer<typeof LatencyMode>;

/** `paused`: the encoder is gone and the reconnect grace runs. */
export const LivestreamState = z.enum(["created", "live", "paused", "ended", "failed"]);
export type LivestreamState = z.infer<typeof LivestreamState>;

const Title = z.string().trim().min(1).max(140);

/** `hls` and `dash` are signed and expire at `expiresAt`; null until there is something to play. */
const Manifests = z.object({
	hls: z.string().nullable(),
	dash: z.string().nullable(),
	whep: z.string().nullable(),
	expiresAt: Timestamp,
});
export type Manifests = z.infer<typeof Manifests>;

export const Livestream = z.object({
	streamID: StreamID,
	channelID: ChannelID,
	userID: UserID,
	title: z.string(),
	state: LivestreamState,
	latencyMode: LatencyMode,
	createdAt: Timestamp,
	startedAt: Timestamp.nullable(),
	endedAt: Timestamp.nullable(),
	peakWatchers: z.int(),
	renditions: z.array(z.string()),
	manifests: Manifests,
});
export type Livestream = z.infer<typeof Livestream>;

const channelParams = z.object({ channelID: ChannelReference });
const streamsQuery = z.object({
	state: LivestreamState.optional(),
	cursor: z.string().max(512).optional(),
	limit: z.coerce.number().int().min(1).max(100).default(50),
});
const StreamsPage = z.object({ items: z.array(Livestream), nextCursor: z.string().nullable() });
const streamParams = z.object({ streamID: StreamID });

export const createLivestream = endpoint({
	operationID: "createLivestream",
	method: "POST",
	path: "/channels/:channelID/live-stream",
	summary: "Prepare a stream with a title before the encoder connects",
	auth: "owner",
	params: channelParams,
	body: z.object({ title: Title, latencyMode: LatencyMode.default("low") }),
	status: 201,
	reply: Livestream,
	errors: ["already-live"],
});

export const getLivestream = endpoint({
	operationID: "getLivestream",
	method: "GET",
	path: "/channels/:channelID/live-stream",
	summary: "The channel's current stream; with Upgrade: websocket, its chat socket (chat.v1)",
	auth: "optional",
	params: channelParams,
	status: 200,
	reply: Livestream,
	errors: ["not-live", "bad-ticket"],
});

export const updateLivestream = endpoint({
	operationID: "updateLivestream",
	method: "PATCH",
	path: "/channels/:channelID/live-stream",
	summary: "Retitle, change the latency mode, or end",
	auth: "owner",
	params: channelParams,
	body: z.object({
		title: Title.optional(),
		latencyMode: LatencyMode.optional(),
		state: z.literal("ended").optional(),
	}),
	status: 200,
	reply: Livestream,
	errors: ["not-live", "bad-transition"],
});

export const getStream = endpoint({
	operationID: "getStream",
	method: "GET",
	path: "/streams/:streamID",
	summary: "A stream in any state; after its end the same playlist is the recording",
	auth: "none",
	params: streamParams,
	status: 200,
	reply: Livestream,
});

export const listStreams = endpoint({
	operationID: "listStreams",
	method: "GET",
	path: "/channels/:channelID/streams",
	summary: "A channel's streams, newest first",
	auth: "none",
	params: channelParams,
	query: streamsQuery,
	status: 200,
	reply: StreamsPage,
	errors: ["bad-cursor"],
});

export const listRecentStreams = endpoint({
	operationID: "listRecentStreams",
	cacheControl: "public, max-age=5",
	method: "GET",
	path: "/streams",
	summary: "Streams of all channels, newest first",
	auth: "none",
	query: streamsQuery,
	status: 200,
	reply: StreamsPage,
	errors: ["bad-cursor"],
});

export const getCdnURL = endpoint({
	operationID: "getCdnURL",
	method: "GET",
	path: "/channels/:channelID/live-stream/cdn-url",
	summary: "Signed addresses of the current stream's manifests",
	auth: "optional",
	params: channelParams,
	status: 200,
	reply: z.object({
		url: z.string(),
		kind: z.literal("cdn"),
		manifests: Manifests,
		expiresAt: Timestamp,
		streamID: StreamID,
	}),
	errors: ["not-live"],
});

export const getWatcherCount = endpoint({
	operationID: "getWatcherCount",
	cacheControl: "public, max-age=5, s-maxage=30",
	method: "GET",
	path: "/channels/:channelID/live-stream/currentWatcherCount",
	summary: "How many watch now",
	auth: "none",
	params: channelParams,
	status: 200,
	reply: z.object({ currentWatcherCount: z.int(), streamID: StreamID.nullable(), asOf: Timestamp }),
});

/** One step of a viewer's session. `positionMs` is media time since the start of the stream. */
const ViewEvent = z.object({
	type: z.enum(["start", "heartbeat", "pause", "resume", "stall", "quality", "error", "end"]),
	at: Timestamp,
	positionMs: z.number().min(0).optional(),
	detail: z.string().max(200).optional(),
});

export const ViewerSessionID = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/);

export const postViews = endpoint({
	operationID: "postViews",
	method: "POST",
	path: "/streams/:streamID/views",
	summary: "A player's beacon, every 30 s: keeps a viewer counted who has no chat socket",
	auth: "optional",
	params: streamParams,
	body: z.object({ viewerSessionID: ViewerSessionID, events: z.array(ViewEvent).min(1).max(100) }),
	status: 202,
});

/** What the ingest looks like right now; figures of the last second. `verdict` is for people, the numbers for the curious. */
export const StreamHealth = z.object({
	state: LivestreamState,
	verdict: z.enum(["waiting", "good", "fair", "bad", "lost"]),
	advice: z.string(),
	source: z
		.object({
			videoCodec: z.string().nullable(),
			audioCodec: z.string().nullable(),
			width: z.int(),
			height: z.int(),
			framesPerSecond: z.number(),
			kbps: z.number(),
			keyframeIntervalMs: z.number().nullable(),
			lossPercent: z.number(),
			lastPacketAgeMs: z.number(),
		})
		.nullable(),
	/** How far packaging is behind the source, and whether the encoder keeps pace (1 = real time). */
	packaging: z.object({ lagMs: z.number(), speed: z.number(), renditions: z.array(z.string()) }).nullable(),
	at: Timestamp,
});
export type StreamHealth = z.infer<typeof StreamHealth>;

export const getStreamHealth = endpoint({
	operationID: "getStreamHealth",
	method: "GET",
	path: "/streams/:streamID/health",
	summary: "Ingest health for the studio, fresh each second",
	auth: "owner",
	params: streamParams,
	status: 200,
	reply: StreamHealth,
});
