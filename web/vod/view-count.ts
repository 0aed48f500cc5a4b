import { useEffect } from "preact/hooks";
import type { VideoID } from "../../protocol/ids.ts";
import { postVideoView } from "../../protocol/vod-watching.ts";
import type { RostrumPlayer } from "../live/player/player-element.tsx";
import { call } from "../shell/api.ts";
import { deviceID } from "./device-id.ts";
import { WatchedTime } from "./watched-time.ts";

/** Who has seen so much of it is a viewer, seconds; of a shorter work, who has seen it to its end. */
const ENOUGH_SECONDS = 5;

/** Tells the server once that somebody watches. It knows the same browser, or account, again. */
export function useViewCount(player: RostrumPlayer | null, videoID: VideoID): void {
	useEffect(() => {
		const video = player?.video;
		if (!video) return;
		const listening = new AbortController();
		const { signal } = listening;
		const watched = new WatchedTime();
		const tell = () => {
			listening.abort();
			const body = { viewerSessionID: deviceID() };
			call(postVideoView, { params: { videoID }, body }).catch(() => {
				// Only a count: nobody who watches needs to hear of it.
			});
		};
		video.addEventListener(
			"timeupdate",
			() => {
				if (!video.paused && watched.at(video.currentTime) >= ENOUGH_SECONDS) tell();
			},
			{ signal },
		);
		video.addEventListener("ended", tell, { signal });
		return () => listening.abort();
	}, [player, videoID]);
}
