import { expect, test } from "vitest";
import { artShape } from "./art-shape.ts";

test("the same channel always looks the same, another one different", () => {
	expect(artShape("ch_1")).toEqual(artShape("ch_1"));
	expect(artShape("ch_1")).not.toEqual(artShape("ch_2"));
});

test("bars stay within the picture", () => {
	for (const seed of ["", "ch_01ARZ3NDEKTSV4RRFFQ69G5FAV", "@ada", "ü"]) {
		const { bars, hue } = artShape(seed);

		expect(Math.min(...bars)).toBeGreaterThan(0);
		expect(Math.max(...bars)).toBeLessThanOrEqual(1);
		expect(hue).toBeGreaterThanOrEqual(0);
		expect(hue).toBeLessThan(360);
	}
});
