import * as z from "zod";
import { VideoID } from "./ids.ts";
import { CaptionTrack } from "./vod.ts";

/**
 * Between a Pipeline object and a media program. The pipeline PUTs a job (`PUT {media}/vod/{videoID}/{stepID}`, answered 202, or 503
 * `overloaded` when the program has no room); the program reads the source by ranges, PUTs outputs, and reports. Every call may be
 * repeated; keys of outputs derive from the step alone, so that doing a step twice writes the same bytes to the same places.
 */

export const StepID = z.string().regex(/^[a-z0-9.-]{1,80}$/);
/** Name of an object below the work: `720p-h264/c0-00001.m4s`. */
export const ObjectKey = z
	.string()
	.regex(/^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*){0,3}$/)
	.max(200);

export const VodRung = z.object({
	/** As it stands in media paths: `720p-h264`. */
	name: z.string().regex(/^[a-z0-9]+-[a-z0-9]+$/),
	codec: z.enum(["h264", "hevc", "vp9", "av1"]),
	width: z.int().positive(),
	height: z.int().positive(),
	framesPerSecond: z.number().positive(),
	/** `framesPerSecond` is but a mean: the source's pictures are of uneven distance. */
	isVariableRate: z.boolean().optional(),
	bitrateBps: z.int().positive(),
});
export type VodRung = z.infer<typeof VodRung>;

export const AudioRung = z.object({
	name: z.string().regex(/^audio-[a-z0-9]+$/),
	codec: z.enum(["aac", "opus"]),
	bitrateBps: z.int().positive(),
});
export type AudioRung = z.infer<typeof AudioRung>;

/** What is to be done. Times in seconds of the source's presentation timeline, which begins at 0. */
export const VodTask = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("probe") }),
	/** Copies video and audio, whose codecs fit, into CMAF without encoding; cuts at the source's key frames. */
	z.object({
		kind: z.literal("remux"),
		video: z.string().nullable(),
		audio: z.string().nullable(),
		segmentSeconds: z.number(),
	}),
	/** Encodes one chunk of the picture into each of `rungs` with one decode. `end` null: to the end. */
	z.object({
		kind: z.literal("encode-video"),
		chunk: z.int().min(0),
		start: z.number().min(0),
		end: z.number().positive().nullable(),
		segmentSeconds: z.number(),
		rungs: z.array(VodRung).min(1).max(8),
	}),
	/** The whole sound at once: chunked AAC and Opus click at their joins. */
	z.object({
		kind: z.literal("encode-audio"),
		segmentSeconds: z.number(),
		rungs: z.array(AudioRung).min(1).max(6),
	}),
	/** `poster.jpg`, and `storyboard.jpg` with `storyboard.vtt` if `storyboard`. Cover art is the poster of sound. */
	z.object({ kind: z.literal("thumbnail"), storyboard: z.boolean(), cover: z.boolean() }),
	/** `waveform.json`: peaks, 10 a second, 0 to 1. */
	z.object({ kind: z.literal("waveform") }),
	/** Text subtitles that the file brings, as `captions/{language}.vtt`. */
	z.object({ kind: z.literal("captions") }),
	/** `download.mp4` or `download.m4a`: finished renditions in one file with its index in front. */
	z.object({ kind: z.literal("progressive"), video: z.string().nullable(), audio: z.string().nullable() }),
]);
export type VodTask = z.infer<typeof VodTask>;

export const VodJob = z.object({
	videoID: VideoID,
	stepID: StepID,
	/** Grows with each lease; reports of a lower one are refused with 409 `attempt-superseded`. */
	attempt: z.int().min(1),
	task: VodTask,
	/** Somebody waits for it, and it is short: it gets a place even where long steps of other works have all. */
	isUrgent: z.boolean(),
	/**
	 * `GET {objects}/source` (with Range), `GET|PUT {objects}/{key}`, `POST {reports}`, each with `Authorization: Bearer <token>`.
	 * The program reads these itself and never gives an address to ffmpeg.
	 */
	objects: z.url(),
	reports: z.url(),
	token: z.string(),
	sourceBytes: z.int().min(0),
	/** Caps of hostile input. */
	limits: z.object({
		maxPixels: z.int(),
		maxDurationSeconds: z.number(),
		maxStreams: z.int(),
		timeoutSeconds: z.number(),
		memoryMegabytes: z.int(),
	}),
});
export type VodJob = z.infer<typeof VodJob>;

