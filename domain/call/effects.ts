import type { ParticipantID } from "../../protocol/ids.ts";
import type { SignalServerMessage } from "../../protocol/signal.ts";
import type { EdgeEffect } from "./edges.ts";
import type { Member } from "./member.ts";

/** What the room has to do. Frames of one turn to one member may go out as one array. */
export type CallEffect =
	| EdgeEffect
	| { do: "broadcast"; frame: SignalServerMessage }
	/** Frame by frame what only this member may know: sessionID, ICE servers, chat. */
	| { do: "welcome"; to: ParticipantID; isResumed: boolean }
	| { do: "close"; participantID: ParticipantID; code: number; reason: string }
	| { do: "storeMember"; member: Member }
	/** Gone for good: its rows, its edges, its tracks at the SFU. */
	| { do: "forget"; member: Member; reason: LeaveReason }
	| { do: "storeFacts" }
	| { do: "entered"; member: Member }
	| { do: "say"; participantID: ParticipantID; clientMsgID: string; message: string }
	/** The receiver's wishes have changed: layers at the SFU are to follow. */
	| { do: "forward"; to: ParticipantID }
	| { do: "ended" };

export type LeaveReason = Extract<SignalServerMessage, { t: "participant.left" }>["reason"];
export type EndReason = Extract<SignalServerMessage, { t: "ended" }>["reason"];
