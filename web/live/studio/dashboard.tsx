import type { JSX } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Livestream } from "../../../protocol/live.ts";
import { ChatPanel } from "../../chat/chat-panel.tsx";
import controls from "../../shell/controls.module.css";
import { CopyButton } from "../../shell/copy-button.tsx";
import { Dialog } from "../../shell/dialog.tsx";
import { describeFailure } from "../../shell/failure.ts";
import { Icon } from "../../shell/icons.tsx";
import { isOnline } from "../../shell/online.ts";
import { useNow } from "../../shell/resource.ts";
import { serverClock } from "../../shell/server-clock.ts";
import { formatClock, plural } from "../../shell/time.ts";
import type { RostrumPlayer } from "../player/player-element.tsx";
import { sourceOf } from "../watch/live-source.ts";
import { Stage } from "../watch/stage.tsx";
import browser from "./browser.module.css";
import { BrowserDoor, DeviceBar, Preview } from "./browser-door.tsx";
import styles from "./dashboard.module.css";
import { HealthPanel } from "./health-panel.tsx";
import { Retitle } from "./retitle.tsx";
import studioStyles from "./studio.module.css";
import type { StudioSession } from "./studio-session.ts";

/** With more people than this watching, ending is asked about. */
const ASK_ABOVE_WATCHERS = 5;

/** On air: picture, health, chat, and the way to end. */
export function Dashboard({ studio }: { studio: StudioSession }): JSX.Element {
	const stream = studio.current.value ?? null;
	return (
		<div class={styles.dashboard} data-testid="studio-live" data-state={stream?.state ?? "connecting"}>
			<div class={styles.main}>
				<TopBar studio={studio} stream={stream} />
				<Failure studio={studio} />
				<Picture studio={studio} stream={stream} />
				{stream === null ? null : <Retitle key={stream.streamID} studio={studio} stream={stream} />}
				{stream === null ? null : <HealthPanel studio={studio} streamID={stream.streamID} />}
			</div>
			<aside class={styles.chat} aria-label="Chat column">
				<ChatPanel room={studio.room} channelID={studio.channel.channelID} />
			</aside>
		</div>
	);
}

function TopBar({ studio, stream }: { studio: StudioSession; stream: Livestream | null }): JSX.Element {
	const now = serverClock.at(useNow(500));
	const announced = studio.room.stream.value;
	const state =
		announced !== null && announced.streamID === stream?.streamID ? announced.state : stream?.state;
	const startedAt = announced?.startedAt ?? stream?.startedAt ?? null;
	const watchers = studio.room.watchers.value;
	return (
		<header class={styles.topBar}>
			<h1 class="visually-hidden">On air</h1>
			<OnAir state={state} />
			<span class={`${controls.badge} ${styles.big}`}>
				<Icon name="clock" size={16} />
				<span class="visually-hidden">On air for </span>
				{startedAt === null ? "–" : formatClock(now - Date.parse(startedAt))}
			</span>
			<span class={`${controls.badge} ${styles.big}`} data-testid="watchers">
				<Icon name="eye" size={16} />
				{watchers === null ? "–" : plural(watchers, "viewer")}
			</span>
			<span class={styles.push} />
			<CopyButton
				class={controls.button}
				text={`${location.origin}/@${studio.channel.handle}`}
				label="Share: copy the link to your channel"
			>
				<span>Share</span>
			</CopyButton>
			<EndButton studio={studio} />
		</header>
	);
}

function OnAir({ state }: { state: string | undefined }): JSX.Element {
	if (state === "live") return <span class={`${controls.onAir} ${styles.big}`}>ON AIR</span>;
	if (state === "paused") return <span class={`${controls.badge} ${styles.big}`}>SIGNAL LOST</span>;
	return (
		<span class={`${controls.badge} ${styles.big}`} role="status">
			<span class={controls.spinner} aria-hidden="true" />
			Going on air…
		</span>
	);
}

