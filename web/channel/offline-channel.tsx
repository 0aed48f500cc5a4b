import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Channel } from "../../protocol/channel.ts";
import type { ChannelID } from "../../protocol/ids.ts";
import { type Livestream, listStreams } from "../../protocol/live.ts";
import { session } from "../account/session.ts";
import { ChatPanel } from "../chat/chat-panel.tsx";
import { ChatRoom } from "../chat/chat-room.ts";
import { CardSkeleton, RecordingCard } from "../home/cards.tsx";
import { call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { usePageTitle } from "../shell/page-title.ts";
import { type Resource, useResource } from "../shell/resource.ts";
import { formatAgo } from "../shell/time.ts";
import { ChannelVideos } from "./channel-videos.tsx";
import styles from "./offline-channel.module.css";

const STREAMS_SHOWN = 24;

/** A channel that is off: who it is, what was on, and the chat. It wakes by itself: `onLive` is called when a stream begins. */
export function OfflineChannel({ channel, onLive }: { channel: Channel; onLive: () => void }): JSX.Element {
	const { channelID } = channel;
	usePageTitle(channel.name);
	const streams = useResource(channelID, (signal) => loadPast(channelID, signal));
	const room = useRoom(channelID, onLive);
	const [isChatOpen, setChatOpen] = useState(false);
	return (
		<div class={styles.page}>
			<header class={styles.head}>
				<span class={styles.avatar} aria-hidden="true">
					{channel.name.slice(0, 1).toUpperCase()}
				</span>
				<div class={styles.names}>
					<h1>{channel.name}</h1>
					<p class={styles.handle}>@{channel.handle}</p>
				</div>
				<OwnerAction ownerID={channel.ownerID} />
			</header>
			<OffAir streams={streams.value} />
			{channel.description === "" ? null : <p class={styles.description}>{channel.description}</p>}
			<ChannelVideos channelID={channelID} />
			<PastStreams streams={streams} />
			<section aria-label="Chat of the channel">
				<button
					type="button"
					class={controls.button}
					aria-expanded={isChatOpen}
					onClick={() => setChatOpen(!isChatOpen)}
				>
					<Icon name="chat" size={18} />
					{isChatOpen ? "Close the chat" : "Open the chat"}
				</button>
				{isChatOpen && room !== null ? (
					<div class={styles.chatBox}>
						<ChatPanel room={room} channelID={channelID} />
					</div>
				) : null}
			</section>
		</div>
	);
}

/** The channel's room: its socket says when a stream begins. */
function useRoom(channelID: ChannelID, onLive: () => void): ChatRoom | null {
	const [room, setRoom] = useState<ChatRoom | null>(null);
	useEffect(() => {
		const opened = new ChatRoom(channelID, { isWatching: false });
		setRoom(opened);
		return () => opened.close();
	}, [channelID]);
	const state = room?.stream.value?.state;
	useEffect(() => {
		if (state === "live") onLive();
	}, [state, onLive]);
	return room;
}

async function loadPast(channelID: ChannelID, signal: AbortSignal): Promise<Livestream[]> {
	const query = { state: "ended" as const, limit: STREAMS_SHOWN };
	const { items } = await call(listStreams, { params: { channelID }, query }, { signal });
	return items.filter((stream) => stream.startedAt !== null);
}

function OwnerAction({ ownerID }: { ownerID: string }): JSX.Element | null {
	const isOwner = session.value.kind === "signed-in" && session.value.user.userID === ownerID;
	if (!isOwner) return null;
	return (
		<a class={controls.primary} href="/studio">
			<Icon name="broadcast" size={18} />
			Go live
		</a>
	);
}

function OffAir({ streams }: { streams: readonly Livestream[] | undefined }): JSX.Element {
	const last = streams?.[0];
	const seen = last === undefined ? null : Date.parse(last.endedAt ?? last.createdAt);
	const neverLive = streams?.length === 0 ? " Not live yet." : "";
	return (
		<p class={styles.offAir} data-testid="offline-channel">
			<span class={styles.lamp} aria-hidden="true" />
			<strong>Off air.</strong>
			{seen === null ? neverLive : ` Last live ${formatAgo(seen, Date.now())}.`} This page goes live by
			itself.
		</p>
	);
}

function PastStreams({ streams }: { streams: Resource<Livestream[]> }): JSX.Element | null {
	if (streams.value?.length === 0) return null;
	return (
		<section aria-labelledby="past">
			<h2 id="past" class={styles.section}>
				Past streams
			</h2>
			{streams.value === undefined && streams.failure !== null ? (
				<p class={styles.failed}>
					They did not load.
					<button type="button" class={controls.quiet} onClick={streams.reload}>
						<Icon name="retry" size={16} />
						Try again
					</button>
				</p>
			) : (
				<ul class={styles.grid}>
					{streams.value?.map((stream) => <RecordingCard key={stream.streamID} stream={stream} />) ?? (
						<li>
							<CardSkeleton />
						</li>
					)}
				</ul>
			)}
		</section>
	);
}
