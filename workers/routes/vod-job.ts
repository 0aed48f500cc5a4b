import * as z from "zod";
import { verifyVodToken } from "../../adapters/job-token.ts";
import { PartStore } from "../../adapters/part-store.ts";
import { objectKey, SOURCE_KEY } from "../../domain/vod/object-key.ts";
import { unwrap } from "../../durable-objects/outcome.ts";
import { AppError } from "../../protocol/errors.ts";
import { VideoID } from "../../protocol/ids.ts";
import { ObjectKey, StepID, VodReport } from "../../protocol/vod-job.ts";
import {
	CompleteParts,
	PART_LIMITS,
	PartQuery,
	PartsQuery,
	type StoredPart,
} from "../../protocol/vod-parts.ts";
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
		const { services, key } = await openObject(context);
		const body = readSized(context);
		if (context.req.query("uploadID") !== undefined) {
			const { uploadID, part } = PartQuery.parse(parse(PartQuery, context.req.query(), "/query"));
			const etag = await new PartStore(services.env.MEDIA).put({ key, uploadID }, part, body);
			return context.json({ etag } satisfies StoredPart);
		}
		await services.env.MEDIA.put(key, body, { httpMetadata: { contentType: contentTypeOf(context) } });
		return context.body(null, 204);
	});

	mountParts(app, `${base}/objects/:key{.+}`);

	app.post(`${base}/reports`, async (context) => {
		const { services, videoID, stepID, attempt } = await openJob(context);
		const report = readBody(VodReport, await readText(context, REPORT_MAX_BYTES), "a report of a job");
		if (report.attempt !== attempt)
			throw new AppError("attempt-superseded", "The token is for another attempt.");
		unwrap(await services.pipeline(videoID).report(stepID, report));
		return context.body(null, 204);
	});
}

/** Large objects, in parts (protocol/vod-parts.ts). Each call may come twice, or late: a key means the same bytes. */
function mountParts(app: App, path: string): void {
	app.post(path, async (context) => {
		const { services, key } = await openObject(context);
		const parts = new PartStore(services.env.MEDIA);
		if (context.req.query("uploadID") === undefined) {
			const uploadID = await parts.begin(key, contentTypeOf(context));
			return context.json({ uploadID }, 201);
		}
		const { uploadID } = PartsQuery.parse(parse(PartsQuery, context.req.query(), "/query"));
		const text = await readText(context, REPORT_MAX_BYTES);
		await parts.complete({ key, uploadID }, readBody(CompleteParts, text, "a list of parts"));
		return context.body(null, 204);
	});

	app.delete(path, async (context) => {
		const { services, key } = await openObject(context);
		const { uploadID } = PartsQuery.parse(parse(PartsQuery, context.req.query(), "/query"));
		await new PartStore(services.env.MEDIA).abort({ key, uploadID });
		return context.body(null, 204);
	});
}

/** An object that the job may write. `key`: in the bucket. Throws AppError `forbidden` for the source. */
async function openObject(context: AppContext) {
	const { services, videoID } = await openJob(context);
	const key = ObjectKey.parse(parse(ObjectKey, context.req.param("key"), "/params"));
	if (key === SOURCE_KEY) throw new AppError("forbidden", "The source is not a job's to write.");
	return { services, key: objectKey(videoID, key) };
}

/** A body whose length is known and not too large. Throws AppError `bad-request`, `payload-too-large`. */
function readSized(context: AppContext): ReadableStream | Uint8Array {
	const { body, headers } = context.req.raw;
	const length = headers.get("content-length");
	if (length === null) throw new AppError("bad-request", "Say how long the object is: Content-Length.");
	if (Number(length) > PART_LIMITS.maxBytes)
		throw new AppError("payload-too-large", "Send what is larger than 32 MiB in parts.");
	return body ?? new Uint8Array();
}

function contentTypeOf(context: AppContext): string {
	return context.req.header("content-type") ?? "application/octet-stream";
}

async function openJob(context: AppContext) {
	const services = context.get("services");
	const job = JobPath.parse(parse(JobPath, context.req.param(), "/params"));
	const isValid = await verifyVodToken(await services.keys(), bearerToken(context) ?? "", job, Date.now());
	if (!isValid) throw new AppError("unauthenticated", "The job token is not for this step of this work.");
	return { services, ...job };
}

function readBody<T extends z.ZodType>(schema: T, text: string, what: string): z.output<T> {
	try {
		return schema.parse(JSON.parse(text));
	} catch (cause) {
		throw new AppError("validation", `The body is not ${what}.`, { cause });
	}
}
