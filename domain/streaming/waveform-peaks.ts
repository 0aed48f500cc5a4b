export const PEAKS_PER_SECOND = 10;
const CHANNELS = 2;
const FULL_SCALE = 32_768;

/** The loudest sample of each tenth of a second, 0 to 1, out of interleaved stereo of 16 bits, little-endian, cut anywhere. */
export class WaveformPeaks {
	readonly #valuesPerPeak: number;
	readonly #sampleRate: number;
	readonly #peaks: number[] = [];
	#loudest = 0;
	#inPeak = 0;
	#values = 0;
	#half: number | null = null;

	constructor(sampleRate: number) {
		this.#sampleRate = sampleRate;
		this.#valuesPerPeak = (sampleRate * CHANNELS) / PEAKS_PER_SECOND;
	}

	/** Read so far. */
	get seconds(): number {
		return this.#values / CHANNELS / this.#sampleRate;
	}

	push(bytes: Uint8Array): void {
		let offset = 0;
		if (this.#half !== null && bytes.length > 0) {
			this.#value(this.#half | ((bytes[0] ?? 0) << 8));
			this.#half = null;
			offset = 1;
		}
		for (; offset + 1 < bytes.length; offset += 2) {
			this.#value((bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8));
		}
		if (offset < bytes.length) this.#half = bytes[offset] ?? 0;
	}

	/** All peaks, to three digits. */
	end(): number[] {
		if (this.#inPeak > 0) this.#close();
		return this.#peaks;
	}

	#value(word: number): void {
		const magnitude = Math.abs((word << 16) >> 16);
		if (magnitude > this.#loudest) this.#loudest = magnitude;
		this.#values += 1;
		this.#inPeak += 1;
		if (this.#inPeak === this.#valuesPerPeak) this.#close();
	}

	#close(): void {
		this.#peaks.push(Math.round((this.#loudest / FULL_SCALE) * 1000) / 1000);
		this.#loudest = 0;
		this.#inPeak = 0;
	}
}
