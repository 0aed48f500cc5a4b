import * as z from "zod";
import { verifyJobToken } from "../../adapters/job-token.ts";
import { unwrap } from "../../durable-objects/outcome.ts";
import { AppError } from "../../protocol/errors.ts";
import { StreamID } from "../../protocol/ids.ts";
import {
	LIVE_PART_MAX_BYTES,
	LiveEpoch,
	LiveHeartbeat,
	LivePartQuery,
	RenditionName,
} from "../../protocol/media-job.ts";
import { bearerToken } from "../identify.ts";
import { type App, type AppContext, parse, readBytes, readText } from "../route.ts";

const PartPath = z.object({
	rendition: RenditionName,
	segment: z.coerce.number().int().min(0),
	part: z.coerce.number().int().min(0).max(63),
});
const Epoch = z.coerce.number().int().min(1);

/** Where the media program delivers a live stream (protocol/media-job.ts). Each call bears the job's token. */
export function mountPackaging(app: App): void {
	const base = "/internal/live/:streamID/:epoch";

	app.put(base, async (context) => {
		const { live, epoch } = await openJob(context);
		unwrap(await live.openEpoch(epoch, await readBody(context, LiveEpoch)));
		return context.body(null, 204);
	});

	app.post(`${base}/heartbeat`, async (context) => {
		const { live, epoch } = await openJob(context);
		unwrap(await live.heartbeat(epoch, await readBody(context, LiveHeartbeat)));
		return context.body(null, 204);
	});

	app.post(`${base}/close`, async (context) => {
		const { live, epoch } = await openJob(context);
		await live.closeEpoch(epoch);
		return context.body(null, 204);
	});

	app.put(`${base}/:rendition/:segment/:part`, async (context) => {
		const { live, epoch } = await openJob(context);
		const path = PartPath.parse(parse(PartPath, context.req.param(), "/params"));
		const query = LivePartQuery.parse(parse(LivePartQuery, context.req.query(), "/query"));
		const bytes = await readBytes(context, LIVE_PART_MAX_BYTES);
		const at = { epoch, rendition: path.rendition, number: path.segment, part: path.part };
		unwrap(await live.putPart(at, query, bytes.buffer));
		return context.body(null, 204);
	});
}

async function openJob(context: AppContext) {
	const services = context.get("services");
	const streamID = StreamID.parse(parse(StreamID, context.req.param("streamID"), "/params"));
	const epoch = Epoch.parse(parse(Epoch, context.req.param("epoch"), "/params"));
	const isValid = await verifyJobToken(await services.keys(), bearerToken(context) ?? "", streamID, epoch);
	if (!isValid) throw new AppError("unauthenticated", "The job token is not for this stream and epoch.");
	return { live: services.liveStream(streamID), epoch };
}

async function readBody<S extends z.ZodType>(context: AppContext, schema: S): Promise<z.output<S>> {
	const text = await readText(context, 256 * 1024);
	try {
		return schema.parse(JSON.parse(text));
	} catch (cause) {
		throw new AppError("validation", "The body is not what a packaging job sends.", { cause });
	}
}
