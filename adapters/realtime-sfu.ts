import type * as z from "zod";
import { AppError } from "../protocol/errors.ts";
import {
	type CloseTracksRequest,
	NewSessionReply,
	REALTIME_LIMITS,
	RealtimeError,
	SessionState,
	type Simulcast,
	type TrackReply,
	type TrackRequest,
	TracksReply,
	type TracksRequest,
} from "../protocol/realtime-api.ts";

export type RealtimeSfuSettings = {
	/** `https://rtc.live.cloudflare.com/v1` or the stand-in's address; a trailing slash is allowed. */
	baseURL: string;
	appID: string;
	appSecret: string;
	fetcher?: typeof fetch;
	/** Time limit of one HTTP exchange. The SFU itself waits up to 5 s for a transport or a first packet. */
	timeoutMs?: number;
	/** Longest time that all attempts of one call may take together. */
	retryTotalMs?: number;
};

/** A track of another session, by the only pair of names that finds it. */
export type RemoteTrack = {
	sessionID: string;
	trackName: string;
	kind?: "audio" | "video";
	simulcast?: Simulcast;
};

export type LocalTrack = { mid: string; trackName: string };

/** A layer or source change on a transceiver that exists; `mid` is the receiver's. */
export type TrackUpdate = RemoteTrack & { mid: string };

/** What a change of tracks came to. Items fail one by one inside an HTTP 200, so both lists may be filled. */
export type TrackOutcome = {
	/** Items that worked, in the order asked for. */
	tracks: TrackReply[];
	/** Items with an `errorCode`; `not_found_track_error` and `empty_track_error` are worth another try later. */
	failed: TrackReply[];
	/** The SFU's answer, or its offer if `needsAnswer`; null if the change needs no SDP. */
	sdp: string | null;
	/** The session takes no other change before `answer()` was called with the reply to `sdp`. */
	needsAnswer: boolean;
};

/**
 * Cloudflare Realtime's SFU over HTTP. One session is one peer connection: callers run one change at a time per session.
 * https://developers.cloudflare.com/realtime/sfu/https-api/
 *
 * Every method throws `AppError("sfu-error")` with members `sfuCode` and `sfuStatus` (0 = no answer) when the whole call fails.
 * Calls that are safe to repeat are tried again on 429, 503 and network errors, the others on 429 only (refused, so nothing was done),
 * with growing waits for at most `retryTotalMs` (5 s) in all.
 */
export class RealtimeSfu {
	readonly #appURL: string;
	readonly #appSecret: string;
	readonly #fetcher: typeof fetch;
	readonly #timeoutMs: number;
	readonly #retryTotalMs: number;

	constructor(settings: RealtimeSfuSettings) {
		this.#appURL = `${settings.baseURL.replace(/\/+$/, "")}/apps/${encodeURIComponent(settings.appID)}`;
		this.#appSecret = settings.appSecret;
		this.#fetcher = settings.fetcher ?? ((input, init) => fetch(input, init));
		this.#timeoutMs = settings.timeoutMs ?? 10_000;
		this.#retryTotalMs = settings.retryTotalMs ?? 5_000;
	}

