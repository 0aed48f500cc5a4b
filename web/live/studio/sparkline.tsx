import type { JSX } from "preact";
import styles from "./health.module.css";
import { sparkPath } from "./spark-path.ts";

const WIDTH = 240;
const HEIGHT = 48;

/** The last minute of a figure as a line. The words beside it say what matters. */
export function Sparkline({
	values,
	label,
}: {
	values: readonly (number | null)[];
	label: string;
}): JSX.Element {
	return (
		<svg
			class={styles.spark}
			viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
			preserveAspectRatio="none"
			role="img"
			aria-label={label}
		>
			<path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} stroke="var(--hairline)" vector-effect="non-scaling-stroke" />
			<path
				d={sparkPath(values, WIDTH, HEIGHT)}
				fill="none"
				stroke="currentColor"
				stroke-width="1.6"
				stroke-linejoin="round"
				vector-effect="non-scaling-stroke"
			/>
		</svg>
	);
}
