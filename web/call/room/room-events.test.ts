import { expect, test } from "vitest";
import { eventsBetween, type RoomSnapshot } from "./room-events.ts";

const ADA = { id: "1", name: "Ada", hasHand: false, isSharing: false };
const BO = { id: "2", name: "Bo", hasHand: false, isSharing: false };

function room(people: RoomSnapshot["people"], waiting: RoomSnapshot["waiting"] = []): RoomSnapshot {
	return { people, waiting };
}

test("comings, goings, hands and screens are told once", () => {
	const before = room([ADA]);
	const after = room([{ ...BO, hasHand: true, isSharing: true }]);

	expect(eventsBetween(before, after)).toEqual([
		{ kind: "joined", name: "Bo" },
		{ kind: "hand", name: "Bo" },
		{ kind: "share", name: "Bo" },
		{ kind: "left", name: "Ada" },
	]);
	expect(eventsBetween(after, after)).toEqual([]);
});

test("a lowered hand is no news, an ended share is", () => {
	const before = room([{ ...ADA, hasHand: true, isSharing: true }]);

	expect(eventsBetween(before, room([ADA]))).toEqual([{ kind: "share-end", name: "Ada" }]);
});

test("somebody at the door is told of, also by the same name again", () => {
	const events = eventsBetween(
		room([ADA], [{ id: "8", name: "Cy" }]),
		room([ADA], [{ id: "9", name: "Cy" }]),
	);

	expect(events).toEqual([{ kind: "waiting", name: "Cy" }]);
});
