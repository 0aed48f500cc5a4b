import Hls, { type ErrorData, ErrorTypes, Events } from "hls.js";
import { ApiError } from "../../shell/api.ts";
import { reconnectDelayMs } from "../../shell/backoff.ts";
import { serverClock } from "../../shell/server-clock.ts";
import type { Engine, EngineParts } from "./engine.ts";
import { hlsConfig } from "./hls-config.ts";
import { hlsLatencyMs, isBehind } from "./latency.ts";
import { ManifestLease } from "./manifest-lease.ts";
import type { EngineSample } from "./source.ts";
import { bufferAheadMs } from "./video-facts.ts";

/** Decoder failures that may be repaired in a row before we give up. */
const MAX_REPAIRS = 3;
/** Requests that may fail in a row, with growing waits, before we say so. About two minutes. */
const MAX_RELOADS = 12;

/** Only a start is caught up with: later a viewer may be behind because they want to. */
const CATCH_UP_WITHIN_MS = 6000;
const CATCH_UP_ABOVE_SECONDS = 1;

/** Plays HLS by Media Source Extensions: LL-HLS if `isLowLatency`, else plain. */
export class HlsEngine implements Engine {
	readonly #parts: EngineParts;
	readonly #isLowLatency: boolean;
	readonly #lease: ManifestLease;
	#hls: Hls | null = null;
	#timer: ReturnType<typeof setTimeout> | null = null;
	#repairs = 0;
	#reloads = 0;
	#isStopped = false;
	#isOver = false;
	#playedSince: number | null = null;
	#hasCaughtUp = false;

	constructor(parts: EngineParts, { isLowLatency }: { isLowLatency: boolean }) {
		this.#parts = parts;
		this.#isLowLatency = isLowLatency;
		this.#lease = new ManifestLease(parts.source.loadManifests);
	}

