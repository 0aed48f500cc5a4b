/** A number of places; who finds none waits in line. */
export class Slots {
	#free: number;
	readonly #waiting: (() => void)[] = [];

	constructor(count: number) {
		this.#free = count;
	}

	/** Waits for a place. Call what is returned once, to give it back. Ends in AbortError if `signal` aborts first. */
	async take(signal: AbortSignal): Promise<() => void> {
		signal.throwIfAborted();
		if (this.#free > 0) this.#free -= 1;
		else await this.#wait(signal);
		let isHeld = true;
		return () => {
			if (isHeld) this.#giveBack();
			isHeld = false;
		};
	}

	#wait(signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const enter = () => {
				signal.removeEventListener("abort", leave);
				resolve();
			};
			const leave = () => {
				this.#waiting.splice(this.#waiting.indexOf(enter), 1);
				reject(new DOMException("Called off", "AbortError"));
			};
			signal.addEventListener("abort", leave, { once: true });
			this.#waiting.push(enter);
		});
	}

	#giveBack(): void {
		const next = this.#waiting.shift();
		if (next === undefined) this.#free += 1;
		else next();
	}
}
