import { CallID, JoinCode, ParticipantID, UserID } from "../../protocol/ids.ts";
import { Call } from "./call.ts";
import type { CallFacts, Member } from "./member.ts";

/** Names and calls for the tests of this folder. */
export function participantID(number: number): ParticipantID {
	return ParticipantID.parse(`pt_${String(number).padStart(26, "0")}`);
}

export function userID(number: number): UserID {
	return UserID.parse(`us_${String(number).padStart(26, "0")}`);
}

export const HOST = userID(1);

export function facts(change: Partial<CallFacts> = {}): CallFacts {
	return {
		callID: CallID.parse(`ca_${"0".repeat(26)}`),
		code: JoinCode.parse("abc-defg-hjk"),
		kind: "video",
		title: "",
		hostID: HOST,
		hostName: "Host",
		access: "link",
		isLocked: false,
		choice: "auto",
		isRecording: false,
		state: "open",
		isRung: false,
		isLeftAlone: false,
		createdAt: 0,
		startedAt: null,
		endedAt: null,
		cohostIDs: [],
		removedIDs: [],
		emptySince: 0,
		...change,
	};
}

export function member(number: number, change: Partial<Member> = {}): Member {
	return {
		participantID: participantID(number),
		sessionID: `secret-${number}`,
		userID: userID(number),
		displayName: `Person ${number}`,
		isGuest: false,
		state: "joined",
		isAdmitted: true,
		connection: "online",
		media: { mic: true, cam: true, screen: false },
		handRaisedAt: null,
		joinedAt: number,
		capabilities: {
			sendCodecs: ["vp8", "opus"],
			recvCodecs: ["vp8", "opus"],
			maxWidth: 1280,
			maxHeight: 720,
			maxFps: 30,
		},
		tracks: [],
		expiresAt: null,
		...change,
	};
}

/** A call with so many people inside; the first is its host. */
export function callOf(size: number, change: Partial<CallFacts> = {}): Call {
	const members = Array.from({ length: size }, (_, index) => member(index + 1));
	return new Call({
		facts: facts({ startedAt: 1, emptySince: null, ...change }),
		members,
		edges: [],
		seq: 0,
	});
}
