/** Hidden pages draw no frames; their messages are taken in at this pace, ms. */
const HIDDEN_EVERY_MS = 500;

/** Collects what comes in and hands it over once per animation frame, so that a hundred messages a second cost sixty updates. */
export class FrameBatch<T> {
	readonly #flush: (items: readonly T[]) => void;
	#items: T[] = [];
	#frame: number | null = null;
	#timer: ReturnType<typeof setTimeout> | null = null;

	constructor(flush: (items: readonly T[]) => void) {
		this.#flush = flush;
	}

	/** To be handed over with the next frame. */
	add(items: readonly T[]): void {
		this.#items.push(...items);
		if (this.#frame !== null || this.#timer !== null) return;
		if (document.hidden) this.#timer = setTimeout(() => this.#run(), HIDDEN_EVERY_MS);
		else {
			this.#frame = requestAnimationFrame(() => this.#run());
			// A page that is hidden between now and the frame would wait for ever.
			this.#timer = setTimeout(() => this.#run(), HIDDEN_EVERY_MS);
		}
	}

	/** Forgets what is waiting. */
	stop(): void {
		this.#cancel();
		this.#items = [];
	}

	#run(): void {
		this.#cancel();
		const items = this.#items;
		this.#items = [];
		if (items.length > 0) this.#flush(items);
	}

	#cancel(): void {
		if (this.#frame !== null) cancelAnimationFrame(this.#frame);
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#frame = null;
		this.#timer = null;
	}
}
