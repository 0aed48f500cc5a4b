import * as z from "zod";
import { endpoint } from "./endpoint.ts";
import { ChannelID, ChannelReference, PipelineID, Timestamp, UserID, VideoID } from "./ids.ts";

export const VideoKind = z.enum(["video", "audio"]);
export type VideoKind = z.infer<typeof VideoKind>;
/** `playable`: something can be watched, though not everything is made yet. */
export const VideoState = z.enum(["uploading", "processing", "playable", "ready", "failed"]);
export type VideoState = z.infer<typeof VideoState>;
/** `unlisted`: for those who have the address; `private`: for the owner. */
export const Visibility = z.enum(["public", "unlisted", "private"]);
export type Visibility = z.infer<typeof Visibility>;

const Title = z.string().trim().min(1).max(140);
const Language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/);

export const Chapter = z.object({ startsAtMs: z.int().min(0), title: Title });
export type Chapter = z.infer<typeof Chapter>;

/** What an uploader may say of the work: the document part is free JSON of at most 8 KiB. */
export const VideoMeta = z.object({
	title: Title,
	description: z.string().max(5000),
	tags: z.array(z.string().trim().min(1).max(40)).max(30),
	visibility: Visibility,
	channelID: ChannelID.nullable(),
	chapters: z.array(Chapter).max(100),
	properties: z
		.record(z.string(), z.unknown())
		.refine((value) => JSON.stringify(value).length <= 8192, "at most 8 KiB"),
});
export type VideoMeta = z.infer<typeof VideoMeta>;

export const VideoRendition = z.object({
	name: z.string(),
	kind: z.enum(["video", "audio"]),
	codecs: z.string(),
	bitrateBps: z.int(),
	width: z.int().optional(),
	height: z.int().optional(),
	framesPerSecond: z.number().optional(),
});
export type VideoRendition = z.infer<typeof VideoRendition>;

export const CaptionTrack = z.object({
	language: Language,
	label: z.string(),
	origin: z.enum(["file", "upload"]),
});
export type CaptionTrack = z.infer<typeof CaptionTrack>;

export const Video = VideoMeta.extend({
	videoID: VideoID,
	kind: VideoKind,
	ownerID: UserID,
	state: VideoState,
	/** What went wrong, in words for the uploader; null unless `failed`. */
	failure: z.string().nullable(),
	durationMs: z.int().nullable(),
	width: z.int().nullable(),
	height: z.int().nullable(),
	/** Integrated loudness of the whole sound, LUFS (EBU R 128); null if it was not measured. */
	loudnessLufs: z.number().nullable(),
	renditions: z.array(VideoRendition),
	tracks: z.array(CaptionTrack),
	/** Signed address of the poster; null while there is none. */
	posterURL: z.string().nullable(),
	views: z.int(),
	sizeBytes: z.int(),
	createdAt: Timestamp,
	publishedAt: Timestamp.nullable(),
	/** Set while it can still be taken back; erased after that time. */
	deletedAt: Timestamp.nullable(),
});
export type Video = z.infer<typeof Video>;

const videoParams = z.object({ videoID: VideoID });
const page = {
	cursor: z.string().max(512).optional(),
	limit: z.coerce.number().int().min(1).max(100).default(50),
};

/** Public works; with `ownerID` = the caller, all of the caller's own. */
export const listVideos = endpoint({
	operationID: "listVideos",
	method: "GET",
	path: "/videos",
	summary: "Videos and audio, newest first",
	auth: "optional",
	query: z.object({
		channelID: ChannelReference.optional(),
		ownerID: UserID.optional(),
		kind: VideoKind.optional(),
		state: VideoState.optional(),
		...page,
	}),
	status: 200,
	reply: z.object({ items: z.array(Video), nextCursor: z.string().nullable() }),
	errors: ["bad-cursor"],
});

