import type { ChannelRow } from "../../adapters/database/channel-table.ts";
import { checkPublishOffer, readIceCredentials, SDP_MAX_BYTES } from "../../domain/live/sdp-offer.ts";
import type { LiveStream } from "../../durable-objects/live-stream.ts";
import { unwrap } from "../../durable-objects/outcome.ts";
import { AppError } from "../../protocol/errors.ts";
import { type ChannelID, ChannelReference, StreamID } from "../../protocol/ids.ts";
import { iceServerLinks } from "../ice-links.ts";
import { bearerToken } from "../identify.ts";
import { type App, type AppContext, parse, readText } from "../route.ts";
import type { Services } from "../services.ts";
import { createStream } from "./live.ts";

const OFFER = "application/sdp";
const FRAGMENT = "application/trickle-ice-sdpfrag";
const MAX_FRAGMENT_BYTES = 16 * 1024;

/** WHIP, RFC 9725: an encoder publishes to `/whip/{channelID}` with the stream key as bearer token. */
export function mountWhip(app: App): void {
	app.post("/whip/:channelID", publish);
	app.options("/whip/:channelID", (context) => context.body(null, 200, { "Accept-Post": OFFER }));
	app.on(["GET", "HEAD"], "/whip/:channelID", async (context) => {
		await authorise(context);
		return context.body(null, 204);
	});
	app.patch("/whip/:channelID/sessions/:sessionID", patchSession);
	app.delete("/whip/:channelID/sessions/:sessionID", async (context) => {
		const { live, sessionID } = await findSession(context);
		unwrap(await live.unpublish(sessionID));
		return context.body(null, 200);
	});
	app.on(["GET", "HEAD"], "/whip/:channelID/sessions/:sessionID", async (context) => {
		const { live, sessionID } = await findSession(context);
		unwrap(await live.checkSession(sessionID));
		return context.body(null, 204);
	});
}

async function publish(context: AppContext): Promise<Response> {
	requireType(context, OFFER);
	const services = context.get("services");
	const channel = await authorise(context);
	const offer = await readText(context, SDP_MAX_BYTES);
	const verdict = checkPublishOffer(offer);
	if (!verdict.ok) throw new AppError(verdict.code, verdict.detail);
	const request = {
		offer,
		origin: new URL(context.req.url).origin,
		takeover: context.req.query("takeover") === "1",
		media: verdict.offer.media.map(({ mid, kind }) => ({ mid, kind })),
	};
	const { answer, whipSessionID, etag } = await publishToCurrent(context, services, { channel, request });
	context.header("Location", `/whip/${channel.channelID}/sessions/${whipSessionID}`);
	context.header("ETag", etag);
	for (const link of await iceServerLinks(services)) context.header("Link", link, { append: true });
	return context.body(answer, 201, { "Content-Type": OFFER });
}

/** A stream whose grace has just run out is over although the catalogue may not know yet: then a new one begins. */
async function publishToCurrent(
	context: AppContext,
	services: Services,
	{ channel, request }: { channel: ChannelRow; request: Parameters<LiveStream["publish"]>[0] },
) {
	const streamID = await streamToPublishTo(context, services, channel);
	const outcome = await services.liveStream(streamID).publish(request);
	if (outcome.ok || outcome.code !== "stream-ended") return unwrap(outcome);
	await services.livestreams.update(streamID, { state: "ended" });
	const next = await streamToPublishTo(context, services, { ...channel, current: null });
	return unwrap(await services.liveStream(next).publish(request));
}

async function patchSession(context: AppContext): Promise<Response> {
	requireType(context, FRAGMENT);
	const { live, sessionID } = await findSession(context);
	const ifMatch = context.req.header("if-match");
	if (ifMatch === undefined) {
		throw new AppError("precondition-required", "Send If-Match: the ETag to trickle, * to restart ICE.");
	}
	const fragment = await readText(context, MAX_FRAGMENT_BYTES);
	const credentials = readIceCredentials(fragment);
	const isWellFormed = fragment.split(/\r?\n/).every((line) => line === "" || /^[a-z]=/.test(line));
	if (!credentials || !isWellFormed) {
		throw new AppError(
			"malformed-sdp",
			"The fragment has no ICE credentials, or is not made of attribute lines.",
		);
	}
	if (ifMatch !== "*") {
		unwrap(await live.trickle(sessionID, ifMatch));
		return context.body(null, 204);
	}
	const restarted = unwrap(await live.restartIce(sessionID, credentials));
	context.header("ETag", restarted.etag);
	return context.body(restarted.fragment, 200, { "Content-Type": FRAGMENT });
}

/** The channel, if the request bears its stream key. Throws AppError `unauthenticated`, `key-revoked`, `forbidden`, `not-found`. */
async function authorise(context: AppContext): Promise<ChannelRow> {
	const services = context.get("services");
	const key = bearerToken(context);
	if (key === null) {
		throw new AppError("unauthenticated", "Send the stream key as Authorization: Bearer.", {
			headers: { "WWW-Authenticate": "Bearer" },
		});
	}
	const channel = await services.channels.get(readReference(context));
	await services.channels.checkKey(channel.channelID, key);
	return channel;
}

/** The current stream, a scheduled one named by `?streamID=`, or a new one. */
async function streamToPublishTo(
	context: AppContext,
	services: Services,
	channel: ChannelRow,
): Promise<StreamID> {
	const named = context.req.query("streamID");
	const current = channel.current?.streamID;
	if (named !== undefined && named !== current)
		throw new AppError("not-found", "This stream is not waiting for an encoder.");
	if (current !== undefined) return current;
	try {
		const { streamID } = await createStream(services, channel, { title: channel.name, latencyMode: "low" });
		return streamID;
	} catch (error) {
		// Two encoders at once: the other one made the stream, its object decides who may send.
		const winner = await services.livestreams.findCurrent(channel.channelID);
		if (winner) return winner.streamID;
		throw error;
	}
}

async function findSession(context: AppContext) {
	const services = context.get("services");
	const channel = await authorise(context);
	if (!channel.current) throw new AppError("not-found", "There is no such WHIP session.");
	return {
		live: services.liveStream(StreamID.parse(channel.current.streamID)),
		sessionID: context.req.param("sessionID") ?? "",
	};
}

export function readReference(context: AppContext): ChannelID | ChannelReference {
	return ChannelReference.parse(parse(ChannelReference, context.req.param("channelID"), "/params"));
}

export function requireType(context: AppContext, type: string): void {
	const sent = (context.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
	if (sent === type) return;
	throw new AppError("unsupported-media-type", `Send Content-Type: ${type}.`, {
		headers: { "Accept-Post": type },
	});
}
