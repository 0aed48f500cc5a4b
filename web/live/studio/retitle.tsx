import type { JSX, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { LatencyMode, type Livestream } from "../../../protocol/live.ts";
import controls from "../../shell/controls.module.css";
import { describeFailure } from "../../shell/failure.ts";
import { Icon } from "../../shell/icons.tsx";
import { isOnline } from "../../shell/online.ts";
import { notify } from "../../shell/toasts.tsx";
import styles from "./dashboard.module.css";
import { MODE_WORDS } from "./stream-details.tsx";
import type { StudioSession } from "./studio-session.ts";

/** Title and delay of the stream that is on; both can change while it is. */
export function Retitle({ studio, stream }: { studio: StudioSession; stream: Livestream }): JSX.Element {
	const [isEditing, setEditing] = useState(false);
	if (isEditing) return <RetitleForm studio={studio} stream={stream} done={() => setEditing(false)} />;
	return (
		<div class={styles.nowTitle}>
			<p>
				<strong>{stream.title}</strong>
				<small>{MODE_WORDS[stream.latencyMode].label}</small>
			</p>
			<button type="button" class={controls.button} onClick={() => setEditing(true)}>
				<Icon name="edit" size={16} />
				Edit
			</button>
		</div>
	);
}

function RetitleForm({
	studio,
	stream,
	done,
}: {
	studio: StudioSession;
	stream: Livestream;
	done: () => void;
}): JSX.Element {
	const [title, setTitle] = useState(stream.title);
	const [mode, setMode] = useState<LatencyMode>(stream.latencyMode);
	const [isBusy, setBusy] = useState(false);
	async function save(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
		event.preventDefault();
		setBusy(true);
		try {
			await studio.describe(title.trim(), mode);
			notify("Changed for everyone");
			done();
		} catch (error) {
			notify(`Not changed: ${describeFailure(error, isOnline.value).whatHappened}`, "bad");
			setBusy(false);
		}
	}
	return (
		<form class={styles.retitle} onSubmit={(event) => void save(event)}>
			<input
				class={controls.input}
				aria-label="Title"
				maxLength={140}
				value={title}
				onInput={(event) => setTitle(event.currentTarget.value)}
			/>
			<select
				class={controls.input}
				aria-label="Delay"
				value={mode}
				onChange={(event) => setMode(LatencyMode.parse(event.currentTarget.value))}
			>
				{LatencyMode.options.map((each) => (
					<option key={each} value={each}>
						{MODE_WORDS[each].label}
					</option>
				))}
			</select>
			<button type="submit" class={controls.primary} disabled={isBusy || title.trim() === ""}>
				Save
			</button>
			<button type="button" class={controls.quiet} onClick={done}>
				Cancel
			</button>
		</form>
	);
}
