import type { LatencyMode } from "../../../protocol/live.ts";
import { startPlaying } from "./autoplay.ts";
import { canRealtime, createEngine } from "./create-engine.ts";
import type { Engine, EngineEvents } from "./engine.ts";
import { FrameWatch } from "./frame-watch.ts";
import type { FreezeFrame } from "./freeze-frame.ts";
import { EvenLoudness, loudnessGain } from "./loudness.ts";
import type { PlayerModel } from "./player-model.ts";
import type { PlayerMode, PlayerSource, PlayerStats } from "./source.ts";
import { bufferAheadMs, frameCounts, seekableSeconds } from "./video-facts.ts";

const SAMPLE_EVERY_MS = 500;
/** A live stream may be rewound when at least this much of it is there. */
const SEEKABLE_SECONDS = 20;

/** Runs one engine at a time on the video element, switches between them, and keeps the model true. */
export class Playback {
	readonly #video: HTMLVideoElement;
	readonly #freeze: FreezeFrame;
	readonly #model: PlayerModel;
	#engine: Engine | null = null;
	/** Events of an engine that was replaced are not ours any more. */
	#generation = 0;
	#ticker: ReturnType<typeof setInterval> | null = null;
	#openedAt = 0;
	#startupMs: number | null = null;
	#stalls = 0;
	#isInterrupted = false;
	readonly #frameWatch = new FrameWatch();
	readonly #loudness: EvenLoudness;

	constructor(video: HTMLVideoElement, freeze: FreezeFrame, model: PlayerModel) {
		this.#video = video;
		this.#freeze = freeze;
		this.#model = model;
		this.#loudness = new EvenLoudness(video);
		this.#listen();
	}

	/** Plays `source` instead of what was played before. */
	open(source: PlayerSource): void {
		const isSameStream = this.#model.source.value?.streamID === source.streamID;
		this.#end();
		if (!isSameStream) this.#freeze.drop();
		this.#model.reset();
		this.#model.source.value = source;
		this.#loudness.gain = loudnessGain(source.loudnessLufs ?? null);
		this.#stalls = 0;
		this.#startupMs = null;
		this.#isInterrupted = false;
		this.#ticker = setInterval(() => void this.#tick(), SAMPLE_EVERY_MS);
		this.#start(source.kind === "recording" ? "recording" : possibleMode(source));
	}

	/** Stops and forgets the source. */
	close(): void {
		this.#end();
		this.#freeze.drop();
		this.#model.reset();
		this.#model.source.value = null;
		this.#model.state.value = "idle";
	}