	/** A new session's ID. Repeated on failure: a session that is never connected expires by itself. */
	async newSession(): Promise<string> {
		const reply = await this.#call({
			method: "POST",
			path: "/sessions/new",
			reply: NewSessionReply,
			safe: true,
		});
		return reply.sessionId;
	}

	/** Publishes every sending m-line of the offer under a name that the SFU chooses (WHIP). */
	publishDiscovered(sessionID: string, offerSdp: string): Promise<TrackOutcome> {
		return this.#tracksNew(sessionID, {
			autoDiscover: true,
			sessionDescription: { type: "offer", sdp: offerSdp },
		});
	}

	/** Publishes the named m-lines of the offer. */
	publish(sessionID: string, tracks: LocalTrack[], offerSdp: string): Promise<TrackOutcome> {
		return this.#tracksNew(sessionID, {
			sessionDescription: { type: "offer", sdp: offerSdp },
			tracks: tracks.map((track) => ({ location: "local" as const, ...track })),
		});
	}

	/** Subscribes; the SFU offers, and `answer()` must follow if `needsAnswer`. */
	pull(sessionID: string, tracks: RemoteTrack[]): Promise<TrackOutcome> {
		return this.#tracksNew(sessionID, { tracks: tracks.map(remoteTrackRequest) });
	}

	/** Subscribes with an offer whose receiving m-lines are matched to the tracks by kind, in order (WHEP). */
	pullWithOffer(sessionID: string, tracks: RemoteTrack[], offerSdp: string): Promise<TrackOutcome> {
		return this.#tracksNew(sessionID, {
			sessionDescription: { type: "offer", sdp: offerSdp },
			tracks: tracks.map(remoteTrackRequest),
		});
	}

	/** Answers the SFU's offer. Never repeated once it may have arrived: a second answer is an error. */
	async answer(sessionID: string, answerSdp: string): Promise<void> {
		await this.#call({
			method: "PUT",
			path: `/sessions/${encodeURIComponent(sessionID)}/renegotiate`,
			body: { sessionDescription: { type: "answer", sdp: answerSdp } },
			reply: TracksReply,
			safe: false,
		});
	}

	/** Changes layer or source of pulled tracks, without SDP. */
	async update(sessionID: string, tracks: TrackUpdate[]): Promise<TrackOutcome> {
		const reply = await this.#call({
			method: "PUT",
			path: `/sessions/${encodeURIComponent(sessionID)}/tracks/update`,
			body: { tracks: tracks.map((track) => ({ ...remoteTrackRequest(track), mid: track.mid })) },
			reply: TracksReply,
			safe: true,
		});
		return trackOutcome(reply);
	}

	/**
	 * Ends tracks by the session's own mids. Without an offer the SFU stops at once and SDP stays as it is (`force`);
	 * with one (its transceivers stopped) the outcome has the answer. A track that is already gone counts as closed.
	 */
	async close(
		sessionID: string,
		mids: string[],
		change: { force: true } | { force: false; offerSdp: string },
	): Promise<TrackOutcome> {
		const outcome: TrackOutcome = { tracks: [], failed: [], sdp: null, needsAnswer: false };
		for (let start = 0; start < mids.length; start += REALTIME_LIMITS.tracksPerCall) {
			const batch = mids.slice(start, start + REALTIME_LIMITS.tracksPerCall);
			const reply = await this.#call({
				method: "PUT",
				path: `/sessions/${encodeURIComponent(sessionID)}/tracks/close`,
				body: closeRequest(batch, change),
				reply: TracksReply,
				safe: change.force,
			});
			const part = trackOutcome(reply, "close_track_error");
			outcome.tracks.push(...part.tracks);
			outcome.failed.push(...part.failed);
			outcome.sdp = part.sdp ?? outcome.sdp;
			outcome.needsAnswer ||= part.needsAnswer;
		}
		return outcome;
	}

	/** Tracks of a session, also those closed (`inactive`). `active` does not say that packets flow. */
	getSession(sessionID: string): Promise<SessionState> {
		return this.#call({
			method: "GET",
			path: `/sessions/${encodeURIComponent(sessionID)}`,
			reply: SessionState,
			safe: true,
		});
	}

	async #tracksNew(sessionID: string, body: TracksRequest): Promise<TrackOutcome> {
		const reply = await this.#call({
			method: "POST",
			path: `/sessions/${encodeURIComponent(sessionID)}/tracks/new`,
			body,
			reply: TracksReply,
			safe: false,
		});
		return trackOutcome(reply);
	}

	async #call<Reply extends z.ZodType>(call: Call<Reply>): Promise<z.output<Reply>> {
		const startedAt = Date.now();
		for (let attempt = 0; ; attempt += 1) {
			const result = await this.#attempt(call);
			if (result.ok) {
				return result.reply;
			}
			const waitMs = Math.max(result.retryAfterMs, 150 * 2 ** attempt * (0.5 + Math.random()));
			const isLate = Date.now() - startedAt + waitMs > this.#retryTotalMs;
			if (isLate || !(result.refused || (call.safe && result.transient))) {
				throw result.error;
			}
			await new Promise((resolve) => setTimeout(resolve, waitMs));
		}
	}

	async #attempt<Reply extends z.ZodType>(call: Call<Reply>): Promise<Attempt<z.output<Reply>>> {
		let status = 0;
		try {
			const response = await this.#fetcher(this.#appURL + call.path, {
				method: call.method,
				headers: { authorization: `Bearer ${this.#appSecret}`, "content-type": "application/json" },
				...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
				signal: AbortSignal.timeout(this.#timeoutMs),
			});
			status = response.status;
			const body: unknown = JSON.parse((await response.text()) || "{}");
			const failure = topLevelError(body);
			if (!response.ok || failure !== null) {
				return failedAttempt(call, { status, failure, retryAfter: response.headers.get("retry-after") });
			}
			return { ok: true, reply: call.reply.parse(body) };
		} catch (cause) {
			return failedAttempt(call, { status, failure: null, retryAfter: null, cause });
		}
	}
}

