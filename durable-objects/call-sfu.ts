import { log } from "../adapters/log.ts";
import type { LocalTrack, RealtimeSfu, RemoteTrack, TrackOutcome } from "../adapters/realtime-sfu.ts";
import type { Call } from "../domain/call/call.ts";
import { chooseLayer } from "../domain/call/forwarding.ts";
import type { Member } from "../domain/call/member.ts";
import type { addSfuTracks, closeSfuTracks, updateSfuTracks } from "../protocol/call-sfu.ts";
import type { EndpointParsed, EndpointReply } from "../protocol/endpoint.ts";
import { AppError } from "../protocol/errors.ts";
import type { ParticipantID } from "../protocol/ids.ts";
import { REALTIME_LIMITS, type Simulcast } from "../protocol/realtime-api.ts";
import type { PublishedTrack } from "../protocol/signal.ts";
import type { CallStore, SfuTrack } from "./call-store.ts";

type AddOrder = EndpointParsed<typeof addSfuTracks>["body"];
type CloseOrder = EndpointParsed<typeof closeSfuTracks>["body"];
type UpdateOrder = EndpointParsed<typeof updateSfuTracks>["body"];
type SfuReply = EndpointReply<typeof addSfuTracks>;

/** What a participant wants of the SFU, rows 80–84. */
export type SfuOrder =
	| { do: "create" }
	| { do: "add"; sessionID: string; body: AddOrder }
	| { do: "answer"; sessionID: string; sdp: string }
	| { do: "update"; sessionID: string; body: UpdateOrder }
	| { do: "close"; sessionID: string; body: CloseOrder };

/** An SFU offer that is not answered by then is given up, and layers may be changed again. */
const ANSWER_WITHIN_MS = 15_000;
/** A participant has a publishing and a receiving session, and for a moment the new ones of a reconnect beside them. */
const MAX_SESSIONS = 6;
/** Whoever has left must not go on receiving because the SFU had a bad moment. */
const RETRY_MS = 30_000;
const MAX_FAILURES = 20;

/** Keeps the defaults of the service from freezing a picture whose layer disappears: reference of simulcast, `none`. */
const FOLLOW_NETWORK = { priorityOrdering: "asciibetical", ridNotAvailable: "asciibetical" } as const;

/** What members of one call may do at the SFU: with their own sessions, and with tracks that members have announced. */
export class CallSfu {
	readonly #store: CallStore;
	readonly #sfu: () => RealtimeSfu;
	readonly #miss: (publisherID: ParticipantID) => void;
	/** Until when a session waits for its client's answer: nothing else may be changed before (406 otherwise). */
	readonly #awaited = new Map<string, number>();
	/** Receivers whose layers are being changed, and whether wishes have changed again meanwhile. */
	/** When sessions that could not be closed are tried again, and how often in a row one could not. */
	#retryAt: number | null = null;
	#failures = 0;
	readonly #forwarding = new Map<ParticipantID, { isStale: boolean }>();

	/** `miss`: told of publishers whose announced track has no packets. */
	constructor(
		store: CallStore,
		sfu: () => RealtimeSfu,
		miss: (publisherID: ParticipantID) => void = () => undefined,
	) {
		this.#store = store;
		this.#sfu = sfu;
		this.#miss = miss;
	}

