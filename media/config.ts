import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";

/** Settings of the media program, from the environment. */
export const MediaConfig = z
	.object({
		MEDIA_HOST: z.string().default("127.0.0.1"),
		MEDIA_PORT: z.coerce.number().int().min(0).max(65_535).default(8792),
		/** Callers of the job API must send it as bearer token; without it everybody who reaches the port may. */
		MEDIA_TOKEN: optional(z.string().min(16)),
		/** Jobs beyond this are refused with 503. */
		MEDIA_MAX_JOBS: z.coerce
			.number()
			.int()
			.min(1)
			.default(Math.max(4, availableParallelism() * 2)),
		/** x264's preset for live: `ultrafast` halves the processor time of `superfast`, `veryfast` adds half as much. */
		MEDIA_PRESET: z
			.enum(["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"])
			.default("superfast"),
		/** Steps of video on demand at once; more are refused with 503. */
		MEDIA_VOD_JOBS: z.coerce.number().int().min(1).default(availableParallelism()),
		/** x264's preset for video on demand. */
		MEDIA_VOD_PRESET: z
			.enum(["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"])
			.default("veryfast"),
		/** Where sources lie while they are worked on; programs on one machine may share it. */
		MEDIA_VOD_FOLDER: z.string().default(join(tmpdir(), "rostrum-media")),
		/** Megabytes that sources may take there. The largest upload has 20 GiB. */
		MEDIA_VOD_DISK_MB: z.coerce.number().int().min(1).default(40_000),
		REALTIME_API_BASE: z.url().default("https://rtc.live.cloudflare.com/v1"),
		REALTIME_APP_ID: z.string().default(""),
		REALTIME_APP_SECRET: z.string().default(""),
		FFMPEG_PATH: z.string().default("ffmpeg"),
		FFPROBE_PATH: z.string().default("ffprobe"),
	})
	.transform((env) => ({
		host: env.MEDIA_HOST,
		port: env.MEDIA_PORT,
		token: env.MEDIA_TOKEN,
		maxJobs: env.MEDIA_MAX_JOBS,
		preset: env.MEDIA_PRESET,
		ffmpegPath: env.FFMPEG_PATH,
		vod: {
			maxJobs: env.MEDIA_VOD_JOBS,
			preset: env.MEDIA_VOD_PRESET,
			folder: env.MEDIA_VOD_FOLDER,
			maxSourceBytes: env.MEDIA_VOD_DISK_MB * 1_000_000,
			ffprobePath: env.FFPROBE_PATH,
		},
		realtime: {
			baseURL: env.REALTIME_API_BASE,
			appID: env.REALTIME_APP_ID,
			appSecret: env.REALTIME_APP_SECRET,
		},
	}));
export type MediaConfig = z.output<typeof MediaConfig>;

/** An empty variable is as good as none. */
function optional<S extends z.ZodType>(schema: S) {
	return z.preprocess((value) => (value === "" ? undefined : value), schema.optional());
}
