import { ulid } from "ulidx";
import type { CallHistoryRow, CallRow } from "../../adapters/database/call-table.ts";
import type { Identity } from "../../adapters/tokens.ts";
import { unwrap } from "../../durable-objects/outcome.ts";
import {
	answerInvitation,
	type Call,
	type CallHistoryItem,
	createCall,
	getCall,
	inviteToCall,
	listCalls,
	updateCall,
} from "../../protocol/call.ts";
import { AppError } from "../../protocol/errors.ts";
import { CallID, type UserID } from "../../protocol/ids.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { once } from "../idempotency.ts";
import { makeJoinCode } from "../join-code.ts";
import { limitRate } from "../rate-limit.ts";
import { type App, type Call as Handled, requireAccount, requireIdentity, route } from "../route.ts";
import type { Services } from "../services.ts";

/** A code is taken once in 10¹³ tries for each call there is. */
const CODE_TRIES = 5;

export function mountCall(app: App): void {
	route(app, createCall, async ({ body, services, context, ...call }) => {
		const by = requireAccount(call);
		const reply = await once(createCall, { context, userID: by.userID, body }, async () => {
			await limitRate(services, `call:${by.userID}`);
			const invitees = await checkInvitees(services, by.userID, body.inviteeIDs);
			return startCall(services, { by, invitees, wishes: body });
		});
		context.header("Location", `/calls/${reply.callID}`);
		return reply;
	});

	route(app, listCalls, async ({ query, services, ...call }) => {
		const mac = await services.mac();
		const rows = await services.calls.history({
			userID: requireIdentity(call).userID,
			state: query.state,
			before: query.cursor === undefined ? undefined : await decodeCursor(mac, query.cursor),
			limit: query.limit,
		});
		const last = rows.length === query.limit ? rows.at(-1) : undefined;
		return {
			items: rows.map(toHistoryItem),
			nextCursor: last ? await encodeCursor(mac, last.callID) : null,
		};
	});

	route(app, getCall, async ({ params, services, identity }) => {
		const row = await services.calls.get(params.callID);
		const room = await services.callRoom(row.callID).describe();
		const call = toCall({ ...row, ...room });
		const isByCode = params.callID === row.code;
		if (isByCode && call.endedAt !== null) throw new AppError("call-ended", "This call is over.");
		const { inside = [], invitations = [] } = room ?? {};
		const isMember = await belongs(services, { row, identity, named: [...inside, ...invitations] });
		if (!isMember && !isByCode) throw noSuchCall();
		// A code may have been passed on: into a call for those invited it shows nobody.
		const maySee = isMember || call.access !== "invite";
		return { ...call, inside: maySee ? inside : [], invitations: isMember ? invitations : [] };
	});

	route(app, updateCall, async ({ params, body, services, ...call }) => {
		const identity = requireIdentity(call);
		const row = await services.calls.get(params.callID);
		const mayKnow = params.callID === row.code || (await belongs(services, { row, identity, named: [] }));
		if (!mayKnow) throw noSuchCall();
		const room = services.callRoom(row.callID);
		unwrap(await room.updateCall(identity, body));
		return toCall({ ...row, ...(await room.describe()) });
	});

	route(app, inviteToCall, async ({ params, body, services, ...call }) => {
		const caller = requireAccount(call);
		await limitRate(services, `call:${caller.userID}`);
		const { callID } = await services.calls.get(params.callID);
		const invitees = await checkInvitees(services, caller.userID, body.userIDs);
		return { items: unwrap(await services.callRoom(callID).invite({ caller, invitees })) };
	});

	route(app, answerInvitation, async ({ params, body, services, ...call }) => {
		const { callID } = await services.calls.get(params.callID);
		const { state, deviceID = null } = body;
		const caller = requireIdentity(call).userID;
		const answer = { caller, userID: params.userID, state, deviceID };
		return unwrap(await services.callRoom(callID).answerInvitation(answer));
	});
}

