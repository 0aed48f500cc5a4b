import * as z from "zod";
import type { RealtimeKitSettings } from "./realtime-kit.ts";
import type { S3Settings } from "./s3-signer.ts";

const Origins = z
	.string()
	.default("")
	.transform((list) =>
		list
			.split(",")
			.map((item) => item.trim())
			.filter((item) => item !== ""),
	);

/**
 * The Worker's settings: plain variables of `wrangler.toml`, secrets of `wrangler secret` or `.dev.vars`.
 * All are optional; what is missing switches its feature off, and `/readyz` says so.
 */
const Settings = z.object({
	/** Cloudflare Realtime SFU: https://developers.cloudflare.com/realtime/sfu/get-started/ */
	REALTIME_API_BASE: z.url().default("https://rtc.live.cloudflare.com/v1"),
	REALTIME_APP_ID: z.string().optional(),
	REALTIME_APP_SECRET: z.string().optional(),
	/** Cloudflare Realtime TURN: https://developers.cloudflare.com/realtime/turn/ */
	TURN_KEY_ID: z.string().optional(),
	TURN_KEY_API_TOKEN: z.string().optional(),
	/** Media programs by address, separated by commas, and the bearer token that they ask for. */
	MEDIA_URLS: Origins,
	MEDIA_TOKEN: z.string().optional(),
	/** Where the media program reaches this Worker; by default the address at which the encoder did. */
	INTERNAL_URL: z.url().optional(),
	/** Browser origins besides our own that may open sockets. */
	ALLOWED_ORIGINS: Origins,
	/** Seconds that a stream waits for an encoder that vanished, and for one that said goodbye. */
	RECONNECT_GRACE_SECONDS: z.coerce.number().min(1).default(120),
	END_GRACE_SECONDS: z.coerce.number().min(0).default(20),
	/** Tallest live rendition, in lines. */
	LIVE_MAX_HEIGHT: z.coerce.number().int().min(180).max(2160).default(720),
	/**
	 * The bucket's S3 address and a key for it, so that browsers send chunks straight to R2; without them chunks go through the Worker.
	 * A path means: at the address where the browser reached us. https://developers.cloudflare.com/r2/api/s3/tokens/
	 */
	R2_BUCKET_URL: z
		.string()
		.regex(/^(https?:\/\/|\/)/)
		.optional(),
	R2_ACCESS_KEY_ID: z.string().optional(),
	R2_SECRET_ACCESS_KEY: z.string().optional(),
	/** Tallest rendition of uploads, in lines; codecs besides H.264 (hevc, vp9, av1); Opus besides AAC. */
	VOD_MAX_HEIGHT: z.coerce.number().int().min(180).max(4320).default(1080),
	VOD_CODECS: Origins.pipe(z.array(z.enum(["hevc", "vp9", "av1"]))),
	VOD_OPUS: z.enum(["on", "off"]).default("off"),
	GUESTS: z.enum(["on", "off"]).default("on"),
	/** Who holds calls: our own rooms, or Cloudflare's RealtimeKit if all of its settings are there. */
	CALL_PROVIDER: z.enum(["rostrum", "realtimekit"]).default("rostrum"),
	/** Cloudflare RealtimeKit: https://developers.cloudflare.com/realtime/realtimekit/ */
	REALTIMEKIT_API_BASE: z.url().default("https://api.cloudflare.com/client/v4"),
	REALTIMEKIT_ACCOUNT_ID: z.string().optional(),
	REALTIMEKIT_APP_ID: z.string().optional(),
	REALTIMEKIT_API_TOKEN: z.string().optional(),
	/** Presets of the app that say what members and hosts may do; these two come with every new app. */
	REALTIMEKIT_PRESET: z.string().default("group_call_participant"),
	REALTIMEKIT_HOST_PRESET: z.string().default("group_call_host"),
	/** What is a stand-in here, for the setup page: set by `npm start`. */
	STAND_INS: Origins,
});

/** Names of all settings, as `.dev.vars.example` explains them. */
export const SETTING_NAMES = Object.keys(Settings.shape);

export interface Config {
	realtime: { baseURL: string; appID: string; appSecret: string } | null;
	turn: { baseURL: string; keyID: string; apiToken: string } | null;
	/** Null unless `CALL_PROVIDER` asks for it and it is set up. */
	realtimeKit: RealtimeKitSettings | null;
	mediaURLs: string[];
	mediaToken: string | undefined;
	internalURL: string | undefined;
	allowedOrigins: string[];
	reconnectGraceMs: number;
	endGraceMs: number;
	liveMaxHeight: number;
	/** Null: chunks of uploads go through the Worker. */
	bucketS3: S3Settings | null;
	vod: { maxHeight: number; furtherCodecs: ("hevc" | "vp9" | "av1")[]; hasOpus: boolean };
	guests: boolean;
	standIns: string[];
}

/** Reads and checks the environment; throws a ZodError that names the setting that is wrong. */
export function readConfig(env: object): Config {
	const settings = Settings.parse(env);
	return {
		realtime:
			settings.REALTIME_APP_ID && settings.REALTIME_APP_SECRET
				? {
						baseURL: settings.REALTIME_API_BASE,
						appID: settings.REALTIME_APP_ID,
						appSecret: settings.REALTIME_APP_SECRET,
					}
				: null,
		turn:
			settings.TURN_KEY_ID && settings.TURN_KEY_API_TOKEN
				? {
						baseURL: settings.REALTIME_API_BASE,
						keyID: settings.TURN_KEY_ID,
						apiToken: settings.TURN_KEY_API_TOKEN,
					}
				: null,
		realtimeKit: realtimeKitOf(settings),
		mediaURLs: settings.MEDIA_URLS,
		mediaToken: settings.MEDIA_TOKEN,
		internalURL: settings.INTERNAL_URL,
		allowedOrigins: settings.ALLOWED_ORIGINS,
		reconnectGraceMs: settings.RECONNECT_GRACE_SECONDS * 1000,
		endGraceMs: settings.END_GRACE_SECONDS * 1000,
		liveMaxHeight: settings.LIVE_MAX_HEIGHT,
		bucketS3:
			settings.R2_BUCKET_URL && settings.R2_ACCESS_KEY_ID && settings.R2_SECRET_ACCESS_KEY
				? {
						bucketURL: settings.R2_BUCKET_URL,
						accessKeyID: settings.R2_ACCESS_KEY_ID,
						secretAccessKey: settings.R2_SECRET_ACCESS_KEY,
					}
				: null,
		vod: {
			maxHeight: settings.VOD_MAX_HEIGHT,
			furtherCodecs: settings.VOD_CODECS,
			hasOpus: settings.VOD_OPUS === "on",
		},
		guests: settings.GUESTS === "on",
		standIns: settings.STAND_INS,
	};
}

function realtimeKitOf(settings: z.infer<typeof Settings>): RealtimeKitSettings | null {
	const {
		CALL_PROVIDER: provider,
		REALTIMEKIT_ACCOUNT_ID: accountID,
		REALTIMEKIT_APP_ID: appID,
		REALTIMEKIT_API_TOKEN: apiToken,
	} = settings;
	if (provider !== "realtimekit" || !accountID || !appID || !apiToken) return null;
	const presets = { member: settings.REALTIMEKIT_PRESET, host: settings.REALTIMEKIT_HOST_PRESET };
	return { baseURL: settings.REALTIMEKIT_API_BASE, accountID, appID, apiToken, presets };
}
