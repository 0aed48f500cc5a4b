import { describe, expect, test } from "vitest";
import { ParticipantID } from "../../protocol/ids.ts";
import { type Candidate, GAP, layoutStage, type PlacedTile, type StageInput } from "./layout.ts";
import { wishesOf } from "./wishes.ts";

function idOf(index: number): ParticipantID {
	return ParticipantID.parse(`pt_${String(index).padStart(26, "0")}`);
}

const SELF: Candidate = { participantID: idOf(99), source: "cam", isSelf: true, hasVideo: true };

function people(count: number): Candidate[] {
	return Array.from({ length: count }, (_, index) => ({
		participantID: idOf(index),
		source: "cam",
		isSelf: false,
		hasVideo: true,
	}));
}

function screenOf(index: number): Candidate {
	return { participantID: idOf(index), source: "screen", isSelf: false, hasVideo: true };
}

function stage(candidates: readonly Candidate[], changes: Partial<StageInput> = {}): StageInput {
	return {
		width: 1280,
		height: 640,
		candidates,
		mode: "auto",
		selfView: "auto",
		pinned: null,
		speakerID: null,
		page: 0,
		split: 0.78,
		isHidingNonVideo: false,
		...changes,
	};
}

function overlaps(a: PlacedTile, b: PlacedTile): boolean {
	return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe("the stage", () => {
	test("shows oneself large while nobody else is there", () => {
		const layout = layoutStage(stage([SELF], { selfView: "hidden" }));

		expect(layout.placed).toMatchObject([{ participantID: SELF.participantID, height: 640 }]);
	});

	test("gives a conversation of two to the other one, oneself in the corner", () => {
		const layout = layoutStage(stage([...people(1), SELF]));

		expect(layout.isSelfFloating).toBe(true);
		expect(layout.placed).toMatchObject([{ participantID: idOf(0), height: 640 }]);
	});

	test("has everybody in it from three on, without overlap and inside", () => {
		for (const count of [2, 3, 4, 7, 11]) {
			const { placed } = layoutStage(stage([...people(count), SELF]));

			expect(placed).toHaveLength(count + 1);
			for (const tile of placed) {
				expect(tile.x).toBeGreaterThanOrEqual(0);
				expect(tile.x + tile.width).toBeLessThanOrEqual(1280);
				expect(tile.y + tile.height).toBeLessThanOrEqual(640);
				expect(placed.filter((other) => overlaps(tile, other))).toEqual([tile]);
			}
		}
	});

	test("keeps the order of people from page to page", () => {
		const all = [...people(40), SELF];
		const first = layoutStage(stage(all, { mode: "grid" }));
		const second = layoutStage(stage(all, { mode: "grid", page: 1 }));

		expect(first.pages).toBe(2);
		const shown = [...first.placed, ...second.placed].map((tile) => tile.participantID);
		expect(shown).toEqual(all.map((each) => each.participantID));
	});

	test("goes to its last page when people on it leave", () => {
		expect(layoutStage(stage(people(5), { mode: "grid", page: 7 })).page).toBe(0);
	});

	test("puts a shared screen in front and everybody in the filmstrip", () => {
		const layout = layoutStage(stage([...people(3), screenOf(1), SELF]));

		expect(layout.kind).toBe("focus");
		expect(layout.placed[0]).toMatchObject({ participantID: idOf(1), source: "screen", role: "main" });
		expect(layout.placed.filter((tile) => tile.role === "strip")).toHaveLength(4);
	});

	test("lets what is pinned win over screen and speaker", () => {
		const pinned = { participantID: idOf(2), source: "cam" } as const;
		const layout = layoutStage(stage([...people(3), screenOf(1)], { pinned, speakerID: idOf(0) }));

		expect(layout.placed[0]).toMatchObject({ ...pinned, role: "main" });
	});

	test("follows the speaker when there are too many for equal tiles", () => {
		const layout = layoutStage(stage(people(20), { speakerID: idOf(13) }));

		expect(layout.placed[0]).toMatchObject({ participantID: idOf(13), role: "main" });
	});

	test("splits where the person put the line, within bounds, and below each other on a phone", () => {
		const wide = layoutStage(stage([...people(2), screenOf(0)], { split: 0.5 }));
		const narrow = layoutStage(stage([...people(2), screenOf(0)], { split: 0.01 }));
		const phone = layoutStage(stage([...people(2), screenOf(0)], { width: 390, height: 640, split: 0.5 }));

		expect(wide.placed[0]?.width).toBe((1280 - GAP) / 2);
		expect(narrow.placed[0]?.width).toBeGreaterThan(500);
		expect(phone.divider).toMatchObject({ orientation: "horizontal" });
		expect(phone.placed[0]?.width).toBe(390);
	});

	test("leaves out people without a picture when asked, but never everybody", () => {
		const [first, ...rest] = people(4);
		if (first === undefined) throw new Error("four people");
		const mixed = [first, ...rest.map((each) => ({ ...each, hasVideo: false }))];
		const dark = mixed.map((each) => ({ ...each, hasVideo: false }));

		expect(layoutStage(stage(mixed, { isHidingNonVideo: true })).placed).toHaveLength(1);
		expect(layoutStage(stage(dark, { isHidingNonVideo: true })).placed).toHaveLength(4);
	});
});

describe("wishes", () => {
	const facts = { speakerID: null, pixelRatio: 2, isAudioOnly: false };

	test("are the heights on screen in device pixels, and 0 for who is on another page", () => {
		const remoteIDs = people(40).map((each) => each.participantID);
		const layout = layoutStage(stage([...people(40), SELF], { mode: "grid" }));

		const wishes = wishesOf(layout, { ...facts, remoteIDs });

		const shown = wishes.filter((wish) => wish.height > 0);
		expect(shown).toHaveLength(25);
		expect(shown[0]?.height).toBe((layout.placed[0]?.height ?? 0) * 2);
		expect(wishes).toHaveLength(80);
	});

	test("put the picture in front first", () => {
		const remoteIDs = people(3).map((each) => each.participantID);
		const layout = layoutStage(stage([...people(3), screenOf(1)]));

		const [first] = wishesOf(layout, { ...facts, remoteIDs }).sort((a, b) => b.priority - a.priority);

		expect(first).toMatchObject({ participantID: idOf(1), source: "screen", height: 1280 });
	});

	test("ask for no picture at all with audio only", () => {
		const layout = layoutStage(stage(people(3)));
		const remoteIDs = people(3).map((each) => each.participantID);

		const wishes = wishesOf(layout, { ...facts, remoteIDs, isAudioOnly: true });

		expect(wishes.every((wish) => wish.height === 0)).toBe(true);
	});
});