export const getVideo = endpoint({
	operationID: "getVideo",
	method: "GET",
	path: "/videos/:videoID",
	summary: "One video or audio work; with ETag",
	auth: "optional",
	params: videoParams,
	status: 200,
	reply: Video,
	cacheControl: "private, no-cache",
});

/** Needs `If-Match` with the ETag of the version that was seen. `deleted: false` takes a deletion back. */
export const updateVideo = endpoint({
	operationID: "updateVideo",
	method: "PATCH",
	path: "/videos/:videoID",
	summary: "Change what is said of it",
	auth: "user",
	params: videoParams,
	body: VideoMeta.partial().extend({ deleted: z.literal(false).optional() }),
	status: 200,
	reply: Video,
	errors: ["precondition-failed", "precondition-required"],
});

/** It disappears at once; its objects are erased 30 days later, until when `PATCH {deleted:false}` brings it back. */
export const deleteVideo = endpoint({
	operationID: "deleteVideo",
	method: "DELETE",
	path: "/videos/:videoID",
	summary: "Delete, with time to change one's mind",
	auth: "user",
	params: videoParams,
	status: 202,
	reply: z.object({ eraseAfter: Timestamp }),
});

/** Addresses below one signature: they open this work and no other, for at most an hour. */
export const getPlayback = endpoint({
	operationID: "getPlayback",
	method: "GET",
	path: "/videos/:videoID/playback",
	summary: "Signed addresses to play it",
	auth: "optional",
	params: videoParams,
	status: 200,
	reply: z.object({
		hls: z.string(),
		dash: z.string(),
		/** MP4 (or M4A) as one file; null until it is made. */
		progressive: z.string().nullable(),
		storyboard: z.string().nullable(),
		waveform: z.string().nullable(),
		poster: z.string().nullable(),
		captions: z.array(CaptionTrack.extend({ url: z.string() })),
		/** False while more is being made: playlists grow, and more qualities come. */
		isComplete: z.boolean(),
		resumeAtMs: z.int().nullable(),
		expiresAt: Timestamp,
	}),
	errors: ["not-entitled", "not-playable"],
});

export const STEP_KINDS = [
	"probe",
	"remux",
	"encode-video",
	"encode-audio",
	"thumbnail",
	"transcript",
	"assemble",
	"manifest",
	"metadata",
] as const;

/** One step of the DAG (CONTRACT row 116). `segment`: number of the chunk; `rendition`: what it makes. */
export const PipelineStep = z.object({
	stepID: z.string(),
	kind: z.enum(STEP_KINDS),
	segment: z.int().optional(),
	rendition: z.string().optional(),
	status: z.enum(["PENDING", "RUNNING", "COMPLETE", "FAILED"]),
	attempt: z.int(),
	/** 0 to 1. */
	progress: z.number(),
	worker: z.string().nullable(),
	dependsOn: z.array(z.string()),
	startedAt: Timestamp.nullable(),
	endedAt: Timestamp.nullable(),
	outputKey: z.string().nullable(),
	error: z.string().nullable(),
});
export type PipelineStep = z.infer<typeof PipelineStep>;

export const PipelineView = z.object({
	pipelineID: PipelineID,
	videoID: VideoID,
	state: z.enum(["RUNNING", "COMPLETE", "FAILED"]),
	steps: z.array(PipelineStep),
	/** 0 to 1, weighted by expected work. */
	progress: z.number(),
	etaMs: z.int().nullable(),
});
export type PipelineView = z.infer<typeof PipelineView>;

export const getPipeline = endpoint({
	operationID: "getPipeline",
	method: "GET",
	path: "/videos/:videoID/pipeline",
	summary: "How far each step is",
	auth: "user",
	params: videoParams,
	status: 200,
	reply: PipelineView,
});

export const retryPipeline = endpoint({
	operationID: "retryPipeline",
	method: "POST",
	path: "/videos/:videoID/pipeline/retry",
	summary: "Try failed steps again",
	auth: "user",
	params: videoParams,
	body: z.object({ stepIDs: z.array(z.string().max(80)).max(500).optional() }),
	status: 202,
	reply: PipelineView,
	errors: ["nothing-failed"],
});

