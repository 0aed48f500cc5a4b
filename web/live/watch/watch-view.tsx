import type { JSX } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Channel } from "../../../protocol/channel.ts";
import { getStream, LatencyMode, type Livestream } from "../../../protocol/live.ts";
import { ChatPanel } from "../../chat/chat-panel.tsx";
import { ChatRoom } from "../../chat/chat-room.ts";
import { call } from "../../shell/api.ts";
import controls from "../../shell/controls.module.css";
import { Icon } from "../../shell/icons.tsx";
import { usePageTitle } from "../../shell/page-title.ts";
import type { RostrumPlayer } from "../player/player-element.tsx";
import type { PlayerSource } from "../player/source.ts";
import { sourceOf } from "./live-source.ts";
import { usePlayerShortcuts } from "./player-shortcuts.ts";
import { Stage } from "./stage.tsx";
import { StageOverlay } from "./stage-overlay.tsx";
import { StreamInfo } from "./stream-info.tsx";
import { useViewBeacon } from "./view-beacon.ts";
import styles from "./watch.module.css";
import { newerStream, type WatchPhase, watchPhase } from "./watch-phase.ts";

/** Without the chat socket the stream is asked about this often, ms. */
const BLIND_EVERY_MS = 10_000;

interface WatchViewProps {
	channel: Channel;
	/** The stream to show; null while the channel is off. */
	stream: Livestream | null;
	/** Stay with this stream when the channel begins another one. */
	isPinned: boolean;
	/** `?mode=` of the address. */
	wishedMode: string | undefined;
}

/** Opens the channel's chat room, and the page around it. */
export function WatchView(props: WatchViewProps): JSX.Element | null {
	const { channelID } = props.channel;
	const [room, setRoom] = useState<ChatRoom | null>(null);
	useEffect(() => {
		const opened = new ChatRoom(channelID, { isWatching: true });
		setRoom(opened);
		return () => opened.close();
	}, [channelID]);
	return room === null ? null : <WatchRoom {...props} room={room} />;
}

function WatchRoom(props: WatchViewProps & { room: ChatRoom }): JSX.Element {
	const { channel, room, wishedMode } = props;
	const [player, setPlayer] = useState<RostrumPlayer | null>(null);
	const [isChatHidden, setChatHidden] = useState(false);
	const stream = useStream({ ...props, player });
	const announced = room.stream.value;
	const phase = watchPhase(stream, announced);
	const since = useSince(phase);
	const toggleChat = useCallback(() => setChatHidden((hidden) => !hidden), []);
	const watchRecording = useOpenSource({ channel, stream, phase, player, wishedMode });
	usePlayerShortcuts(player, { toggle: toggleChat });
	useViewBeacon(player, room, stream?.streamID ?? null);
	useInterruption(player, phase);
	const isOn = phase === "live" || phase === "interrupted" || phase === "starting";
	const title =
		announced?.streamID === stream?.streamID ? (announced?.title ?? stream?.title) : stream?.title;
	usePageTitle(title ?? channel.name);
	return (
		<div
			class={styles.layout}
			data-chat={isChatHidden ? "hidden" : "shown"}
			data-theatre={player?.model.isTheatre.value ?? false}
			data-phase={phase}
			data-testid="watch"
		>
			<div class={styles.main}>
				<Stage onPlayer={setPlayer}>
					<StageOverlay
						phase={phase}
						since={since}
						player={player}
						hasRecording={(stream?.renditions.length ?? 0) > 0}
						watchRecording={watchRecording}
						channelPath={`/@${channel.handle}`}
					/>
				</Stage>
				<NewerNote {...props} stream={stream} />
				<StreamInfo
					channel={channel}
					title={title ?? channel.name}
					isLive={isOn}
					watchers={room.watchers.value ?? channel.currentStreamInfo?.currentWatcherCount ?? null}
					startedAt={timeOf(announced?.startedAt ?? stream?.startedAt)}
					endedAt={timeOf(stream?.endedAt)}
					path={props.isPinned && stream !== null ? `/watch/${stream.streamID}` : `/@${channel.handle}`}
				>
					{isChatHidden ? (
						<button type="button" class={controls.button} onClick={toggleChat}>
							<Icon name="chat" size={18} />
							Show the chat
						</button>
					) : null}
				</StreamInfo>
			</div>
			{isChatHidden ? null : (
				<aside class={styles.chat} aria-label="Chat column">
					<ChatPanel room={room} channelID={channel.channelID} hide={toggleChat} />
				</aside>
			)}
		</div>
	);
}

