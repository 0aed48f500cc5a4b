import * as z from "zod";

/**
 * The part of Cloudflare Realtime's HTTP API that rostrum uses: what `adapters/` sends and what `local/` answers.
 * https://developers.cloudflare.com/realtime/sfu/https-api/ and https://developers.cloudflare.com/realtime/turn/generate-credentials/
 * Objects are loose: the service adds fields, and unknown ones are no error.
 */

export const SessionDescription = z.looseObject({
	type: z.enum(["offer", "answer"]),
	sdp: z.string().max(1024 * 1024),
});
export type SessionDescription = z.infer<typeof SessionDescription>;

/** At the top level of an answer, or in one item of an answer with HTTP 200. */
export const RealtimeError = z.looseObject({
	errorCode: z.string(),
	errorDescription: z.string().optional(),
});
export type RealtimeError = z.infer<typeof RealtimeError>;

/** https://developers.cloudflare.com/realtime/sfu/simulcast/ — rids sort best first; both orderings default to `none`. */
export const Simulcast = z.looseObject({
	preferredRid: z.string().optional(),
	priorityOrdering: z.enum(["none", "asciibetical"]).optional(),
	ridNotAvailable: z.enum(["none", "asciibetical"]).optional(),
});
export type Simulcast = z.infer<typeof Simulcast>;

export const TrackRequest = z.looseObject({
	location: z.enum(["local", "remote"]),
	mid: z.string().optional(),
	trackName: z.string().optional(),
	sessionId: z.string().optional(),
	kind: z.enum(["audio", "video"]).optional(),
	simulcast: Simulcast.optional(),
	bidirectionalMediaStream: z.boolean().optional(),
});
export type TrackRequest = z.infer<typeof TrackRequest>;

/** A failed item has `errorCode` and `mid: ""`. */
export const TrackReply = z.looseObject({
	mid: z.string().optional(),
	trackName: z.string().optional(),
	sessionId: z.string().optional(),
	kind: z.enum(["audio", "video"]).optional(),
	simulcast: Simulcast.optional(),
	errorCode: z.string().optional(),
	errorDescription: z.string().optional(),
});
export type TrackReply = z.infer<typeof TrackReply>;

/** `POST /apps/{app}/sessions/new` */
export const NewSessionRequest = z.looseObject({ sessionDescription: SessionDescription.optional() });
export const NewSessionReply = z.looseObject({
	sessionId: z.string(),
	sessionDescription: SessionDescription.optional(),
});

/** `POST /apps/{app}/sessions/{session}/tracks/new` */
export const TracksRequest = z.looseObject({
	sessionDescription: SessionDescription.optional(),
	tracks: z.array(TrackRequest).optional(),
	autoDiscover: z.boolean().optional(),
});
export type TracksRequest = z.infer<typeof TracksRequest>;

export const TracksReply = z.looseObject({
	requiresImmediateRenegotiation: z.boolean().optional(),
	tracks: z.array(TrackReply).optional(),
	sessionDescription: SessionDescription.optional(),
	errorCode: z.string().optional(),
	errorDescription: z.string().optional(),
});
export type TracksReply = z.infer<typeof TracksReply>;

/** `PUT /apps/{app}/sessions/{session}/renegotiate` */
export const RenegotiateRequest = z.looseObject({ sessionDescription: SessionDescription });

/** `PUT /apps/{app}/sessions/{session}/tracks/update` */
export const UpdateTracksRequest = z.looseObject({ tracks: z.array(TrackRequest) });

/** `PUT /apps/{app}/sessions/{session}/tracks/close` */
export const CloseTracksRequest = z.looseObject({
	tracks: z.array(z.looseObject({ mid: z.string() })),
	force: z.boolean(),
	sessionDescription: SessionDescription.optional(),
});
export type CloseTracksRequest = z.infer<typeof CloseTracksRequest>;

/** `GET /apps/{app}/sessions/{session}`; `active` does not say that packets flow. */
export const SessionState = z.looseObject({
	tracks: z.array(
		z.looseObject({
			location: z.enum(["local", "remote"]),
			mid: z.string(),
			trackName: z.string(),
			sessionId: z.string().optional(),
			status: z.enum(["active", "inactive"]),
		}),
	),
});
export type SessionState = z.infer<typeof SessionState>;

/** `POST /turn/keys/{key}/credentials/generate-ice-servers`, 201 */
export const IceServersRequest = z.looseObject({ ttl: z.int().min(1).max(172_800) });

export const IceServer = z.looseObject({
	urls: z.union([z.string(), z.array(z.string())]),
	username: z.string().optional(),
	credential: z.string().optional(),
});
export type IceServer = z.infer<typeof IceServer>;

export const IceServersReply = z.looseObject({ iceServers: z.union([z.array(IceServer), IceServer]) });

/** Tracks in one call and API calls a second and session: https://developers.cloudflare.com/realtime/sfu/limits/ */
export const REALTIME_LIMITS = { tracksPerCall: 64, callsPerSecond: 50 } as const;
