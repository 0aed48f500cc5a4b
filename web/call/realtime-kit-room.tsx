import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import notice from "./notice.module.css";
import {
	type KitPerson,
	type KitPhase,
	RealtimeKitCall,
	type RealtimeKitPlace,
} from "./realtime-kit-provider.ts";
import styles from "./realtime-kit-room.module.css";
import { SeamlessVideo } from "./seamless-video.tsx";

/** A call that Cloudflare RealtimeKit holds: who is there, one's own devices, and the way out. */
export function RealtimeKitRoom({
	place,
	devices,
	onLeave,
}: {
	place: RealtimeKitPlace;
	/** Whether one comes in with sound and picture on. */
	devices: { mic: boolean; cam: boolean };
	onLeave: () => void;
}): JSX.Element {
	const [held] = useState(() => new RealtimeKitCall());
	useEffect(() => {
		void held.join(place, devices);
		return () => void held.leave();
	}, [held]);
	const phase = held.phase.value;
	if (phase.name !== "connected") return <Waiting phase={phase} onLeave={onLeave} />;
	return (
		<section class={styles.room} aria-label="Call" data-testid="realtimekit-room">
			<ul class={styles.tiles}>
				{held.people.value.map((person) => (
					<Tile key={person.id} person={person} />
				))}
			</ul>
			<Bar held={held} onLeave={onLeave} />
		</section>
	);
}

function Waiting({ phase, onLeave }: { phase: KitPhase; onLeave: () => void }): JSX.Element {
	const hasFailed = phase.name === "failed";
	return (
		<div
			class={notice.notice}
			role={hasFailed ? "alert" : "status"}
			data-testid={`realtimekit-${phase.name}`}
		>
			<span class={notice.emblem} aria-hidden="true">
				<Icon name={hasFailed ? "alert" : "phone"} size={28} />
			</span>
			<h1>{hasFailed ? "The call could not be opened" : TITLES[phase.name]}</h1>
			{hasFailed ? <p>{phase.text}</p> : null}
			<div class={notice.actions}>
				{hasFailed ? (
					<button type="button" class={controls.button} onClick={() => window.location.reload()}>
						Try again
					</button>
				) : null}
				<button type="button" class={controls.button} onClick={onLeave}>
					Leave
				</button>
			</div>
		</div>
	);
}

const TITLES = {
	connecting: "Joining by Cloudflare RealtimeKit …",
	connected: "",
	ended: "The call is over",
} as const;

function Tile({ person }: { person: KitPerson }): JSX.Element {
	const name = person.isSelf ? `${person.name} (you)` : person.name;
	return (
		<li class={styles.tile}>
			<SeamlessVideo
				track={person.screen ?? person.cam}
				fit={person.screen === null ? "cover" : "contain"}
				isMirrored={person.isSelf && person.screen === null}
				label={name}
			/>
			<span class={styles.name}>
				{person.mic === null ? <Icon name="micOff" size={16} /> : null} {name}
			</span>
			{person.isSelf ? null : <Sound track={person.mic} />}
		</li>
	);
}

function Sound({ track }: { track: MediaStreamTrack | null }): JSX.Element {
	const element = useRef<HTMLAudioElement>(null);
	useEffect(() => {
		if (element.current !== null)
			element.current.srcObject = track === null ? null : new MediaStream([track]);
	}, [track]);
	// biome-ignore lint/a11y/useMediaCaption: somebody is speaking just now, there are no captions
	return <audio ref={element} autoplay />;
}

function Bar({ held, onLeave }: { held: RealtimeKitCall; onLeave: () => void }): JSX.Element {
	const self = held.people.value.find((person) => person.isSelf);
	const isMicOn = self !== undefined && self.mic !== null;
	const isCamOn = self !== undefined && self.cam !== null;
	return (
		<div class={styles.bar} role="toolbar" aria-label="Call controls">
			<button
				type="button"
				class={controls.button}
				aria-pressed={isMicOn}
				onClick={() => void held.setMic(!isMicOn)}
			>
				<Icon name={isMicOn ? "mic" : "micOff"} /> Microphone
			</button>
			<button
				type="button"
				class={controls.button}
				aria-pressed={isCamOn}
				onClick={() => void held.setCam(!isCamOn)}
			>
				<Icon name={isCamOn ? "camera" : "cameraOff"} /> Camera
			</button>
			<button type="button" class={controls.button} onClick={() => void held.leave().then(onLeave)}>
				<Icon name="phoneDown" /> Leave
			</button>
		</div>
	);
}
