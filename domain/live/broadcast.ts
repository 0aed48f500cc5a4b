import type { LiveHeartbeat } from "../../protocol/media-job.ts";

/** Where the encoder's media is in the SFU. */
export interface Ingest {
	/** Names the WHIP session in its address. */
	whipSessionID: string;
	sfuSessionID: string;
	tracks: { trackName: string; mid: string; kind: "audio" | "video" }[];
	/** Strong entity tag of the ICE session, RFC 9725 §4.3.1. */
	etag: string;
	/** What the encoder offered, for an ICE restart. */
	offer: string;
	/** The SFU's DTLS fingerprint; an ICE restart keeps it. */
	answerFingerprint: string;
	publishedAt: number;
}

export interface BroadcastSnapshot {
	state: "created" | "live" | "paused" | "ended";
	ingest: Ingest | null;
	startedAt: number | null;
	endedAt: number | null;
	/** When a paused broadcast ends by itself. */
	graceUntil: number | null;
	packaging: {
		epoch: number;
		/** When this epoch was asked for; null if nobody took the job. */
		askedAt: number | null;
		heartbeatAt: number | null;
		isWanted: boolean;
	};
	heartbeat: LiveHeartbeat | null;
}

export type BroadcastEffect =
	/** Ask a media program for a job of a new epoch. */
	| { do: "start-packaging"; epoch: number }
	/** Ask the media program whether it still has the job of this epoch; tell `packagingLost` if not. */
	| { do: "check-packaging"; epoch: number }
	/** Tell the media program to flush and stop. */
	| { do: "stop-packaging" }
	| { do: "announce"; state: "live" | "paused" | "ended" }
	/** Close the encoder's session in the SFU. */
	| { do: "close-ingest"; ingest: Ingest };

export type PublishVerdict = { is: "welcome" } | { is: "other-encoder-live" } | { is: "ended" };

export interface BroadcastRules {
	/** An encoder that vanished may come back within this time, one that said goodbye within the other. */
	reconnectGraceMs: number;
	endGraceMs: number;
}

/** No packet for so long: the signal is lost, viewers are told, and another encoder may take the place. */
const LOST_MS = 3000;
/** The media program reports each second; without a word for so long it is asked whether it is still there, */
const HEARTBEAT_LATE_MS = 2000;
/** and for so long, whatever it says, another job is started. */
const HEARTBEAT_LOST_MS = 6000;
/** A new job is given this time to its first report. */
const JOB_START_MS = 6000;
/** The SFU collects tracks that were silent for 30 s: https://developers.cloudflare.com/realtime/sfu/ */
const TRACKS_COLLECTED_MS = 30_000;
/** How often `tick` wants to be called while a broadcast is on. */
export const TICK_MS = 1000;

/**
 * One live broadcast from the first publish to the end: who sends, whether packaging runs, when the grace is over.
 * Decides only; the LiveStream object performs the effects. Everything in it survives a restart by `snapshot`.
 */
export class Broadcast {
	#state: BroadcastSnapshot;
	readonly #rules: BroadcastRules;