/** The Signaling Service's check (002:70): everyone must be a contact. Throws AppError `callee-blocked`, `not-a-contact`. */
async function checkInvitees(services: Services, userID: UserID, inviteeIDs: readonly UserID[]) {
	const wanted = [...new Set(inviteeIDs)];
	if (wanted.length === 0) return [];
	const known = await services.contacts.standing(userID, wanted);
	const blockers = known.filter(({ isBlockedBy }) => isBlockedBy).map((one) => one.userID);
	if (blockers.length > 0) {
		throw new AppError("callee-blocked", "Somebody you want to call does not take calls from you.", {
			members: { userIDs: blockers },
		});
	}
	const friends = new Map(known.filter(({ isContact }) => isContact).map((one) => [one.userID, one]));
	const strangers = wanted.filter((one) => !friends.has(one));
	if (strangers.length > 0) {
		throw new AppError("not-a-contact", "Only people who have accepted you as a contact can be called.", {
			members: { userIDs: strangers },
		});
	}
	return [...friends.values()].map(({ userID: friendID, displayName }) => ({
		userID: friendID,
		displayName,
	}));
}

/** The call's room, its row, and the devices of those invited. */
async function startCall(
	services: Services,
	order: {
		by: Identity;
		invitees: { userID: UserID; displayName: string }[];
		wishes: Handled<typeof createCall>["body"];
	},
): Promise<Call> {
	const { by, invitees } = order;
	const row = await insertCall(services, order);
	const room = services.callRoom(row.callID);
	if (invitees.length > 0) await room.ring({ by, invitees });
	return toCall({ ...row, ...(await room.describe()) });
}

async function insertCall(
	services: Services,
	{ by, invitees, wishes }: Parameters<typeof startCall>[1],
): Promise<CallRow> {
	const now = Date.now();
	const isRinging = invitees.length > 0;
	const { userID, displayName } = by;
	const outcome = isRinging ? "ringing" : "joined";
	const host = { userID, displayName, direction: "outgoing", outcome } as const;
	for (let tries = 0; tries < CODE_TRIES; tries++) {
		const row: CallRow = {
			callID: CallID.parse(`ca_${ulid(now)}`),
			code: makeJoinCode(),
			kind: wishes.kind,
			title: wishes.title ?? "",
			hostID: userID,
			hostName: displayName,
			state: isRinging ? "ringing" : "open",
			access: wishes.access,
			isLocked: false,
			topologyChoice: wishes.topology,
			topology: wishes.topology === "sfu" ? "sfu" : "p2p",
			recordingState: "off",
			participantCount: 0,
			createdAt: now,
			startedAt: isRinging ? null : now,
			endedAt: null,
		};
		await services.callRoom(row.callID).create(row);
		if (await services.calls.insert(row, host)) return row;
	}
	throw new AppError("overloaded", "No free join code was found. Try again.", {
		headers: { "Retry-After": "1" },
	});
}

/** Who was there, is there, or was invited; of guests only their room knows. */
async function belongs(
	services: Services,
	{ row, identity, named }: { row: CallRow; identity: Identity | null; named: { userID: UserID }[] },
): Promise<boolean> {
	if (!identity) return false;
	if (identity.userID === row.hostID || named.some(({ userID }) => userID === identity.userID)) return true;
	return services.calls.isMember(row.callID, identity.userID);
}

function noSuchCall(): AppError {
	return new AppError("not-found", "There is no such call.");
}

function toHistoryItem(row: CallHistoryRow): CallHistoryItem {
	const { wsURL, isLocked, ...call } = toCall(row);
	return { ...call, direction: row.direction, outcome: row.outcome, others: row.others };
}

function toCall(row: CallRow): Call {
	return {
		callID: row.callID,
		code: row.code,
		kind: row.kind,
		title: row.title,
		hostID: row.hostID,
		hostName: row.hostName,
		state: row.state,
		access: row.access,
		isLocked: row.isLocked,
		topology: row.topology,
		participantCount: row.participantCount,
		recordingState: row.recordingState,
		createdAt: new Date(row.createdAt).toISOString(),
		startedAt: toTime(row.startedAt),
		endedAt: toTime(row.endedAt),
		wsURL: `/calls/${row.callID}/signal`,
	};
}

function toTime(at: number | null): string | null {
	return at === null ? null : new Date(at).toISOString();
}