/**
 * The file as it was uploaded, for its owner: with the token, its bytes (Range: 206, 416); with `Accept: application/json`, an address that
 * opens it without a token, for browsers to download from, for at most an hour.
 */
export const getSource = endpoint({
	operationID: "getSource",
	method: "GET",
	path: "/videos/:videoID/source",
	summary: "The original file",
	auth: "optional",
	params: videoParams,
	status: 200,
	reply: z.object({ url: z.string(), expiresAt: Timestamp }),
	errors: ["range-not-satisfiable", "bad-signature", "url-expired"],
});

/** What an owner may wish for besides what is made of every work: a codec in one size, or sound at one rate. */
export const RenditionWish = z
	.object({
		codec: z.enum(["h264", "hevc", "vp9", "av1", "aac", "opus"]),
		/** `720p`: height of the 16:9 box around the picture; `audio` for sound. */
		resolution: z.string().regex(/^([1-9]\d{2,3}p|audio)$/),
		/** HLS and DASH share its segments. */
		container: z.literal("cmaf").default("cmaf"),
		/** Of the largest segment, about; without it what suits the size. */
		kbps: z.int().min(32).max(50_000).optional(),
	})
	.refine(({ codec, resolution }) => isSoundCodec(codec) === (resolution === "audio"), {
		path: ["resolution"],
		message: "audio for aac and opus, a height for the others",
	})
	.refine(({ codec, kbps }) => !isSoundCodec(codec) || kbps === undefined || SOUND_KBPS.includes(kbps), {
		path: ["kbps"],
		message: "of sound: 64, 96, 128, 160, 192, 256 or 320",
	});
export type RenditionWish = z.infer<typeof RenditionWish>;
const SOUND_KBPS: readonly number[] = [64, 96, 128, 160, 192, 256, 320];

/**
 * Adds steps to the pipeline of a work that is ready; HLS and DASH list the rendition when it is whole. Asking again while it is made, or
 * after it failed, answers with the same steps; once it is there: 409 `exists`.
 */
export const addRendition = endpoint({
	operationID: "addRendition",
	method: "POST",
	path: "/videos/:videoID/renditions",
	summary: "One more codec or size",
	auth: "user",
	params: videoParams,
	body: RenditionWish,
	status: 202,
	reply: z.object({ stepIDs: z.array(z.string()) }),
	errors: ["exists", "not-playable"],
});

/**
 * The body is the text of the captions, `text/vtt` or `application/x-subrip` (kept as WebVTT), at most 2 MiB.
 * `label`: how the track is called in the menu; without one, the language's own name.
 */
export const putCaptions = endpoint({
	operationID: "putCaptions",
	method: "PUT",
	path: "/videos/:videoID/captions/:language",
	summary: "Add or replace captions in one language",
	auth: "user",
	params: z.object({ videoID: VideoID, language: Language }),
	query: z.object({ label: z.string().trim().min(1).max(60).optional() }),
	status: 200,
	reply: Video,
	errors: ["unsupported-media-type", "payload-too-large"],
});

export const deleteCaptions = endpoint({
	operationID: "deleteCaptions",
	method: "DELETE",
	path: "/videos/:videoID/captions/:language",
	summary: "Remove captions",
	auth: "user",
	params: z.object({ videoID: VideoID, language: Language }),
	status: 204,
});

/** The body is the picture: `image/jpeg`, `image/png` or `image/webp`, at most 2 MiB. */
export const putPoster = endpoint({
	operationID: "putPoster",
	method: "PUT",
	path: "/videos/:videoID/poster",
	summary: "Replace the picture that stands for it",
	auth: "user",
	params: videoParams,
	status: 200,
	reply: Video,
	errors: ["unsupported-media-type", "payload-too-large"],
});

function isSoundCodec(codec: string): boolean {
	return codec === "aac" || codec === "opus";
}
