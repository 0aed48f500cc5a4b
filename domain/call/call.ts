import { CALL_LIMITS, type CallState, type Capabilities, type Topology } from "../../protocol/call.ts";
import type { ParticipantID } from "../../protocol/ids.ts";
import {
	type CallConfig,
	type MoveReason,
	SIGNAL_CLOSE,
	type SignalClientMessage,
} from "../../protocol/signal.ts";
import { judgeEntry, type Refusal, type Visitor } from "./admission.ts";
import { type Edge, Edges } from "./edges.ts";
import type { CallEffect, EndReason, LeaveReason } from "./effects.ts";
import { ForwardingTable } from "./forwarding.ts";
import { type CallFacts, describeMember, describeRoom, type Member, roleOf } from "./member.ts";
import { negotiate } from "./negotiation.ts";
import { Roster, sendTo } from "./roster.ts";
import { choosePolicy } from "./topology.ts";

/** A place is kept this long for the socket to come. */
const RESERVATION_MS = 30_000;
/** Places that one user may hold without coming: a call is not filled up by reserving. */
const MAX_RESERVATIONS = 3;
/** Devices of one user in one call: a call is not filled up by one person. CONTRACT §1 has as many sockets for a user and hub. */
const MAX_PLACES = 10;
const GRACE_MS = CALL_LIMITS.reconnectGraceSeconds * 1000;
/** A call by link whose last member has left may be gone back to for this long. */
const EMPTY_MS = 5 * 60_000;
/** A call that rings nobody, as its caller's request was cut off. */
const ABANDONED_MS = 2 * CALL_LIMITS.ringSeconds * 1000;
/** A call by link that nobody has come to yet. */
const UNUSED_MS = 24 * 3_600_000;

/**
 * One call: who comes and goes, and what that means for codecs and topology. What members do inside is in `conduct.ts`,
 * what hosts may do in `moderation.ts`.
 */
export class Call {
	readonly roster: Roster;
	readonly edges: Edges;
	/** Lost with the object's nap, on purpose (001:68). */
	readonly forwarding = new ForwardingTable();
	/** Whether somebody who is being rung may still come; the room knows. */
	isAwaiting: () => boolean = () => false;
	#config: CallConfig;

