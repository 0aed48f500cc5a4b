import { fullJitterMs } from "../shell/backoff.ts";

/** PUTs of one file at a time (CONTRACT: four). */
export const PARALLEL_CHUNKS = 4;
/** Failures of one chunk in a row after which we stop and say so: with the waits below about two minutes. */
export const MOST_FAILURES = 10;
const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = 20_000;
/** Even the luckiest retry waits this long. */
const RETRY_LEAST_MS = 250;

type ChunkState =
	| { kind: "waiting"; notBefore: number; failures: number }
	| { kind: "flying"; failures: number }
	| { kind: "done" };

/**
 * Which chunk goes next: in order, a few at a time, failed ones again after growing waits. Pure: the caller brings clock and chance,
 * sends the chunks, and says how that ended.
 */
export class ChunkQueue {
	readonly #chunks: ChunkState[];
	readonly #parallel: number;

	constructor({
		count,
		done,
		parallel = PARALLEL_CHUNKS,
	}: {
		count: number;
		/** Chunks that need not be sent. */
		done: Iterable<number>;
		parallel?: number;
	}) {
		const isDone = new Set(done);
		this.#parallel = parallel;
		this.#chunks = Array.from({ length: count }, (_, index) =>
			isDone.has(index) ? { kind: "done" } : { kind: "waiting", notBefore: 0, failures: 0 },
		);
	}

	/** Takes the next chunk to send, or null: all lines are busy, or everything waits or is done. */
	take(now: number): number | null {
		if (this.#count("flying") >= this.#parallel) return null;
		const index = this.#chunks.findIndex((chunk) => chunk.kind === "waiting" && chunk.notBefore <= now);
		const chunk = this.#chunks[index];
		if (chunk?.kind !== "waiting") return null;
		this.#chunks[index] = { kind: "flying", failures: chunk.failures };
		return index;
	}

	/** The chunks that will go next, for asking for their addresses together. */
	upcoming(most: number): number[] {
		const indexes: number[] = [];
		for (const [index, chunk] of this.#chunks.entries()) {
			if (indexes.length >= most) break;
			if (chunk.kind !== "done") indexes.push(index);
		}
		return indexes;
	}

	/** The chunk is there. */
	succeeded(index: number): void {
		this.#chunks[index] = { kind: "done" };
	}

	/** It did not go through. False: it has failed too often, give up. `random`: 0 ≤ random < 1. */
	failed(index: number, now: number, random: number): boolean {
		const chunk = this.#chunks[index];
		if (chunk?.kind !== "flying") return true;
		const failures = chunk.failures + 1;
		const waitMs = fullJitterMs({
			attempt: failures - 1,
			baseMs: RETRY_BASE_MS,
			capMs: RETRY_CAP_MS,
			random,
		});
		this.#chunks[index] = { kind: "waiting", notBefore: now + RETRY_LEAST_MS + waitMs, failures };
		return failures < MOST_FAILURES;
	}

	/** It was called off, by a pause or a lost network: that is no failure of the chunk. */
	released(index: number): void {
		const chunk = this.#chunks[index];
		if (chunk?.kind === "flying") {
			this.#chunks[index] = { kind: "waiting", notBefore: 0, failures: chunk.failures };
		}
	}

	/** The server misses these after all. */
	missing(indexes: Iterable<number>): void {
		for (const index of indexes) {
			if (this.#chunks[index] !== undefined) {
				this.#chunks[index] = { kind: "waiting", notBefore: 0, failures: 0 };
			}
		}
	}

	/** Waits are over and failures forgotten, as when somebody presses "Try again". */
	forgive(): void {
		for (const [index, chunk] of this.#chunks.entries()) {
			if (chunk.kind === "waiting") this.#chunks[index] = { kind: "waiting", notBefore: 0, failures: 0 };
		}
	}

	/** When the next waiting chunk may go, ms; null if none waits. */
	nextAt(): number | null {
		let next: number | null = null;
		for (const chunk of this.#chunks) {
			if (chunk.kind === "waiting" && (next === null || chunk.notBefore < next)) next = chunk.notBefore;
		}
		return next;
	}

	get done(): number[] {
		return this.#chunks.flatMap((chunk, index) => (chunk.kind === "done" ? [index] : []));
	}

	get isDone(): boolean {
		return this.#chunks.every((chunk) => chunk.kind === "done");
	}

	#count(kind: ChunkState["kind"]): number {
		return this.#chunks.filter((chunk) => chunk.kind === kind).length;
	}
}
