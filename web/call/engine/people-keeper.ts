import { type ReadonlySignal, signal } from "@preact/signals";
import type { Participant } from "../../../protocol/call.ts";
import type { ParticipantID } from "../../../protocol/ids.ts";
import { PersonMedia } from "./person-media.ts";
import type { RemotePerson } from "./remote-person.ts";

/** Everybody else in the call, each one object for as long as they are there. */
export class PeopleKeeper {
	/** As pages list them, in the order given; it changes only when somebody comes or goes. */
	readonly people: ReadonlySignal<readonly RemotePerson[]>;
	readonly #people = signal<readonly RemotePerson[]>([]);
	readonly #media = new Map<ParticipantID, PersonMedia>();

	constructor() {
		this.people = this.#people;
	}

	get all(): PersonMedia[] {
		return [...this.#media.values()];
	}

	get(participantID: ParticipantID): PersonMedia | null {
		return this.#media.get(participantID) ?? null;
	}

	get size(): number {
		return this.#media.size;
	}

	/** Those who are there now. Returns who has gone. */
	set(others: readonly Participant[]): ParticipantID[] {
		const present = new Set(others.map(({ participantID }) => participantID));
		const gone = [...this.#media.keys()].filter((participantID) => !present.has(participantID));
		for (const participantID of gone) this.#media.delete(participantID);
		for (const participant of others) this.#update(participant);
		const people = others.flatMap(({ participantID }) => this.#media.get(participantID)?.person ?? []);
		const before = this.#people.value;
		const isSame =
			people.length === before.length && people.every((person, index) => person === before[index]);
		if (!isSame) this.#people.value = people;
		return gone;
	}

	#update(participant: Participant): void {
		const known = this.#media.get(participant.participantID);
		if (known !== undefined) known.parts.participant.value = participant;
		else this.#media.set(participant.participantID, new PersonMedia(participant));
	}
}