/**
 * The stream on show, and another one when the channel begins it (unless pinned). It is fetched anew when its state changes,
 * when the player meets its end, and from time to time while the socket, which says all this, is not there.
 */
function useStream({
	stream,
	isPinned,
	room,
	player,
}: WatchViewProps & { room: ChatRoom; player: RostrumPlayer | null }): Livestream | null {
	const [current, setCurrent] = useState(stream);
	const announced = room.stream.value;
	const next = isPinned ? null : newerStream(current, announced);
	const streamID = next?.streamID ?? current?.streamID ?? null;
	const state = announced?.streamID === streamID ? announced.state : null;
	const isBlind = room.connection.value.kind !== "open";
	const [turn, setTurn] = useState(0);
	useEffect(() => setCurrent(stream), [stream]);
	useEffect(() => {
		const ask = () => setTurn((count) => count + 1);
		player?.addEventListener("rostrum-over", ask);
		const timer = isBlind ? setInterval(ask, BLIND_EVERY_MS) : undefined;
		return () => {
			player?.removeEventListener("rostrum-over", ask);
			clearInterval(timer);
		};
	}, [player, isBlind]);
	const isKnown = streamID === stream?.streamID && turn === 0 && (state === null || state === stream?.state);
	useEffect(() => {
		if (streamID === null || isKnown) return;
		const controller = new AbortController();
		call(getStream, { params: { streamID } }, { signal: controller.signal }).then(
			(fresh) => setCurrent(fresh),
			() => {
				// The announcement itself says the state; what is missing is only its detail.
			},
		);
		return () => controller.abort();
	}, [streamID, state, turn, isKnown]);
	return current;
}

/** Opens what there is to play, when it becomes another thing. Returns how to open the recording. */
function useOpenSource({
	channel,
	stream,
	phase,
	player,
	wishedMode,
}: {
	channel: Channel;
	stream: Livestream | null;
	phase: WatchPhase;
	player: RostrumPlayer | null;
	wishedMode: string | undefined;
}): () => void {
	const isOver = phase === "ended" || phase === "failed";
	const streamID = stream?.streamID;
	const openRecording = useCallback(() => {
		if (player === null || stream === null) return;
		player.open(sourceOf({ channel, stream, kind: "recording", mode: "normal" }));
	}, [player, stream, channel]);
	// Opened once for each stream; what else changes about it does not restart the picture.
	useEffect(() => {
		if (player === null || stream === null) return;
		const isOpen = player.model.source.value?.streamID === stream.streamID;
		if (!isOver && !isOpen) player.open(liveSource(channel, stream, wishedMode));
		if (!isOver) return;
		// Who watched live sees the end of it first; who comes later sees the recording.
		if (!isOpen && stream.renditions.length > 0) openRecording();
		else if (player.model.mode.value === "realtime") player.close();
	}, [player, streamID, isOver]);
	return openRecording;
}

function liveSource(channel: Channel, stream: Livestream, wishedMode: string | undefined): PlayerSource {
	const wish = LatencyMode.safeParse(wishedMode);
	return sourceOf({ channel, stream, kind: "live", mode: wish.success ? wish.data : stream.latencyMode });
}

/** Tells the player of interruptions, so that it does not blame the network, and wakes up when the signal is back. */
function useInterruption(player: RostrumPlayer | null, phase: WatchPhase): void {
	const isInterrupted = phase === "interrupted";
	useEffect(() => player?.setInterrupted(isInterrupted), [player, isInterrupted]);
}

/** When the phase began, by this viewer's clock. */
function useSince(phase: WatchPhase): number {
	const [since, setSince] = useState({ phase, at: Date.now() });
	if (since.phase === phase) return since.at;
	const at = Date.now();
	setSince({ phase, at });
	return at;
}

function NewerNote({
	channel,
	stream,
	isPinned,
	room,
}: WatchViewProps & { room: ChatRoom }): JSX.Element | null {
	const newer = isPinned ? newerStream(stream, room.stream.value) : null;
	if (newer === null) return null;
	return (
		<p class={styles.newer} role="status">
			<span class={controls.onAir}>LIVE</span>
			{channel.name} is live now: {newer.title}
			<a class={controls.button} href={`/@${channel.handle}`}>
				Watch live
			</a>
		</p>
	);
}

function timeOf(timestamp: string | null | undefined): number | null {
	return timestamp === null || timestamp === undefined ? null : Date.parse(timestamp);
}
