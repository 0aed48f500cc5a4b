import * as z from "zod";
import { DisplayName } from "./account.ts";
import {
	CALL_LIMITS,
	CallAccess,
	CallKind,
	Capabilities,
	Negotiated,
	Participant,
	ParticipantRole,
	Source,
} from "./call.ts";
import { MAX_SUBSCRIPTIONS, Subscription } from "./call-sfu.ts";
import { CallID, JoinCode, ParticipantID, Timestamp, UserID } from "./ids.ts";
import { IceServer } from "./realtime-api.ts";

/**
 * signal.v1, CONTRACT §3: the socket of a call, `/calls/{callID}/signal`. A frame is one message or an array of them, both ways.
 * The text `ping` is answered with `pong` without waking the room.
 */

export const SIGNAL_LIMITS = {
	frameLength: 512 * 1024,
	sdpLength: 64 * 1024,
	candidateLength: 1024,
	chatCodePoints: 2000,
	chatHistory: 200,
} as const;

/** Why a signal.v1 socket was closed, CONTRACT §3. */
export const SIGNAL_CLOSE = {
	badFrame: 4400,
	badTicket: 4401,
	notAllowed: 4403,
	noSuchRoom: 4404,
	idle: 4408,
	replaced: 4409,
	ended: 4410,
	flooding: 4429,
} as const;

/** Larger than anybody gets to honestly: the next number after a number taken must be one too. */
const Gen = z
	.int()
	.min(0)
	.max(2 ** 31 - 1);
const Sdp = z.string().min(1).max(SIGNAL_LIMITS.sdpLength);
const Candidate = z
	.object({
		candidate: z.string().max(SIGNAL_LIMITS.candidateLength),
		sdpMid: z.string().max(32).nullish(),
		sdpMLineIndex: z.int().min(0).max(256).nullish(),
		usernameFragment: z.string().max(256).nullish(),
	})
	.nullable();

/** A track at the SFU, as its publisher announces it once packets flow. `rids`: simulcast layers, best first. */
export const PublishedTrack = z.object({
	source: Source,
	sessionID: z.string().regex(/^[0-9a-f]{32}$/),
	mid: z.string().min(1).max(32),
	trackName: z.string().min(1).max(128),
	rids: z.array(z.object({ rid: z.string().regex(/^[a-z]$/), height: z.int().min(1).max(4320) })).max(3),
});
export type PublishedTrack = z.infer<typeof PublishedTrack>;

export const Via = z.enum(["p2p", "sfu"]);
export type Via = z.infer<typeof Via>;
/** Seen from who reads or writes the frame: `send` is its own media to `peerID`. */
export const Direction = z.enum(["send", "recv"]);
export type Direction = z.infer<typeof Direction>;
export const MoveReason = z.enum([
	"ice-failed",
	"loss",
	"no-media",
	"address-changed",
	"recovered",
	"group-size",
	"recording",
	"preference",
]);
export type MoveReason = z.infer<typeof MoveReason>;

const edgeName = { peerID: ParticipantID, direction: Direction, gen: Gen };

export const Route = z.enum(["p2p", "turn-udp", "turn-tcp", "turn-tls", "sfu", "unknown"]);
export type Route = z.infer<typeof Route>;

const EdgeReport = z.object({
	peerID: ParticipantID,
	direction: Direction,
	route: Route,
	rid: z.string().max(8).nullable(),
	kbps: z.number().min(0).max(1_000_000),
	rttMs: z.number().min(0).max(600_000).nullable(),
	lossPercent: z.number().min(0).max(100),
});
export type EdgeReport = z.infer<typeof EdgeReport>;

const MediaState = z.object({ mic: z.boolean(), cam: z.boolean(), screen: z.boolean() });

/** What a client sends. `id`, if given, comes back in the `error` that refuses the message. */
export const SignalClientMessage = z.discriminatedUnion("t", [
	z.object({
		t: z.literal("join"),
		id: z.string().max(64).optional(),
		displayName: DisplayName,
		capabilities: Capabilities,
		media: MediaState.default({ mic: false, cam: false, screen: false }),
	}),
	z.object({
		t: z.literal("offer"),
		id: z.string().max(64).optional(),
		to: ParticipantID,
		gen: Gen,
		sdp: Sdp,
	}),
	z.object({
		t: z.literal("answer"),
		id: z.string().max(64).optional(),
		to: ParticipantID,
		gen: Gen,
		sdp: Sdp,
	}),
	z.object({ t: z.literal("candidate"), to: ParticipantID, gen: Gen, candidate: Candidate }),
	z.object({
		t: z.literal("tracks.publish"),
		id: z.string().max(64).optional(),
		tracks: z.array(PublishedTrack).min(1).max(8),
	}),
	z.object({ t: z.literal("tracks.unpublish"), trackNames: z.array(z.string().max(128)).min(1).max(16) }),
	z.object({ t: z.literal("subscribe"), subscriptions: z.array(Subscription).max(MAX_SUBSCRIPTIONS) }),
	z.object({ t: z.literal("capabilities"), capabilities: Capabilities }),
	z.object({ t: z.literal("edge.propose"), ...edgeName, via: Via, reason: MoveReason }),
	z.object({ t: z.literal("edge.accept"), ...edgeName }),
	z.object({ t: z.literal("edge.reject"), ...edgeName }),
	z.object({ t: z.literal("edge.ready"), ...edgeName }),
	z.object({
		t: z.literal("media"),
		mic: z.boolean().optional(),
		cam: z.boolean().optional(),
		screen: z.boolean().optional(),
		/** True as the person begins to speak. */
		speaking: z.boolean().optional(),
	}),
	z.object({ t: z.literal("stats"), edges: z.array(EdgeReport).max(2 * CALL_LIMITS.participants) }),
	z.object({ t: z.literal("hand"), raised: z.boolean() }),
	z.object({ t: z.literal("reaction"), emoji: z.string().min(1).max(32) }),
	z.object({
		t: z.literal("chat"),
		clientMsgID: z.string().min(1).max(64),
		message: z.string().max(4 * SIGNAL_LIMITS.chatCodePoints),
	}),
	z.object({ t: z.literal("leave") }),
]);
export type SignalClientMessage = z.infer<typeof SignalClientMessage>;

