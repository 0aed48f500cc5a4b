import { levelOf } from "./sound-level.ts";

/** Often enough for a bar that seems to follow the voice; a timer, not frames, because it must go on behind other pages. */
const EVERY_MS = 50;

/** Calls back with the level of the first audio track, 0–1, 20 times a second. Returns how to stop. */
export function measureSound(media: MediaStream, tell: (level: number) => void): () => void {
	const context = new AudioContext();
	const analyser = context.createAnalyser();
	analyser.fftSize = 1024;
	context.createMediaStreamSource(media).connect(analyser);
	const samples = new Float32Array(analyser.fftSize);
	const timer = setInterval(() => {
		// A page that nobody has touched yet has its sound suspended.
		if (context.state === "suspended") void context.resume();
		analyser.getFloatTimeDomainData(samples);
		tell(levelOf(samples));
	}, EVERY_MS);
	return () => {
		clearInterval(timer);
		void context.close();
	};
}
