import { serverClock } from "../../shell/server-clock.ts";
import type { Engine, EngineParts } from "./engine.ts";
import { hlsLatencyMs, isBehind } from "./latency.ts";
import { ManifestLease } from "./manifest-lease.ts";
import type { EngineSample } from "./source.ts";

/** Safari's media element tells the date of its first media time. */
interface DatedMedia {
	getStartDate(): Date;
}

/** Plays HLS by the browser's own player, where there is no Media Source Extensions (iPhones before iOS 17.1). */
export class NativeHlsEngine implements Engine {
	readonly #parts: EngineParts;
	readonly #lease: ManifestLease;
	readonly #listening = new AbortController();

	constructor(parts: EngineParts) {
		this.#parts = parts;
		this.#lease = new ManifestLease(parts.source.loadManifests);
	}

	start(): void {
		const { video, events } = this.#parts;
		const { signal } = this.#listening;
		video.addEventListener("loadedmetadata", () => this.#onMetadata(), { signal });
		video.addEventListener(
			"error",
			() => events.onFailure({ kind: "broken", error: new Error(video.error?.message ?? "media error") }),
			{ signal },
		);
		this.#lease.playlist(events.onWaiting).then(
			(url) => {
				if (!signal.aborted) video.src = url;
			},
			(error: unknown) => {
				if (!signal.aborted) events.onFailure({ kind: "broken", error });
			},
		);
	}

	stop(): void {
		this.#listening.abort();
		this.#lease.close();
		this.#parts.video.removeAttribute("src");
		this.#parts.video.load();
	}

	goLive(): void {
		const { seekable } = this.#parts.video;
		if (seekable.length > 0) this.#parts.video.currentTime = seekable.end(seekable.length - 1);
	}

	setInterrupted(isInterrupted: boolean): void {
		if (isInterrupted) return;
		this.#parts.video.play().catch(() => {
			// The system player goes on by itself, or its error event says why not.
		});
	}

	setQuality(): void {
		// The system chooses by itself.
	}

	async sample(): Promise<EngineSample> {
		const { video } = this.#parts;
		const edge =
			video.seekable.length === 0 ? video.currentTime : video.seekable.end(video.seekable.length - 1);
		const behindMs = video.duration === Number.POSITIVE_INFINITY ? (edge - video.currentTime) * 1000 : 0;
		return {
			protocol: "HLS (system)",
			latencyMs: this.#latencyMs(),
			behindMs,
			isBehind: isBehind({ behindMs, targetDurationMs: 6000 }),
			bitrateBps: null,
			videoCodec: null,
			audioCodec: null,
			framesPerSecond: null,
			roundTripMs: null,
			lossPercent: null,
		};
	}

	#onMetadata(): void {
		const { video, source, events } = this.#parts;
		if (source.startAtSeconds !== undefined) video.currentTime = source.startAtSeconds;
		events.onMedia();
	}

	#latencyMs(): number | null {
		const { video } = this.#parts;
		if (this.#parts.source.kind === "recording" || !hasStartDate(video)) return null;
		const startedAt = video.getStartDate().getTime();
		return hlsLatencyMs(startedAt + video.currentTime * 1000, serverClock.at(Date.now()));
	}
}

function hasStartDate(video: object): video is DatedMedia {
	return "getStartDate" in video && typeof video.getStartDate === "function";
}
