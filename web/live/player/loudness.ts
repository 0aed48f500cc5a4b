/** What loud works are turned down to, LUFS: goal G80, as the large services do (AES TD1008 §4 recommends -14 at most for music). */
export const TARGET_LUFS = -14;

/** The factor to play a work of this loudness with, 0 to 1. Soft works stay as they are: to make them louder could clip. Null: not known. */
export function loudnessGain(loudnessLufs: number | null): number {
	if (loudnessLufs === null || !Number.isFinite(loudnessLufs)) return 1;
	return Math.min(1, 10 ** ((TARGET_LUFS - loudnessLufs) / 20));
}

/**
 * Plays a media element with a factor of its own: whoever asks for its `volume` gets, and sets, what the person has chosen; what sounds is
 * that times the factor. So the slider stays where it was put, and nothing has to pass through Web Audio, which would bind the element
 * for good and stand still until the first tap. Where volume is the system's alone (iOS) nothing changes.
 */
export class EvenLoudness {
	readonly #video: HTMLMediaElement;
	readonly #native: PropertyDescriptor;
	#chosen: number;
	#gain = 1;

	constructor(video: HTMLMediaElement) {
		this.#video = video;
		this.#native = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "volume") ?? {};
		this.#chosen = video.volume;
		Object.defineProperty(video, "volume", {
			configurable: true,
			get: () => this.#chosen,
			set: (volume: number) => this.#choose(volume),
		});
	}

	/** Of what is open, 0 to 1. */
	set gain(gain: number) {
		this.#gain = gain;
		this.#choose(this.#chosen);
	}

	get gain(): number {
		return this.#gain;
	}

	/** The element itself refuses what is no volume (HTML §4.8.11.13), and then nothing is chosen. */
	#choose(volume: number): void {
		this.#native.set?.call(this.#video, volume >= 0 && volume <= 1 ? volume * this.#gain : volume);
		this.#chosen = volume;
	}
}
