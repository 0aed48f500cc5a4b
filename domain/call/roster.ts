import type { ParticipantID, UserID } from "../../protocol/ids.ts";
import type { SignalServerMessage } from "../../protocol/signal.ts";
import type { CallEffect } from "./effects.ts";
import { type CallFacts, describeMember, type Member, roleOf } from "./member.ts";

type Update = Extract<SignalServerMessage, { t: "participant.updated" }>;

/** Who has a place in a call, and the count of changes that everybody there sees. */
export class Roster {
	facts: CallFacts;
	/** Whom people hear; not kept over the object's nap. */
	speakerID: ParticipantID | null = null;
	readonly #members = new Map<ParticipantID, Member>();
	#seq: number;

	constructor(state: { facts: CallFacts; members: readonly Member[]; seq: number }) {
		this.facts = state.facts;
		this.#seq = state.seq;
		for (const member of state.members) this.#members.set(member.participantID, member);
	}

	get seq(): number {
		return this.#seq;
	}

	get size(): number {
		return this.#members.size;
	}

	get(participantID: ParticipantID): Member | null {
		return this.#members.get(participantID) ?? null;
	}

	/** Null for somebody who has not joined yet. */
	inside(participantID: ParticipantID): Member | null {
		const member = this.get(participantID);
		return member?.state === "joined" ? member : null;
	}

	all(): Member[] {
		return [...this.#members.values()];
	}

	ofUser(userID: UserID): Member[] {
		return this.all().filter((member) => member.userID === userID);
	}

	bySession(sessionID: string): Member | null {
		return this.all().find((member) => member.sessionID === sessionID) ?? null;
	}

	/** Those inside, in the order in which they came. */
	joined(): Member[] {
		return this.all()
			.filter(({ state }) => state === "joined")
			.sort((a, b) => a.joinedAt - b.joinedAt);
	}

	joinedIDs(): ParticipantID[] {
		return this.joined().map(({ participantID }) => participantID);
	}

	/** Hosts and co-hosts who are inside. */
	hostIDs(): ParticipantID[] {
		return this.joined()
			.filter(({ userID }) => roleOf(this.facts, userID) !== "member")
			.map(({ participantID }) => participantID);
	}

	/** All whom this user may see: those inside, and for hosts those in the lobby. */
	visibleTo(userID: UserID): Member[] {
		const isHost = roleOf(this.facts, userID) !== "member";
		return [...this.joined(), ...(isHost ? this.all().filter(({ state }) => state === "waiting") : [])];
	}

	put(member: Member): CallEffect {
		this.#members.set(member.participantID, member);
		return { do: "storeMember", member };
	}

	remove(participantID: ParticipantID): void {
		this.#members.delete(participantID);
	}

	/** The number of the next change. */
	next(): number {
		this.#seq++;
		return this.#seq;
	}

	updated(participantID: ParticipantID, change: Partial<Omit<Update, "t" | "seq">>): CallEffect {
		const seq = this.next();
		return { do: "broadcast", frame: { t: "participant.updated", seq, ...change, participantID } };
	}

	/** A user's rank has changed: everybody is told, and who has risen learns who waits in the lobby. */
	roleChanged(userID: UserID): CallEffect[] {
		const role = roleOf(this.facts, userID);
		const members = this.joined().filter((member) => member.userID === userID);
		const told = members.map(({ participantID }) => this.updated(participantID, { role }));
		if (role === "member") return told;
		const audience = members.map(({ participantID }) => participantID);
		const waiting = this.all()
			.filter(({ state }) => state === "waiting")
			.flatMap((member) => {
				const participant = describeMember(this.facts, member);
				return sendTo(audience, { t: "participant.joined", seq: this.next(), participant });
			});
		return [...told, ...waiting];
	}
}

export function sendTo(audience: readonly ParticipantID[], frame: SignalServerMessage): CallEffect[] {
	return audience.map((to) => ({ do: "send", to, frame }));
}
