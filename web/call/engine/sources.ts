import type { Source } from "../../../protocol/call.ts";

/** What a person can send, in the fixed order of a link's media sections: sound of the voice comes first everywhere. */
export const SOURCES = ["mic", "cam", "screen", "screen-audio"] as const satisfies readonly Source[];

/** Names in the order in which they are published and pulled: sound first. */
export const SOUND_FIRST = ["mic", "screen-audio", "cam", "screen"] as const satisfies readonly Source[];

export function kindOf(source: Source): "audio" | "video" {
	return source === "mic" || source === "screen-audio" ? "audio" : "video";
}

/** Tracks of one person by source; what is not there is not sent. */
export type SourceTracks = ReadonlyMap<Source, MediaStreamTrack>;
