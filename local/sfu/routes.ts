import { Hono } from "hono";
import {
	CloseTracksRequest,
	NewSessionRequest,
	REALTIME_LIMITS,
	RenegotiateRequest,
	type TracksReply,
	TracksRequest,
	UpdateTracksRequest,
} from "../../protocol/realtime-api.ts";
import { closeByForce, closeByOffer } from "./closing.ts";
import { dataChannelRoutes } from "./data-channel-routes.ts";
import { badParameters } from "./failure.ts";
import { applyOffer } from "./offers.ts";
import { invite, publish } from "./publishing.ts";
import { readBody, requireSession } from "./requests.ts";
import type { Session } from "./session.ts";
import type { Sfu } from "./sfu.ts";
import { pull, renegotiate, update } from "./subscribing.ts";

/** The SFU's part of the API, below `/apps/{appId}` (https://developers.cloudflare.com/realtime/sfu/https-api/). */
export function sfuRoutes(sfu: Sfu): Hono {
	const app = new Hono();

	app.post("/sessions/new", async (context) => {
		const body = await readBody(context.req.raw, NewSessionRequest, {});
		const session = sfu.createSession();
		if (body.sessionDescription === undefined) return context.json({ sessionId: session.sessionID }, 201);
		applyOffer(session, session.parse(body.sessionDescription, "offer"));
		return context.json({ sessionId: session.sessionID, sessionDescription: session.answer() }, 201);
	});

	app.get("/sessions/:session", (context) => {
		const session = requireSession(sfu, context.req.param("session"));
		return context.json({ tracks: session.state(), dataChannels: session.dataChannels.list() });
	});

	app.post("/sessions/:session/tracks/new", async (context) => {
		const session = requireSession(sfu, context.req.param("session"));
		const body = await readBody(context.req.raw, TracksRequest);
		return context.json(await session.mutate(() => addTracks(sfu, session, body)));
	});

	app.put("/sessions/:session/renegotiate", async (context) => {
		const session = requireSession(sfu, context.req.param("session"));
		const body = await readBody(context.req.raw, RenegotiateRequest);
		await session.mutate(() => renegotiate(session, body.sessionDescription));
		return context.json({});
	});

	app.put("/sessions/:session/tracks/update", async (context) => {
		const session = requireSession(sfu, context.req.param("session"));
		const { tracks } = await readBody(context.req.raw, UpdateTracksRequest);
		requireCount(tracks);
		return context.json(await session.mutate(() => update(session, tracks, (id) => sfu.find(id))));
	});

	app.put("/sessions/:session/tracks/close", async (context) => {
		const session = requireSession(sfu, context.req.param("session"));
		const body = await readBody(context.req.raw, CloseTracksRequest);
		requireCount(body.tracks);
		if (body.force) return context.json(closeByForce(session, body));
		return context.json(await session.mutate(() => closeByOffer(session, body)));
	});

	app.route("/", dataChannelRoutes(sfu));
	return app;
}

function addTracks(sfu: Sfu, session: Session, body: TracksRequest): Promise<TracksReply> | TracksReply {
	const tracks = body.tracks ?? [];
	requireCount(tracks);
	const locations = new Set(tracks.map((track) => track.location));
	if (locations.size > 1) throw badParameters("Local and remote tracks can't be mixed in one call");
	if (locations.has("remote")) return pull(session, body, (id) => sfu.find(id));
	if (body.sessionDescription !== undefined) return publish(session, body);
	if (tracks.length === 0) throw badParameters("Neither tracks nor a session description");
	return invite(session, tracks);
}

function requireCount(tracks: readonly unknown[]): void {
	if (tracks.length > REALTIME_LIMITS.tracksPerCall) {
		throw badParameters(`At most ${REALTIME_LIMITS.tracksPerCall} tracks a call`);
	}
}
