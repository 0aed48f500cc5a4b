import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { levelOf } from "./sound-level.ts";
import styles from "./studio.module.css";

/** How often screen readers may read the level, ms. */
const SPOKEN_EVERY_MS = 1000;

/** How loud the voice is, so that one sees that it is heard. */
export function MicMeter({ media, isMuted }: { media: MediaStream; isMuted: boolean }): JSX.Element | null {
	const meter = useRef<HTMLDivElement>(null);
	const hasSound = media.getAudioTracks().length > 0;
	useEffect(() => {
		const element = meter.current;
		if (element === null || !hasSound) return;
		return measure(media, (level) => paint(element, level));
	}, [media, hasSound]);
	if (!hasSound) return <p class={styles["noSound"]}>No sound</p>;
	return (
		<div
			ref={meter}
			class={styles["meter"]}
			role="meter"
			aria-label="Sound level"
			aria-valuemin={0}
			aria-valuemax={100}
			aria-valuenow={0}
			data-muted={isMuted}
		>
			<div class={styles["meterBar"]} />
		</div>
	);
}

/** Calls back with the level, 0–1, at each frame. Returns how to stop. */
function measure(media: MediaStream, tell: (level: number) => void): () => void {
	const context = new AudioContext();
	const analyser = context.createAnalyser();
	analyser.fftSize = 1024;
	context.createMediaStreamSource(media).connect(analyser);
	const samples = new Float32Array(analyser.fftSize);
	let frame = requestAnimationFrame(function next() {
		analyser.getFloatTimeDomainData(samples);
		tell(levelOf(samples));
		frame = requestAnimationFrame(next);
	});
	return () => {
		cancelAnimationFrame(frame);
		void context.close();
	};
}

let lastSpokenAt = 0;

function paint(meter: HTMLElement, level: number): void {
	const bar = meter.firstElementChild;
	if (bar instanceof HTMLElement) bar.style.transform = `scaleX(${level.toFixed(3)})`;
	const now = performance.now();
	if (now - lastSpokenAt < SPOKEN_EVERY_MS) return;
	lastSpokenAt = now;
	meter.setAttribute("aria-valuenow", String(Math.round(level * 100)));
}