	/** `member` is inside the call, and the session is its own. */
	async carryOut(
		call: Call,
		member: Member,
		order: SfuOrder,
	): Promise<{ sessionID: string; reply: SfuReply }> {
		switch (order.do) {
			case "create":
				return { sessionID: await this.#createSession(call, member), reply: NOTHING };
			case "add": {
				const reply = await this.#addTracks(call, order.sessionID, order.body);
				if (!call.roster.inside(member.participantID)) await this.#closeSession(order.sessionID);
				return { sessionID: order.sessionID, reply };
			}
			case "answer":
				await this.#answer(order.sessionID, order.sdp);
				await this.follow(call, member.participantID);
				return { sessionID: order.sessionID, reply: NOTHING };
			case "update":
				return { sessionID: order.sessionID, reply: await this.#update(order.sessionID, order.body) };
			case "close":
				return { sessionID: order.sessionID, reply: await this.#close(order.sessionID, order.body) };
		}
	}

	async #createSession(call: Call, { participantID }: Member): Promise<string> {
		if (call.facts.choice === "p2p") throw new AppError("topology-p2p", "This call goes direct only.");
		const sessionID = await this.#sfu().newSession();
		// Who has left meanwhile gets none; the SFU forgets a session that nobody connects to.
		if (!call.roster.inside(participantID)) throw new AppError("forbidden", "You are not in this call.");
		this.#store.addSession(sessionID, participantID);
		for (const old of this.#store.sessions(participantID).slice(0, -MAX_SESSIONS)) {
			if (!(await this.#closeSession(old))) this.#store.dropSession(old);
		}
		return sessionID;
	}

	async #addTracks(call: Call, sessionID: string, order: AddOrder): Promise<SfuReply> {
		if (order.tracks.length > REALTIME_LIMITS.tracksPerCall) {
			throw new AppError("too-many-tracks", `At most ${REALTIME_LIMITS.tracksPerCall} tracks a call.`);
		}
		const local = order.tracks.flatMap((track): LocalTrack[] =>
			track.location === "local" ? [{ mid: track.mid, trackName: track.trackName }] : [],
		);
		if (local.length > 0) return this.#publish(sessionID, local, order.sessionDescription?.sdp);
		const remote = order.tracks.flatMap((track): RemoteTrack[] =>
			track.location === "remote"
				? [
						{
							sessionID: track.sessionID,
							trackName: track.trackName,
							simulcast: withDefaults(track.simulcast),
						},
					]
				: [],
		);
		for (const track of remote) {
			if (!findPublisher(call, track)) {
				throw new AppError("forbidden", `Nobody in this call has announced the track ${track.trackName}.`);
			}
		}
		return this.#pull(sessionID, remote);
	}

	async #answer(sessionID: string, sdp: string): Promise<void> {
		try {
			await this.#sfu().answer(sessionID, sdp);
		} finally {
			this.#awaited.delete(sessionID);
		}
	}

	async #update(sessionID: string, order: UpdateOrder): Promise<SfuReply> {
		const tracks = order.tracks.map(({ mid, simulcast }) => {
			const track = this.#store.tracks(sessionID).find((known) => known.mid === mid);
			if (!track?.remote) throw new AppError("not-found", `Nothing is pulled at mid ${mid}.`);
			return { track, rid: simulcast.preferredRid ?? null };
		});
		return this.#prefer(sessionID, tracks);
	}

	async #close(sessionID: string, order: CloseOrder): Promise<SfuReply> {
		const mids = order.tracks.map(({ mid }) => mid);
		const offer = order.sessionDescription;
		if (!order.force && !offer) {
			throw new AppError("validation", "Without force an offer is needed whose transceivers are stopped.");
		}
		const change =
			offer && !order.force ? { force: false as const, offerSdp: offer.sdp } : { force: true as const };
		const outcome = await this.#sfu().close(sessionID, mids, change);
		this.#store.dropTracks(sessionID, mids);
		return this.#reply(sessionID, outcome, "answer");
	}

	ownsTrack(participantID: ParticipantID, { sessionID, mid, trackName }: PublishedTrack): boolean {
		if (this.#store.ownerOf(sessionID) !== participantID) return false;
		return this.#store
			.tracks(sessionID)
			.some((track) => !track.remote && track.mid === mid && track.trackName === trackName);
	}

	/** Brings the layers that a receiver is sent in line with its wishes; those that do not change are left alone. */
	async follow(call: Call, receiver: ParticipantID): Promise<void> {
		const running = this.#forwarding.get(receiver);
		if (running) {
			running.isStale = true;
			return;
		}
		const run = { isStale: false };
		this.#forwarding.set(receiver, run);
		try {
			do {
				run.isStale = false;
				for (const sessionID of this.#store.sessions(receiver))
					await this.#followIn(call, receiver, sessionID);
			} while (run.isStale);
		} catch (error) {
			log.warn("call.layers-not-changed", { callID: call.facts.callID, error: String(error) });
		} finally {
			this.#forwarding.delete(receiver);
		}
	}

	/** Ends all that somebody publishes and pulls: forgetting a session does not stop its forwarding. */
	async evict(participantID: ParticipantID): Promise<void> {
		for (const sessionID of this.#store.sessions(participantID)) await this.#closeSession(sessionID);
	}

	/** Sessions of people who are gone: a crash came between, or the SFU did not hear. */
	async evictStrays(call: Call, now: number): Promise<void> {
		if (this.#retryAt === null || this.#retryAt > now) return;
		this.#retryAt = null;
		for (const participantID of this.#strays(call)) await this.evict(participantID);
	}

	/** After the object woke: whether there are any. */
	lookForStrays(call: Call, now: number): void {
		if (this.#strays(call).length > 0) this.#retryAt = now;
	}

	/** When `evictStrays` has something to do; null if nothing is left over. */
	nextDeadline(): number | null {
		return this.#retryAt;
	}

	#strays(call: Call): ParticipantID[] {
		return this.#store.owners().filter((participantID) => !call.roster.inside(participantID));
	}

	async #followIn(call: Call, receiver: ParticipantID, sessionID: string): Promise<void> {
		if (this.#isAwaiting(sessionID)) return;
		const changes = this.#store.tracks(sessionID).flatMap((track) => {
			const rid = track.remote ? wantedLayer(call, receiver, track) : null;
			return rid === null || rid === track.remote?.rid ? [] : [{ track, rid }];
		});
		if (changes.length > 0) await this.#prefer(sessionID, changes);
	}

	async #prefer(sessionID: string, changes: { track: SfuTrack; rid: string | null }[]): Promise<SfuReply> {
		const now = changes.slice(0, REALTIME_LIMITS.tracksPerCall);
		const outcome = await this.#sfu().update(
			sessionID,
			now.map(({ track, rid }) => ({
				mid: track.mid,
				sessionID: track.remote?.sessionID ?? "",
				trackName: track.trackName,
				simulcast: withDefaults(rid === null ? undefined : { preferredRid: rid }),
			})),
		);
		const failed = new Set(outcome.failed.map(({ trackName }) => trackName));
		for (const { track, rid } of now) {
			if (track.remote && !failed.has(track.trackName))
				this.#store.putTrack({ ...track, remote: { ...track.remote, rid } });
		}
		if (changes.length > now.length) await this.#prefer(sessionID, changes.slice(now.length));
		return this.#reply(sessionID, outcome, "answer");
	}

	async #publish(sessionID: string, tracks: LocalTrack[], offerSdp: string | undefined): Promise<SfuReply> {
		if (offerSdp === undefined) throw new AppError("validation", "Publishing needs an offer.");
		const outcome = await this.#sfu().publish(sessionID, tracks, offerSdp);
		for (const { mid = "", trackName = "" } of outcome.tracks) {
			this.#store.putTrack({ sessionID, mid, trackName, remote: null });
		}
		return this.#reply(sessionID, outcome, "answer");
	}

