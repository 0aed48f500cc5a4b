/** No new frame for this long means that the picture stands, ms. */
const STANDS_MS = 1500;

/** Sees whether the picture moves. A media stream's video element does not say when it stands. */
export class FrameWatch {
	#frames = -1;
	#changedAt = 0;

	/** Begins anew, as with another engine. */
	reset(): void {
		this.#frames = -1;
	}

	/** `frames`: decoded so far; `now`: ms of a monotonic clock. */
	observe(frames: number, now: number): "moves" | "stands" | "unknown" {
		if (this.#frames === -1 || frames < this.#frames) {
			this.#frames = frames;
			this.#changedAt = now;
			return "unknown";
		}
		if (frames > this.#frames) {
			this.#frames = frames;
			this.#changedAt = now;
			return "moves";
		}
		return now - this.#changedAt > STANDS_MS ? "stands" : "unknown";
	}
}
