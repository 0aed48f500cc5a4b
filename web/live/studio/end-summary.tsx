import type { JSX } from "preact";
import controls from "../../shell/controls.module.css";
import { CopyButton } from "../../shell/copy-button.tsx";
import { Icon } from "../../shell/icons.tsx";
import { formatClock, plural } from "../../shell/time.ts";
import styles from "./studio.module.css";
import type { StudioSession } from "./studio-session.ts";

/** After the end: how it went, and what is left of it. */
export function EndSummary({ studio }: { studio: StudioSession }): JSX.Element | null {
	const stream = studio.ended.value;
	if (stream === null) return null;
	const startedAt = stream.startedAt === null ? null : Date.parse(stream.startedAt);
	const endedAt = stream.endedAt === null ? Date.now() : Date.parse(stream.endedAt);
	const path = `/watch/${stream.streamID}`;
	const hasRecording = stream.renditions.length > 0;
	return (
		<div class={styles.summary} data-testid="studio-summary">
			<p class={styles.kicker}>Off air</p>
			<h1>{stream.title}</h1>
			<dl class={styles.summaryFigures}>
				<div>
					<dt>On air</dt>
					<dd>{startedAt === null ? "–" : formatClock(endedAt - startedAt)}</dd>
				</div>
				<div>
					<dt>Most at once</dt>
					<dd>{plural(stream.peakWatchers, "viewer")}</dd>
				</div>
				<div>
					<dt>Recording</dt>
					<dd>{hasRecording ? "Ready" : "None"}</dd>
				</div>
			</dl>
			<div class={styles.summaryActions}>
				{hasRecording ? (
					<>
						<a class={controls.primary} href={path}>
							<Icon name="play" size={18} />
							Watch the recording
						</a>
						<CopyButton class={controls.button} text={location.origin + path} label="Copy its link">
							<span>Copy its link</span>
						</CopyButton>
					</>
				) : null}
				<button type="button" class={controls.button} onClick={() => studio.again()}>
					<Icon name="broadcast" size={18} />
					Go live again
				</button>
			</div>
		</div>
	);
}
