import * as z from "zod";
import { StreamID } from "./ids.ts";

/**
 * Between the Worker and the media program. The Worker PUTs a job to the media program (`PUT /live/{streamID}`);
 * the program PUTs CMAF parts back to `output.url`. Every call may be repeated.
 */

/** One rendition's name as it stands in media paths: `720p-h264`, `audio-aac`. */
export const RenditionName = z.string().regex(/^[a-z0-9]+-[a-z0-9]+$/);
export type RenditionName = z.infer<typeof RenditionName>;

/** A live packaging job. `epoch` grows with each restart of packaging; output of a lower epoch is refused with 409 `epoch-superseded`. */
export const LiveJob = z.object({
	streamID: StreamID,
	epoch: z.int().min(1),
	/** Where the media is in the SFU. */
	source: z.object({
		sessionID: z.string(),
		tracks: z
			.array(z.object({ trackName: z.string(), kind: z.enum(["audio", "video"]) }))
			.min(1)
			.max(2),
	}),
	/** Parts go below `url` (no trailing slash), each request with `Authorization: Bearer <token>`. */
	output: z.object({ url: z.url(), token: z.string() }),
	/** Number of the first segment of this epoch, the same in all renditions. */
	firstSegment: z.int().min(0),
	segmentSeconds: z.number().positive(),
	partSeconds: z.number().positive(),
	/** Tallest rung to make; never above the source. */
	maxHeight: z.int().positive(),
});
export type LiveJob = z.infer<typeof LiveJob>;

/** One rendition as announced before its first part. `init` is the CMAF header (ftyp + moov), base64. */
export const LiveRendition = z.object({
	name: RenditionName,
	kind: z.enum(["audio", "video"]),
	/** RFC 6381, from the init segment: `avc1.64001f`, `mp4a.40.2`. */
	codecs: z.string().max(64),
	/** Peak of video or audio alone, with container overhead. */
	bitrateBps: z.int().positive(),
	width: z.int().optional(),
	height: z.int().optional(),
	framesPerSecond: z.number().optional(),
	/** Ticks a second of `time` and `duration` in this rendition's parts. */
	timescale: z.int().positive(),
	init: z.string().max(64 * 1024),
});
export type LiveRendition = z.infer<typeof LiveRendition>;

/**
 * `PUT {output.url}`: opens an epoch. `startsAt` is the wall clock (ms since 1970) of media time 0 of this epoch.
 * `partTargetSeconds` holds for the whole stream: at least the longest part (RFC 8216bis §4.4.3.7).
 */
export const LiveEpoch = z.object({
	startsAt: z.number(),
	segmentTargetSeconds: z.number().positive(),
	partTargetSeconds: z.number().positive(),
	renditions: z.array(LiveRendition).min(1).max(12),
});
export type LiveEpoch = z.infer<typeof LiveEpoch>;

/**
 * `PUT {output.url}/{rendition}/{segment}/{part}?time=&duration=&independent=&last=`: body = the part's bytes (moof + mdat), at most 2 MB.
 * 204; again 204 if repeated; 409 `part-out-of-order` with `expected: {segment, part}` if an earlier one is missing.
 * `last=1` closes the segment.
 */
export const LivePartQuery = z.object({
	/** Decode time of the first sample, in ticks of the rendition's timescale since the start of the epoch. */
	time: z.coerce.number().int().min(0),
	duration: z.coerce.number().int().min(1),
	/** 1 if the part starts with a key frame. */
	independent: z.enum(["0", "1"]),
	last: z.enum(["0", "1"]),
});
export type LivePartQuery = z.infer<typeof LivePartQuery>;

/** Largest part in bytes: a row of a Durable Object's SQLite holds at most 2 MB (Cloudflare, Durable Objects limits). */
export const LIVE_PART_MAX_BYTES = 2_000_000 - 1024;

/**
 * `POST {output.url}/heartbeat`, every second. `source.state`: `waiting` for a first packet, `flowing`, or `silent` (no packet for 1.5 s).
 * 204; 409 `epoch-superseded` or 410 `stream-ended` tell the job to stop.
 */
export const LiveHeartbeat = z.object({
	source: z.object({
		state: z.enum(["waiting", "flowing", "silent"]),
		lastPacketAgeMs: z.number(),
		videoCodec: z.string().nullable(),
		audioCodec: z.string().nullable(),
		width: z.int(),
		height: z.int(),
		framesPerSecond: z.number(),
		kbps: z.number(),
		keyframeIntervalMs: z.number().nullable(),
		lossPercent: z.number(),
	}),
	packaging: z.object({
		/** Newest packaged media time behind the newest received, ms. */
		lagMs: z.number(),
		/** Media seconds out per second of wall clock over the last few seconds. */
		speed: z.number(),
		/** Parts waiting to be uploaded. */
		queuedParts: z.int(),
	}),
});
export type LiveHeartbeat = z.infer<typeof LiveHeartbeat>;

/** `POST {output.url}/close`: all parts are up, no more will come from this epoch. 204. */

/** `PUT|GET|DELETE /live/{streamID}` of the media program answer with this; DELETE after flushing the open segment. */
export const LiveJobState = z.object({
	streamID: StreamID,
	epoch: z.int(),
	state: z.enum(["starting", "running", "stopping", "stopped", "failed"]),
	reason: z.string().optional(),
});
export type LiveJobState = z.infer<typeof LiveJobState>;

/** `GET /health` of the media program. */
export const MediaHealth = z.object({
	status: z.literal("ok"),
	ffmpeg: z.string(),
	liveJobs: z.int(),
	/** Steps of video on demand that run. */
	vodJobs: z.int(),
	cores: z.int(),
});
export type MediaHealth = z.infer<typeof MediaHealth>;
