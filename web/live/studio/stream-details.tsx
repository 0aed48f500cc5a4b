import type { JSX } from "preact";
import { LatencyMode } from "../../../protocol/live.ts";
import { ApiError } from "../../shell/api.ts";
import controls from "../../shell/controls.module.css";
import { Dialog } from "../../shell/dialog.tsx";
import { describeFailure } from "../../shell/failure.ts";
import { TextField } from "../../shell/form-field.tsx";
import { Icon } from "../../shell/icons.tsx";
import { isOnline } from "../../shell/online.ts";
import styles from "./studio.module.css";
import type { StudioSession } from "./studio-session.ts";

/** What viewers get in each mode; the numbers are the goals that playback is tested against. */
export const MODE_WORDS: Record<LatencyMode, { label: string; about: string }> = {
	realtime: { label: "Realtime", about: "Under 1 s. For talking with viewers." },
	low: { label: "Low latency", about: "About 2 s, can be paused and rewound." },
	normal: { label: "Stable", about: "About 8 s. For weak networks." },
};

/** Title and delay, and the button. */
export function StreamDetails({
	studio,
	door,
}: {
	studio: StudioSession;
	door: "browser" | "encoder";
}): JSX.Element {
	const { title, latencyMode } = studio;
	return (
		<section class={styles.details} aria-label="Stream details">
			<TextField
				id="stream-title"
				label="Title"
				maxLength={140}
				autocomplete="off"
				value={title.value}
				fault={title.value.trim() === "" ? "A title helps people find you." : undefined}
				onInput={(event) => {
					title.value = event.currentTarget.value;
				}}
			/>
			<fieldset class={styles.modes}>
				<legend class={controls.label}>Delay</legend>
				{LatencyMode.options.map((mode) => (
					<label key={mode} class={styles.mode} data-on={mode === latencyMode.value}>
						<input
							type="radio"
							name="latency-mode"
							value={mode}
							checked={mode === latencyMode.value}
							onChange={() => {
								latencyMode.value = mode;
							}}
						/>
						<span>
							<strong>{MODE_WORDS[mode].label}</strong>
							<small>{MODE_WORDS[mode].about}</small>
						</span>
					</label>
				))}
			</fieldset>
			{door === "browser" ? <GoLive studio={studio} /> : <WaitingForSignal />}
		</section>
	);
}

function GoLive({ studio }: { studio: StudioSession }): JSX.Element {
	const hasMedia = studio.capture.media.value !== null;
	const isBusy = studio.isStarting.value;
	const failure = studio.publisher.value?.failure.value ?? studio.failure.value;
	return (
		<div class={styles.goLive}>
			{failure === null || failure === undefined ? null : <StartFailure studio={studio} failure={failure} />}
			<button
				type="button"
				class={`${controls.primary} ${controls.large}`}
				disabled={!hasMedia || isBusy || studio.title.value.trim() === ""}
				onClick={() => void studio.goLive()}
			>
				{isBusy ? <span class={controls.spinner} aria-hidden="true" /> : <Icon name="broadcast" />}
				Go live
			</button>
			{hasMedia ? null : <p class={controls.hint}>Choose a camera or your screen first.</p>}
			<KeyQuestion studio={studio} />
		</div>
	);
}

function StartFailure({ studio, failure }: { studio: StudioSession; failure: unknown }): JSX.Element {
	const isTaken = failure instanceof ApiError && failure.problem.code === "other-encoder-live";
	const words = describeFailure(failure, isOnline.value);
	return (
		<div class={styles.startFailure} role="alert">
			<p>
				<strong>{isTaken ? "Another encoder is live on this channel." : words.title}</strong>{" "}
				{isTaken ? "You can take over: viewers stay, the other one is cut off." : words.whatHappened}
			</p>
			{isTaken ? (
				<button type="button" class={controls.danger} onClick={() => void studio.goLive({ takeover: true })}>
					Take over
				</button>
			) : null}
		</div>
	);
}

/** A channel has one key. Making one here would silence an encoder that uses the other. */
function KeyQuestion({ studio }: { studio: StudioSession }): JSX.Element | null {
	const hint = studio.keyInQuestion.value;
	if (hint === null) return null;
	const close = () => {
		studio.keyInQuestion.value = null;
	};
	return (
		<Dialog title="Replace the stream key?" onClose={close}>
			<p>
				This channel has a key that ends in <code>{hint}</code>, and this browser does not know it. Going live
				from here makes a new key. An encoder that uses the old one can no longer connect.
			</p>
			<div class={styles.dialogActions}>
				<button type="button" class={controls.button} onClick={close}>
					Keep the old key
				</button>
				<button
					type="button"
					class={controls.primary}
					onClick={() => void studio.goLive({ mayReplaceKey: true })}
				>
					Replace it and go live
				</button>
			</div>
		</Dialog>
	);
}

function WaitingForSignal(): JSX.Element {
	return (
		<div class={styles.waiting} role="status" data-testid="waiting-for-signal">
			<span class={styles.pulse} aria-hidden="true" />
			<p>
				<strong>Waiting for signal…</strong>
				<small>Start streaming in your encoder. This page goes on by itself.</small>
			</p>
		</div>
	);
}
