import { Hono } from "hono";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { AppError } from "../protocol/errors.ts";
import { answerProblem } from "./problems.ts";
import type { App, AppEnv } from "./route.ts";
import { mountAccount } from "./routes/account.ts";
import { mountCall } from "./routes/call.ts";
import { mountCallRoom } from "./routes/call-room.ts";
import { mountChannel } from "./routes/channel.ts";
import { mountChat } from "./routes/chat.ts";
import { mountContact } from "./routes/contact.ts";
import { mountLive } from "./routes/live.ts";
import { mountMedia } from "./routes/media.ts";
import { mountNotification } from "./routes/notification.ts";
import { mountPackaging } from "./routes/packaging.ts";
import { mountPodcast } from "./routes/podcast.ts";
import { mountSystem } from "./routes/system.ts";
import { mountTus, TUS_OPTIONS } from "./routes/tus.ts";
import { mountUpload } from "./routes/upload.ts";
import { mountVideo } from "./routes/video.ts";
import { mountVideoFiles } from "./routes/video-files.ts";
import { mountVodJob } from "./routes/vod-job.ts";
import { mountVodMedia } from "./routes/vod-media.ts";
import { mountWhep } from "./routes/whep.ts";
import { mountWhip } from "./routes/whip.ts";
import { Services } from "./services.ts";

const TUS_HEADERS = [
	"Tus-Resumable",
	"Upload-Length",
	"Upload-Metadata",
	"Upload-Offset",
	"Upload-Checksum",
	"Upload-Expires",
];

/** The whole API at the root and again below /v1 (CONTRACT §1). */
export function createApp(version: string): App {
	const api: App = new Hono<AppEnv>();
	api.get("/channels/:channelID{(@|ch_)[^/]+}", etag());
	api.get("/emotes", etag());
	mountAccount(api);
	mountContact(api);
	mountChannel(api);
	mountLive(api);
	mountChat(api);
	mountCall(api);
	mountCallRoom(api);
	mountNotification(api);
	mountWhip(api);
	mountWhep(api);
	mountUpload(api);
	mountTus(api);
	mountVideo(api);
	mountVideoFiles(api);
	mountPodcast(api);
	mountVodMedia(api);
	mountMedia(api);
	mountPackaging(api);
	mountVodJob(api);
	mountSystem(api, version);

	const app: App = new Hono<AppEnv>();
	app.use(async (context, next) => {
		context.set("traceID", context.req.header("cf-ray") ?? crypto.randomUUID());
		context.set("services", new Services(context.env));
		await next();
		if (context.res.status === 101) return;
		// Answered by cors already.
		if (context.req.method === "OPTIONS" && /^(\/v1)?\/tus(\/|$)/.test(context.req.path))
			for (const [name, value] of Object.entries(TUS_OPTIONS)) context.header(name, value);
		context.header("X-Trace-Id", context.get("traceID"));
		context.header("Date", new Date().toUTCString());
		context.header("X-Content-Type-Options", "nosniff");
	});
	app.use(openToAllOrigins());
	app.route("/v1", api);
	app.route("/", api);
	app.notFound((context) => answerProblem(new AppError("not-found", "There is nothing here."), context));
	app.onError(answerProblem);
	return app;
}

/** Browsers of every site may call: nothing here is opened by a cookie. */
function openToAllOrigins(): ReturnType<typeof cors> {
	return cors({
		origin: "*",
		allowHeaders: [
			"Authorization",
			"Content-Type",
			"If-Match",
			"Idempotency-Key",
			"Range",
			...TUS_HEADERS,
			"X-HTTP-Method-Override",
		],
		exposeHeaders: [
			"Location",
			"ETag",
			"Link",
			"Retry-After",
			"Content-Range",
			"Date",
			"X-Trace-Id",
			"Idempotency-Replayed",
			...TUS_HEADERS,
			...Object.keys(TUS_OPTIONS),
		],
		maxAge: 86_400,
	});
}
