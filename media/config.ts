import { availableParallelism } from "node:os";
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
		REALTIME_API_BASE: z.url().default("https://rtc.live.cloudflare.com/v1"),
		REALTIME_APP_ID: z.string().default(""),
		REALTIME_APP_SECRET: z.string().default(""),
		FFMPEG_PATH: z.string().default("ffmpeg"),
	})
	.transform((env) => ({
		host: env.MEDIA_HOST,
		port: env.MEDIA_PORT,
		token: env.MEDIA_TOKEN,
		maxJobs: env.MEDIA_MAX_JOBS,
		preset: env.MEDIA_PRESET,
		ffmpegPath: env.FFMPEG_PATH,
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