/** The negotiated minimum and how media goes at present (`topology`: what new pairs begin with). */
export const CallConfig = Negotiated.extend({
	topology: Via,
	threshold: z.int(),
});
export type CallConfig = z.infer<typeof CallConfig>;

export const CallChatMessage = z.object({
	clientMsgID: z.string(),
	participantID: ParticipantID,
	displayName: z.string(),
	message: z.string(),
	sentAt: Timestamp,
});
export type CallChatMessage = z.infer<typeof CallChatMessage>;

/** The agreed way of both directions between the reader and a peer. */
export const PeerEdges = z.object({
	peerID: ParticipantID,
	send: z.object({ via: Via, gen: Gen }),
	recv: z.object({ via: Via, gen: Gen }),
});
export type PeerEdges = z.infer<typeof PeerEdges>;

/** The room as a whole, in `welcome` and whenever it changes. */
export const RoomFacts = z.object({
	callID: CallID,
	code: JoinCode,
	kind: CallKind,
	title: z.string(),
	access: CallAccess,
	isLocked: z.boolean(),
	hostID: UserID,
	startedAt: Timestamp,
});
export type RoomFacts = z.infer<typeof RoomFacts>;

const Sequence = z.int().min(0);

/** What the room sends. `seq` counts changes of the roster; after a gap a client resumes and is sent a new `welcome`. */
export const SignalServerMessage = z.discriminatedUnion("t", [
	z.object({
		t: z.literal("welcome"),
		participantID: ParticipantID,
		/** Opens the next socket of the same participant: `?resume=`. Secret. */
		sessionID: z.string(),
		role: ParticipantRole,
		seq: Sequence,
		isResumed: z.boolean(),
		room: RoomFacts,
		roster: z.array(Participant),
		tracks: z.array(z.object({ participantID: ParticipantID, tracks: z.array(PublishedTrack) })),
		edges: z.array(PeerEdges),
		config: CallConfig,
		iceServers: z.array(IceServer),
		chat: z.array(CallChatMessage),
		speaker: ParticipantID.nullable(),
	}),
	/** The host has to let this participant in first; `welcome` follows, or `kicked`. */
	z.object({ t: z.literal("lobby"), participantID: ParticipantID, sessionID: z.string(), room: RoomFacts }),
	z.object({ t: z.literal("participant.joined"), seq: Sequence, participant: Participant }),
	z.object({
		t: z.literal("participant.updated"),
		seq: Sequence,
		participantID: ParticipantID,
		...Participant.omit({ participantID: true, media: true }).partial().shape,
		media: MediaState.partial().optional(),
	}),
	z.object({
		t: z.literal("participant.left"),
		seq: Sequence,
		participantID: ParticipantID,
		reason: z.enum(["left", "lost", "kicked", "denied"]),
	}),
	z.object({ t: z.literal("offer"), from: ParticipantID, gen: Gen, sdp: Sdp }),
	z.object({ t: z.literal("answer"), from: ParticipantID, gen: Gen, sdp: Sdp }),
	z.object({ t: z.literal("candidate"), from: ParticipantID, gen: Gen, candidate: Candidate }),
	/** All tracks that the participant has at the SFU from now on. */
	z.object({
		t: z.literal("tracks"),
		seq: Sequence,
		participantID: ParticipantID,
		tracks: z.array(PublishedTrack),
	}),
	CallConfig.extend({ t: z.literal("config") }),
	RoomFacts.extend({ t: z.literal("room") }),
	z.object({ t: z.literal("edge.propose"), ...edgeName, via: Via, reason: MoveReason }),
	/** The move is on: both ends build the new way, keep the old, and say `edge.ready`. */
	z.object({ t: z.literal("edge.accept"), ...edgeName, via: Via, reason: MoveReason }),
	z.object({ t: z.literal("edge.reject"), ...edgeName }),
	/** The other end is ready; once both are, the old way is closed. */
	z.object({ t: z.literal("edge.ready"), ...edgeName }),
	z.object({ t: z.literal("speaker"), participantID: ParticipantID.nullable() }),
	z.object({ t: z.literal("recording"), state: z.enum(["off", "recording"]) }),
	/** A host has muted this source of the reader. */
	z.object({ t: z.literal("mute"), source: z.enum(["mic", "cam", "screen"]), by: z.string() }),
	CallChatMessage.extend({ t: z.literal("chat") }),
	z.object({ t: z.literal("reaction"), participantID: ParticipantID, emoji: z.string() }),
	z.object({ t: z.literal("kicked"), reason: z.enum(["removed", "denied"]) }),
	z.object({ t: z.literal("ended"), reason: z.enum(["host", "empty", "declined", "missed", "cancelled"]) }),
	z.object({ t: z.literal("error"), code: z.string(), detail: z.string(), id: z.string().optional() }),
	z.object({ t: z.literal("goaway"), reconnectInMs: z.int(), reason: z.string() }),
]);
export type SignalServerMessage = z.infer<typeof SignalServerMessage>;

export const SignalServerFrame = z.union([SignalServerMessage, z.array(SignalServerMessage)]);
