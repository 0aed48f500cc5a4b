import type { ParticipantID } from "../../protocol/ids.ts";

/** In which order people stand, and when each last spoke (ms). It changes as little as it can: faces must not jump. */
export interface Seating {
	readonly order: readonly ParticipantID[];
	readonly spokeAt: ReadonlyMap<ParticipantID, number>;
}

export const EMPTY_SEATING: Seating = { order: [], spokeAt: new Map() };

/** Who came sits down at the end, who left is gone; nobody else moves. */
export function seat(seating: Seating, present: readonly ParticipantID[]): Seating {
	const here = new Set(present);
	const known = new Set(seating.order);
	const stayed = seating.order.filter((id) => here.has(id));
	const came = present.filter((id) => !known.has(id));
	if (came.length === 0 && stayed.length === seating.order.length) return seating;
	return { ...seating, order: [...stayed, ...came] };
}

/** Somebody speaks. Out of sight, they change places with the one of the first `visible` who has been silent longest. */
export function promote(
	seating: Seating,
	{ speakerID, visible, now }: { speakerID: ParticipantID; visible: number; now: number },
): Seating {
	const spokeAt = new Map(seating.spokeAt).set(speakerID, now);
	const from = seating.order.indexOf(speakerID);
	if (from < visible || visible < 1) return { ...seating, spokeAt };
	const to = quietest(seating.order.slice(0, visible), spokeAt);
	const order = seating.order.map((id, index) => {
		if (index === to) return speakerID;
		return index === from ? (seating.order[to] ?? id) : id;
	});
	return { order, spokeAt };
}

function quietest(ids: readonly ParticipantID[], spokeAt: ReadonlyMap<ParticipantID, number>): number {
	let found = ids.length - 1;
	for (let index = ids.length - 1; index >= 0; index -= 1) {
		if (silenceOf(ids[index], spokeAt) < silenceOf(ids[found], spokeAt)) found = index;
	}
	return found;
}

function silenceOf(id: ParticipantID | undefined, spokeAt: ReadonlyMap<ParticipantID, number>): number {
	return (id === undefined ? undefined : spokeAt.get(id)) ?? 0;
}
