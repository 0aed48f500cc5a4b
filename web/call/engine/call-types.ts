import type { ParticipantID } from "../../../protocol/ids.ts";
import type { CallChatMessage, Route } from "../../../protocol/signal.ts";

/** How a call ended for this person. */
export type EndReason =
	| "left"
	| "host"
	| "empty"
	| "removed"
	| "denied"
	| "failed"
	| "replaced"
	| "declined"
	| "missed"
	| "cancelled";

/** Where the call stands. Times are ms since 1970. `retryAt` null: an attempt is under way. */
export type CallPhase =
	| { name: "connecting" }
	| { name: "lobby" }
	| { name: "connected" }
	| { name: "reconnecting"; since: number; attempt: number; retryAt: number | null }
	| { name: "ended"; reason: EndReason; detail?: string };

/** A chat line as its reader sees it; `failed` can be said again. */
export interface CallChatLine extends CallChatMessage {
	status: "pending" | "sent" | "failed";
}

export interface CallReaction {
	participantID: ParticipantID;
	emoji: string;
}

/** Trouble that the person should know of. It is cleared when it is over. */
export interface CallProblem {
	code: "sfu-unreachable" | "sfu-send" | "sfu-receive" | "path" | "signaling";
	text: string;
	/** Whose media it is about, if one person's. */
	participantID?: ParticipantID;
}

export type Verdict = "good" | "fair" | "poor" | "lost";

/** The connection as a whole. Null: not measured yet. */
export interface CallQuality {
	verdict: Verdict;
	upKbps: number;
	downKbps: number;
	rttMs: number | null;
	jitterMs: number | null;
	lossPercent: number;
	/** The worst way in use: a relay over TCP counts as worse than a direct one. */
	route: Route;
}

/** What comes in from one person. */
export interface PersonQuality {
	verdict: Verdict;
	route: Route;
	recvKbps: number;
	rttMs: number | null;
	lossPercent: number;
	/** Of the camera picture; 0 while there is none. */
	height: number;
	fps: number;
}

/** `waiting`: on, no picture yet. `paused`: not asked for, because it is not on screen. `failed`: given up, and tried again later. */
export type VideoState = "off" | "waiting" | "flowing" | "paused" | "failed";

export const UNKNOWN_QUALITY: CallQuality = {
	verdict: "good",
	upKbps: 0,
	downKbps: 0,
	rttMs: null,
	jitterMs: null,
	lossPercent: 0,
	route: "unknown",
};

export const UNKNOWN_PERSON_QUALITY: PersonQuality = {
	verdict: "good",
	route: "unknown",
	recvKbps: 0,
	rttMs: null,
	lossPercent: 0,
	height: 0,
	fps: 0,
};