	constructor(rules: BroadcastRules, snapshot?: BroadcastSnapshot) {
		this.#rules = rules;
		this.#state = snapshot ?? {
			state: "created",
			ingest: null,
			startedAt: null,
			endedAt: null,
			graceUntil: null,
			packaging: { epoch: 0, askedAt: null, heartbeatAt: null, isWanted: false },
			heartbeat: null,
		};
	}

	/** The object was away, and so nobody could report: patience begins anew. */
	woken(now: number): void {
		const { packaging } = this.#state;
		if (packaging.heartbeatAt !== null) packaging.heartbeatAt = now;
		else if (packaging.askedAt !== null) packaging.askedAt = now;
	}

	snapshot(): BroadcastSnapshot {
		return structuredCloneOf(this.#state);
	}

	get current(): Readonly<BroadcastSnapshot> {
		return this.#state;
	}

	/** True if the media program's last report is fresh enough to tell whether packets flow. */
	isHeard(now: number): boolean {
		const { heartbeatAt } = this.#state.packaging;
		return heartbeatAt !== null && now - heartbeatAt < HEARTBEAT_LOST_MS;
	}

	/**
	 * Whether an encoder may publish now. One whose packets flow is not disturbed, unless by `takeover`.
	 * `isSessionActive` is what the SFU says of the encoder's session; it counts while the media program is silent.
	 */
	mayPublish(options: { now: number; takeover: boolean; isSessionActive: boolean }): PublishVerdict {
		if (this.#state.state === "ended") return { is: "ended" };
		if (!this.#state.ingest || options.takeover) return { is: "welcome" };
		const isFlowing = this.isHeard(options.now) ? this.#isFlowing(options.now) : options.isSessionActive;
		return { is: isFlowing ? "other-encoder-live" : "welcome" };
	}

	published(ingest: Ingest, now: number): BroadcastEffect[] {
		const before = this.#state.ingest;
		const effects: BroadcastEffect[] = before ? [{ do: "close-ingest", ingest: before }] : [];
		this.#state.ingest = ingest;
		this.#state.startedAt ??= now;
		this.#state.heartbeat = null;
		effects.push(...this.#goLive(), ...this.#startPackaging(now));
		return effects;
	}

	/** The same session with new ICE credentials. */
	iceRestarted(ingest: Ingest): void {
		if (this.#state.ingest?.whipSessionID === ingest.whipSessionID) this.#state.ingest = ingest;
	}

	/** The encoder said goodbye (WHIP DELETE). */
	unpublished(now: number): BroadcastEffect[] {
		const { ingest } = this.#state;
		if (!ingest) return [];
		this.#state.ingest = null;
		this.#state.packaging.isWanted = false;
		return [
			{ do: "close-ingest", ingest },
			{ do: "stop-packaging" },
			...this.#pause(now + this.#rules.endGraceMs),
		];
	}

	/** A report of the media program. Null if its epoch is over. */
	heard(epoch: number, heartbeat: LiveHeartbeat, now: number): BroadcastEffect[] | null {
		if (epoch !== this.#state.packaging.epoch || this.#state.state === "ended") return null;
		this.#state.packaging.heartbeatAt = now;
		this.#state.heartbeat = heartbeat;
		const { source } = heartbeat;
		if (source.state === "flowing") return this.#goLive();
		const silentMs =
			source.state === "waiting" ? now - (this.#state.ingest?.publishedAt ?? now) : source.lastPacketAgeMs;
		const patience = source.state === "waiting" ? TRACKS_COLLECTED_MS : LOST_MS;
		return silentMs < patience ? [] : this.#pause(now + this.#rules.reconnectGraceMs);
	}

	/** No media program took the job of this epoch: the next tick asks for another. */
	packagingRefused(epoch: number): void {
		if (epoch === this.#state.packaging.epoch) this.#state.packaging.askedAt = null;
	}

	/** The media program was asked and has no such job any more, or is not there. */
	packagingLost(epoch: number, now: number): BroadcastEffect[] {
		const { packaging, ingest } = this.#state;
		return epoch === packaging.epoch && packaging.isWanted && ingest ? this.#startPackaging(now) : [];
	}

	/** The media program has ended this epoch by itself (the picture outgrew its ladder): while packets flow the next one begins at once. */
	packagingClosed(epoch: number, now: number): BroadcastEffect[] {
		return this.#state.heartbeat?.source.state === "flowing" ? this.packagingLost(epoch, now) : [];
	}

	/** The watchdog, every TICK_MS. */
	tick(now: number): BroadcastEffect[] {
		if (this.#state.state === "ended") return [];
		if (this.#state.graceUntil !== null && now >= this.#state.graceUntil) return this.end(now);
		const { packaging, ingest } = this.#state;
		if (!ingest || !packaging.isWanted) return [];
		const lostAt = packaging.heartbeatAt ?? packaging.askedAt;
		const patience = packaging.heartbeatAt === null ? JOB_START_MS : HEARTBEAT_LOST_MS;
		if (packaging.askedAt !== null && lostAt !== null && now - lostAt < patience) {
			const isLate = packaging.heartbeatAt !== null && now - lostAt >= HEARTBEAT_LATE_MS;
			return isLate ? [{ do: "check-packaging", epoch: packaging.epoch }] : [];
		}
		const effects = this.#pauseIfGone(now);
		return this.#state.ingest ? [...effects, ...this.#startPackaging(now)] : effects;
	}

	/** Ends for good. */
	end(now: number): BroadcastEffect[] {
		if (this.#state.state === "ended") return [];
		const { ingest } = this.#state;
		this.#state = {
			...this.#state,
			state: "ended",
			ingest: null,
			endedAt: now,
			graceUntil: null,
			packaging: { ...this.#state.packaging, isWanted: false },
		};
		return [
			...(ingest ? [{ do: "close-ingest", ingest } as const] : []),
			{ do: "stop-packaging" },
			{ do: "announce", state: "ended" },
		];
	}

	#isFlowing(now: number): boolean {
		const { heartbeat, packaging, ingest } = this.#state;
		if (!heartbeat || heartbeat.source.state === "waiting") return now - (ingest?.publishedAt ?? 0) < LOST_MS;
		const age = heartbeat.source.lastPacketAgeMs + (now - (packaging.heartbeatAt ?? now));
		return heartbeat.source.state === "flowing" && age < LOST_MS;
	}

	#goLive(): BroadcastEffect[] {
		this.#state.graceUntil = null;
		if (this.#state.state === "live") return [];
		this.#state.state = "live";
		return [{ do: "announce", state: "live" }];
	}

	#pause(graceUntil: number): BroadcastEffect[] {
		this.#state.graceUntil = Math.min(this.#state.graceUntil ?? graceUntil, graceUntil);
		if (this.#state.state === "paused") return [];
		this.#state.state = "paused";
		return [{ do: "announce", state: "paused" }];
	}

	/** No media program hears the encoder any more and its tracks are collected: nothing is left to come back to. */
	#pauseIfGone(now: number): BroadcastEffect[] {
		const { heartbeat, packaging, ingest } = this.#state;
		const lastPacketAt =
			heartbeat && packaging.heartbeatAt !== null
				? packaging.heartbeatAt - heartbeat.source.lastPacketAgeMs
				: (ingest?.publishedAt ?? now);
		if (
			!ingest ||
			now - lastPacketAt < TRACKS_COLLECTED_MS + LOST_MS ||
			heartbeat?.source.state === "flowing"
		)
			return [];
		this.#state.ingest = null;
		return [{ do: "close-ingest", ingest }, ...this.#pause(now + this.#rules.reconnectGraceMs)];
	}

	#startPackaging(now: number): BroadcastEffect[] {
		const epoch = this.#state.packaging.epoch + 1;
		this.#state.packaging = { epoch, askedAt: now, heartbeatAt: null, isWanted: true };
		return [{ do: "start-packaging", epoch }];
	}
}

/** A deep copy; the state is plain data. */
function structuredCloneOf(state: BroadcastSnapshot): BroadcastSnapshot {
	return {
		...state,
		ingest: state.ingest
			? { ...state.ingest, tracks: state.ingest.tracks.map((track) => ({ ...track })) }
			: null,
		packaging: { ...state.packaging },
	};
}
