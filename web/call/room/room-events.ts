import type { CallEvent } from "./announcement.ts";

/** Somebody else, as far as others are told of changes. */
export interface PersonFacts {
	id: string;
	name: string;
	hasHand: boolean;
	isSharing: boolean;
}

/** The room at one moment. */
export interface RoomSnapshot {
	people: readonly PersonFacts[];
	/** In the lobby. */
	waiting: readonly { id: string; name: string }[];
}

/** What happened between two moments. */
export function eventsBetween(before: RoomSnapshot, after: RoomSnapshot): CallEvent[] {
	const known = new Map(before.people.map((person) => [person.id, person]));
	const here = new Set(after.people.map((person) => person.id));
	const knocked = new Set(before.waiting.map((person) => person.id));
	return [
		...after.people.flatMap((person) => changesOf(person, known.get(person.id))),
		...before.people
			.filter((person) => !here.has(person.id))
			.map(({ name }): CallEvent => ({ kind: "left", name })),
		...after.waiting
			.filter((person) => !knocked.has(person.id))
			.map(({ name }): CallEvent => ({ kind: "waiting", name })),
	];
}

function changesOf(now: PersonFacts, before: PersonFacts | undefined): CallEvent[] {
	const { name } = now;
	const events: CallEvent[] = [];
	if (before === undefined) events.push({ kind: "joined", name });
	if (now.hasHand && before?.hasHand !== true) events.push({ kind: "hand", name });
	if (now.isSharing && before?.isSharing !== true) events.push({ kind: "share", name });
	if (!now.isSharing && before?.isSharing === true) events.push({ kind: "share-end", name });
	return events;
}
