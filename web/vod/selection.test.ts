import { expect, test } from "vitest";
import { choose, chooseAll, NOTHING_SELECTED } from "./selection.ts";

const shown = ["a", "b", "c", "d"];
const one = (id: string) => choose(NOTHING_SELECTED, shown, { id, isRange: false });

test("one is chosen and left again", () => {
	expect([...one("b").chosen]).toEqual(["b"]);
	expect([...choose(one("b"), shown, { id: "b", isRange: false }).chosen]).toEqual([]);
});

test("a range goes from what was chosen last, in either direction", () => {
	expect([...choose(one("b"), shown, { id: "d", isRange: true }).chosen]).toEqual(["b", "c", "d"]);
	expect([...choose(one("c"), shown, { id: "a", isRange: true }).chosen].toSorted()).toEqual(["a", "b", "c"]);
});

test("a range without a beginning, or whose beginning is not shown any more, is one", () => {
	expect([...choose(NOTHING_SELECTED, shown, { id: "c", isRange: true }).chosen]).toEqual(["c"]);
	expect([...choose(one("b"), ["c", "d"], { id: "d", isRange: true }).chosen]).toEqual(["b", "d"]);
});

test("all that is shown, then nothing", () => {
	const all = chooseAll(one("b"), shown);

	expect([...all.chosen]).toEqual(shown);
	expect([...chooseAll(all, shown).chosen]).toEqual([]);
});
