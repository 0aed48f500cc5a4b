import type { Part } from "../domain/streaming/repackager.ts";

/** A sent part is kept so long that the Worker may ask for it again. */
const KEEP_SEGMENTS = 4;

/** Parts of one rendition on their way, in order. Without I/O. */
export class PartQueue {
	readonly #parts: Part[] = [];
	readonly #maxWaitingTicks: number;
	/** Index of the next to send. */
	#next = 0;

	/** Holds at most so much media that was not sent. */
	constructor(options: { maxWaitingTicks: number }) {
		this.#maxWaitingTicks = options.maxWaitingTicks;
	}

	get waiting(): number {
		return this.#parts.length - this.#next;
	}

	/** The part to send now, or null. */
	get head(): Part | null {
		return this.#parts[this.#next] ?? null;
	}

	/** Adds a part. Returns the numbers of the whole segments that had to be dropped to make room. */
	push(part: Part): number[] {
		this.#parts.push(part);
		const dropped: number[] = [];
		while (this.#waitingTicks() > this.#maxWaitingTicks) {
			const segment = this.#parts[this.#next]?.segment;
			// The segment that is being made cannot be dropped: its other parts are still to come.
			if (segment === undefined || segment === part.segment) break;
			dropped.push(segment);
			const end = this.#parts.findIndex((one, index) => index >= this.#next && one.segment !== segment);
			this.#parts.splice(this.#next, end - this.#next);
		}
		return dropped;
	}

	/** The head was taken. */
	sent(): void {
		const head = this.#parts[this.#next];
		if (head === undefined) return;
		this.#next += 1;
		const firstKept = this.#parts.findIndex((part) => part.segment > head.segment - KEEP_SEGMENTS);
		this.#parts.splice(0, Math.min(firstKept, this.#next));
		this.#next -= Math.min(firstKept, this.#next);
	}

	/** Goes on with this part. False if it is no longer, or never was, here. */
	moveTo(expected: { segment: number; part: number }): boolean {
		const index = this.#parts.findIndex(
			(part) => part.segment === expected.segment && part.part === expected.part,
		);
		if (index >= 0) {
			this.#next = index;
			return true;
		}
		const newest = this.#parts.at(-1);
		const isAhead =
			newest !== undefined &&
			((newest.segment === expected.segment && newest.part + 1 === expected.part) ||
				(newest.last && newest.segment + 1 === expected.segment && expected.part === 0));
		if (isAhead) this.#next = this.#parts.length;
		return isAhead;
	}

	#waitingTicks(): number {
		return this.#parts.slice(this.#next).reduce((sum, part) => sum + part.duration, 0);
	}
}