type Call<Reply extends z.ZodType> = {
	method: "GET" | "POST" | "PUT";
	path: string;
	body?: TracksRequest | CloseTracksRequest | { sessionDescription: { type: "answer"; sdp: string } };
	reply: Reply;
	/** Repeating it does no harm even if the first one was carried out. */
	safe: boolean;
};

type Attempt<Reply> =
	| { ok: true; reply: Reply }
	| { ok: false; error: AppError; refused: boolean; transient: boolean; retryAfterMs: number };

type Failure = { status: number; failure: RealtimeError | null; retryAfter: string | null; cause?: unknown };

function failedAttempt(call: { method: string; path: string }, failed: Failure): Attempt<never> {
	const { status, failure, cause } = failed;
	const sfuCode = failure?.errorCode ?? (status === 0 ? "no_answer" : "unreadable_answer");
	const detail = failure?.errorDescription ?? (cause instanceof Error ? cause.message : "no description");
	const operation = `${call.method} ${call.path.replace(/\/sessions\/[^/]+\//, "/sessions/…/")}`;
	return {
		ok: false,
		error: new AppError("sfu-error", `The SFU refused ${operation}: ${sfuCode} (${detail})`, {
			members: { sfuCode, sfuStatus: status },
			cause,
		}),
		refused: status === 429,
		transient: status === 503 || status === 0,
		retryAfterMs: Math.max(0, Number(failed.retryAfter ?? 0) * 1000) || 0,
	};
}

/** An `errorCode` at the top level fails the call, whatever the HTTP status. */
function topLevelError(body: unknown): RealtimeError | null {
	const parsed = RealtimeError.safeParse(body);
	return parsed.success ? parsed.data : null;
}

function remoteTrackRequest(track: RemoteTrack): TrackRequest {
	return {
		location: "remote",
		sessionId: track.sessionID,
		trackName: track.trackName,
		...(track.kind === undefined ? {} : { kind: track.kind }),
		...(track.simulcast === undefined ? {} : { simulcast: track.simulcast }),
	};
}

function closeRequest(
	mids: string[],
	change: { force: true } | { force: false; offerSdp: string },
): CloseTracksRequest {
	const tracks = mids.map((mid) => ({ mid }));
	if (change.force) {
		return { tracks, force: true };
	}
	return { tracks, force: false, sessionDescription: { type: "offer", sdp: change.offerSdp } };
}

function trackOutcome(reply: TracksReply, harmless?: string): TrackOutcome {
	const items = reply.tracks ?? [];
	const isFailed = (track: TrackReply) => track.errorCode !== undefined && track.errorCode !== harmless;
	return {
		tracks: items.filter((track) => !isFailed(track)),
		failed: items.filter(isFailed),
		sdp: reply.sessionDescription?.sdp ?? null,
		needsAnswer: reply.requiresImmediateRenegotiation === true,
	};
}
