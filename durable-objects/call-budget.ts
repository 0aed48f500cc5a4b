/** Names kept before those with a full bucket are forgotten. */
const MAX_NAMES = 500;

/**
 * How much each may still ask of the room: a bucket that fills by the second, for a participant or a user, whatever sockets they
 * come by. Of this life of the object only: after a nap all are full.
 */
export class CallBudget<Name extends string> {
	readonly #burst: number;
	readonly #perSecond: number;
	readonly #spent = new Map<Name, { left: number; at: number }>();

	constructor({ burst, perSecond }: { burst: number; perSecond: number }) {
		this.#burst = burst;
		this.#perSecond = perSecond;
	}

	/** False if not enough is left; then nothing is taken. */
	spend(name: Name, cost: number, now: number): boolean {
		if (this.#spent.size >= MAX_NAMES) this.#forgetFull(now);
		const left = this.#leftOf(name, now) - cost;
		if (left < 0) return false;
		this.#spent.set(name, { left, at: now });
		return true;
	}

	#leftOf(name: Name, now: number): number {
		const known = this.#spent.get(name);
		if (!known) return this.#burst;
		return Math.min(this.#burst, known.left + ((now - known.at) / 1000) * this.#perSecond);
	}

	#forgetFull(now: number): void {
		for (const name of this.#spent.keys())
			if (this.#leftOf(name, now) >= this.#burst) this.#spent.delete(name);
	}
}
