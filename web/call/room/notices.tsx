import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { VOICE_LEVEL } from "../../devices/sound-level.ts";
import controls from "../../shell/controls.module.css";
import { Icon, type IconName } from "../../shell/icons.tsx";
import { useNow } from "../../shell/resource.ts";
import { hasKeyboard } from "../../shell/shortcut-keys.ts";
import { notify } from "../../shell/toasts.tsx";
import type { CallPhase } from "../engine/call-types.ts";
import { AdmitButtons } from "../panels/people-panel.tsx";
import styles from "./notices.module.css";
import type { RoomModel } from "./room-model.ts";
import { useVoice } from "./use-voice.ts";

/** What one has to know at once, at the top of the stage. */
export function Notices({ room, isTalking }: { room: RoomModel; isTalking: boolean }): JSX.Element {
	const { call } = room;
	useMutedToast(room);
	const problem = call.problem.value;
	return (
		<div class={styles.notices}>
			<PhaseNotice room={room} phase={call.phase.value} />
			{problem === null ? null : (
				<Notice icon="alert" tone="warn" testID="call-problem">
					<p role="status">{problem.text}</p>
				</Notice>
			)}
			{call.isAudioBlocked.value ? (
				<Notice icon="soundOff" tone="warn" testID="audio-blocked">
					<p>The browser holds back the sound.</p>
					<button type="button" class={controls.primary} onClick={() => void call.resumeAudio()}>
						Play it
					</button>
				</Notice>
			) : null}
			<DeviceNotice room={room} />
			{isTalking ? (
				<Notice icon="mic" tone="plain" testID="talking">
					<p>You are heard while you hold Space</p>
				</Notice>
			) : (
				<MutedHint room={room} />
			)}
			<Knocking room={room} />
		</div>
	);
}

function Notice({
	icon,
	tone,
	testID,
	children,
}: {
	icon: IconName;
	tone: "plain" | "warn";
	testID: string;
	children: ComponentChildren;
}): JSX.Element {
	return (
		<div class={styles.notice} data-tone={tone} data-testid={testID}>
			<Icon name={icon} size={18} />
			{children}
		</div>
	);
}

function PhaseNotice({ room, phase }: { room: RoomModel; phase: CallPhase }): JSX.Element | null {
	if (phase.name === "connecting") {
		return (
			<Notice icon="clock" tone="plain" testID="connecting">
				<p role="status">Connecting…</p>
			</Notice>
		);
	}
	if (phase.name !== "reconnecting") return null;
	return (
		<Notice icon="alert" tone="warn" testID="reconnecting">
			<Countdown retryAt={phase.retryAt} attempt={phase.attempt} />
			<button type="button" class={controls.button} onClick={() => room.call.retryNow()}>
				Retry now
			</button>
		</Notice>
	);
}

function Countdown({ retryAt, attempt }: { retryAt: number | null; attempt: number }): JSX.Element {
	const now = useNow(250);
	const seconds = retryAt === null ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000));
	const next = seconds === 0 ? "Trying again…" : `Next try in ${seconds} s.`;
	return (
		<>
			{/* The words are announced, the seconds are not: they would never stop. */}
			<p class="visually-hidden" role="status">
				The connection was lost. We reconnect by ourselves.
			</p>
			<p class="numerals">
				Connection lost. {next}
				{attempt > 1 ? ` Attempt ${attempt}.` : ""} Sound and picture go on where they can.
			</p>
		</>
	);
}

/** A device that was in use is gone, or one that was asked for did not come. */
function DeviceNotice({ room }: { room: RoomModel }): JSX.Element | null {
	const { media } = room;
	const problem = media.micProblem.value ?? media.camProblem.value;
	if (problem === null) return null;
	const device = media.micProblem.value === null ? media.camera : media.microphone;
	return (
		<Notice icon="alert" tone="warn" testID="device-problem">
			<p role="status">
				<strong>{problem.title}.</strong> {problem.fix}
			</p>
			<button type="button" class={controls.quiet} onClick={() => void device.open()}>
				Try again
			</button>
			<button
				type="button"
				class={controls.quiet}
				onClick={() => void device.setOn(false).then(() => device.dismiss())}
			>
				Go on without
			</button>
		</Notice>
	);
}

/** Somebody speaks into a muted microphone. */
function MutedHint({ room }: { room: RoomModel }): JSX.Element | null {
	const { media } = room;
	const isVoice = useVoice(media.voiceLevel, louder);
	if (!isVoice || media.isMicOn.value || media.mic.value === null) return null;
	return (
		<Notice icon="micOff" tone="warn" testID="muted-hint">
			<p role="status">{hasKeyboard() ? "You are muted. Hold Space to talk" : "You are muted"}</p>
			<button type="button" class={controls.button} onClick={() => void media.setMic(true)}>
				Unmute
			</button>
		</Notice>
	);
}

/** A cough or a keyboard should not bring the hint up: a clear voice does. */
function louder(level: number): number {
	return level * (VOICE_LEVEL / CLEAR_VOICE);
}

const CLEAR_VOICE = 0.5;

const MOST_AT_THE_DOOR = 3;

function Knocking({ room }: { room: RoomModel }): JSX.Element | null {
	const waiting = room.call.waiting.value;
	if (!room.isHost.value || waiting.length === 0 || room.panel.value === "people") return null;
	return (
		<>
			{waiting.slice(0, MOST_AT_THE_DOOR).map((person) => (
				<Notice key={person.participantID} icon="door" tone="plain" testID="knock">
					<p>
						<strong>{person.displayName}</strong> wants to come in
					</p>
					<AdmitButtons room={room} person={person} />
				</Notice>
			))}
			{waiting.length > MOST_AT_THE_DOOR ? (
				<Notice icon="people" tone="plain" testID="knock-more">
					<p>and {waiting.length - MOST_AT_THE_DOOR} more</p>
					<button type="button" class={controls.quiet} onClick={() => room.togglePanel("people")}>
						Show all
					</button>
				</Notice>
			) : null}
		</>
	);
}

const WHAT = { mic: "muted you", cam: "turned your camera off", screen: "stopped your sharing" } as const;

function useMutedToast({ call, media }: RoomModel): void {
	const muted = call.mutedBy.value;
	useEffect(() => {
		if (muted === null) return;
		const undo = muted.source === "mic" ? { label: "Unmute", run: () => void media.setMic(true) } : null;
		notify(`${muted.by} ${WHAT[muted.source]}`, "plain", undo);
		call.dismissMuted();
	}, [muted, call, media]);
}
