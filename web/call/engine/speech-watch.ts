/** Louder than breath and keyboards, 0..1 of `CallMedia.level`. */
const SPEECH_LEVEL = 0.06;
/** Loud for so long in a row: speech, not a knock, ms. */
const BEGINS_AFTER_MS = 150;
/** A pause for breath is no end of speech, ms. */
const ENDS_AFTER_MS = 1200;
/** The room is told at most so often, ms. */
const SAY_EVERY_MS = 2000;

/** Hears from a level when a person begins to speak. Times in ms of one clock. */
export class SpeechWatch {
	#loudSince: number | null = null;
	#lastLoudAt = Number.NEGATIVE_INFINITY;
	#isSpeaking = false;
	#saidAt = Number.NEGATIVE_INFINITY;

	get isSpeaking(): boolean {
		return this.#isSpeaking;
	}

	/** `hasFloor`: the room thinks that we are the one who speaks. True when it should be told that we are. */
	observe(level: number, now: number, hasFloor: boolean): boolean {
		if (level >= SPEECH_LEVEL) {
			this.#loudSince ??= now;
			this.#lastLoudAt = now;
			if (now - this.#loudSince >= BEGINS_AFTER_MS) this.#isSpeaking = true;
		} else if (now - this.#lastLoudAt > ENDS_AFTER_MS) {
			this.#isSpeaking = false;
			this.#loudSince = null;
		} else if (!this.#isSpeaking) this.#loudSince = null;
		const isLoudNow = now - this.#lastLoudAt < BEGINS_AFTER_MS;
		if (!this.#isSpeaking || !isLoudNow || hasFloor || now - this.#saidAt < SAY_EVERY_MS) return false;
		this.#saidAt = now;
		return true;
	}
}
