import * as z from "zod";
import { Source } from "./call.ts";
import { endpoint } from "./endpoint.ts";
import { CallReference, ParticipantID } from "./ids.ts";
import { IceServer, REALTIME_LIMITS, Simulcast } from "./realtime-api.ts";

/**
 * The SFU as a participant sees it: the same calls as Cloudflare Realtime's, but each is checked against the room, and
 * the app's secret stays with the server. One session is one peer connection: run one change at a time.
 */

/** Longest SDP taken from a client. A receiving connection with 100 pulled tracks stays far below. */
export const MAX_SDP_LENGTH = 256 * 1024 - 4096;

const SessionID = z.string().regex(/^[0-9a-f]{32}$/);
const Mid = z.string().min(1).max(32);
const TrackName = z.string().min(1).max(128);
const Description = z.object({
	type: z.enum(["offer", "answer"]),
	sdp: z.string().min(1).max(MAX_SDP_LENGTH),
});
const callParams = z.object({ callID: CallReference });
const sessionParams = z.object({ callID: CallReference, sessionID: SessionID });

/** Items fail one by one; `errorCode` says how. `not_found_track_error` and `empty_track_error` are worth another try. */
const SfuTracksReply = z.object({
	tracks: z.array(
		z.object({
			mid: z.string().optional(),
			trackName: z.string().optional(),
			sessionID: z.string().optional(),
			errorCode: z.string().optional(),
			errorDescription: z.string().optional(),
		}),
	),
	requiresImmediateRenegotiation: z.boolean(),
	sessionDescription: Description.optional(),
});

/** `participantID`: for whom; needed only if the caller is in the call more than once. */
export const createSfuSession = endpoint({
	operationID: "createSfuSession",
	method: "POST",
	path: "/calls/:callID/sfu/sessions",
	summary: "A peer connection at the SFU",
	auth: "user",
	params: callParams,
	body: z.object({ participantID: ParticipantID.optional() }),
	status: 201,
	reply: z.object({ sessionID: SessionID }),
	errors: ["topology-p2p", "sfu-error", "realtime-not-configured"],
});

const LocalTrack = z.object({ location: z.literal("local"), mid: Mid, trackName: TrackName });
const RemoteTrack = z.object({
	location: z.literal("remote"),
	sessionID: SessionID,
	trackName: TrackName,
	simulcast: Simulcast.optional(),
});

/** Publish (all `local`, with an offer) or pull (all `remote`, tracks that participants of this call have announced). */
export const addSfuTracks = endpoint({
	operationID: "addSfuTracks",
	method: "POST",
	path: "/calls/:callID/sfu/sessions/:sessionID/tracks",
	summary: "Publish or pull tracks",
	auth: "user",
	params: sessionParams,
	body: z.object({
		sessionDescription: Description.optional(),
		// One more than the limit is let through, so that the answer is `too-many-tracks` and not a schema's.
		tracks: z.union([
			z
				.array(LocalTrack)
				.min(1)
				.max(REALTIME_LIMITS.tracksPerCall + 1),
			z
				.array(RemoteTrack)
				.min(1)
				.max(REALTIME_LIMITS.tracksPerCall + 1),
		]),
	}),
	status: 200,
	reply: SfuTracksReply,
	errors: ["too-many-tracks", "sfu-error"],
});

export const answerSfuSession = endpoint({
	operationID: "answerSfuSession",
	method: "PUT",
	path: "/calls/:callID/sfu/sessions/:sessionID/renegotiate",
	summary: "Answer the SFU's offer",
	auth: "user",
	params: sessionParams,
	body: z.object({ sessionDescription: Description }),
	status: 200,
	reply: z.object({}),
	errors: ["sfu-error"],
});

/** `mid` is the receiver's own. Wishes sent as `subscribe` do this without a call. */
export const updateSfuTracks = endpoint({
	operationID: "updateSfuTracks",
	method: "PUT",
	path: "/calls/:callID/sfu/sessions/:sessionID/tracks/update",
	summary: "Ask for another layer",
	auth: "user",
	params: sessionParams,
	body: z.object({
		tracks: z
			.array(z.object({ mid: Mid, simulcast: Simulcast }))
			.min(1)
			.max(REALTIME_LIMITS.tracksPerCall),
	}),
	status: 200,
	reply: SfuTracksReply,
	errors: ["sfu-error"],
});

export const closeSfuTracks = endpoint({
	operationID: "closeSfuTracks",
	method: "PUT",
	path: "/calls/:callID/sfu/sessions/:sessionID/tracks/close",
	summary: "Stop publishing or pulling",
	auth: "user",
	params: sessionParams,
	body: z.object({
		tracks: z
			.array(z.object({ mid: Mid }))
			.min(1)
			.max(REALTIME_LIMITS.tracksPerCall),
		force: z.boolean(),
		sessionDescription: Description.optional(),
	}),
	status: 200,
	reply: SfuTracksReply,
	errors: ["sfu-error"],
});

/** A receiver's wish for one track: picture height on its screen, 0 for not wanted; a higher priority keeps its layer longer. */
export const Subscription = z.object({
	participantID: ParticipantID,
	source: Source,
	height: z.int().min(0).max(4320),
	priority: z.int().min(0).max(10).default(1),
});
export type Subscription = z.infer<typeof Subscription>;

/** What is forwarded to one receiver: a row of the room's table. `rid` is null for tracks with one layer. */
export const Forwarding = Subscription.extend({ rid: z.string().nullable() });
export type Forwarding = z.infer<typeof Forwarding>;

export const MAX_SUBSCRIPTIONS = 400;

/** REST twin of `subscribe`. */
export const setPreferences = endpoint({
	operationID: "setPreferences",
	method: "PUT",
	path: "/calls/:callID/preferences",
	summary: "What the caller wants to see, and how large",
	auth: "user",
	params: callParams,
	body: z.object({
		participantID: ParticipantID.optional(),
		subscriptions: z.array(Subscription).max(MAX_SUBSCRIPTIONS),
	}),
	status: 200,
	reply: z.object({ forwarding: z.array(Forwarding) }),
});

export const getIceServers = endpoint({
	operationID: "getIceServers",
	method: "GET",
	path: "/ice-servers",
	summary: "STUN and TURN servers with short-lived credentials",
	auth: "user",
	query: z.object({ ttl: z.coerce.number().int().min(60).max(86_400).default(3600) }),
	status: 200,
	reply: z.object({ iceServers: z.array(IceServer), expiresAt: z.iso.datetime({ precision: 3 }) }),
	errors: ["overloaded"],
});
