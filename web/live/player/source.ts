import type { StreamID, VideoID } from "../../../protocol/ids.ts";
import type { LatencyMode, Manifests } from "../../../protocol/live.ts";

/** How a stream is played: the three live modes, or as a recording. */
export type PlayerMode = LatencyMode | "recording";

/**
 * - `idle` nothing is open · `waiting` the stream has nothing to play yet · `loading` before the first frame
 * - `blocked` the browser wants a tap first · `ended` the recording is at its end · `error` see `player.failure`
 */
export type PlayerState =
	| "idle"
	| "waiting"
	| "loading"
	| "playing"
	| "buffering"
	| "paused"
	| "blocked"
	| "ended"
	| "error";

/** Text beside the media that can be switched on. */
export interface CaptionChoice {
	/** BCP 47 */
	language: string;
	label: string;
	/** WebVTT, signed. */
	url: string;
}

/** What lies beside the media of a work: none of it is needed to play. Addresses are signed. */
export interface SourceExtras {
	poster: string | null;
	/** WebVTT whose cues name parts of pictures. */
	storyboard: string | null;
	captions: readonly CaptionChoice[];
	chapters: readonly { startsAtMs: number; title: string }[];
	durationMs: number | null;
}

/** What the player is to play. */
export interface PlayerSource {
	streamID: StreamID | VideoID;
	title: string;
	/** Shown by the system's media controls. */
	artist: string;
	kind: "live" | "recording";
	/** The mode to begin in. */
	mode: LatencyMode;
	/** Null: this stream cannot be watched by WebRTC. */
	whepURL: string | null;
	/** Newly signed addresses. Asked again before they expire. */
	loadManifests: (signal: AbortSignal) => Promise<Manifests>;
	/** Where a recording begins, seconds; without it at its start. */
	startAtSeconds?: number;
	/** Of the whole sound, LUFS: loud works are played softer. Null: not known. */
	loudnessLufs?: number | null;
}

/** One quality that can be chosen. */
export interface Quality {
	/** Index for `player.quality`. */
	index: number;
	height: number;
	bitrateBps: number;
}

/** What an engine knows about the picture; the player adds the rest. */
export interface EngineSample {
	protocol: string;
	latencyMs: number | null;
	/** Distance from where live would be, ms; 0 when live or not live at all. */
	behindMs: number;
	isBehind: boolean;
	bitrateBps: number | null;
	videoCodec: string | null;
	audioCodec: string | null;
	framesPerSecond: number | null;
	roundTripMs: number | null;
	lossPercent: number | null;
}

/** "Stats for nerds", and what tests look at. */
export interface PlayerStats extends EngineSample {
	mode: PlayerMode;
	state: PlayerState;
	streamID: string | null;
	width: number;
	height: number;
	/** Media ahead of the playhead, ms. */
	bufferMs: number;
	decodedFrames: number;
	droppedFrames: number;
	/** Times the picture stood still for want of data after it had begun. */
	stalls: number;
	/** From opening the source to the first frame, ms. */
	startupMs: number | null;
	/** What the sound is multiplied with, for even loudness; 1 = as it is. */
	gain: number;
}
