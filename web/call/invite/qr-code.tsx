import type { JSX } from "preact";
import { encode } from "uqr";
import styles from "./invite.module.css";

/** A QR code, dark on light in both themes: readers expect it so. Loaded only when it is opened. */
export function QrCode({ text, label }: { text: string; label: string }): JSX.Element {
	const { data, size } = encode(text, { ecc: "M", border: 3 });
	const path = data
		.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
		.join("");
	return (
		<svg
			class={styles.code}
			viewBox={`0 0 ${size} ${size}`}
			role="img"
			aria-label={label}
			shape-rendering="crispEdges"
		>
			<path d={path} fill="#0b0d10" />
		</svg>
	);
}
