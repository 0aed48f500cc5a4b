import { expect, test } from "vitest";
import { participantID } from "./fixtures.ts";
import { chooseLayer, ForwardingTable } from "./forwarding.ts";

const LAYERS = [
	{ rid: "a", height: 1080 },
	{ rid: "b", height: 720 },
	{ rid: "c", height: 360 },
];
const ada = participantID(1);
const bob = participantID(2);
const cyd = participantID(3);

test.each([
	[1080, "a"],
	[2160, "a"],
	[721, "a"],
	[720, "b"],
	[361, "b"],
	[180, "c"],
])("a wish for %i lines gets layer %s", (height, rid) => {
	expect(chooseLayer(LAYERS, height)).toBe(rid);
});

test("a track of one layer has none to choose", () => {
	expect(chooseLayer([], 720)).toBeNull();
});

test("one pinned, one small, one hidden: a row says which layer of each", () => {
	const table = new ForwardingTable();
	const wish = (publisherID: typeof bob, height: number) => ({
		participantID: publisherID,
		source: "cam" as const,
		height,
		priority: 1,
	});

	table.set(ada, [wish(bob, 1080), wish(cyd, 0)], 1080);
	table.set(bob, [wish(ada, 180), wish(bob, 720)], 1080);

	expect(table.row(ada, () => LAYERS).map(({ rid }) => rid)).toEqual(["a", null]);
	expect(table.row(bob, () => LAYERS).map(({ rid }) => rid)).toEqual(["c"]);
});

test("no layer is larger than the receiver can take", () => {
	const table = new ForwardingTable();

	table.set(ada, [{ participantID: bob, source: "cam", height: 1080, priority: 1 }], 360);

	expect(table.row(ada, () => LAYERS)).toMatchObject([{ rid: "c", height: 360 }]);
});

test("after somebody has left the table has neither their row nor wishes for them", () => {
	const table = new ForwardingTable();
	table.set(ada, [{ participantID: bob, source: "cam", height: 720, priority: 1 }], 1080);
	table.set(bob, [{ participantID: ada, source: "cam", height: 720, priority: 1 }], 1080);

	table.drop(bob);

	expect(table.row(bob, () => LAYERS)).toEqual([]);
	expect(table.row(ada, () => LAYERS)).toEqual([]);
});

test("what its publisher has not announced is not forwarded", () => {
	const table = new ForwardingTable();
	table.set(ada, [{ participantID: bob, source: "screen", height: 720, priority: 1 }], 1080);

	expect(table.row(ada, () => null)).toEqual([]);
});
