import * as z from "zod";
import { verifyVodToken } from "../../adapters/job-token.ts";
import { objectKey, SOURCE_KEY } from "../../domain/vod/object-key.ts";
import { unwrap } from "../../durable-objects/outcome.ts";
import { AppError } from "../../protocol/errors.ts";
import { VideoID } from "../../protocol/ids.ts";
import { ObjectKey, StepID, VodReport } from "../../protocol/vod-job.ts";
import { bearerToken } from "../identify.ts";
import { answerObject } from "../object-answer.ts";
import { type App, type AppContext, parse, readText } from "../route.ts";

/** A report of ten hours of sound lists 9000 segments of about 90 bytes. */
const REPORT_MAX_BYTES = 8 * 1024 ** 2;

const JobPath = z.object({ videoID: VideoID, stepID: StepID, attempt: z.coerce.number().int().min(1) });

/** What a media program reads, writes and says of one attempt at one step (protocol/vod-job.ts). Each call bears the job's token. */
export function mountVodJob(app: App): void {
	const base = "/internal/vod/:videoID/:stepID/:attempt";

	app.get(`${base}/objects/:key{.+}`, async (context) => {
		const { services, videoID } = await openJob(context);
		const key = context.req.param("key");
		if (key !== SOURCE_KEY) parse(ObjectKey, key, "/params");
		return answerObject(context, services.env.MEDIA, { key: objectKey(videoID, key) });
	});

	app.put(`${base}/objects/:key{.+}`, async (context) => {
		const { services, videoID } = await openJob(context);
		const key = ObjectKey.parse(parse(ObjectKey, context.req.param("key"), "/params"));
		if (key === SOURCE_KEY) throw new AppError("forbidden", "The source is not a job's to write.");
		const { body, headers } = context.req.raw;
		if (headers.get("content-length") === null)
			throw new AppError("bad-request", "Say how long the object is: Content-Length.");
		await services.env.MEDIA.put(objectKey(videoID, key), body ?? new Uint8Array(), {
			httpMetadata: { contentType: headers.get("content-type") ?? "application/octet-stream" },
		});
		return context.body(null, 204);
	});

	app.post(`${base}/reports`, async (context) => {
		const { services, videoID, stepID, attempt } = await openJob(context);
		const report = await readReport(context);
		if (report.attempt !== attempt)
			throw new AppError("attempt-superseded", "The token is for another attempt.");
		unwrap(await services.pipeline(videoID).report(stepID, report));
		return context.body(null, 204);
	});
}

async function openJob(context: AppContext) {
	const services = context.get("services");
	const job = JobPath.parse(parse(JobPath, context.req.param(), "/params"));
	const isValid = await verifyVodToken(await services.keys(), bearerToken(context) ?? "", job, Date.now());
	if (!isValid) throw new AppError("unauthenticated", "The job token is not for this step of this work.");
	return { services, ...job };
}

async function readReport(context: AppContext): Promise<VodReport> {
	const text = await readText(context, REPORT_MAX_BYTES);
	try {
		return VodReport.parse(JSON.parse(text));
	} catch (cause) {
		throw new AppError("validation", "The body is not a report of a job.", { cause });
	}
}
