/** The quietest level that shows, dB below full scale. */
const FLOOR_DB = -60;

/** Loudness of samples (−1 to 1) on a scale from 0 to 1 that is even to the ear. */
export function levelOf(samples: ArrayLike<number>): number {
	let sum = 0;
	for (let index = 0; index < samples.length; index += 1) {
		const sample = samples[index] ?? 0;
		sum += sample * sample;
	}
	if (sum === 0 || samples.length === 0) return 0;
	const decibels = 10 * Math.log10(sum / samples.length);
	return Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB));
}

/** A linear amplitude, 0–1 (as WebRTC tells it), on the same scale. */
export function levelOfAmplitude(amplitude: number): number {
	return levelOf([amplitude]);
}

/** From this level on a sound is a voice and not the room. */
export const VOICE_LEVEL = 0.4;
