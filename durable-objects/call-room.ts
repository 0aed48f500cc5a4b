import { DurableObject } from "cloudflare:workers";
import { ulid } from "ulidx";
import type { CallRow } from "../adapters/database/call-table.ts";
import { log } from "../adapters/log.ts";
import type { Identity } from "../adapters/tokens.ts";
import { subscribe } from "../domain/call/act.ts";
import { describeMember, type Member, roleOf } from "../domain/call/member.ts";
import {
	changeParticipant,
	changeRoom,
	type Judgement,
	type Moderator,
	type ParticipantChange,
	type RoomChange,
	removeMember,
} from "../domain/call/moderation.ts";
import {
	CALL_LIMITS,
	type Capabilities,
	type Invitation,
	type Negotiated,
	type Participant,
	type Topology,
	type TopologyEdge,
} from "../protocol/call.ts";
import type { Forwarding, Subscription } from "../protocol/call-sfu.ts";
import { AppError } from "../protocol/errors.ts";
import { ParticipantID, type UserID } from "../protocol/ids.ts";
import { answerClose } from "./answer-close.ts";
import { type CallDescription, describeCall } from "./call-description.ts";
import { CallDoor } from "./call-door.ts";
import type { PlainIceServer } from "./call-ice.ts";
import { CallPerformer } from "./call-performer.ts";
import type { SfuOrder } from "./call-sfu.ts";
import { type Outcome, settle } from "./outcome.ts";

/** What `POST /calls/{callID}/participants` gives. */
export interface Place {
	participantID: ParticipantID;
	role: Participant["role"];
	isWaiting: boolean;
	iceServers: PlainIceServer[];
	topology: Topology;
	negotiated: Negotiated;
	/** Only if RealtimeKit holds the call. */
	realtimeKit?: { meetingID: string; authToken: string };
}

