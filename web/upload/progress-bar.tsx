import type { JSX } from "preact";
import styles from "./progress-bar.module.css";

/** A determinate bar. `label` names it; `value` is 0 to 1. */
export function ProgressBar({
	value,
	label,
	tone = "work",
}: {
	value: number;
	label: string;
	tone?: "work" | "rest" | "good" | "bad";
}): JSX.Element {
	const percent = Math.floor(Math.min(1, Math.max(0, value)) * 100);
	return (
		<div
			class={styles.track}
			role="progressbar"
			tabIndex={-1}
			aria-label={label}
			aria-valuemin={0}
			aria-valuemax={100}
			aria-valuenow={percent}
			data-tone={tone}
		>
			<div class={styles.fill} style={{ transform: `scaleX(${percent / 100})` }} />
		</div>
	);
}
