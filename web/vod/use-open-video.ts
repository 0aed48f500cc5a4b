import { useEffect, useRef, useState } from "preact/hooks";
import type { Video } from "../../protocol/vod.ts";
import type { RostrumPlayer } from "../live/player/player-element.tsx";
import { resumePoint } from "./resume-point.ts";
import { extrasOf, type Playback, sourceOf } from "./vod-playback.ts";
import { localPosition } from "./watch-progress.ts";

/**
 * Opens a work in the player as soon as it can be played, and brings what lies beside it up to date. Returns where it went on, ms; null
 * if it began at its start or where the address says.
 */
export function useOpenVideo({
	player,
	video,
	playback,
	artist,
	queryMs,
}: {
	player: RostrumPlayer | null;
	video: Video;
	/** Null while nothing can be played. */
	playback: Playback | null;
	/** Shown by the system's media controls. */
	artist: string;
	/** Where the address says to begin, ms; null: nowhere. */
	queryMs: number | null;
}): number | null {
	const { videoID, durationMs, chapters } = video;
	const opened = useRef<string | null>(null);
	const [resumedAtMs, setResumedAt] = useState<number | null>(null);
	const hasPlayback = playback !== null;
	// Opened once for each work; what else becomes known of it does not restart the picture.
	useEffect(() => {
		if (player === null || playback === null) return;
		const savedMs = playback.resumeAtMs ?? localPosition(videoID);
		const startAtMs = resumePoint({ queryMs, savedMs, durationMs });
		player.open(sourceOf(video, artist, startAtMs));
		setResumedAt(startAtMs > 0 && queryMs === null ? startAtMs : null);
		opened.current = videoID;
	}, [player, videoID, hasPlayback]);
	const chapterKey = JSON.stringify(chapters);
	useEffect(() => {
		if (player === null || playback === null || opened.current !== videoID) return;
		player.setExtras(extrasOf(video, playback));
	}, [player, videoID, playback, chapterKey, durationMs]);
	// The same page with another `?t=`, as from a chapter's link.
	useEffect(() => {
		const element = player?.video;
		if (queryMs === null || opened.current !== videoID || !element || element.readyState === 0) return;
		element.currentTime = queryMs / 1000;
	}, [queryMs]);
	return resumedAtMs;
}
