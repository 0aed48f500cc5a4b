import { expect, test } from "vitest";
import { isCharacterKey, KeySequence, keyLabel, keyName } from "./shortcut-keys.ts";

function press(
	key: string,
	modifiers: Partial<Record<"ctrlKey" | "altKey" | "metaKey" | "shiftKey", boolean>> = {},
) {
	return { key, ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, ...modifiers };
}

test("the shift of a printable key is in its character", () => {
	expect(keyName(press("?", { shiftKey: true }))).toBe("?");
	expect(keyName(press("ArrowRight", { shiftKey: true }))).toBe("Shift+ArrowRight");
	expect(keyName(press("t", { altKey: true }))).toBe("Alt+t");
	expect(keyName(press(" "))).toBe("Space");
});

test("caps lock changes nothing", () => {
	expect(keyName(press("K"))).toBe("k");
});

test("only single printable keys count as character keys", () => {
	expect(["k", "?", "Space", "ArrowLeft", "Alt+t"].map(isCharacterKey)).toEqual([
		true,
		true,
		false,
		false,
		false,
	]);
});

test("two keys in time are one shortcut, too late they are not", () => {
	const sequence = new KeySequence();

	expect(sequence.names("g", 0)).toEqual(["g"]);
	expect(sequence.names("h", 400)).toEqual(["g h", "h"]);
	expect(sequence.names("l", 9000)).toEqual(["l"]);
});

test("a used key starts nothing", () => {
	const sequence = new KeySequence();
	sequence.names("g", 0);

	sequence.clear();

	expect(sequence.names("h", 100)).toEqual(["h"]);
});

test("arrows are shown as arrows", () => {
	expect(keyLabel("Shift+ArrowRight")).toBe("Shift + →");
	expect(keyLabel("k")).toBe("K");
});
