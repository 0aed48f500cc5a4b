import type { Source } from "../../../protocol/call.ts";
import type { ParticipantID } from "../../../protocol/ids.ts";
import { sfuDelayMs } from "./reconnect-delay.ts";
import { isDirectOnly, judgeSfuFault } from "./sfu-fault.ts";
import { type PullOrder, type SfuAccount, SfuSession, type TrackResult } from "./sfu-session.ts";
import { SOUND_FIRST } from "./sources.ts";

/** Somebody's track that is to be received. */
export interface WantedTrack extends PullOrder {
	participantID: ParticipantID;
	source: Source;
}

/** One that is received. `isStale`: to be replaced, because it is dead or its session is. */
export interface PulledTrack extends WantedTrack {
	session: SfuSession;
	mid: string;
	receiver: RTCRtpReceiver;
	pulledAt: number;
	obsoleteSince: number | null;
	isStale: boolean;
}

export interface SfuSubscriberParts {
	account: SfuAccount;
	isFlowing: (receiver: RTCRtpReceiver) => boolean;
	onChange: () => void;
	/** Attempts that have failed in a row; 0 when it works again. */
	onTrouble: (failures: number) => void;
	/** The call goes direct only. */
	onDirectOnly: () => void;
}

/** A connection that is gone for this long is made anew, ms. */
const GONE_MS = 2000;
const CONNECT_WITHIN_MS = 12_000;
/** What a new track replaces goes on for this long at most, ms: make before break. */
const REPLACED_WITHIN_MS = 5000;
/** Sections of tracks that are over. More make descriptions slow; then there is a new connection. */
const MOST_DEAD_SECTIONS = 60;
const BATCH = 32;
/** Then the person is told; it goes on in the background. */
const ATTEMPTS = 8;

/** What this person receives through the SFU: says what is wanted, and it comes about, again after every failure. */
export class SfuSubscriber {
	readonly #parts: SfuSubscriberParts;
	readonly #misses = new Map<string, { count: number; retryAt: number }>();
	#wanted = new Map<string, WantedTrack>();
	#pulled: PulledTrack[] = [];
	#session: SfuSession | null = null;
	#sessionSince = 0;
	#deadSections = 0;
	#isWorking = false;
	#isStale = false;
	#isClosed = false;
	#failures = 0;
	#retryAt = 0;

	constructor(parts: SfuSubscriberParts) {
		this.#parts = parts;
	}