	constructor(state: { facts: CallFacts; members: readonly Member[]; edges: readonly Edge[]; seq: number }) {
		this.roster = new Roster(state);
		this.edges = new Edges(this.#policy(), state.edges);
		this.#config = this.#negotiate();
	}

	get facts(): CallFacts {
		return this.roster.facts;
	}

	get config(): CallConfig {
		return this.#config;
	}

	get topology(): Topology {
		return this.edges.topology(this.roster.joinedIDs());
	}

	/** A place in the call for the socket that is to come. */
	reserve(
		visitor: Visitor,
		place: { participantID: ParticipantID; sessionID: string; capabilities: Capabilities; now: number },
	): { ok: true; member: Member; effects: CallEffect[] } | ({ ok: false } & Refusal) {
		const { userID, displayName, isGuest } = visitor;
		// Whoever waits in the lobby or is on the way keeps no host out.
		const isTrusted = roleOf(this.facts, userID) !== "member";
		const size = isTrusted ? this.roster.joinedIDs().length : this.roster.size;
		const entry = judgeEntry(this.facts, visitor, size);
		if (!entry.ok) return entry;
		const { now, ...named } = place;
		const own = this.roster.ofUser(userID);
		const stale = own.filter(({ state }) => state === "reserved");
		if (own.length - stale.length >= MAX_PLACES)
			return { ok: false, code: "full", detail: `You are in this call ${MAX_PLACES} times already.` };
		const dropped = stale.length < MAX_RESERVATIONS ? [] : stale.slice(0, 1);
		const member: Member = {
			...named,
			userID,
			displayName,
			isGuest,
			state: "reserved",
			isAdmitted: entry.isAdmitted,
			connection: "online",
			media: { mic: false, cam: false, screen: false },
			handRaisedAt: null,
			joinedAt: now,
			tracks: [],
			expiresAt: now + RESERVATION_MS,
		};
		const effects = dropped.flatMap((old) => this.leave(old.participantID, "lost", now));
		return { ok: true, member, effects: [...effects, this.roster.put(member)] };
	}

	join(
		participantID: ParticipantID,
		message: Extract<SignalClientMessage, { t: "join" }>,
		now: number,
	): CallEffect[] {
		const member = this.roster.get(participantID);
		if (!member) return [];
		if (member.state === "joined") return [{ do: "welcome", to: participantID, isResumed: true }];
		if (member.state === "waiting") return [this.#lobby(member)];
		const { displayName, capabilities, media } = message;
		const arrived: Member = {
			...member,
			displayName,
			capabilities,
			media,
			connection: "online",
			joinedAt: now,
			expiresAt: null,
		};
		return member.isAdmitted ? this.enter(arrived, now) : this.#wait(arrived);
	}

	/** From the lobby or straight in. */
	enter(member: Member, now: number): CallEffect[] {
		const before = this.roster.joinedIDs();
		const entered: Member = { ...member, state: "joined", isAdmitted: true, joinedAt: now };
		const stored = this.roster.put(entered);
		this.#setFacts({ emptySince: null, isLeftAlone: false, ...this.#openedBy(entered, now) });
		const moves = this.#followPolicy(before, now);
		const participant = describeMember(this.facts, entered);
		const seq = this.roster.next();
		return [
			stored,
			{ do: "storeFacts" },
			{ do: "entered", member: entered },
			{ do: "welcome", to: member.participantID, isResumed: false },
			...sendTo(before, { t: "participant.joined", seq, participant }),
			...this.#configChanged(before),
			...moves,
		];
	}

	/** The socket is gone: the place is kept for a while, and the others see it. */
	disconnected(participantID: ParticipantID, now: number): CallEffect[] {
		const member = this.roster.get(participantID);
		if (!member || member.connection === "reconnecting") return [];
		const expiresAt = now + (member.state === "reserved" ? RESERVATION_MS : GRACE_MS);
		const stored = this.roster.put({ ...member, connection: "reconnecting", expiresAt });
		if (member.state !== "joined") return [stored];
		return [stored, this.roster.updated(participantID, { connection: "reconnecting" })];
	}

	/** A new socket of somebody who is known. */
	resumed(participantID: ParticipantID): CallEffect[] {
		const member = this.roster.get(participantID);
		if (!member || member.state === "reserved") return [];
		const stored = this.roster.put({ ...member, connection: "online", expiresAt: null });
		if (member.state === "waiting") return [stored, this.#lobby(member)];
		const wasLost = member.connection === "reconnecting";
		return [
			stored,
			...(wasLost ? [this.roster.updated(participantID, { connection: "online" })] : []),
			{ do: "welcome", to: participantID, isResumed: true },
			...this.edges.pendingOf(participantID),
		];
	}

	leave(participantID: ParticipantID, reason: LeaveReason, now: number): CallEffect[] {
		const member = this.roster.get(participantID);
		if (!member) return [];
		const wasInside = member.state === "joined";
		this.roster.remove(participantID);
		this.edges.drop(participantID);
		this.forwarding.drop(participantID);
		const effects: CallEffect[] = [{ do: "forget", member, reason }];
		if (member.state === "reserved") return effects;
		const audience = wasInside ? this.roster.joinedIDs() : this.roster.hostIDs();
		const seq = this.roster.next();
		effects.push(...sendTo(audience, { t: "participant.left", seq, participantID, reason }));
		return wasInside ? [...effects, ...this.#afterLeaving(member, now)] : effects;
	}

	changeCapabilities(participantID: ParticipantID, capabilities: Capabilities): CallEffect[] {
		const member = this.roster.get(participantID);
		if (!member) return [];
		return [this.roster.put({ ...member, capabilities }), ...this.#configChanged(this.roster.joinedIDs())];
	}

	/** Changes what everybody sees of a member; whether it may be was judged before. */
	update(participantID: ParticipantID, change: Partial<Pick<Member, "displayName" | "media">>): CallEffect[] {
		const member = this.roster.inside(participantID);
		if (!member) return [];
		return [this.roster.put({ ...member, ...change }), this.roster.updated(participantID, change)];
	}

	/** Changes the room; everybody is told. */
	changeFacts(change: Partial<CallFacts>, now: number): CallEffect[] {
		this.#setFacts(change);
		const members = this.roster.joinedIDs();
		return [
			{ do: "storeFacts" },
			{ do: "broadcast", frame: { t: "room", ...describeRoom(this.facts) } },
			...this.#followPolicy(members, now),
			...this.#configChanged(members),
		];
	}

	/** Somebody has accepted: what rang is now a call. */
	open(now: number): CallEffect[] {
		if (this.facts.state !== "ringing") return [];
		this.#setFacts({ state: "open", startedAt: now });
		return [{ do: "storeFacts" }, { do: "broadcast", frame: { t: "room", ...describeRoom(this.facts) } }];
	}

	/** Nobody rings any more, and nobody has accepted: whoever was left alone need not wait. */
	stopAwaiting(now: number): CallEffect[] {
		return this.facts.isLeftAlone ? this.end("empty", now) : [];
	}

	end(reason: EndReason, now: number): CallEffect[] {
		if (this.facts.endedAt !== null) return [];
		this.#setFacts({ endedAt: now, state: endState(this.facts, reason) });
		return [
			...this.roster.all().flatMap((member): CallEffect[] => {
				const { participantID } = member;
				this.roster.remove(participantID);
				return [
					{ do: "send", to: participantID, frame: { t: "ended", reason } },
					{ do: "close", participantID, code: SIGNAL_CLOSE.ended, reason: "the call has ended" },
					{ do: "forget", member, reason: "left" },
				];
			}),
			{ do: "storeFacts" },
			{ do: "ended" },
		];
	}

	/** Places whose time is up, and a room that nobody came back to. */
	due(now: number): CallEffect[] {
		const lost = this.roster.all().filter(({ expiresAt }) => expiresAt !== null && expiresAt <= now);
		const effects = lost.flatMap(({ participantID }) => this.leave(participantID, "lost", now));
		const emptyAt = this.#emptyDeadline();
		return emptyAt !== null && emptyAt <= now ? [...effects, ...this.end("empty", now)] : effects;
	}

	nextDeadline(): number | null {
		const deadlines = [...this.roster.all().map(({ expiresAt }) => expiresAt), this.#emptyDeadline()];
		const known = deadlines.filter((at) => at !== null);
		return known.length === 0 ? null : Math.min(...known);
	}

	/** A call rings on while only the one who rings is inside. */
	#openedBy(member: Member, now: number): Partial<CallFacts> {
		const { state, startedAt, hostID } = this.facts;
		if (state === "ringing" && member.userID === hostID) return {};
		return { state: "open", startedAt: startedAt ?? now };
	}

	#emptyDeadline(): number | null {
		const { endedAt, emptySince, startedAt, state } = this.facts;
		if (endedAt !== null || emptySince === null) return null;
		if (state === "ringing") return emptySince + ABANDONED_MS;
		return emptySince + (startedAt === null ? UNUSED_MS : EMPTY_MS);
	}

	#wait(member: Member): CallEffect[] {
		const waiting: Member = { ...member, state: "waiting" };
		const stored = this.roster.put(waiting);
		const seq = this.roster.next();
		const participant = describeMember(this.facts, waiting);
		return [
			stored,
			this.#lobby(waiting),
			...sendTo(this.roster.hostIDs(), { t: "participant.joined", seq, participant }),
		];
	}

	#lobby({ participantID, sessionID }: Member): CallEffect {
		const frame = { t: "lobby" as const, participantID, sessionID, room: describeRoom(this.facts) };
		return { do: "send", to: participantID, frame };
	}

	#afterLeaving(member: Member, now: number): CallEffect[] {
		const rest = this.roster.joinedIDs();
		const effects: CallEffect[] = [];
		if (this.roster.speakerID === member.participantID) {
			this.roster.speakerID = null;
			effects.push({ do: "broadcast", frame: { t: "speaker", participantID: null } });
		}
		if (this.facts.isRung && rest.length <= 1) {
			if (rest.length === 0 || !this.isAwaiting()) return [...effects, ...this.end("empty", now)];
			this.#setFacts({ isLeftAlone: true });
			effects.push({ do: "storeFacts" });
		}
		if (rest.length === 0) {
			this.#setFacts({ emptySince: now });
			return [...effects, { do: "storeFacts" }];
		}
		return [
			...effects,
			...this.#followPolicy(rest, now),
			...this.#configChanged(rest),
			...this.#findDeputy(),
		];
	}

	/** A room without host and co-host could admit nobody: whoever is there longest and has an account takes over. */
	#findDeputy(): CallEffect[] {
		const members = this.roster.joined();
		if (members.some(({ userID }) => roleOf(this.facts, userID) !== "member")) return [];
		const deputy = members.find(({ isGuest }) => !isGuest);
		if (!deputy) return [];
		this.#setFacts({ cohostIDs: [...this.facts.cohostIDs, deputy.userID] });
		return [{ do: "storeFacts" }, ...this.roster.roleChanged(deputy.userID)];
	}

