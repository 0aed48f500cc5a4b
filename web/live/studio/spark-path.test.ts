import { expect, test } from "vitest";
import { sparkPath } from "./spark-path.ts";

test("the highest value is at the top, zero at the bottom", () => {
	expect(sparkPath([0, 100], 100, 44)).toBe("M0 42L100 2");
});

test("what is unknown breaks the line", () => {
	expect(sparkPath([100, null, 100], 100, 44)).toBe("M0 2M100 2");
});

test("nothing makes no line", () => {
	expect(sparkPath([], 100, 44)).toBe("");
	expect(sparkPath([null, null], 100, 44)).toBe("");
});
