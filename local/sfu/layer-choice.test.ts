import { describe, expect, test } from "vitest";
import { chooseLayer } from "./layer-choice.ts";

const ALL = ["a", "b", "c"];
const BITRATES = { a: 1_200_000, b: 400_000, c: 130_000 };
const FOLLOW = { priorityOrdering: "asciibetical", ridNotAvailable: "asciibetical" } as const;

function options(available: readonly string[]) {
	return (["c", "a", "b"] as const).map((rid) => ({
		rid,
		isAvailable: available.includes(rid),
		bitrateBps: BITRATES[rid],
	}));
}

const BEST = { preferredRid: "a", ...FOLLOW };
const ENOUGH = Number.POSITIVE_INFINITY;

describe("what is wished for", () => {
	test.each(ALL)("%s is given if it is sent", (rid) => {
		expect(chooseLayer(options(ALL), { preferredRid: rid }, ENOUGH)).toBe(rid);
	});

	test("without a wish it is the best", () => {
		expect(chooseLayer(options(ALL), undefined, ENOUGH)).toBe("a");
	});

	test("a track without rids is given whatever is wished for", () => {
		const single = [{ rid: "", isAvailable: true, bitrateBps: 1 }];

		expect(chooseLayer(single, { preferredRid: "a" }, ENOUGH)).toBe("");
	});

	test("nothing can be given of nothing", () => {
		expect(chooseLayer([], FOLLOW, ENOUGH)).toBeNull();
	});
});

describe("the layer is not sent", () => {
	test.each([
		["a", ["b", "c"], "b"],
		["a", ["c"], "c"],
		["b", ["a", "c"], "c"],
		["c", ["a", "b"], "b"],
		["x", ALL, "c"],
	])("asciibetical: instead of %s of %j it is %s", (preferredRid, available, expected) => {
		expect(chooseLayer(options(available), { preferredRid, ridNotAvailable: "asciibetical" }, ENOUGH)).toBe(
			expected,
		);
	});

	test("none, the default: it stays, and an unknown one gives nothing", () => {
		expect(chooseLayer(options(["b"]), { preferredRid: "a" }, ENOUGH)).toBe("a");
		expect(chooseLayer(options(ALL), { preferredRid: "x" }, ENOUGH)).toBeNull();
	});
});

describe("the connection does not carry it", () => {
	test.each([
		[2_000_000, "a"],
		[500_000, "b"],
		[200_000, "c"],
		[10_000, "c"],
	])("asciibetical: with %i bit/s it is %s", (budgetBps, expected) => {
		expect(chooseLayer(options(ALL), { preferredRid: "a", ...FOLLOW }, budgetBps)).toBe(expected);
	});

	test("bandwidth never leads above what is wished for", () => {
		expect(chooseLayer(options(ALL), { preferredRid: "b", ...FOLLOW }, 9_000_000)).toBe("b");
	});

	test("none, the default: it is sent regardless", () => {
		expect(chooseLayer(options(ALL), { preferredRid: "a" }, 1)).toBe("a");
	});
});

describe("the layer being sent", () => {
	test("is left only if it takes clearly more than there is", () => {
		expect(chooseLayer(options(ALL), BEST, BITRATES.b * 0.95, "b")).toBe("b");
		expect(chooseLayer(options(ALL), BEST, BITRATES.b * 0.8, "b")).toBe("c");
	});

	test("is left for a better one only if that takes clearly less than there is", () => {
		expect(chooseLayer(options(ALL), BEST, BITRATES.b * 1.05, "c")).toBe("c");
		expect(chooseLayer(options(ALL), BEST, BITRATES.b * 1.2, "c")).toBe("b");
	});
});