	#setFacts(change: Partial<CallFacts>): void {
		this.roster.facts = { ...this.roster.facts, ...change };
	}

	#policy() {
		const { choice, isRecording } = this.facts;
		return choosePolicy({ choice, isRecording, size: this.roster.joinedIDs().length });
	}

	/** Moves all edges if the room's size or a recording asks for it. */
	#followPolicy(members: ParticipantID[], now: number): CallEffect[] {
		const reason: MoveReason = this.facts.isRecording ? "recording" : "group-size";
		return this.edges.setPolicy(this.#policy(), members, { reason, now });
	}

	#negotiate(): CallConfig {
		const capabilities = this.roster.joined().map((member) => member.capabilities);
		const topology = this.edges.policy;
		return { ...negotiate(capabilities, topology), topology, threshold: CALL_LIMITS.meshThreshold };
	}

	#configChanged(audience: ParticipantID[]): CallEffect[] {
		const config = this.#negotiate();
		if (JSON.stringify(config) === JSON.stringify(this.#config)) return [];
		this.#config = config;
		return sendTo(audience, { t: "config", ...config });
	}
}

function endState(facts: CallFacts, reason: EndReason): CallState {
	if (reason === "declined" || reason === "missed" || reason === "cancelled") return reason;
	return facts.state === "ringing" ? "cancelled" : "ended";
}
