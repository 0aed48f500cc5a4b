import type { CallVisitor } from "../../durable-objects/call-door.ts";
import { unwrap } from "../../durable-objects/outcome.ts";
import {
	getTopology,
	joinCall,
	listParticipants,
	removeParticipant,
	updateParticipant,
} from "../../protocol/call.ts";
import {
	addSfuTracks,
	answerSfuSession,
	closeSfuTracks,
	createSfuSession,
	getIceServers,
	setPreferences,
	updateSfuTracks,
} from "../../protocol/call-sfu.ts";
import { AppError } from "../../protocol/errors.ts";
import { CallID, CallReference } from "../../protocol/ids.ts";
import { limitRate } from "../rate-limit.ts";
import { type App, type AppContext, requireIdentity, route } from "../route.ts";
import type { Services } from "../services.ts";
import { requireTicket, upgraded, upgradeRequest } from "../sockets.ts";

/** What somebody does who is in a call, or about to be: rows 74–86. */
export function mountCallRoom(app: App): void {
	mountPlaces(app);
	mountSfu(app);

	app.get("/calls/:callID/signal", (context) => openSignalSocket(context, context.get("services")));

	route(app, setPreferences, async ({ params, body, services, ...call }) => {
		const { userID } = requireIdentity(call);
		const { room } = await findRoom(services, params.callID);
		const { participantID, subscriptions } = body;
		return { forwarding: unwrap(await room.setPreferences({ userID, participantID, subscriptions })) };
	});

	route(app, getTopology, async ({ params, services, ...call }) => {
		const { userID } = requireIdentity(call);
		const { room } = await findRoom(services, params.callID);
		return unwrap(await room.topology(userID));
	});

	route(app, getIceServers, async ({ query, services, ...call }) => {
		await limitRate(services, `ice:${requireIdentity(call).userID}`);
		const turn = services.turn();
		if (!turn) return { iceServers: [], expiresAt: inSeconds(query.ttl) };
		try {
			return { iceServers: await turn.iceServers(query.ttl), expiresAt: inSeconds(query.ttl) };
		} catch (cause) {
			throw new AppError("overloaded", "The TURN service gave no credentials just now.", {
				cause,
				headers: { "Retry-After": "2" },
			});
		}
	});
}

function mountPlaces(app: App): void {
	route(app, joinCall, async ({ params, body, services, context, ...call }) => {
		const identity = requireIdentity(call);
		const { room, callID, knowsCode } = await findRoom(services, params.callID);
		const { displayName, capabilities } = body;
		const place = unwrap(await room.reserve({ identity, knowsCode, displayName, capabilities }));
		const ticket = await (await services.tokens()).issueTicket(identity, {
			audience: "signal",
			resource: callID,
		});
		const wsURL = `/calls/${callID}/signal?participantID=${place.participantID}`;
		return context.json({ callID, ...place, wsURL, ticket }, place.isWaiting ? 202 : 201, {
			"Cache-Control": "private, no-store",
		});
	});

	route(app, listParticipants, async ({ params, services, ...call }) => {
		const { userID } = requireIdentity(call);
		const { room } = await findRoom(services, params.callID);
		return { items: unwrap(await room.participants(userID)) };
	});

	route(app, updateParticipant, async ({ params, body, services, ...call }) => {
		const identity = requireIdentity(call);
		const { room } = await findRoom(services, params.callID);
		return unwrap(await room.updateParticipant(identity, params.participantID, body));
	});

	route(app, removeParticipant, async ({ params, services, ...call }) => {
		const identity = requireIdentity(call);
		const { room } = await findRoom(services, params.callID);
		unwrap(await room.removeParticipant(identity, params.participantID));
		return undefined;
	});
}

function mountSfu(app: App): void {
	route(app, createSfuSession, async ({ params, body, services, ...call }) => {
		const { userID } = requireIdentity(call);
		const { room } = await findRoom(services, params.callID);
		const caller = { userID, participantID: body.participantID };
		return { sessionID: unwrap(await room.sfu(caller, { do: "create" })).sessionID };
	});

	route(app, addSfuTracks, async ({ params, body, services, ...call }) => {
		const { userID } = requireIdentity(call);
		const { room } = await findRoom(services, params.callID);
		const order = { do: "add" as const, sessionID: params.sessionID, body };
		return unwrap(await room.sfu({ userID, participantID: undefined }, order)).reply;
	});

	route(app, answerSfuSession, async ({ params, body, services, ...call }) => {
		const { userID } = requireIdentity(call);
		const { room } = await findRoom(services, params.callID);
		const order = { do: "answer" as const, sessionID: params.sessionID, sdp: body.sessionDescription.sdp };
		unwrap(await room.sfu({ userID, participantID: undefined }, order));
		return {};
	});

	route(app, updateSfuTracks, async ({ params, body, services, ...call }) => {
		const { userID } = requireIdentity(call);
		const { room } = await findRoom(services, params.callID);
		const order = { do: "update" as const, sessionID: params.sessionID, body };
		return unwrap(await room.sfu({ userID, participantID: undefined }, order)).reply;
	});

	route(app, closeSfuTracks, async ({ params, body, services, ...call }) => {
		const { userID } = requireIdentity(call);
		const { room } = await findRoom(services, params.callID);
		const order = { do: "close" as const, sessionID: params.sessionID, body };
		return unwrap(await room.sfu({ userID, participantID: undefined }, order)).reply;
	});
}

/** `?participantID=` for a place just taken, `?resume=<sessionID>` for one that has had a socket. */
async function openSignalSocket(context: AppContext, services: Services): Promise<Response> {
	const reference = CallReference.safeParse(context.req.param("callID"));
	if (!reference.success) throw new AppError("not-found", "There is no such call.");
	const { room, callID } = await findRoom(services, reference.data);
	const { identity, ticketID, expiresAt } = await requireTicket(context, services, {
		audience: "signal",
		resource: callID,
	});
	const visitor: CallVisitor = {
		userID: identity.userID,
		participantID: context.req.query("participantID") ?? null,
		resume: context.req.query("resume") ?? null,
		ticket: { ticketID, expiresAt },
	};
	return await upgraded(await room.fetch(upgradeRequest(context, visitor, "signal.v1")));
}

/** The room by identifier needs no look at the catalogue; by code the catalogue knows. Throws AppError `not-found`. */
async function findRoom(services: Services, reference: CallReference) {
	const knowsCode = !reference.startsWith("ca_");
	const { callID } = knowsCode ? await services.calls.get(reference) : { callID: CallID.parse(reference) };
	return { callID, knowsCode, room: services.callRoom(callID) };
}

function inSeconds(seconds: number): string {
	return new Date(Date.now() + seconds * 1000).toISOString();
}
