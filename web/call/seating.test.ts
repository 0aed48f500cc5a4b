import { expect, test } from "vitest";
import { ParticipantID } from "../../protocol/ids.ts";
import { EMPTY_SEATING, promote, seat } from "./seating.ts";

const ids = ["A", "B", "C", "D", "E"].map((letter) => ParticipantID.parse(`pt_${letter.padStart(26, "0")}`));

function people(names: string): ParticipantID[] {
	return [...names].map((name) => {
		const found = ids.find((id) => id.endsWith(name));
		if (found === undefined) throw new Error(`nobody is called ${name}`);
		return found;
	});
}

function person(name: string): ParticipantID {
	return people(name)[0] ?? ids[0] ?? ParticipantID.parse("");
}

function letters(order: readonly ParticipantID[]): string {
	return order.map((id) => id.slice(-1)).join("");
}

test("who comes sits at the end and who leaves moves nobody's order", () => {
	const before = seat(EMPTY_SEATING, people("ABC"));

	const after = seat(before, people("DCA"));

	expect(letters(after.order)).toBe("ACD");
	expect(seat(after, people("ACD"))).toBe(after);
});

test("a speaker in sight stays where they are", () => {
	const seating = seat(EMPTY_SEATING, people("ABCD"));

	const after = promote(seating, { speakerID: person("B"), visible: 3, now: 1 });

	expect(letters(after.order)).toBe("ABCD");
});

test("a speaker out of sight changes places with who was silent longest, and nobody else moves", () => {
	let seating = seat(EMPTY_SEATING, people("ABCDE"));
	seating = promote(seating, { speakerID: person("C"), visible: 3, now: 10 });
	seating = promote(seating, { speakerID: person("A"), visible: 3, now: 20 });

	const after = promote(seating, { speakerID: person("E"), visible: 3, now: 30 });

	expect(letters(after.order)).toBe("AECDB");
});