/** One call: who is there, how media goes, what is allowed. Named by its callID. */
export class CallRoom extends DurableObject<Env> {
	/** Null for a call that was never made: whoever asks for it leaves nothing on disk. */
	#made: { room: CallPerformer; door: CallDoor } | null;

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		const tables = ctx.storage.sql.exec(
			"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'members'",
		);
		this.#made = tables.toArray().length > 0 ? this.#make() : null;
		ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
	}

	override async fetch(request: Request): Promise<Response> {
		return (await this.#made?.door.enter(request)) ?? new Response("not-found", { status: 404 });
	}

	override webSocketMessage(webSocket: WebSocket, data: string | ArrayBuffer): void {
		this.#made?.door.hear(webSocket, data);
	}

	override webSocketClose(webSocket: WebSocket, code: number, reason: string): void {
		answerClose(webSocket, code, reason);
		this.#made?.door.lost(webSocket);
	}

	override webSocketError(webSocket: WebSocket, error: unknown): void {
		log.warn("call.socket-failed", { error: String(error) });
		this.#made?.door.lost(webSocket);
	}

	override async alarm(): Promise<void> {
		await this.#made?.room.wake(Date.now());
	}

	/** Opens the room of a call, before the catalogue knows of it: a room that nobody comes to ends by itself, a row alone would not. */
	create(row: CallRow): void {
		const { topology, topologyChoice, recordingState, participantCount, ...facts } = row;
		this.#made ??= this.#make();
		this.#made.room.create({
			...facts,
			choice: topologyChoice,
			isRecording: recordingState === "recording",
			isRung: row.state === "ringing",
			isLeftAlone: false,
			startedAt: null,
			cohostIDs: [],
			removedIDs: [],
			emptySince: row.createdAt,
		});
	}

	invite(order: {
		caller: Identity;
		invitees: { userID: UserID; displayName: string }[];
	}): Promise<Outcome<Invitation[]>> {
		return settle(() => {
			const { facts, roster } = this.#room.call;
			if (facts.endedAt !== null) throw new AppError("call-ended", "This call is over.");
			const isInside = roster.ofUser(order.caller.userID).some(({ state }) => state === "joined");
			if (!isInside && facts.hostID !== order.caller.userID)
				throw new AppError("forbidden", "Only those in the call invite others.");
			if (roster.joinedIDs().length >= CALL_LIMITS.participants)
				throw new AppError("full", `A call holds ${CALL_LIMITS.participants} people.`);
			return this.ring({ by: order.caller, invitees: order.invitees });
		});
	}

	answerInvitation(answer: {
		caller: UserID;
		userID: UserID;
		state: "accepted" | "declined" | "busy" | "cancelled";
		deviceID?: string | null;
	}): Promise<Outcome<Invitation>> {
		return settle(async () => {
			const isHost = this.#room.call.facts.hostID === answer.caller;
			const { deviceID = null, ...rest } = answer;
			const invitation = await this.#room.ringing.answer({ ...rest, deviceID, isHost, now: Date.now() });
			this.#room.arm();
			return invitation;
		});
	}

	isInside(userID: UserID): boolean {
		const members = this.#made?.room.call.roster.ofUser(userID) ?? [];
		return members.some(({ state }) => state === "joined");
	}

	/** Null if the call was never made. */
	describe(): CallDescription | null {
		return this.#made && describeCall(this.#made.room.call, this.#made.room.ringing.invitations());
	}

	/** A place for somebody; their socket has 30 s to come. */
	reserve(order: {
		identity: Identity;
		knowsCode: boolean;
		displayName: string;
		capabilities: Capabilities;
	}): Promise<Outcome<Place>> {
		return settle(async () => {
			const { call, ringing, ice, meeting } = this.#room;
			const { userID, isGuest } = order.identity;
			this.#spend("places", userID);
			const participantID = ParticipantID.parse(`pt_${ulid()}`);
			const { knowsCode, displayName, capabilities } = order;
			const entry = call.reserve(
				{ userID, displayName, isGuest, knowsCode, invitedByID: ringing.inviterOf(userID) },
				{ participantID, sessionID: randomSecret(), capabilities, now: Date.now() },
			);
			if (!entry.ok) throw new AppError(entry.code, entry.detail);
			this.#room.perform(entry.effects);
			const { topology, threshold, ...negotiated } = call.config;
			const realtimeKit = await meeting.seat(call, entry.member);
			return {
				participantID,
				role: roleOf(call.facts, userID),
				isWaiting: !entry.member.isAdmitted,
				iceServers: await ice.serversFor(participantID),
				topology: call.topology,
				negotiated,
				...(realtimeKit ? { realtimeKit } : {}),
			};
		});
	}

	participants(userID: UserID): Promise<Outcome<Participant[]>> {
		return settle(() => {
			const { roster, facts } = this.#room.call;
			if (!this.isInside(userID)) throw new AppError("forbidden", "Only those in the call see who is there.");
			return roster.visibleTo(userID).map((member) => describeMember(facts, member));
		});
	}

	updateParticipant(
		caller: Identity,
		participantID: ParticipantID,
		change: ParticipantChange,
	): Promise<Outcome<Participant>> {
		return settle(async () => {
			const { call, ice } = this.#room;
			this.#spend("orders", caller.userID);
			const { state } = this.#visible(caller.userID, participantID);
			// Their welcome names the ICE servers, which a nap may have taken from memory.
			if (change.admitted && state === "waiting") await ice.serversFor(participantID);
			const member = this.#visible(caller.userID, participantID);
			this.#carryOut(changeParticipant(call, moderator(caller), { member, change }));
			return describeMember(call.facts, call.roster.get(participantID) ?? member);
		});
	}

	removeParticipant(caller: Identity, participantID: ParticipantID): Promise<Outcome<null>> {
		return settle(() => {
			const member = this.#visible(caller.userID, participantID);
			this.#carryOut(removeMember(this.#room.call, moderator(caller), member));
			return null;
		});
	}

	updateCall(caller: Identity, change: RoomChange): Promise<Outcome<null>> {
		return settle(() => {
			const { call } = this.#room;
			this.#spend("orders", caller.userID);
			if (call.facts.endedAt !== null) throw new AppError("call-ended", "This call is over.");
			this.#carryOut(changeRoom(call, moderator(caller), change));
			return null;
		});
	}

	/** REST twin of `subscribe`. */
	setPreferences(order: {
		userID: UserID;
		participantID: ParticipantID | undefined;
		subscriptions: Subscription[];
	}): Promise<Outcome<Forwarding[]>> {
		return settle(() => {
			const { call } = this.#room;
			this.#spend("orders", order.userID);
			const { participantID } = this.#own(order);
			this.#room.perform(subscribe(call, participantID, order.subscriptions));
			return call.forwarding.row(participantID, (publisherID, source) => {
				const tracks = call.roster.inside(publisherID)?.tracks ?? [];
				return tracks.find((track) => track.source === source)?.rids ?? null;
			});
		});
	}

	/** The matrix of a call, for its hosts. */
	topology(userID: UserID): Promise<Outcome<{ topology: Topology; edges: TopologyEdge[] }>> {
		return settle(() => {
			const { call, reports } = this.#room;
			if (roleOf(call.facts, userID) === "member")
				throw new AppError("forbidden", "This is for hosts to see.");
			return { topology: call.topology, edges: reports.matrix(call) };
		});
	}

	/** What a participant does at the SFU; rows 80–84. */
	sfu(caller: { userID: UserID; participantID: ParticipantID | undefined }, order: SfuOrder) {
		return settle(() => {
			const { call, sfu, store } = this.#room;
			this.#spend("orders", caller.userID);
			const sessionID = order.do === "create" ? null : order.sessionID;
			const owner = sessionID === null ? null : store.ownerOf(sessionID);
			if (sessionID !== null && owner === null) throw new AppError("not-found", "There is no such session.");
			return sfu.carryOut(
				call,
				this.#own({ ...caller, participantID: owner ?? caller.participantID }),
				order,
			);
		});
	}

	/** Rings people for `by`, who may ring them. */
	async ring(order: {
		by: Identity;
		invitees: { userID: UserID; displayName: string }[];
	}): Promise<Invitation[]> {
		const { userID, userName, displayName } = order.by;
		const { ringing } = this.#room;
		const by = { userID, userName, displayName };
		const rung = ringing.ring({ by, invitees: order.invitees, now: Date.now() });
		// Already now: whatever becomes of the devices, the invitations end in time.
		this.#room.arm();
		const invitations = await rung;
		this.#room.arm();
		return invitations;
	}

	#make(): { room: CallPerformer; door: CallDoor } {
		const room = new CallPerformer(this.ctx, this.env);
		return { room, door: new CallDoor(this.ctx, room) };
	}

	/** Throws AppError `not-found`. */
	get #room(): CallPerformer {
		if (this.#made) return this.#made.room;
		throw new AppError("not-found", "There is no such call.");
	}

	/** Throws AppError `rate-limited`. */
	#spend(budget: "orders" | "places", userID: UserID): void {
		if (this.#room.budgets[budget].spend(userID, 1, Date.now())) return;
		throw new AppError("rate-limited", "Too much at once. Wait a moment.", {
			headers: { "Retry-After": "2" },
		});
	}

	/** A participant whom this user may see at all. */
	#visible(userID: UserID, participantID: ParticipantID): Member {
		const { roster } = this.#room.call;
		const isMember = roster.ofUser(userID).length > 0 || roleOf(roster.facts, userID) !== "member";
		const member = roster.get(participantID);
		if (isMember && member) return member;
		throw new AppError("not-found", "There is no such participant in this call.");
	}

	/** The caller's own participant, who must be inside. */
	#own(caller: { userID: UserID; participantID: ParticipantID | undefined }): Member {
		const { roster } = this.#room.call;
		const own = roster.ofUser(caller.userID).filter(({ state }) => state === "joined");
		const member = caller.participantID
			? own.find(({ participantID }) => participantID === caller.participantID)
			: own[0];
		if (member) return member;
		throw new AppError("forbidden", "You are not in this call.");
	}

	#carryOut(judgement: Judgement): void {
		if (!judgement.ok) throw new AppError(judgement.code, judgement.detail);
		this.#room.perform(judgement.effects);
	}
}

function moderator({ userID, displayName }: Identity): Moderator {
	return { userID, displayName, now: Date.now() };
}

/** Unguessable, 128 bits. */
function randomSecret(): string {
	return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
		byte.toString(16).padStart(2, "0"),
	).join("");
}
