import * as z from "zod";
import { DisplayName } from "./account.ts";
import { endpoint } from "./endpoint.ts";
import { CallID, CallReference, JoinCode, ParticipantID, Timestamp, UserID } from "./ids.ts";
import { IceServer } from "./realtime-api.ts";

/** CONTRACT rows 68–74; REQUIREMENTS C15: mesh below the threshold, SFU from it on. */
export const CALL_LIMITS = {
	participants: 100,
	inviteesPerCall: 100,
	meshThreshold: 5,
	ringSeconds: 45,
	/** A participant whose socket is gone is `reconnecting`, and has `left` after this time. */
	reconnectGraceSeconds: 15,
	titleLength: 140,
} as const;

export const CallCodec = z.enum(["h264", "vp8", "vp9", "av1", "opus"]);
export type CallCodec = z.infer<typeof CallCodec>;

/** What one participant can send and receive. Absent rates are unknown, not zero. */
export const Capabilities = z.object({
	sendCodecs: z.array(CallCodec).min(1).max(8),
	recvCodecs: z.array(CallCodec).min(1).max(8),
	maxWidth: z.int().min(16).max(7680),
	maxHeight: z.int().min(16).max(4320),
	maxFps: z.number().min(1).max(120),
	uplinkKbps: z.number().min(1).max(10_000_000).optional(),
	downlinkKbps: z.number().min(1).max(10_000_000).optional(),
	network: z.enum(["ethernet", "wifi", "cellular", "unknown"]).optional(),
	cpuClass: z.enum(["low", "mid", "high"]).optional(),
});
export type Capabilities = z.infer<typeof Capabilities>;

/** The minimum in each category over those who take part (002:32). `videoCodec` is null if they share none: then the call has sound only. */
export const Negotiated = z.object({
	videoCodec: CallCodec.nullable(),
	audioCodec: CallCodec,
	maxWidth: z.int(),
	maxHeight: z.int(),
	maxFps: z.number(),
	maxKbps: z.number(),
});
export type Negotiated = z.infer<typeof Negotiated>;

export const CallKind = z.enum(["audio", "video"]);
export type CallKind = z.infer<typeof CallKind>;
export const CallAccess = z.enum(["invite", "link", "lobby"]);
export type CallAccess = z.infer<typeof CallAccess>;
export const TopologyChoice = z.enum(["auto", "p2p", "sfu"]);
export type TopologyChoice = z.infer<typeof TopologyChoice>;
/** `mixed`: some directions go direct, others through the SFU. */
export const Topology = z.enum(["p2p", "mixed", "sfu"]);
export type Topology = z.infer<typeof Topology>;
export const CallState = z.enum(["ringing", "open", "ended", "missed", "declined", "cancelled"]);
export type CallState = z.infer<typeof CallState>;
export const ParticipantRole = z.enum(["host", "cohost", "member"]);
export type ParticipantRole = z.infer<typeof ParticipantRole>;
export const Source = z.enum(["mic", "cam", "screen", "screen-audio"]);
export type Source = z.infer<typeof Source>;

export const Call = z.object({
	callID: CallID,
	code: JoinCode,
	kind: CallKind,
	title: z.string(),
	hostID: UserID,
	hostName: z.string(),
	state: CallState,
	access: CallAccess,
	isLocked: z.boolean(),
	topology: Topology,
	participantCount: z.int(),
	recordingState: z.enum(["off", "recording"]),
	createdAt: Timestamp,
	startedAt: Timestamp.nullable(),
	endedAt: Timestamp.nullable(),
	/** Path of the signaling socket. */
	wsURL: z.string(),
});
export type Call = z.infer<typeof Call>;

/** One line of somebody's call history: how it went for them. */
export const CallHistoryItem = Call.omit({ wsURL: true, isLocked: true }).extend({
	direction: z.enum(["outgoing", "incoming"]),
	outcome: z.enum(["answered", "missed", "declined", "cancelled", "busy", "ringing", "joined"]),
	/** Who was rung, or who rang: what a list shows as the other side. */
	others: z.array(z.object({ userID: UserID, displayName: z.string() })),
});
export type CallHistoryItem = z.infer<typeof CallHistoryItem>;

