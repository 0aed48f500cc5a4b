import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../../shell/api.ts";
import controls from "../../shell/controls.module.css";
import { CopyButton } from "../../shell/copy-button.tsx";
import { Dialog } from "../../shell/dialog.tsx";
import { describeFailure } from "../../shell/failure.ts";
import { FailurePanel } from "../../shell/failure-panel.tsx";
import { Icon } from "../../shell/icons.tsx";
import { isOnline } from "../../shell/online.ts";
import { useResource } from "../../shell/resource.ts";
import { notify } from "../../shell/toasts.tsx";
import encoder from "./encoder.module.css";
import { type Ingest, loadIngest, makeKey } from "./stream-key.ts";
import styles from "./studio.module.css";
import type { StudioSession } from "./studio-session.ts";

/** Exactly the fields that OBS has, to copy. */
export function EncoderDoor({ studio }: { studio: StudioSession }): JSX.Element {
	const { channelID } = studio.channel;
	const ingest = useResource(channelID, (signal) => loadIngest(channelID, signal));
	if (ingest.value === undefined) {
		if (ingest.failure !== null) return <FailurePanel error={ingest.failure} retry={ingest.reload} />;
		return <div class={`${encoder.encoderBone} ${controls.skeleton}`} aria-busy="true" />;
	}
	return (
		<div class={encoder.encoder}>
			<p>
				In OBS Studio 30 or later: <strong>Settings → Stream</strong>, then copy these three fields.
			</p>
			<dl class={encoder.fields}>
				<div>
					<dt>Service</dt>
					<dd>
						<code>WHIP</code>
					</dd>
				</div>
				<div>
					<dt>Server</dt>
					<dd>
						<code data-testid="whip-url">{ingest.value.whipURL}</code>
						<CopyButton class={controls.icon} text={ingest.value.whipURL} label="Copy the server address" />
					</dd>
				</div>
				<div>
					<dt>Bearer Token</dt>
					<dd>
						<StreamKey studio={studio} ingest={ingest.value} reload={ingest.reload} />
					</dd>
				</div>
			</dl>
			<p class={controls.hint}>
				Video H.264 without B-frames or VP8, sound Opus, a keyframe every 2 s. GStreamer, FFmpeg 8 and every
				other WHIP encoder work the same way.
			</p>
		</div>
	);
}

function StreamKey({
	studio,
	ingest,
	reload,
}: {
	studio: StudioSession;
	ingest: Ingest;
	reload: () => void;
}): JSX.Element {
	const { key } = ingest;
	const [isShown, setShown] = useState(false);
	const [isAsking, setAsking] = useState(false);
	const isNew = key.kind === "none";
	const rotate = (force: boolean) => makeNewKey(studio, force, reload);
	useEffect(() => {
		// There is none yet: making the first takes nothing from anybody.
		if (isNew) void makeNewKey(studio, false, reload);
	}, [isNew, studio, reload]);
	return (
		<>
			{key.kind === "known" ? (
				<>
					<code data-testid="stream-key">{isShown ? key.streamKey : "•".repeat(24)}</code>
					<button
						type="button"
						class={controls.icon}
						aria-pressed={isShown}
						aria-label="Show the key"
						title="Show the key"
						onClick={() => setShown(!isShown)}
					>
						<Icon name="eye" />
					</button>
					<CopyButton class={controls.icon} text={key.streamKey} label="Copy the key" />
				</>
			) : (
				<span class={encoder.keyNote}>
					{key.kind === "unknown"
						? `Ends in ${key.hint}. It was shown once, in another browser.`
						: "Making the first key…"}
				</span>
			)}
			<button type="button" class={controls.button} onClick={() => setAsking(true)}>
				<Icon name="key" size={18} />
				New key
			</button>
			{isAsking ? (
				<RotateDialog
					close={() => setAsking(false)}
					rotate={() => {
						setAsking(false);
						void rotate(true);
					}}
				/>
			) : null}
		</>
	);
}

async function makeNewKey(studio: StudioSession, force: boolean, reload: () => void): Promise<void> {
	try {
		await makeKey(studio.channel.channelID, { force });
		notify("New key made. Copy it into your encoder.");
	} catch (error) {
		const isLive = error instanceof ApiError && error.problem.code === "live-in-progress";
		notify(
			isLive ? "You are live: end the stream first." : describeFailure(error, isOnline.value).whatHappened,
			"bad",
		);
	}
	reload();
}

function RotateDialog({ close, rotate }: { close: () => void; rotate: () => void }): JSX.Element {
	return (
		<Dialog title="Make a new key?" onClose={close}>
			<p>The old key dies at once. An encoder that is live with it is cut off until it has the new one.</p>
			<div class={styles.dialogActions}>
				<button type="button" class={controls.button} onClick={close}>
					Keep the old key
				</button>
				<button type="button" class={controls.danger} onClick={rotate}>
					Make a new key
				</button>
			</div>
		</Dialog>
	);
}
