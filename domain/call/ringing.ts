import { CALL_LIMITS, type CallState, type Invitation } from "../../protocol/call.ts";
import type { UserID } from "../../protocol/ids.ts";

type InvitationState = Invitation["state"];

/** An invitation with what decides about it. Times in milliseconds. */
export interface RungInvitation {
	userID: UserID;
	displayName: string;
	state: InvitationState;
	invitedByID: UserID;
	/** When it becomes missed, if nobody has answered. */
	expiresAt: number;
	/** Who answered or took it back, and from which device if that has named itself. */
	answeredBy: { userID: UserID; deviceID: string | null } | null;
}

/** The call as ringing sees it. `hasOthers`: somebody besides the host is inside. */
export interface RoomState {
	state: CallState;
	hasOthers: boolean;
}

/** What the call becomes; null: what it was. */
export type Becomes = "open" | "declined" | "missed" | "cancelled" | null;

export interface RingingChange {
	/** Invitations that have another state than before, as they are now. */
	changed: RungInvitation[];
	becomes: Becomes;
}

export interface Answer {
	caller: UserID;
	isHost: boolean;
	/** Whose invitation it is. */
	userID: UserID;
	state: "accepted" | "declined" | "busy" | "cancelled";
	/** A repeat from the same device is no second answer; a device without a name cannot repeat. */
	deviceID: string | null;
}

export type AnswerRefusal = "forbidden" | "not-found" | "already-answered" | "call-ended";

const RING_MS = CALL_LIMITS.ringSeconds * 1000;

/** Who is rung in a call, and how it went (002:32, 002:76). All of it is durable: `snapshot` and the constructor. */
export class Ringing {
	readonly #invitations: Map<UserID, RungInvitation>;

	constructor(restored: Iterable<RungInvitation> = []) {
		this.#invitations = new Map(Array.from(restored, (invitation) => [invitation.userID, invitation]));
	}

	snapshot(): RungInvitation[] {
		return [...this.#invitations.values()];
	}

	find(userID: UserID): RungInvitation | null {
		return this.#invitations.get(userID) ?? null;
	}

	/** Rings people, or rings them again; whoever rings just now goes on ringing as before. Returns those rung anew. */
	ring(
		invitees: readonly { userID: UserID; displayName: string }[],
		invitedByID: UserID,
		now: number,
	): RungInvitation[] {
		return invitees
			.filter(({ userID }) => this.find(userID)?.state !== "ringing")
			.map(({ userID, displayName }) => {
				const invitation: RungInvitation = {
					userID,
					displayName,
					state: "ringing",
					invitedByID,
					expiresAt: now + RING_MS,
					answeredBy: null,
				};
				this.#invitations.set(userID, invitation);
				return invitation;
			});
	}

	/** The first answer counts. One that comes too late lets the invitation expire, and is refused. */
	answer(
		answer: Answer,
		room: RoomState,
		now: number,
	): RingingChange & { invitation: RungInvitation | null; refused: AnswerRefusal | null } {
		const invitation = this.find(answer.userID);
		const none = { changed: [], becomes: null };
		if (!mayAnswer(answer, invitation)) return { ...none, invitation, refused: "forbidden" };
		if (!invitation) return { ...none, invitation, refused: "not-found" };
		if (invitation.state !== "ringing") {
			const refused = isRepeat(answer, invitation) ? null : refusalOf(invitation, room);
			return { ...none, invitation, refused };
		}
		if (isOver(room)) return { ...none, invitation, refused: "call-ended" };
		if (invitation.expiresAt <= now) {
			const expired = this.expire(room, now);
			const refused = expired.becomes === "missed" ? "call-ended" : "already-answered";
			return { ...expired, invitation: this.find(answer.userID), refused };
		}
		const answered = this.#settle(invitation, answer.state, {
			userID: answer.caller,
			deviceID: answer.deviceID,
		});
		return { ...this.#change([answered], room), invitation: answered, refused: null };
	}

	/** The person talks to somebody else: found out by ringing them, nobody there has answered. */
	busy(userID: UserID, room: RoomState): RingingChange {
		const invitation = this.find(userID);
		if (invitation?.state !== "ringing") return { changed: [], becomes: null };
		return this.#change([this.#settle(invitation, "busy", null)], room);
	}

	/** The host has hung up, or the call is over: nothing rings any more. */
	cancelAll(byID: UserID, room: RoomState): RingingChange {
		const by = { userID: byID, deviceID: null };
		const changed = this.#ringing().map((invitation) => this.#settle(invitation, "cancelled", by));
		return this.#change(changed, room);
	}

	/** Whatever has rung for `CALL_LIMITS.ringSeconds` is missed. */
	expire(room: RoomState, now: number): RingingChange {
		const changed = this.#ringing()
			.filter((invitation) => invitation.expiresAt <= now)
			.map((invitation) => this.#settle(invitation, "missed", null));
		return this.#change(changed, room);
	}

	/** When `expire` has something to do next; null while nothing rings. */
	nextDeadline(): number | null {
		const deadlines = this.#ringing().map((invitation) => invitation.expiresAt);
		return deadlines.length === 0 ? null : Math.min(...deadlines);
	}

	#ringing(): RungInvitation[] {
		return this.snapshot().filter((invitation) => invitation.state === "ringing");
	}

	#settle(
		invitation: RungInvitation,
		state: InvitationState,
		answeredBy: RungInvitation["answeredBy"],
	): RungInvitation {
		const settled = { ...invitation, state, answeredBy };
		this.#invitations.set(invitation.userID, settled);
		return settled;
	}

	/** A ringing call opens with the first who accepts, and otherwise ends as its last invitation did. */
	#change(changed: RungInvitation[], room: RoomState): RingingChange {
		const last = changed.at(-1)?.state;
		if (last === undefined || room.state !== "ringing") return { changed, becomes: null };
		if (last === "accepted" || room.hasOthers) return { changed, becomes: "open" };
		if (this.#ringing().length > 0) return { changed, becomes: null };
		return { changed, becomes: ENDINGS[last] };
	}
}

const ENDINGS = {
	ringing: null,
	accepted: "open",
	declined: "declined",
	busy: "declined",
	cancelled: "cancelled",
	missed: "missed",
} as const satisfies Record<InvitationState, Becomes>;

/** The invitee answers, nobody else; the host or who invited takes back. */
function mayAnswer({ caller, isHost, userID, state }: Answer, invitation: RungInvitation | null): boolean {
	if (state === "cancelled") return isHost || invitation?.invitedByID === caller;
	return caller === userID;
}

/** Taking back twice is one act, whatever the device. */
function isRepeat(
	{ caller, state, deviceID }: Answer,
	{ state: given, answeredBy }: RungInvitation,
): boolean {
	if (state !== given || answeredBy?.userID !== caller) return false;
	return state === "cancelled" || (deviceID !== null && deviceID === answeredBy.deviceID);
}

/** Why an invitation that rings no more takes no answer. */
function refusalOf({ state }: RungInvitation, room: RoomState): AnswerRefusal {
	const isAnswered = state === "accepted" || state === "declined" || state === "busy";
	return isOver(room) && !isAnswered ? "call-ended" : "already-answered";
}

function isOver({ state }: RoomState): boolean {
	return state !== "ringing" && state !== "open";
}
