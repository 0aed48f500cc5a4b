import { describe, expect, test } from "vitest";
import { bytesOf, chunkPlan } from "./chunk-plan.ts";

describe("the chunk plan", () => {
	test("covers the file without gap or overlap, only the last chunk is shorter", () => {
		const plan = chunkPlan(25, 10);

		expect(plan).toEqual([
			{ index: 0, start: 0, end: 10 },
			{ index: 1, start: 10, end: 20 },
			{ index: 2, start: 20, end: 25 },
		]);
	});

	test("has no short chunk when the size is a multiple", () => {
		const plan = chunkPlan(20, 10);

		expect(plan.map(({ start, end }) => end - start)).toEqual([10, 10]);
	});

	test("of an empty file has no chunk", () => {
		expect(chunkPlan(0, 10)).toEqual([]);
	});

	test("holds for 20 GiB without rounding", () => {
		const plan = chunkPlan(20 * 1024 ** 3, 8 * 1024 ** 2);

		expect(plan).toHaveLength(2560);
		expect(plan.at(-1)?.end).toBe(20 * 1024 ** 3);
	});

	test("refuses a chunk size that is none", () => {
		expect(() => chunkPlan(10, 0)).toThrow(RangeError);
	});

	test("adds up the bytes of some chunks and ignores what is not in it", () => {
		const plan = chunkPlan(25, 10);

		expect(bytesOf(plan, [0, 2, 9])).toBe(15);
	});
});
