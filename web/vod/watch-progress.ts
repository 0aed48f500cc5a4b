import { useEffect } from "preact/hooks";
import type { VideoID } from "../../protocol/ids.ts";
import { putProgress } from "../../protocol/vod-watching.ts";
import { session } from "../account/session.ts";
import type { RostrumPlayer } from "../live/player/player-element.tsx";
import { call } from "../shell/api.ts";
import { serverClock } from "../shell/server-clock.ts";
import { recall, remember } from "../shell/settings.ts";
import { deviceID } from "./device-id.ts";

/** While it plays, the position is told this often, ms. */
const EVERY_MS = 10_000;

/** Tells the server where this person is: every 10 s, on a pause, and when the page goes. Without an account this device remembers. */
export function useWatchProgress(
	player: RostrumPlayer | null,
	videoID: VideoID,
	durationMs: number | null,
): void {
	const isSignedIn = session.value.kind === "signed-in";
	useEffect(() => {
		const video = player?.video;
		if (player === null || video === null || video === undefined) return;
		const listening = new AbortController();
		const { signal } = listening;
		let lastMs = -1;
		const save = (isFarewell: boolean) => {
			const positionMs = Math.round(video.currentTime * 1000);
			// Before the first picture there is no position, and a second telling of the same one says nothing.
			if (positionMs === 0 || Math.abs(positionMs - lastMs) < 500) return;
			lastMs = positionMs;
			const lengthMs = durationMs ?? finiteMs(video.duration);
			if (isSignedIn) tell({ videoID, positionMs, durationMs: lengthMs, isFarewell });
			else remember(localKey(videoID), String(positionMs));
		};
		const timer = setInterval(() => {
			if (!video.paused) save(false);
		}, EVERY_MS);
		video.addEventListener("pause", () => save(false), { signal });
		window.addEventListener("pagehide", () => save(true), { signal });
		document.addEventListener(
			"visibilitychange",
			() => {
				if (document.hidden) save(true);
			},
			{ signal },
		);
		return () => {
			save(true);
			clearInterval(timer);
			listening.abort();
		};
	}, [player, videoID, durationMs, isSignedIn]);
}

/** Where this device was, for people without an account; ms, null: nowhere. */
export function localPosition(videoID: VideoID): number | null {
	const saved = Number(recall(localKey(videoID)) ?? Number.NaN);
	return Number.isFinite(saved) ? saved : null;
}

function tell(position: {
	videoID: VideoID;
	positionMs: number;
	durationMs: number;
	isFarewell: boolean;
}): void {
	const { videoID, positionMs, durationMs, isFarewell } = position;
	const at = Math.round(serverClock.at(Date.now()));
	const body = { positionMs, durationMs, deviceID: deviceID(), at };
	call(putProgress, { params: { videoID }, body }, { keepalive: isFarewell }).catch(() => {
		// The next one, ten seconds later, says the same better.
	});
}

function finiteMs(seconds: number): number {
	return Number.isFinite(seconds) ? Math.round(seconds * 1000) : 0;
}

function localKey(videoID: VideoID): string {
	return `rostrum.position.${videoID}`;
}