	async #pull(sessionID: string, tracks: RemoteTrack[]): Promise<SfuReply> {
		const outcome = await this.#sfu().pull(sessionID, tracks);
		for (const { mid, trackName, sessionId } of outcome.tracks) {
			if (!mid || !trackName || !sessionId) continue;
			const asked = tracks.find((track) => track.sessionID === sessionId && track.trackName === trackName);
			const rid = asked?.simulcast?.preferredRid ?? null;
			this.#store.putTrack({ sessionID, mid, trackName, remote: { sessionID: sessionId, rid } });
		}
		for (const { sessionId, trackName } of outcome.failed) {
			const named = tracks.find((track) => track.trackName === trackName && track.sessionID === sessionId);
			const publisherID = named && this.#store.ownerOf(named.sessionID);
			if (publisherID) this.#miss(publisherID);
		}
		if (outcome.needsAnswer) this.#awaited.set(sessionID, Date.now() + ANSWER_WITHIN_MS);
		return this.#reply(sessionID, outcome, "offer");
	}

	/** False if it is still open, and to be tried again. */
	async #closeSession(sessionID: string): Promise<boolean> {
		const mids = this.#store.tracks(sessionID).map(({ mid }) => mid);
		this.#awaited.delete(sessionID);
		try {
			if (mids.length > 0) await this.#sfu().close(sessionID, mids, { force: true });
			this.#failures = 0;
		} catch (error) {
			log.warn("call.session-not-closed", { error: String(error) });
			this.#failures++;
			if (this.#failures <= MAX_FAILURES && !isGone(error)) {
				this.#retryAt = Date.now() + RETRY_MS;
				return false;
			}
		}
		this.#store.dropSession(sessionID);
		return true;
	}

	#isAwaiting(sessionID: string): boolean {
		return (this.#awaited.get(sessionID) ?? 0) > Date.now();
	}

	#reply(sessionID: string, outcome: TrackOutcome, type: "offer" | "answer"): SfuReply {
		return {
			tracks: [...outcome.tracks, ...outcome.failed].map((track) => ({
				...(track.mid === undefined ? {} : { mid: track.mid }),
				...(track.trackName === undefined ? {} : { trackName: track.trackName }),
				sessionID: track.sessionId ?? sessionID,
				...(track.errorCode === undefined ? {} : { errorCode: track.errorCode }),
				...(track.errorDescription === undefined ? {} : { errorDescription: track.errorDescription }),
			})),
			requiresImmediateRenegotiation: outcome.needsAnswer,
			...(outcome.sdp === null ? {} : { sessionDescription: { type, sdp: outcome.sdp } }),
		};
	}
}

/** The SFU knows the session no more: it expired, or its client has closed it. */
function isGone(error: unknown): boolean {
	if (!(error instanceof AppError)) return false;
	return error.members.sfuStatus === 410 || error.members.sfuStatus === 404;
}

const NOTHING: SfuReply = { tracks: [], requiresImmediateRenegotiation: false };

function withDefaults(simulcast: Simulcast | undefined): Simulcast {
	return simulcast?.preferredRid === undefined
		? FOLLOW_NETWORK
		: { preferredRid: simulcast.preferredRid, ...FOLLOW_NETWORK };
}

function findPublisher(call: Call, at: { sessionID: string; trackName: string }) {
	for (const member of call.roster.joined()) {
		const track = member.tracks.find(
			({ sessionID, trackName }) => sessionID === at.sessionID && trackName === at.trackName,
		);
		if (track) return { member, track };
	}
	return null;
}

/** Null if nothing is wished, or the track has one layer. */
function wantedLayer(call: Call, receiver: ParticipantID, { remote, trackName }: SfuTrack): string | null {
	const found = remote && findPublisher(call, { sessionID: remote.sessionID, trackName });
	if (!found) return null;
	const wish = call.forwarding.wish(receiver, found.member.participantID, found.track.source);
	return wish && wish.height > 0 ? chooseLayer(found.track.rids, wish.height) : null;
}