export const Invitation = z.object({
	userID: UserID,
	displayName: z.string(),
	state: z.enum(["ringing", "accepted", "declined", "busy", "cancelled", "missed"]),
});
export type Invitation = z.infer<typeof Invitation>;

/** Somebody in the room, as everybody there sees them. `waiting`: in the lobby, seen by hosts only. */
export const Participant = z.object({
	participantID: ParticipantID,
	userID: UserID,
	displayName: z.string(),
	isGuest: z.boolean(),
	role: ParticipantRole,
	state: z.enum(["waiting", "joined"]),
	connection: z.enum(["online", "reconnecting"]),
	/** What they mean to send; a muted microphone still sends silent packets. */
	media: z.object({ mic: z.boolean(), cam: z.boolean(), screen: z.boolean() }),
	handRaisedAt: Timestamp.nullable(),
	joinedAt: Timestamp,
});
export type Participant = z.infer<typeof Participant>;

const callParams = z.object({ callID: CallReference });
const participantParams = z.object({ callID: CallReference, participantID: ParticipantID });

/** Without invitees the call is open at once and others come by its link. Invitees must be accepted contacts and are rung for 45 s. */
export const createCall = endpoint({
	operationID: "createCall",
	method: "POST",
	path: "/calls",
	summary: "Start a call, and ring those invited",
	auth: "user",
	body: z.object({
		kind: CallKind,
		title: z.string().trim().max(CALL_LIMITS.titleLength).optional(),
		inviteeIDs: z.array(UserID).max(CALL_LIMITS.inviteesPerCall).default([]),
		topology: TopologyChoice.default("auto"),
		access: CallAccess.default("link"),
	}),
	status: 201,
	reply: Call,
	errors: ["not-a-contact", "callee-blocked"],
});

export const listCalls = endpoint({
	operationID: "listCalls",
	method: "GET",
	path: "/calls",
	summary: "The caller's call history, newest first",
	auth: "user",
	query: z.object({
		state: CallState.optional(),
		cursor: z.string().max(512).optional(),
		limit: z.coerce.number().int().min(1).max(100).default(50),
	}),
	status: 200,
	reply: z.object({ items: z.array(CallHistoryItem), nextCursor: z.string().nullable() }),
	errors: ["bad-cursor"],
});

/** Whoever has the join code may look; by `ca_…` only those who belong to the call. `inside`: names for the lobby page; in a call for those invited only they see them. */
export const getCall = endpoint({
	operationID: "getCall",
	method: "GET",
	path: "/calls/:callID",
	summary: "A call, and who is inside",
	auth: "optional",
	params: callParams,
	status: 200,
	reply: Call.extend({
		inside: z.array(z.object({ userID: UserID, displayName: z.string() })),
		invitations: z.array(Invitation),
	}),
	errors: ["call-ended"],
});

export const updateCall = endpoint({
	operationID: "updateCall",
	method: "PATCH",
	path: "/calls/:callID",
	summary: "Rename, lock, change who may enter, or end for all",
	auth: "user",
	params: callParams,
	body: z.object({
		title: z.string().trim().max(CALL_LIMITS.titleLength).optional(),
		isLocked: z.boolean().optional(),
		access: CallAccess.optional(),
		state: z.literal("ended").optional(),
	}),
	status: 200,
	reply: Call,
	errors: ["call-ended"],
});

export const inviteToCall = endpoint({
	operationID: "inviteToCall",
	method: "POST",
	path: "/calls/:callID/invitations",
	summary: "Ring more people",
	auth: "user",
	params: callParams,
	body: z.object({ userIDs: z.array(UserID).min(1).max(CALL_LIMITS.inviteesPerCall) }),
	status: 202,
	reply: z.object({ items: z.array(Invitation) }),
	errors: ["not-a-contact", "callee-blocked", "full", "call-ended"],
});

