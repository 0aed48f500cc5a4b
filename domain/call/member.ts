import type {
	CallAccess,
	CallKind,
	CallState,
	Capabilities,
	Participant,
	ParticipantRole,
	TopologyChoice,
} from "../../protocol/call.ts";
import type { CallID, JoinCode, ParticipantID, UserID } from "../../protocol/ids.ts";
import type { PublishedTrack, RoomFacts } from "../../protocol/signal.ts";

/** A call as its room keeps it. Times are milliseconds. */
export interface CallFacts {
	callID: CallID;
	code: JoinCode;
	kind: CallKind;
	title: string;
	hostID: UserID;
	hostName: string;
	access: CallAccess;
	isLocked: boolean;
	choice: TopologyChoice;
	isRecording: boolean;
	state: CallState;
	/** Made by ringing somebody: over as soon as one is left alone, unless somebody who is being rung may still come. */
	isRung: boolean;
	/** One is left alone, and waits for those who are being rung. */
	isLeftAlone: boolean;
	createdAt: number;
	startedAt: number | null;
	endedAt: number | null;
	cohostIDs: UserID[];
	/** Removed by a host: they do not come in again. */
	removedIDs: UserID[];
	/** Since when nobody is inside. */
	emptySince: number | null;
}

/** Somebody with a place in the call: reserved until their socket says `join`, then waiting in the lobby or joined. */
export interface Member {
	participantID: ParticipantID;
	/** Secret: opens the next socket of the same participant. */
	sessionID: string;
	userID: UserID;
	displayName: string;
	isGuest: boolean;
	state: "reserved" | "waiting" | "joined";
	isAdmitted: boolean;
	connection: "online" | "reconnecting";
	media: { mic: boolean; cam: boolean; screen: boolean };
	handRaisedAt: number | null;
	joinedAt: number;
	capabilities: Capabilities;
	tracks: PublishedTrack[];
	/** When the place is given up: no join, or no new socket, until then. */
	expiresAt: number | null;
}

export function roleOf(facts: CallFacts, userID: UserID): ParticipantRole {
	if (userID === facts.hostID) return "host";
	return facts.cohostIDs.includes(userID) ? "cohost" : "member";
}

/** A member as everybody in the room may see it. */
export function describeMember(facts: CallFacts, member: Member): Participant {
	return {
		participantID: member.participantID,
		userID: member.userID,
		displayName: member.displayName,
		isGuest: member.isGuest,
		role: roleOf(facts, member.userID),
		state: member.state === "joined" ? "joined" : "waiting",
		connection: member.connection,
		media: member.media,
		handRaisedAt: member.handRaisedAt === null ? null : new Date(member.handRaisedAt).toISOString(),
		joinedAt: new Date(member.joinedAt).toISOString(),
	};
}

export function describeRoom(facts: CallFacts): RoomFacts {
	const { callID, code, kind, title, access, isLocked, hostID, startedAt, createdAt } = facts;
	return {
		callID,
		code,
		kind,
		title,
		access,
		isLocked,
		hostID,
		startedAt: new Date(startedAt ?? createdAt).toISOString(),
	};
}