/** What a media program answers to a job, and to `GET {media}/vod/{videoID}/{stepID}`: the attempt that it has, or the last that it had. 404: none. */
export const VodJobState = z.object({
	videoID: VideoID,
	stepID: StepID,
	attempt: z.int(),
	/** False: it is over, and its end is being told again. */
	isActive: z.boolean(),
});
export type VodJobState = z.infer<typeof VodJobState>;

export const SourceProbe = z.object({
	container: z.string(),
	durationSeconds: z.number(),
	bitrateBps: z.int(),
	video: z
		.object({
			codec: z.string(),
			profile: z.string().nullable(),
			pixelFormat: z.string(),
			/** With rotation and pixel shape applied. */
			width: z.int(),
			height: z.int(),
			rotation: z.int(),
			framesPerSecond: z.number(),
			isVariableRate: z.boolean(),
			isInterlaced: z.boolean(),
			frames: z.int().nullable(),
			/** Seconds; null if too many to list. */
			keyframes: z.array(z.number()).nullable(),
			codecs: z.string().nullable(),
		})
		.nullable(),
	audio: z
		.object({
			codec: z.string(),
			channels: z.int(),
			sampleRate: z.int(),
			bitrateBps: z.int().nullable(),
			codecs: z.string().nullable(),
		})
		.nullable(),
	hasCover: z.boolean(),
	subtitles: z.array(z.object({ language: z.string(), codec: z.string() })),
	chapters: z.array(z.object({ startsAtMs: z.int(), title: z.string() })),
	tags: z.record(z.string(), z.string()),
});
export type SourceProbe = z.infer<typeof SourceProbe>;

/** One rendition, or one chunk of it, as it was stored. */
export const VodOutput = z.object({
	name: z.string(),
	kind: z.enum(["video", "audio"]),
	/** RFC 6381. */
	codecs: z.string(),
	bitrateBps: z.int(),
	averageBps: z.int(),
	width: z.int().optional(),
	height: z.int().optional(),
	framesPerSecond: z.number().optional(),
	timescale: z.int(),
	/** Key of the CMAF header; the same bytes from every chunk. */
	initKey: ObjectKey,
	initSha256: z.string(),
	chunk: z.int(),
	segments: z.array(z.object({ key: ObjectKey, time: z.int(), duration: z.int(), bytes: z.int() })),
	frames: z.int(),
});
export type VodOutput = z.infer<typeof VodOutput>;

export const VodResult = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("probe"), probe: SourceProbe }),
	z.object({ kind: z.literal("outputs"), outputs: z.array(VodOutput), loudnessLufs: z.number().nullable() }),
	z.object({ kind: z.literal("files"), keys: z.array(ObjectKey), captions: z.array(CaptionTrack) }),
]);
export type VodResult = z.infer<typeof VodResult>;

/** `POST {reports}`, at least every 5 s while it runs: renews the lease. 204; 409 `attempt-superseded` or 410: stop. */
export const VodReport = z.discriminatedUnion("state", [
	z.object({
		state: z.literal("running"),
		attempt: z.int(),
		worker: z.string().max(100),
		progress: z.number().min(0).max(1),
		/** Segments that are stored already: what is playable before the step is complete. */
		outputs: z.array(VodOutput).default([]),
	}),
	z.object({
		state: z.literal("complete"),
		attempt: z.int(),
		worker: z.string().max(100),
		result: VodResult,
	}),
	/** `isPermanent`: the file is to blame, and another try would end the same. `reason`: for the uploader to read. */
	z.object({
		state: z.literal("failed"),
		attempt: z.int(),
		worker: z.string().max(100),
		reason: z.string().max(500),
		isPermanent: z.boolean(),
		log: z.string().max(4000),
	}),
]);
export type VodReport = z.infer<typeof VodReport>;