/** What a device calls itself, any text that it keeps: its answer may then be repeated when the reply was lost. */
export const DeviceID = z.string().min(1).max(64);

/** The invitee answers (`accepted`, `declined`, `busy`); the host or the inviter takes back (`cancelled`). The first answer counts. */
export const answerInvitation = endpoint({
	operationID: "answerInvitation",
	method: "PUT",
	path: "/calls/:callID/invitations/:userID",
	summary: "Answer a ringing call, or cancel it",
	auth: "user",
	params: z.object({ callID: CallReference, userID: UserID }),
	body: z.object({
		state: z.enum(["accepted", "declined", "busy", "cancelled"]),
		deviceID: DeviceID.optional(),
	}),
	status: 200,
	reply: Invitation,
	errors: ["already-answered", "call-ended"],
});

/** The place in the room is kept for 30 s until the socket says `join`. Status 202 and role `member` with `isWaiting` in a lobby. */
export const joinCall = endpoint({
	operationID: "joinCall",
	method: "POST",
	path: "/calls/:callID/participants",
	summary: "Take a place in a call",
	auth: "user",
	params: callParams,
	body: z.object({ displayName: DisplayName, capabilities: Capabilities }),
	status: 201,
	reply: z.object({
		callID: CallID,
		participantID: ParticipantID,
		role: ParticipantRole,
		isWaiting: z.boolean(),
		wsURL: z.string(),
		ticket: z.string(),
		iceServers: z.array(IceServer),
		topology: Topology,
		negotiated: Negotiated,
		/** Only with `CALL_PROVIDER=realtimekit`: what its SDK is opened with, instead of the socket. */
		realtimeKit: z.object({ meetingID: z.string(), authToken: z.string() }).optional(),
	}),
	errors: ["full", "call-ended", "locked"],
});

export const listParticipants = endpoint({
	operationID: "listParticipants",
	method: "GET",
	path: "/calls/:callID/participants",
	summary: "Who is in the call",
	auth: "user",
	params: callParams,
	status: 200,
	reply: z.object({ items: z.array(Participant) }),
});

/** Hosts and co-hosts may mute others, never unmute them; only the host changes roles. `admitted: false` turns somebody away from the lobby. */
export const updateParticipant = endpoint({
	operationID: "updateParticipant",
	method: "PATCH",
	path: "/calls/:callID/participants/:participantID",
	summary: "Mute, admit, rename, change the role",
	auth: "user",
	params: participantParams,
	body: z.object({
		muted: z
			.object({
				mic: z.boolean().optional(),
				cam: z.boolean().optional(),
				screen: z.boolean().optional(),
			})
			.optional(),
		role: ParticipantRole.optional(),
		admitted: z.boolean().optional(),
		displayName: DisplayName.optional(),
	}),
	status: 200,
	reply: Participant,
	errors: ["cannot-unmute-others"],
});

export const removeParticipant = endpoint({
	operationID: "removeParticipant",
	method: "DELETE",
	path: "/calls/:callID/participants/:participantID",
	summary: "Leave, or remove somebody as host",
	auth: "user",
	params: participantParams,
	status: 204,
});

/** One direction of one pair. `route` and the numbers are the receiver's last report. */
export const TopologyEdge = z.object({
	from: ParticipantID,
	to: ParticipantID,
	via: z.enum(["p2p", "sfu"]),
	route: z.enum(["p2p", "turn-udp", "turn-tcp", "turn-tls", "sfu", "unknown"]),
	rid: z.string().nullable(),
	kbps: z.number().nullable(),
	rttMs: z.number().nullable(),
	since: Timestamp,
	reason: z.string(),
});
export type TopologyEdge = z.infer<typeof TopologyEdge>;

export const getTopology = endpoint({
	operationID: "getTopology",
	method: "GET",
	path: "/calls/:callID/topology",
	summary: "Which way each direction of each pair goes",
	auth: "user",
	params: callParams,
	status: 200,
	reply: z.object({ topology: Topology, edges: z.array(TopologyEdge) }),
});
