import { effect, type ReadonlySignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { VOICE_LEVEL } from "../../devices/sound-level.ts";

/** Between words a voice is still speaking, ms. */
const PAUSE_MS = 500;

/** Whether somebody speaks just now. `toLevel` puts the signal's scale onto the ear's. */
export function useVoice(level: ReadonlySignal<number>, toLevel: (value: number) => number): boolean {
	const [isSpeaking, setSpeaking] = useState(false);
	useEffect(() => {
		let timer: ReturnType<typeof setTimeout> | null = null;
		const stop = effect(() => {
			if (toLevel(level.value) < VOICE_LEVEL) return;
			setSpeaking(true);
			if (timer !== null) clearTimeout(timer);
			timer = setTimeout(() => setSpeaking(false), PAUSE_MS);
		});
		return () => {
			stop();
			if (timer !== null) clearTimeout(timer);
		};
	}, [level, toLevel]);
	return isSpeaking;
}