	start(): void {
		this.#lease.playlist(this.#parts.events.onWaiting).then(
			(url) => this.#open(url),
			(error: unknown) => this.#retryOrFail(error),
		);
	}

	stop(): void {
		this.#isStopped = true;
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#lease.close();
		this.#hls?.destroy();
		this.#hls = null;
	}

	goLive(): void {
		const position = this.#hls?.liveSyncPosition ?? null;
		if (position !== null) this.#parts.video.currentTime = position;
	}

	setInterrupted(isInterrupted: boolean): void {
		if (isInterrupted) return;
		// The playlist that was asked for last may be long in coming: ask anew, and catch up as after a start.
		this.#playedSince = null;
		this.#hasCaughtUp = false;
		this.#reloads = 0;
		this.#hls?.startLoad();
	}

	setQuality(index: number): void {
		if (this.#hls !== null) this.#hls.nextLevel = index;
	}

	async sample(): Promise<EngineSample> {
		this.#catchUp();
		const hls = this.#hls;
		const level = hls?.levels[hls.currentLevel];
		const behindMs = this.#behindMs();
		const targetDurationMs = (hls?.latestLevelDetails?.targetduration ?? 2) * 1000;
		return {
			protocol: this.#isLowLatency ? "LL-HLS" : "HLS",
			latencyMs: this.#latencyMs(),
			behindMs,
			isBehind: isBehind({ behindMs, targetDurationMs }),
			bitrateBps: level?.bitrate ?? null,
			videoCodec: level?.videoCodec ?? null,
			audioCodec: level?.audioCodec ?? null,
			framesPerSecond: level?.frameRate ? level.frameRate : null,
			roundTripMs: hls === null || !Number.isFinite(hls.ttfbEstimate) ? null : hls.ttfbEstimate,
			lossPercent: null,
		};
	}

	#open(url: string): void {
		if (this.#isStopped) return;
		const { video, source } = this.#parts;
		const hls = new Hls(
			hlsConfig({
				isLowLatency: this.#isLowLatency,
				isLive: source.kind === "live",
				startAtSeconds: source.startAtSeconds ?? 0,
				sign: (request) => this.#lease.sign(request),
			}),
		);
		this.#hls = hls;
		this.#listen(hls);
		hls.loadSource(url);
		hls.attachMedia(video);
	}

	#listen(hls: Hls): void {
		const { events } = this.#parts;
		hls.on(Events.MANIFEST_PARSED, (_, { levels }) => {
			events.onQualities(
				levels.map(({ height, bitrate }, index) => ({ index, height, bitrateBps: bitrate })),
			);
			events.onMedia();
		});
		hls.on(Events.LEVEL_UPDATED, (_, { details }) => {
			this.#reloads = 0;
			if (details.live || this.#isOver || this.#parts.source.kind === "recording") return;
			this.#isOver = true;
			events.onOver();
		});
		hls.on(Events.FRAG_BUFFERED, () => {
			this.#reloads = 0;
			this.#repairs = 0;
		});
		hls.on(Events.ERROR, (_, data) => {
			if (data.fatal) this.#onFatal(data);
		});
	}

	#onFatal({ type, error }: ErrorData): void {
		if (type === ErrorTypes.NETWORK_ERROR) {
			this.#retryOrFail(error);
			return;
		}
		if (type === ErrorTypes.MEDIA_ERROR && this.#repairs < MAX_REPAIRS) {
			this.#repairs += 1;
			this.#hls?.recoverMediaError();
			return;
		}
		this.#parts.events.onFailure({ kind: "broken", error });
	}

	/** The address may have expired or the playlist be gone for a moment: ask for a new one and go on from there. */
	#retryOrFail(error: unknown): void {
		if (this.#isStopped) return;
		const isFinal = error instanceof ApiError && error.problem.status === 404;
		if (isFinal || this.#reloads >= MAX_RELOADS) {
			this.#parts.events.onFailure({ kind: "broken", error });
			return;
		}
		const delayMs = reconnectDelayMs(this.#reloads);
		this.#reloads += 1;
		this.#timer = setTimeout(() => this.#reload(), delayMs);
	}

	#reload(): void {
		const hls = this.#hls;
		if (hls === null) {
			this.start();
			return;
		}
		this.#lease.playlist(this.#parts.events.onWaiting).then(
			(url) => {
				if (this.#isStopped) return;
				const isLoaded = hls.levels.length > 0;
				if (isLoaded) hls.startLoad();
				else hls.loadSource(url);
			},
			(error: unknown) => this.#retryOrFail(error),
		);
	}

	/** A slow start leaves the player behind, and a slightly higher speed takes long to mend it: jump once, to what is buffered. */
	#catchUp(): void {
		const { video } = this.#parts;
		const position = this.#hls?.liveSyncPosition ?? null;
		if (
			!this.#isLowLatency ||
			this.#hasCaughtUp ||
			position === null ||
			video.paused ||
			video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA
		)
			return;
		this.#playedSince ??= performance.now();
		const isLate = performance.now() - this.#playedSince > CATCH_UP_WITHIN_MS;
		const behindSeconds = position - video.currentTime;
		const isBuffered = bufferAheadMs(video) / 1000 > behindSeconds + 0.3;
		if (!isLate && behindSeconds > CATCH_UP_ABOVE_SECONDS && isBuffered) video.currentTime = position;
		this.#hasCaughtUp = isLate;
	}

	#latencyMs(): number | null {
		if (this.#isOver || this.#parts.source.kind === "recording") return null;
		return hlsLatencyMs(this.#hls?.playingDate?.getTime() ?? null, serverClock.at(Date.now()));
	}

	#behindMs(): number {
		const position = this.#hls?.liveSyncPosition ?? null;
		if (position === null || this.#isOver || this.#parts.source.kind === "recording") return 0;
		return Math.max(0, (position - this.#parts.video.currentTime) * 1000);
	}
}
