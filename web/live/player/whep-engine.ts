import { ApiError } from "../../shell/api.ts";
import { pause, reconnectDelayMs } from "../../shell/backoff.ts";
import type { Engine, EngineParts } from "./engine.ts";
import { compareReadings, type InboundReading, readInbound } from "./inbound-stats.ts";
import { SessionWatch } from "./session-watch.ts";
import type { EngineSample } from "./source.ts";
import { openWhepSession, type WhepSession } from "./whep-session.ts";

/** WebRTC that carries nothing in this time is not possible here: HLS takes over. */
const CONNECT_MS = 8000;
/** While the stream is interrupted the server is asked again after this long, unless it says otherwise. */
const NOT_LIVE_MS = 2000;
const WATCH_EVERY_MS = 500;
/** Packets younger than this mean that the picture runs. */
const FLOWING_MS = 1500;

/** Plays by WebRTC. Reconnects by a new session; gives up only when no session carries media in CONNECT_MS. */
export class WhepEngine implements Engine {
	readonly #parts: EngineParts;
	readonly #url: string;
	readonly #lifetime = new AbortController();
	readonly #leave = () => this.#session?.close();
	#session: WhepSession | null = null;
	/** Ends the wait before the next session. */
	#wake = new AbortController();
	#lastReading: InboundReading | null = null;
	#triesSince = 0;
	#lastPacketAt: number | null = null;
	#isInterrupted = false;

	constructor(parts: EngineParts, url: string) {
		this.#parts = parts;
		this.#url = url;
	}

	start(): void {
		window.addEventListener("pagehide", this.#leave);
		this.#run().catch((error: unknown) => this.#parts.events.onFailure({ kind: "unreachable", error }));
	}

	stop(): void {
		this.#lifetime.abort();
		this.#wake.abort();
		window.removeEventListener("pagehide", this.#leave);
		this.#end();
		this.#parts.video.srcObject = null;
	}

	goLive(): void {
		// WebRTC is never anywhere else.
	}

	setInterrupted(isInterrupted: boolean): void {
		this.#isInterrupted = isInterrupted;
		this.#triesSince = performance.now();
		// The encoder that comes back is another source for the SFU: a session that waits for the old one waits for nothing.
		if (!isInterrupted && !this.#isFlowing()) this.#wake.abort();
	}

	setQuality(): void {
		// The SFU sends what it has.
	}

	async sample(): Promise<EngineSample> {
		const before = this.#lastReading;
		const after = this.#session === null ? null : await readSession(this.#session);
		this.#lastReading = after;
		const now = after === null ? null : compareReadings(before, after);
		return {
			protocol: "WebRTC (WHEP)",
			latencyMs: now?.latencyMs ?? null,
			behindMs: 0,
			isBehind: false,
			bitrateBps: now?.bitrateBps ?? null,
			videoCodec: after?.videoCodec ?? null,
			audioCodec: after?.audioCodec ?? null,
			framesPerSecond: after?.framesPerSecond ?? null,
			roundTripMs: after?.roundTripMs ?? null,
			lossPercent: now?.lossPercent ?? null,
		};
	}

	/** One session after the other, until stopped or hopeless. */
	async #run(): Promise<void> {
		this.#triesSince = performance.now();
		let attempt = 0;
		while (!this.#lifetime.signal.aborted) {
			this.#wake = new AbortController();
			let waitMs = reconnectDelayMs(attempt);
			try {
				const worked = await this.#play();
				attempt = worked ? 0 : attempt + 1;
			} catch (error) {
				waitMs = this.#bear(error) ?? waitMs;
				attempt += 1;
			} finally {
				this.#end();
			}
			await pause(waitMs, this.#wake.signal);
		}
	}

	/** Rethrows what cannot be borne; else how long to wait, ms, or null for the usual. */
	#bear(error: unknown): number | null {
		if (this.#lifetime.signal.aborted) return 0;
		if (!isNotLive(error)) {
			if (this.#isHopeless()) throw error;
			return null;
		}
		// The stream is interrupted or not there yet: that says nothing about WebRTC, so its time starts again.
		this.#parts.events.onWaiting();
		this.#triesSince = performance.now();
		return error.retryAfterMs ?? NOT_LIVE_MS;
	}

	/** Plays one session to its end; true if it ever carried media. */
	async #play(): Promise<boolean> {
		const { signal } = this.#lifetime;
		const session = await openWhepSession(this.#url, signal);
		if (signal.aborted) {
			session.close();
			return false;
		}
		this.#session = session;
		this.#lastReading = null;
		this.#parts.video.srcObject = session.media;
		const watch = new SessionWatch();
		while (!this.#wake.signal.aborted && (await this.#look(session, watch)) === "well") {
			if (this.#isHopeless()) throw new Error("WebRTC connected to nothing");
			await pause(WATCH_EVERY_MS, this.#wake.signal);
		}
		return watch.hasCarried;
	}

	/** One look at a session; tells the player when the first media came. */
	async #look(session: WhepSession, watch: SessionWatch): Promise<"well" | "lost"> {
		const hadCarried = watch.hasCarried;
		const { packets } = await readSession(session);
		const health = watch.observe(session.connection.connectionState, packets, performance.now());
		if (watch.hasCarried && !hadCarried) this.#parts.events.onMedia();
		this.#lastPacketAt = watch.lastPacketAt ?? this.#lastPacketAt;
		// What stands but is silent says nothing against WebRTC, once it has worked.
		const stands = session.connection.connectionState === "connected" && this.#lastPacketAt !== null;
		if (stands || this.#isInterrupted) this.#triesSince = performance.now();
		return health;
	}

	#isFlowing(): boolean {
		return this.#lastPacketAt !== null && performance.now() - this.#lastPacketAt < FLOWING_MS;
	}

	#isHopeless(): boolean {
		return performance.now() - this.#triesSince > CONNECT_MS;
	}

	#end(): void {
		this.#session?.close();
		this.#session = null;
	}
}

async function readSession({ connection }: WhepSession): Promise<InboundReading> {
	const rows: [string, unknown][] = [];
	const report = await connection.getStats();
	report.forEach((row: unknown, id: string) => {
		rows.push([id, row]);
	});
	return readInbound(rows, Date.now());
}

/** 409 `not-live`, or 425: come back later. */
function isNotLive(error: unknown): error is ApiError {
	return error instanceof ApiError && (error.problem.status === 409 || error.problem.status === 425);
}
