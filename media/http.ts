import { timingSafeEqual } from "node:crypto";
import { availableParallelism } from "node:os";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type * as z from "zod";
import { log } from "../adapters/log.ts";
import { AppError, type Problem } from "../protocol/errors.ts";
import { StreamID } from "../protocol/ids.ts";
import { LiveJob, type MediaHealth } from "../protocol/media-job.ts";
import { VodJob } from "../protocol/vod-job.ts";
import type { LiveJobs } from "./live-jobs.ts";
import type { VodJobs } from "./vod/vod-jobs.ts";

const MAX_BODY_BYTES = 64 * 1024;
/** The Worker gives a call 3 s. Flushing usually takes half a second. */
const STOP_ANSWER_MS = 2_000;

/** The job API of protocol/media-job.ts and protocol/vod-job.ts. */
export function createHttpApi(options: {
	jobs: LiveJobs;
	vod: VodJobs;
	token: string | undefined;
	ffmpegVersion: string;
}): Hono {
	const { jobs, vod, token, ffmpegVersion } = options;
	const app = new Hono();
	app.onError((error, context) => answerError(error, context));
	app.notFound((context) => answerError(new AppError("not-found", "No such path."), context));
	app.get("/health", (context) =>
		context.json({
			status: "ok",
			ffmpeg: ffmpegVersion,
			liveJobs: jobs.active,
			vodJobs: vod.active,
			cores: availableParallelism(),
		} satisfies MediaHealth),
	);
	for (const path of ["/live/*", "/vod/*"]) {
		app.use(path, async (context, next) => {
			if (token !== undefined && !isBearer(context.req.header("authorization"), token)) {
				throw new AppError("unauthenticated", "A bearer token is needed.");
			}
			await next();
		});
	}
	addLiveRoutes(app, jobs);
	addVodRoutes(app, vod);
	return app;
}

function addLiveRoutes(app: Hono, jobs: LiveJobs): void {
	app.put("/live/:streamID", bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseBody }), async (context) => {
		const job = LiveJob.safeParse(await readJson(context));
		if (!job.success) throw validationError(job.error);
		if (job.data.streamID !== context.req.param("streamID")) {
			throw new AppError("validation", "The path names another stream than the body.");
		}
		return context.json(jobs.start(job.data));
	});
	app.get("/live/:streamID", (context) => context.json(jobs.state(streamIDOf(context))));
	app.delete("/live/:streamID", async (context) => {
		const state = await jobs.stop(streamIDOf(context), STOP_ANSWER_MS);
		return context.json(state, state.state === "stopping" ? 202 : 200);
	});
}

function addVodRoutes(app: Hono, vod: VodJobs): void {
	app.put(
		"/vod/:videoID/:stepID",
		bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseBody }),
		async (context) => {
			const job = VodJob.safeParse(await readJson(context));
			if (!job.success) throw validationError(job.error);
			const { videoID, stepID } = job.data;
			if (videoID !== context.req.param("videoID") || stepID !== context.req.param("stepID")) {
				throw new AppError("validation", "The path names another step than the body.");
			}
			return context.json(vod.start(job.data), 202);
		},
	);
	app.get("/vod/:videoID/:stepID", (context) =>
		context.json(vod.find(context.req.param("videoID"), context.req.param("stepID"))),
	);
	app.delete("/vod/:videoID/:stepID", (context) =>
		context.json(vod.stop(context.req.param("videoID"), context.req.param("stepID"))),
	);
}

function streamIDOf(context: Context): StreamID {
	const parsed = StreamID.safeParse(context.req.param("streamID"));
	if (!parsed.success) throw new AppError("not-found", "No such job.");
	return parsed.data;
}

async function readJson(context: Context): Promise<unknown> {
	const text = await context.req.text();
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw new AppError("malformed-json", "The body is not JSON.", { cause });
	}
}

function refuseBody(): never {
	throw new AppError("payload-too-large", `A job has at most ${MAX_BODY_BYTES} bytes.`);
}

function validationError(error: z.ZodError): AppError {
	return new AppError("validation", "The job is not valid.", {
		members: {
			errors: error.issues.map((issue) => ({ pointer: `#/${issue.path.join("/")}`, detail: issue.message })),
		},
	});
}

function isBearer(header: string | undefined, token: string): boolean {
	const given = Buffer.from(header ?? "");
	const wanted = Buffer.from(`Bearer ${token}`);
	return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function answerError(error: unknown, context: Context): Response {
	const known =
		error instanceof AppError ? error : new AppError("internal", "Something went wrong.", { cause: error });
	if (known.code === "internal") log.error("request.failed", error, { path: context.req.path });
	const problem: Problem = {
		type: `/problems/${known.code}`,
		title: known.code,
		status: known.status,
		detail: known.message,
		code: known.code,
		...known.members,
	};
	return new Response(JSON.stringify(problem), {
		status: known.status,
		headers: { "content-type": "application/problem+json", ...known.headers },
	});
}