	want(tracks: readonly WantedTrack[]): void {
		this.#wanted = new Map(tracks.map((track) => [keyOf(track), track]));
		for (const key of this.#misses.keys()) if (!this.#wanted.has(key)) this.#misses.delete(key);
		void this.#work();
	}

	/** What is received of a source, the newest first. */
	pulled(participantID: ParticipantID, source: Source): PulledTrack[] {
		return this.#pulled
			.filter((one) => one.participantID === participantID && one.source === source)
			.reverse();
	}

	get all(): readonly PulledTrack[] {
		return this.#pulled;
	}

	get connections(): RTCPeerConnection[] {
		return [...new Set([this.#session, ...this.#pulled.map(({ session }) => session)])].flatMap(
			(session) => session?.peer ?? [],
		);
	}

	/** The SFU has refused this track so often that the person should know. */
	hasGivenUp(participantID: ParticipantID, source: Source): boolean {
		return [...this.#wanted].some(
			([key, track]) =>
				track.participantID === participantID &&
				track.source === source &&
				(this.#misses.get(key)?.count ?? 0) >= ATTEMPTS,
		);
	}

	/** A track that is dead is pulled anew; it stays until the new one flows. */
	replace(track: PulledTrack): void {
		track.isStale = true;
		void this.#work();
	}

	/** The address or the service has changed: everything anew. What still flows goes on until it is replaced. */
	renew(): void {
		this.#session = null;
		this.#deadSections = 0;
		this.#retryAt = 0;
		this.#misses.clear();
		void this.#work();
	}

	tick(now: number): void {
		const session = this.#session;
		if (session !== null) {
			const isLate =
				session.peer.connectionState !== "connected" &&
				this.#pulled.length > 0 &&
				now - this.#sessionSince > CONNECT_WITHIN_MS;
			if (session.goneForMs(now) > GONE_MS || isLate) this.renew();
		}
		void this.#work();
	}

	close(): void {
		this.#isClosed = true;
		this.#wanted.clear();
		for (const session of new Set([this.#session, ...this.#pulled.map((one) => one.session)]))
			session?.close();
		this.#session = null;
		this.#pulled = [];
	}

	async #work(): Promise<void> {
		this.#isStale = true;
		if (this.#isWorking || this.#isClosed || performance.now() < this.#retryAt) return;
		this.#isWorking = true;
		try {
			while (this.#isStale && !this.#isClosed) {
				this.#isStale = false;
				await this.#step(performance.now());
			}
			if (this.#failures > 0) this.#parts.onTrouble(0);
			this.#failures = 0;
		} catch (error) {
			this.#failed(error);
		} finally {
			this.#isWorking = false;
		}
	}

	#failed(error: unknown): void {
		if (isDirectOnly(error)) this.#parts.onDirectOnly();
		const { kind, retryAfterMs } = judgeSfuFault(error);
		this.#failures += 1;
		if (kind === "renew" || this.#failures % 3 === 0) this.#session = null;
		this.#retryAt = performance.now() + (retryAfterMs ?? sfuDelayMs(this.#failures - 1));
		this.#parts.onTrouble(this.#failures);
	}

	async #step(now: number): Promise<void> {
		const missing = this.#missing(now);
		if (missing.length > 0) await this.#pull(missing);
		await this.#dropObsolete(now);
	}

	/** Wanted and not there, nor tried in vain a moment ago; sound first. */
	#missing(now: number): WantedTrack[] {
		const there = new Set(this.#pulled.filter((one) => this.#isCurrent(one)).map(keyOf));
		return [...this.#wanted.values()]
			.filter((track) => !there.has(keyOf(track)))
			.filter((track) => (this.#misses.get(keyOf(track))?.retryAt ?? 0) <= now)
			.sort((a, b) => SOUND_FIRST.indexOf(a.source) - SOUND_FIRST.indexOf(b.source))
			.slice(0, BATCH);
	}

	#isCurrent(track: PulledTrack): boolean {
		return !track.isStale && track.session === this.#session && this.#wanted.has(keyOf(track));
	}

	async #pull(tracks: readonly WantedTrack[]): Promise<void> {
		if (this.#deadSections > MOST_DEAD_SECTIONS) this.renew();
		const session = this.#session ?? (await this.#open());
		this.#session = session;
		const results = await this.#pullWhatIsAllowed(session, tracks);
		if (this.#session !== session) return;
		for (const track of tracks) {
			const result = results.find(
				({ sessionID, trackName }) => sessionID === track.sessionID && trackName === track.trackName,
			);
			const receiver = result && result.errorCode === null ? session.receiver(result.mid) : null;
			if (result === undefined || receiver === null) this.#missed(track);
			else this.#arrived(track, session, { mid: result.mid, receiver });
		}
		this.#isStale = true;
		this.#parts.onChange();
	}

	/** One track that is not announced any more spoils the whole order (403): then each is asked for by itself. */
	async #pullWhatIsAllowed(session: SfuSession, tracks: readonly WantedTrack[]): Promise<TrackResult[]> {
		try {
			return await session.pull(tracks);
		} catch (error) {
			if (judgeSfuFault(error).kind !== "refused") throw error;
			const [only, ...rest] = tracks;
			if (only === undefined) return [];
			if (rest.length === 0) return [{ ...only, mid: "", errorCode: "refused" }];
			const results: TrackResult[] = [];
			for (const track of tracks) results.push(...(await this.#pullWhatIsAllowed(session, [track])));
			return results;
		}
	}

	async #open(): Promise<SfuSession> {
		const session = await SfuSession.open(this.#parts.account);
		this.#sessionSince = performance.now();
		this.#deadSections = 0;
		return session;
	}

	#missed(track: WantedTrack): void {
		const count = (this.#misses.get(keyOf(track))?.count ?? 0) + 1;
		this.#misses.set(keyOf(track), { count, retryAt: performance.now() + sfuDelayMs(count - 1) });
	}

	#arrived(
		track: WantedTrack,
		session: SfuSession,
		{ mid, receiver }: { mid: string; receiver: RTCRtpReceiver },
	): void {
		this.#misses.delete(keyOf(track));
		const pulledAt = performance.now();
		this.#pulled.push({
			...track,
			session,
			mid,
			receiver,
			pulledAt,
			obsoleteSince: null,
			isStale: false,
		});
	}

	/** Lets go of what nobody wants, and of what is replaced by something that flows. */
	async #dropObsolete(now: number): Promise<void> {
		const dropped = this.#pulled.filter((track) => this.#isOver(track, now));
		if (dropped.length === 0) return;
		this.#pulled = this.#pulled.filter((track) => !dropped.includes(track));
		this.#parts.onChange();
		const inUse = new Set([this.#session, ...this.#pulled.map(({ session }) => session)]);
		for (const session of new Set(dropped.map((track) => track.session))) {
			if (!inUse.has(session)) session.close();
		}
		const mids = dropped.filter(({ session }) => session === this.#session).map(({ mid }) => mid);
		this.#deadSections += mids.length;
		if (mids.length > 0) await this.#session?.closeTracks(mids);
	}

	#isOver(track: PulledTrack, now: number): boolean {
		if (this.#isCurrent(track)) {
			track.obsoleteSince = null;
			return false;
		}
		track.obsoleteSince ??= now;
		const isWanted = [...this.#wanted.values()].some(
			(one) => one.participantID === track.participantID && one.source === track.source,
		);
		if (!isWanted || now - track.obsoleteSince > REPLACED_WITHIN_MS) return true;
		return this.pulled(track.participantID, track.source).some(
			(other) => this.#isCurrent(other) && this.#parts.isFlowing(other.receiver),
		);
	}
}

function keyOf({ sessionID, trackName }: { sessionID: string; trackName: string }): string {
	return `${sessionID}/${trackName}`;
}
