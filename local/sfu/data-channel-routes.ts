import { Hono } from "hono";
import {
	CloseDataChannelsRequest,
	type DataChannelRequest,
	DataChannelsRequest,
	EstablishRequest,
} from "./data-channel-api.ts";
import { badDescription, badParameters, Failure, ITEM_ERRORS, sessionNotReady } from "./failure.ts";
import { applyOffer } from "./offers.ts";
import { addLine } from "./publishing.ts";
import { readBody, requireSession } from "./requests.ts";
import type { Session } from "./session.ts";
import type { Sfu } from "./sfu.ts";

/** `datachannels/*` below `/apps/{appId}/sessions/{sessionId}`. */
export function dataChannelRoutes(sfu: Sfu): Hono {
	const app = new Hono();

	app.post("/sessions/:session/datachannels/establish", async (context) => {
		const session = requireSession(sfu, context.req.param("session"));
		const body = await readBody(context.req.raw, EstablishRequest);
		return context.json(await session.mutate(() => establish(session, body)));
	});

	app.post("/sessions/:session/datachannels/new", async (context) => {
		const session = requireSession(sfu, context.req.param("session"));
		const { dataChannels } = await readBody(context.req.raw, DataChannelsRequest);
		const replies = await session.mutate(() => addChannels(sfu, session, dataChannels));
		return context.json({ dataChannels: replies });
	});

	app.put("/sessions/:session/datachannels/update", async (context) => {
		const session = requireSession(sfu, context.req.param("session"));
		const { dataChannels } = await readBody(context.req.raw, DataChannelsRequest);
		return context.json({ dataChannels: dataChannels.map((item) => session.dataChannels.update(item)) });
	});

	app.put("/sessions/:session/datachannels/close", async (context) => {
		const session = requireSession(sfu, context.req.param("session"));
		const { dataChannels } = await readBody(context.req.raw, CloseDataChannelsRequest);
		const replies = dataChannels.map(({ id }) =>
			session.dataChannels.close(id) ? { id } : { id, ...ITEM_ERRORS.close },
		);
		return context.json({ dataChannels: replies });
	});

	return app;
}

/** The transport for data channels: with the client's offer, or by ours. Once a session. */
function establish(session: Session, body: EstablishRequest) {
	session.requireStable();
	if (session.dataChannels.isEstablished) {
		throw new Failure(400, "decoding_error", "The DataChannel transport has already been negotiated");
	}
	const dataChannel = { location: "remote", dataChannelName: body.dataChannel.dataChannelName, id: 0 };
	if (body.sessionDescription !== undefined) {
		const described = applyOffer(session, session.parse(body.sessionDescription, "offer"));
		if (!described.some(({ line }) => line.kind === "application")) {
			throw badDescription("The offer has no m=application section");
		}
		session.dataChannels.establish();
		if (session.peer.isOpen) session.dataChannels.opened();
		return { requiresImmediateRenegotiation: false, dataChannel, sessionDescription: session.answer() };
	}
	if (!session.lines.some((line) => line.kind === "application")) addLine(session, "application");
	session.dataChannels.establish();
	session.peer.offerDataChannels();
	if (session.peer.isOpen) session.dataChannels.opened();
	return { requiresImmediateRenegotiation: true, dataChannel, sessionDescription: session.offer() };
}

async function addChannels(sfu: Sfu, session: Session, items: readonly DataChannelRequest[]) {
	session.requireStable();
	if (new Set(items.map((item) => item.location)).size > 1) {
		throw badParameters("Local and remote data channels can't be mixed in one call");
	}
	await session.requireConnected();
	if (!session.peer.isOpen || !session.peer.hasDataChannels) throw sessionNotReady();
	return items.map((item) => {
		if (item.location === "local") return session.dataChannels.publish(item);
		const publisher = sfu.find(item.sessionId ?? "");
		return session.dataChannels.subscribe(item, publisher?.dataChannels ?? null);
	});
}
