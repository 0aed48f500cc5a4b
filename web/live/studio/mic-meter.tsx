import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { measureSound } from "../../devices/sound-meter.ts";
import styles from "./browser.module.css";

/** How often screen readers may read the level, ms. */
const SPOKEN_EVERY_MS = 1000;

/** How loud the voice is, so that one sees that it is heard. */
export function MicMeter({ media, isMuted }: { media: MediaStream; isMuted: boolean }): JSX.Element | null {
	const bar = useRef<HTMLDivElement>(null);
	const meter = useRef<HTMLMeterElement>(null);
	const hasSound = media.getAudioTracks().length > 0;
	useEffect(() => {
		if (!hasSound) return;
		let lastSpokenAt = 0;
		return measureSound(media, (level) => {
			if (bar.current !== null) bar.current.style.transform = `scaleX(${level.toFixed(3)})`;
			const now = performance.now();
			if (now - lastSpokenAt < SPOKEN_EVERY_MS || meter.current === null) return;
			lastSpokenAt = now;
			meter.current.value = level;
		});
	}, [media, hasSound]);
	if (!hasSound) return <p class={styles.noSound}>No sound</p>;
	return (
		<div class={styles.meter} data-muted={isMuted}>
			<meter ref={meter} class="visually-hidden" aria-label="Sound level" min={0} max={1} value={0} />
			<div ref={bar} class={styles.meterBar} aria-hidden="true" />
		</div>
	);
}
