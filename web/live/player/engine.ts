import type { EngineSample, PlayerSource, Quality } from "./source.ts";

/** What an engine tells the player. */
export interface EngineEvents {
	/** There is nothing to play yet; the engine asks again by itself. */
	onWaiting(): void;
	/** Media is there: a first frame will follow. */
	onMedia(): void;
	onQualities(qualities: readonly Quality[]): void;
	/** The stream is over: its playlist has an end now. */
	onOver(): void;
	/** This engine cannot do it. `unreachable`: another engine may. */
	onFailure(failure: { kind: "unreachable" | "broken"; error: unknown }): void;
}

export interface EngineParts {
	video: HTMLVideoElement;
	source: PlayerSource;
	events: EngineEvents;
}

/** Brings one stream to one video element. Two of them: WebRTC and HLS. */
export interface Engine {
	start(): void;
	/** Stops everything and takes its hands off the video element. */
	stop(): void;
	/** Goes to the newest picture. */
	goLive(): void;
	/** The encoder is gone (its grace runs), or is back. */
	setInterrupted(isInterrupted: boolean): void;
	/** Chooses a quality by index; -1 = automatically. */
	setQuality(index: number): void;
	/** The height that is really on screen is the video element's; this is what was chosen. */
	sample(): Promise<EngineSample>;
}
