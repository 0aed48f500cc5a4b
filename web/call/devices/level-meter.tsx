import type { ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import styles from "./devices.module.css";

const BARS = 14;

/** How loud the voice is, as a row of lamps. Screen readers are given a meter that does not chatter. */
export function LevelMeter({
	level,
	isMuted,
	label,
}: {
	level: ReadonlySignal<number>;
	isMuted: boolean;
	label: string;
}): JSX.Element {
	const lit = Math.round(level.value * BARS);
	return (
		<div
			class={styles.meter}
			data-muted={isMuted}
			data-testid="level-meter"
			data-lit={lit}
			role="img"
			aria-label={isMuted ? `${label}: muted` : label}
		>
			{Array.from({ length: BARS }, (_, index) => (
				<span key={index} class={styles.lamp} data-lit={index < lit} data-hot={index >= BARS - 2} />
			))}
		</div>
	);
}
