import type { RemoteTrack, TrackOutcome } from "../../adapters/realtime-sfu.ts";
import { carries, checkWatchOffer, type OfferSummary, SDP_MAX_BYTES } from "../../domain/live/sdp-offer.ts";
import { AppError } from "../../protocol/errors.ts";
import type { ChannelID } from "../../protocol/ids.ts";
import { iceServerLinks } from "../ice-links.ts";
import { type App, type AppContext, readText } from "../route.ts";
import type { Services } from "../services.ts";
import { readReference, requireType } from "./whip.ts";

const SDP = "application/sdp";
const FRAGMENT = "application/trickle-ice-sdpfrag";

/**
 * WHEP, draft-ietf-wish-whep: a viewer watches `/whep/{channelID}`. An offer that can receive what is sent is answered
 * with 201; any other, an empty one too, with a counter-offer in a 406, which the viewer answers by PATCH.
 */
export function mountWhep(app: App): void {
	app.post("/whep/:channelID", watch);
	app.options("/whep/:channelID", (context) => context.body(null, 200, { "Accept-Post": SDP }));
	app.on(["GET", "HEAD"], "/whep/:channelID", async (context) => {
		await context.get("services").channels.get(readReference(context));
		return context.body(null, 200, { "Content-Type": SDP });
	});
	app.patch("/whep/:channelID/sessions/:sessionID", patchSession);
	app.delete("/whep/:channelID/sessions/:sessionID", async (context) => {
		const { services, sfuSessionID } = await findSession(context);
		await closeSession(services, sfuSessionID);
		return context.body(null, 200);
	});
}

async function watch(context: AppContext): Promise<Response> {
	requireType(context, SDP);
	const services = context.get("services");
	const offer = await readText(context, SDP_MAX_BYTES);
	const verdict = offer.trim() === "" ? null : checkWatchOffer(offer);
	if (verdict && !verdict.ok) throw new AppError(verdict.code, verdict.detail);
	const channel = await services.channels.get(readReference(context));
	const tracks = await findTracks(services, channel.current?.streamID);
	const sfu = services.sfu();
	const sfuSessionID = await sfu.newSession();
	const isAnswerable = verdict !== null && canReceive(verdict.offer, tracks);
	const outcome = isAnswerable
		? await sfu.pullWithOffer(sfuSessionID, tracks, offer)
		: await sfu.pull(sfuSessionID, tracks);
	if (!outcome.sdp || outcome.tracks.length === 0) throw notFlowing(outcome);
	context.header(
		"Location",
		`/whep/${channel.channelID}/sessions/${await nameSession(services, channel.channelID, sfuSessionID)}`,
	);
	context.header("ETag", `"${sfuSessionID.slice(0, 8)}"`);
	for (const link of await iceServerLinks(services)) context.header("Link", link, { append: true });
	return context.body(outcome.sdp, isAnswerable ? 201 : 406, { "Content-Type": SDP });
}

/** An answer to a counter-offer; or trickled candidates, which the SFU does not need. */
async function patchSession(context: AppContext): Promise<Response> {
	const { services, sfuSessionID } = await findSession(context);
	if (context.req.header("content-type")?.startsWith(FRAGMENT)) return context.body(null, 204);
	requireType(context, SDP);
	const answer = await readText(context, SDP_MAX_BYTES);
	const verdict = checkWatchOffer(answer);
	if (!verdict.ok) throw new AppError(verdict.code, verdict.detail);
	await services.sfu().answer(sfuSessionID, answer);
	return context.body(null, 204);
}

/** What viewers pull. Throws AppError `not-live` with Retry-After. */
async function findTracks(
	services: Services,
	streamID: Parameters<Services["liveStream"]>[0] | undefined,
): Promise<RemoteTrack[]> {
	const source = streamID === undefined ? null : await services.liveStream(streamID).source();
	if (!source) {
		throw new AppError("not-live", "The channel is not live.", { headers: { "Retry-After": "5" } });
	}
	const simulcast = {
		preferredRid: "a",
		priorityOrdering: "asciibetical",
		ridNotAvailable: "asciibetical",
	} as const;
	return source.tracks.map(({ trackName, kind }) => ({
		sessionID: source.sessionID,
		trackName,
		kind,
		...(kind === "video" ? { simulcast } : {}),
	}));
}

/** Whether the offer has a receiving line with a carried codec for each track. */
function canReceive(offer: OfferSummary, tracks: RemoteTrack[]): boolean {
	return tracks.every((track) => offer.media.some((media) => media.kind === track.kind && carries(media)));
}

/** A session that has gone by itself is closed as wished. */
async function closeSession(services: Services, sfuSessionID: string): Promise<void> {
	try {
		const session = await services.sfu().getSession(sfuSessionID);
		const mids = session.tracks.filter((track) => track.status === "active").map((track) => track.mid);
		if (mids.length > 0) await services.sfu().close(sfuSessionID, mids, { force: true });
	} catch (error) {
		const sfuStatus = error instanceof AppError ? error.members.sfuStatus : undefined;
		if (sfuStatus !== 404 && sfuStatus !== 410) throw error;
	}
}

function notFlowing(outcome: TrackOutcome): AppError {
	return new AppError("not-live", "The encoder is connected but sends nothing yet.", {
		headers: { "Retry-After": "2" },
		members: { sfuCodes: outcome.failed.map((track) => track.errorCode) },
	});
}

/** The name of a viewer's session: nobody can make one up, or use it on another channel. */
async function nameSession(services: Services, channelID: ChannelID, sfuSessionID: string): Promise<string> {
	const mac = await services.mac();
	return `${sfuSessionID}.${mac.keyID}.${await mac.sign("whep", `${channelID}\n${sfuSessionID}`)}`;
}

async function findSession(context: AppContext): Promise<{ services: Services; sfuSessionID: string }> {
	const services = context.get("services");
	const { channelID } = await services.channels.get(readReference(context));
	const [sfuSessionID = "", keyID = "", signature = ""] = (context.req.param("sessionID") ?? "").split(".");
	const isOurs = await (await services.mac()).verify(
		"whep",
		`${channelID}\n${sfuSessionID}`,
		keyID,
		signature,
	);
	if (!isOurs) throw new AppError("not-found", "There is no such WHEP session.");
	return { services, sfuSessionID };
}
