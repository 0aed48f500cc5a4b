import { describe, expect, test } from "vitest";
import { ChunkQueue, MOST_FAILURES } from "./chunk-queue.ts";

function takeAll(queue: ChunkQueue, now: number): number[] {
	const taken: number[] = [];
	for (let index = queue.take(now); index !== null; index = queue.take(now)) taken.push(index);
	return taken;
}

describe("the chunk queue", () => {
	test("sends four at a time, in order", () => {
		const queue = new ChunkQueue({ count: 6, done: [] });

		expect(takeAll(queue, 0)).toEqual([0, 1, 2, 3]);
	});

	test("goes on with the next one when one is through", () => {
		const queue = new ChunkQueue({ count: 6, done: [] });
		takeAll(queue, 0);
		queue.succeeded(2);

		expect(takeAll(queue, 0)).toEqual([4]);
	});

	test("never sends what is there already", () => {
		const queue = new ChunkQueue({ count: 5, done: [0, 1, 3] });

		expect(takeAll(queue, 0)).toEqual([2, 4]);
	});

	test("lets others pass while a failed one waits, and sends it again afterwards", () => {
		const queue = new ChunkQueue({ count: 3, done: [], parallel: 1 });
		queue.take(0);
		queue.failed(0, 0, 0.999);

		expect(queue.take(0)).toBe(1);
		queue.succeeded(1);
		expect(queue.take(0)).toBe(2);
		queue.succeeded(2);
		expect(queue.take(0)).toBeNull();
		expect(queue.take(queue.nextAt() ?? 0)).toBe(0);
	});

	test("waits longer after each failure", () => {
		const queue = new ChunkQueue({ count: 1, done: [] });
		const waits: number[] = [];
		let now = 0;
		for (let turn = 0; turn < 5; turn += 1) {
			queue.take(now);
			queue.failed(0, now, 0.999);
			const next = queue.nextAt() ?? 0;
			waits.push(next - now);
			now = next;
		}

		expect([...waits].sort((a, b) => a - b)).toEqual(waits);
		expect(waits.at(-1)).toBeGreaterThan(5000);
	});

	test("gives up after too many failures of one chunk, and not before", () => {
		const queue = new ChunkQueue({ count: 1, done: [] });
		const verdicts: boolean[] = [];
		for (let turn = 0; turn < MOST_FAILURES; turn += 1) {
			queue.take(queue.nextAt() ?? 0);
			verdicts.push(queue.failed(0, 0, 0));
		}

		expect(verdicts.slice(0, -1)).not.toContain(false);
		expect(verdicts.at(-1)).toBe(false);
	});

	test("a chunk that was called off has not failed and goes at once", () => {
		const queue = new ChunkQueue({ count: 1, done: [] });
		for (let turn = 0; turn < 50; turn += 1) {
			queue.take(0);
			queue.released(0);
		}

		expect(queue.take(0)).toBe(0);
		expect(queue.failed(0, 0, 0)).toBe(true);
	});

	test("is done when all are through, and not again when the server misses one", () => {
		const queue = new ChunkQueue({ count: 2, done: [0] });
		queue.take(0);
		queue.succeeded(1);

		expect(queue.isDone).toBe(true);
		queue.missing([0]);
		expect(queue.isDone).toBe(false);
		expect(queue.take(0)).toBe(0);
	});

	test("forgives: what waits goes at once", () => {
		const queue = new ChunkQueue({ count: 1, done: [] });
		queue.take(0);
		queue.failed(0, 0, 0.9);
		queue.forgive();

		expect(queue.take(0)).toBe(0);
	});

	test("names the chunks whose addresses are needed next, those in flight included", () => {
		const queue = new ChunkQueue({ count: 8, done: [1, 2] });
		queue.take(0);

		expect(queue.upcoming(4)).toEqual([0, 3, 4, 5]);
	});
});