	/** Changes between the live modes without losing the picture. */
	setMode(mode: LatencyMode): void {
		if (this.#model.source.value?.kind !== "live" || this.#model.mode.value === mode) return;
		this.#model.reset();
		this.#start(mode);
	}

	/** Tries again after an error. */
	retry(): void {
		const source = this.#model.source.value;
		if (source !== null) this.open(source);
	}

	/** To the newest picture, playing. */
	goLive(): void {
		this.#engine?.goLive();
		void this.play();
	}

	/** The encoder is gone, or is back. */
	setInterrupted(isInterrupted: boolean): void {
		this.#isInterrupted = isInterrupted;
		this.#engine?.setInterrupted(isInterrupted);
	}

	/** Chooses a quality by its index, -1 = automatically. */
	setQuality(index: number): void {
		this.#model.quality.value = index;
		this.#engine?.setQuality(index);
	}

	/** Starts playing, muted if the browser insists. */
	async play(): Promise<void> {
		const generation = this.#generation;
		const outcome = await startPlaying(this.#video);
		if (generation !== this.#generation) return;
		this.#model.isMutedByBrowser.value = outcome === "muted";
		if (outcome === "blocked") this.#model.state.value = "blocked";
	}

	/** The figures of now. */
	stats(): PlayerStats {
		const { width, height, decodedFrames, droppedFrames } = frameCounts(this.#video);
		return {
			...this.#model.sample.value,
			mode: this.#model.mode.value,
			state: this.#model.state.value,
			streamID: this.#model.source.value?.streamID ?? null,
			width,
			height,
			decodedFrames,
			droppedFrames,
			bufferMs: bufferAheadMs(this.#video),
			stalls: this.#stalls,
			startupMs: this.#startupMs,
			gain: this.#loudness.gain,
		};
	}

	#start(mode: PlayerMode): void {
		const source = this.#model.source.value;
		if (source === null) return;
		this.#generation += 1;
		const generation = this.#generation;
		this.#freeze.hold();
		this.#engine?.stop();
		this.#engine = null;
		this.#openedAt = performance.now();
		this.#frameWatch.reset();
		this.#model.mode.value = mode;
		this.#model.state.value = "loading";
		const events = this.#events(generation);
		createEngine(mode, { video: this.#video, source, events }).then(
			(engine) => {
				if (generation !== this.#generation) return;
				this.#engine = engine;
				if (this.#isInterrupted) engine.setInterrupted(true);
				engine.start();
			},
			(error: unknown) => events.onFailure({ kind: "broken", error }),
		);
	}

	#events(generation: number): EngineEvents {
		const model = this.#model;
		const ifCurrent = (act: () => void) => {
			if (generation === this.#generation) act();
		};
		return {
			onWaiting: () =>
				ifCurrent(() => {
					model.state.value = "waiting";
				}),
			onMedia: () =>
				ifCurrent(() => {
					if (model.state.value === "waiting") model.state.value = "loading";
					void this.play();
				}),
			onQualities: (qualities) =>
				ifCurrent(() => {
					model.qualities.value = qualities;
				}),
			onOver: () => ifCurrent(() => this.#video.dispatchEvent(new Event("rostrum-over", { bubbles: true }))),
			onFailure: ({ kind, error }) =>
				ifCurrent(() => {
					if (kind === "unreachable" && model.mode.value === "realtime") this.#fallBack();
					else this.#fail(error);
				}),
		};
	}

	#fallBack(): void {
		this.#model.reset();
		this.#start("low");
		this.#model.say("WebRTC does not get through here. Playing in low latency instead.");
	}

	#fail(error: unknown): void {
		this.#model.failure.value = error;
		this.#model.state.value = "error";
	}

	#end(): void {
		this.#generation += 1;
		this.#freeze.hold();
		this.#engine?.stop();
		this.#engine = null;
		if (this.#ticker !== null) clearInterval(this.#ticker);
		this.#ticker = null;
	}

	async #tick(): Promise<void> {
		const generation = this.#generation;
		const sample = await this.#engine?.sample();
		if (sample === undefined || generation !== this.#generation) return;
		const { mode, canSeek, height } = this.#model;
		this.#model.sample.value = sample;
		this.#judgePicture();
		height.value = this.#video.videoHeight;
		canSeek.value =
			mode.value === "recording" ||
			(mode.value !== "realtime" && seekableSeconds(this.#video) >= SEEKABLE_SECONDS);
	}

	/** What the video element's own events do not tell: a WebRTC picture that stands, and one that moves again. */
	#judgePicture(): void {
		const { state } = this.#model;
		const { decodedFrames, width } = frameCounts(this.#video);
		// Hidden pages may decode nothing, sound alone has no frames.
		if (document.hidden || this.#video.paused || width === 0) return;
		const picture = this.#frameWatch.observe(decodedFrames, performance.now());
		if (picture === "stands" && state.value === "playing") {
			this.#stalls += 1;
			state.value = "buffering";
		} else if (picture === "moves" && state.value === "buffering") {
			state.value = "playing";
		}
	}

	#listen(): void {
		const { state, isMutedByBrowser } = this.#model;
		const video = this.#video;
		video.addEventListener("playing", () => {
			if (state.value === "idle") return;
			this.#startupMs ??= performance.now() - this.#openedAt;
			state.value = "playing";
			this.#freeze.release();
		});
		video.addEventListener("waiting", () => {
			if (state.value !== "playing") return;
			if (!video.seeking) this.#stalls += 1;
			state.value = "buffering";
		});
		video.addEventListener("pause", () => {
			if ((state.value === "playing" || state.value === "buffering") && !video.ended) state.value = "paused";
		});
		video.addEventListener("ended", () => {
			if (state.value !== "idle") state.value = "ended";
		});
		video.addEventListener("ratechange", () => {
			this.#model.rate.value = video.playbackRate;
		});
		video.addEventListener("volumechange", () => {
			if (!video.muted) isMutedByBrowser.value = false;
		});
	}
}

function possibleMode(source: PlayerSource): LatencyMode {
	return source.mode === "realtime" && (source.whepURL === null || !canRealtime()) ? "low" : source.mode;
}
