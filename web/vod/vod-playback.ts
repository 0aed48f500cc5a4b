import type { EndpointReply } from "../../protocol/endpoint.ts";
import type { VideoID } from "../../protocol/ids.ts";
import type { Manifests } from "../../protocol/live.ts";
import { getPlayback, type Video } from "../../protocol/vod.ts";
import type { PlayerSource, SourceExtras } from "../live/player/source.ts";
import { ApiError, call } from "../shell/api.ts";

export type Playback = EndpointReply<typeof getPlayback>;

/** Signed addresses of a work; null while nothing of it can be played. */
export async function loadPlayback(videoID: VideoID, signal: AbortSignal): Promise<Playback | null> {
	try {
		return await call(getPlayback, { params: { videoID } }, { signal });
	} catch (error) {
		if (error instanceof ApiError && error.problem.code === "not-playable") return null;
		throw error;
	}
}

/** How the player gets at a work. */
export function sourceOf(video: Video, artist: string, startAtMs: number): PlayerSource {
	return {
		streamID: video.videoID,
		title: video.title,
		artist,
		kind: "recording",
		mode: "normal",
		whepURL: null,
		startAtSeconds: startAtMs / 1000,
		loudnessLufs: video.loudnessLufs,
		loadManifests: (signal) => loadManifests(video.videoID, signal),
	};
}

/** What lies beside the media. */
export function extrasOf(video: Video, playback: Playback): SourceExtras {
	return {
		poster: playback.poster ?? video.posterURL,
		storyboard: playback.storyboard,
		captions: playback.captions,
		chapters: video.chapters,
		durationMs: video.durationMs,
	};
}

async function loadManifests(videoID: VideoID, signal: AbortSignal): Promise<Manifests> {
	const playback = await loadPlayback(videoID, signal);
	if (playback === null) {
		return { hls: null, dash: null, whep: null, expiresAt: new Date(Date.now() + 60_000).toISOString() };
	}
	const { hls, dash, expiresAt } = playback;
	return { hls, dash, whep: null, expiresAt };
}
