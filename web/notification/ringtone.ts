import { playNote } from "../call/devices/speaker-test.ts";

/** Two rising pairs, then a pause: heard in the next room, borne for 45 seconds. Hz. */
const TUNE_HZ = [587.33, 739.99, 880, 739.99] as const;
const NOTE_EVERY_SECONDS = 0.22;
const ROUND_MS = 2600;
const LOCK = "rostrum.ringtone";

/** Rings until it is stopped. Of several pages of this browser only one does. Silent where the page was never touched. */
export function startRingtone(): () => void {
	const controller = new AbortController();
	const { signal } = controller;
	const ring = () => ringUntil(signal);
	if (navigator.locks === undefined) void ring();
	else {
		navigator.locks.request(LOCK, { signal }, ring).catch(() => {
			// Called off while another page rang.
		});
	}
	return () => controller.abort();
}

async function ringUntil(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	const context = new AudioContext();
	const play = () => {
		// Without a gesture the browser keeps it suspended: then the dialog and the title have to do.
		if (context.state !== "running") return;
		TUNE_HZ.forEach((frequency, index) => {
			const at = context.currentTime + 0.05 + index * NOTE_EVERY_SECONDS;
			playNote(context, context.destination, { frequency, at, gain: 0.18 });
		});
	};
	const timer = setInterval(play, ROUND_MS);
	// Where it may not sound, this waits until somebody touches the page; the end is not waited for.
	void context.resume().then(play);
	await new Promise<void>((resolve) => {
		if (signal.aborted) resolve();
		signal.addEventListener("abort", () => resolve(), { once: true });
	});
	clearInterval(timer);
	await context.close();
}