function EndButton({ studio }: { studio: StudioSession }): JSX.Element {
	const [isAsking, setAsking] = useState(false);
	const watchers = studio.room.watchers.value ?? 0;
	return (
		<>
			<button
				type="button"
				class={controls.danger}
				disabled={studio.isEnding.value}
				onClick={() => (watchers > ASK_ABOVE_WATCHERS ? setAsking(true) : void studio.end())}
			>
				<Icon name="stop" size={16} />
				End stream
			</button>
			{isAsking ? (
				<Dialog title="End the stream?" onClose={() => setAsking(false)}>
					<p>{plural(watchers, "person", " watching")} will see the end. The recording stays.</p>
					<div class={studioStyles.dialogActions}>
						<button type="button" class={controls.button} onClick={() => setAsking(false)}>
							Stay on air
						</button>
						<button
							type="button"
							class={controls.danger}
							onClick={() => {
								setAsking(false);
								void studio.end();
							}}
						>
							End it
						</button>
					</div>
				</Dialog>
			) : null}
		</>
	);
}

function Failure({ studio }: { studio: StudioSession }): JSX.Element | null {
	const publisher = studio.publisher.value;
	const isLost = publisher?.state.value === "lost";
	const failure = studio.failure.value;
	if (isLost) {
		return (
			<p class={styles.lost} role="alert">
				<span class={controls.spinner} aria-hidden="true" />
				Your connection broke. We make it anew; viewers wait and the stream stays the same.
			</p>
		);
	}
	if (failure === null) return null;
	const words = describeFailure(failure, isOnline.value);
	return (
		<p class={styles.lost} role="alert">
			<strong>{words.title}.</strong> {words.whatHappened}
		</p>
	);
}

function Picture({ studio, stream }: { studio: StudioSession; stream: Livestream | null }): JSX.Element {
	const publisher = studio.publisher.value;
	const isOurs = publisher !== null && publisher.state.value !== "failed";
	if (isOurs) {
		const replace = () => {
			const media = studio.capture.media.value;
			if (media !== null) void publisher.replace(media);
		};
		return (
			<div class={browser.browser}>
				<div class={`${browser.preview} ${styles.picture}`}>
					<Preview capture={studio.capture} />
				</div>
				<DeviceBar capture={studio.capture} onChange={replace} />
			</div>
		);
	}
	if (stream?.state === "paused") return <ResumeHere studio={studio} />;
	return stream === null ? (
		<div class={`${browser.preview} ${styles.picture}`} />
	) : (
		<Monitor studio={studio} stream={stream} />
	);
}

/** The encoder is gone and the grace runs: it may come back, or this browser goes on in its place. */
function ResumeHere({ studio }: { studio: StudioSession }): JSX.Element {
	const hasMedia = studio.capture.media.value !== null;
	return (
		<div class={styles.resume}>
			<p role="status">
				<strong>No signal.</strong> Start your encoder again and the stream goes on, or go on from this
				browser. Otherwise it ends by itself.
			</p>
			<BrowserDoor studio={studio} />
			{hasMedia ? (
				<button
					type="button"
					class={controls.primary}
					disabled={studio.isStarting.value}
					onClick={() => void studio.goLive()}
				>
					<Icon name="broadcast" size={18} />
					Go on from here
				</button>
			) : null}
		</div>
	);
}

/** What viewers see, without sound, while an encoder sends. */
function Monitor({ studio, stream }: { studio: StudioSession; stream: Livestream }): JSX.Element {
	const [player, setPlayer] = useState<RostrumPlayer | null>(null);
	const take = useCallback((found: RostrumPlayer | null) => {
		if (found?.video) found.video.muted = true;
		setPlayer(found);
	}, []);
	const { streamID, title } = stream;
	const { channel } = studio;
	// Opened once for each stream; a new title does not restart the picture.
	useEffect(() => {
		player?.open(sourceOf({ channel, stream: { streamID, title }, kind: "live", mode: "realtime" }));
	}, [player, streamID]);
	return (
		<div class={styles.monitor}>
			<Stage onPlayer={take} />
		</div>
	);
}
