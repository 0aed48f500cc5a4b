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
import type {
	Capabilities,
	Invitation,
	Negotiated,
	Participant,
	Topology,
	TopologyEdge,
} from "../protocol/call.ts";
import type { Forwarding, Subscription } from "../protocol/call-sfu.ts";
import { AppError } from "../protocol/errors.ts";
import { ParticipantID, type UserID } from "../protocol/ids.ts";
import { answerClose } from "./answer-close.ts";
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

/** A call as its room sees it just now, for the catalogue's pages. */
export interface CallDescription {
	state: CallRow["state"];
	title: string;
	access: CallRow["access"];
	isLocked: boolean;
	isEnded: boolean;
	topology: Topology;
	participantCount: number;
	startedAt: number | null;
	endedAt: number | null;
	hostID: UserID;
	hostName: string;
	inside: { userID: UserID; displayName: string }[];
	invitations: Invitation[];
}

/** One call: who is there, how media goes, what is allowed. Named by its callID. */
export class CallRoom extends DurableObject<Env> {
	readonly #room: CallPerformer;
	readonly #door: CallDoor;

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#room = new CallPerformer(ctx, env);
		this.#door = new CallDoor(ctx, this.#room);
		ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
	}

	override fetch(request: Request): Promise<Response> {
		return this.#door.enter(request);
	}

	override webSocketMessage(webSocket: WebSocket, data: string | ArrayBuffer): void {
		this.#door.hear(webSocket, data);
	}

	override webSocketClose(webSocket: WebSocket, code: number, reason: string): void {
		answerClose(webSocket, code, reason);
		this.#door.lost(webSocket);
	}

	override webSocketError(webSocket: WebSocket, error: unknown): void {
		log.warn("call.socket-failed", { error: String(error) });
		this.#door.lost(webSocket);
	}

	override async alarm(): Promise<void> {
		if (!this.#room.exists) return;
		await this.#room.ringing.expire(Date.now());
		this.#room.perform(this.#room.call.due(Date.now()));
		this.#room.arm();
	}

	/** A call whose row is in the catalogue: opens its room, and rings those invited. */
	async create(
		row: CallRow,
		order: { by: Identity; invitees: { userID: UserID; displayName: string }[] },
	): Promise<Invitation[]> {
		const { topology, topologyChoice, recordingState, participantCount, ...facts } = row;
		this.#room.create({
			...facts,
			choice: topologyChoice,
			isRecording: recordingState === "recording",
			isRung: order.invitees.length > 0,
			startedAt: null,
			cohostIDs: [],
			removedIDs: [],
			emptySince: row.createdAt,
		});
		return this.#ring(order);
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
			return this.#ring({ by: order.caller, invitees: order.invitees });
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
		return this.#room.exists && this.#room.call.roster.ofUser(userID).some(({ state }) => state === "joined");
	}

	/** Null if the call was never made. */
	describe(): CallDescription | null {
		if (!this.#room.exists) return null;
		const { facts, roster, topology } = this.#room.call;
		const joined = roster.joined();
		const { state, title, access, isLocked, startedAt, endedAt, hostID, hostName } = facts;
		return {
			state,
			title,
			access,
			isLocked,
			isEnded: endedAt !== null,
			topology,
			participantCount: joined.length,
			startedAt,
			endedAt,
			hostID,
			hostName,
			inside: joined.map(({ userID, displayName }) => ({ userID, displayName })),
			invitations: this.#room.ringing.invitations(),
		};
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
		return settle(() => {
			const { call } = this.#room;
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

	async #ring(order: {
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
