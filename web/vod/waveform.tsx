import type { JSX } from "preact";
import { useId, useRef } from "preact/hooks";
import { formatClock } from "../shell/time.ts";
import styles from "./audio-face.module.css";
import { waveformBars } from "./waveform-shape.ts";

const BARS = 160;
const HEIGHT = 100;
const STEP_MS = 5000;
const LEAP_MS = 30_000;

/** The loudness of a work over its length; a click or a key goes there. Without `peaks` it is a flat line that works the same. */
export function Waveform({
	peaks,
	positionMs,
	durationMs,
	seek,
}: {
	peaks: readonly number[] | null;
	positionMs: number;
	durationMs: number;
	seek: (ms: number) => void;
}): JSX.Element {
	const root = useRef<HTMLDivElement>(null);
	const clip = useId();
	const share = durationMs === 0 ? 0 : Math.min(1, positionMs / durationMs);
	const path = barsPath(waveformBars(peaks ?? [], BARS));
	function seekTo(event: PointerEvent): void {
		const box = root.current?.getBoundingClientRect();
		if (box === undefined || box.width === 0) return;
		seek(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * durationMs);
	}
	return (
		<div
			ref={root}
			class={styles.waveform}
			role="slider"
			tabIndex={0}
			aria-label="Position"
			aria-valuemin={0}
			aria-valuemax={Math.round(durationMs / 1000)}
			aria-valuenow={Math.round(positionMs / 1000)}
			aria-valuetext={`${formatClock(positionMs)} of ${formatClock(durationMs)}`}
			data-testid="waveform"
			onPointerDown={(event) => {
				root.current?.setPointerCapture(event.pointerId);
				seekTo(event);
			}}
			onPointerMove={(event) => {
				if (event.buttons === 1) seekTo(event);
			}}
			onKeyDown={(event) => {
				const target = keyTarget(event.key, positionMs, durationMs);
				if (target === null) return;
				event.preventDefault();
				event.stopPropagation();
				seek(Math.min(durationMs, Math.max(0, target)));
			}}
		>
			<svg viewBox={`0 0 ${BARS * 4} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
				<clipPath id={clip}>
					<rect x="0" y="0" width={share * BARS * 4} height={HEIGHT} />
				</clipPath>
				<path class={styles.bars} d={path} />
				<path class={styles.played} d={path} clip-path={`url(#${clip})`} />
			</svg>
		</div>
	);
}

function barsPath(bars: readonly number[]): string {
	return bars
		.map((bar, index) => {
			const height = Math.max(2, bar * HEIGHT);
			return `M${index * 4 + 0.5} ${(HEIGHT - height) / 2}h3v${height}h-3z`;
		})
		.join("");
}

function keyTarget(key: string, positionMs: number, durationMs: number): number | null {
	switch (key) {
		case "ArrowLeft":
		case "ArrowDown":
			return positionMs - STEP_MS;
		case "ArrowRight":
		case "ArrowUp":
			return positionMs + STEP_MS;
		case "PageDown":
			return positionMs - LEAP_MS;
		case "PageUp":
			return positionMs + LEAP_MS;
		case "Home":
			return 0;
		case "End":
			return durationMs;
		default:
			return null;
	}
}
