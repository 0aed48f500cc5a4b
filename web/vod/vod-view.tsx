import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { type Channel, getChannel } from "../../protocol/channel.ts";
import type { ChannelID } from "../../protocol/ids.ts";
import type { Video } from "../../protocol/vod.ts";
import { session } from "../account/session.ts";
import type { RostrumPlayer } from "../live/player/player-element.tsx";
import { usePlayerShortcuts } from "../live/watch/player-shortcuts.ts";
import { Stage } from "../live/watch/stage.tsx";
import watch from "../live/watch/watch.module.css";
import { call } from "../shell/api.ts";
import { usePageTitle } from "../shell/page-title.ts";
import { type Resource, useResource } from "../shell/resource.ts";
import { AudioFace } from "./audio-face.tsx";
import { BetterQuality } from "./better-quality.tsx";
import { ChapterList } from "./chapter-list.tsx";
import { MoreVideos } from "./more-videos.tsx";
import { ResumedNote } from "./resumed-note.tsx";
import { startFromQuery } from "./timestamps.ts";
import { useOpenVideo } from "./use-open-video.ts";
import { isPlayable } from "./video-words.ts";
import { useViewCount } from "./view-count.ts";
import { VodInfo } from "./vod-info.tsx";
import { VodOverlay } from "./vod-overlay.tsx";
import { loadPlayback, type Playback } from "./vod-playback.ts";
import styles from "./vod-view.module.css";
import { useWatchProgress } from "./watch-progress.ts";

/** The page of a work: the picture or the sound, and what is said of it. */
export function VodView({ video, reload }: { video: Video; reload: () => void }): JSX.Element {
	const [player, setPlayer] = useState<RostrumPlayer | null>(null);
	const { query } = useLocation();
	const channel = useChannel(video.channelID);
	const playback = usePlayback(video);
	const isOwner = session.value.kind === "signed-in" && session.value.user.userID === video.ownerID;
	const isSound = video.kind === "audio" || (video.height === null && isPlayable(video));
	const resumedAtMs = useOpenVideo({
		player,
		video,
		playback: playback.value ?? null,
		artist: channel?.name ?? "",
		queryMs: startFromQuery(query.t),
	});
	useWatchProgress(player, video.videoID, video.durationMs);
	useViewCount(player, video.videoID);
	usePlayerShortcuts(player, null);
	useSound(player, isSound);
	usePageTitle(video.title);
	return (
		<div
			class={watch.layout}
			data-chat="hidden"
			data-theatre={player?.model.isTheatre.value ?? false}
			data-testid="vod"
			data-state={video.state}
		>
			<div class={watch.main}>
				<div class={styles.stage} data-sound={isSound}>
					<Stage onPlayer={setPlayer}>
						{isSound && player !== null ? (
							<AudioFace player={player} video={video} waveformURL={playback.value?.waveform ?? null} />
						) : null}
						<ResumedNote player={player} resumedAtMs={resumedAtMs} />
						<BetterQuality player={player} video={video} />
						<VodOverlay
							video={video}
							player={player}
							isOwner={isOwner}
							failure={playback.failure}
							reload={() => {
								reload();
								playback.reload();
							}}
						/>
					</Stage>
				</div>
				<VodInfo
					video={video}
					channel={channel}
					player={player}
					isOwner={isOwner}
					isSound={isSound}
					downloadURL={playback.value?.progressive ?? null}
				/>
				<ChapterList video={video} player={player} />
				<MoreVideos video={video} />
			</div>
		</div>
	);
}

/** Addresses are asked for again when more has been made. The old ones stay until the new ones are there. */
function usePlayback(video: Video): Resource<Playback | null> {
	const key = `${video.videoID} ${video.state} ${video.renditions.length} ${video.tracks.length}`;
	const { videoID } = video;
	const fresh = useResource(key, (signal) =>
		isPlayable(video) ? loadPlayback(videoID, signal) : Promise.resolve(null),
	);
	const [held, setHeld] = useState<{ videoID: string; value: Playback } | null>(null);
	const { value } = fresh;
	useEffect(() => {
		if (value !== null && value !== undefined) setHeld({ videoID, value });
	}, [value, videoID]);
	return { ...fresh, value: value ?? (held?.videoID === videoID ? held.value : value) };
}

function useChannel(channelID: ChannelID | null): Channel | null {
	const channel = useResource(channelID ?? "none", (signal) =>
		channelID === null ? Promise.resolve(null) : call(getChannel, { params: { channelID } }, { signal }),
	);
	return channel.value ?? null;
}

function useSound(player: RostrumPlayer | null, isSound: boolean): void {
	useEffect(() => {
		if (player !== null) player.isSound = isSound;
	}, [player, isSound]);
}
