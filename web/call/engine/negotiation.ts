/**
 * Who may say what in the offers and answers of one pair ("perfect negotiation", W3C webrtc §10.7, with numbers instead of order).
 * Every offer has the next number, `gen`; answers and candidates carry the number of the offer they belong to. Lower numbers are
 * late and dropped. Outlives the connections of the pair, so that numbers never begin again.
 */
export class Negotiation {
	readonly #isPolite: boolean;
	#gen = 0;
	#isOffering = false;

	/** `isPolite`: gives way when both offer under one number. Exactly one of the two is. */
	constructor(isPolite: boolean) {
		this.#isPolite = isPolite;
	}

	/** Number of the negotiation that counts now; 0 before the first. */
	get gen(): number {
		return this.#gen;
	}

	/** An offer of ours is not answered yet. */
	get isOffering(): boolean {
		return this.#isOffering;
	}

	/** We are about to offer; returns the offer's number. */
	beginOffer(): number {
		this.#gen += 1;
		this.#isOffering = true;
		return this.#gen;
	}

	/** `yield`: it counts instead of our own. */
	takeOffer(gen: number): "take" | "yield" | "drop" {
		const isGlare = gen === this.#gen && this.#isOffering;
		if (gen < this.#gen || (gen === this.#gen && !isGlare) || (isGlare && !this.#isPolite)) return "drop";
		const verdict = this.#isOffering ? "yield" : "take";
		this.#gen = gen;
		this.#isOffering = false;
		return verdict;
	}

	takeAnswer(gen: number): boolean {
		if (!this.#isOffering || gen !== this.#gen) return false;
		this.#isOffering = false;
		return true;
	}

	/** `wait`: its offer has not come yet. */
	takeCandidate(gen: number): "take" | "wait" | "drop" {
		if (gen < this.#gen) return "drop";
		return gen === this.#gen ? "take" : "wait";
	}
}
