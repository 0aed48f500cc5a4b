import type { ParticipantID } from "../protocol/ids.ts";
import type { Facts } from "./facts.ts";

/** A client says "ping" every 10 s (signal.v1): after so long without one its line is dead, whatever TCP still hopes for. */
const SILENT_MS = 25_000;

/**
 * Sockets that died without a close: a lid that was shut, a battery that is empty. They are looked at when somebody misses their
 * media, not by the clock: a room in which all is well sleeps.
 */
export class CallPulse {
	readonly #ctx: DurableObjectState;
	readonly #facts: Facts;
	/** When each is looked at; the object may sleep until then. */
	readonly #suspects: Map<ParticipantID, number>;
	/** When each has last said something, in this life of the object. */
	readonly #heardAt = new Map<ParticipantID, number>();

	constructor(ctx: DurableObjectState, facts: Facts) {
		this.#ctx = ctx;
		this.#facts = facts;
		this.#suspects = new Map(facts.get<[ParticipantID, number][]>("suspects"));
	}

	heard(participantID: ParticipantID, now: number): void {
		this.#heardAt.set(participantID, now);
	}

	/** Somebody gets nothing from this participant. True if it has to be looked at later. */
	suspect(participantID: ParticipantID, now: number): boolean {
		const seenAt = this.#seenAt(participantID);
		if (seenAt === null || this.#suspects.has(participantID)) return false;
		this.#suspects.set(participantID, Math.max(seenAt + SILENT_MS, now));
		this.#store();
		return true;
	}

	forget(participantID: ParticipantID): void {
		if (this.#suspects.delete(participantID)) this.#store();
		this.#heardAt.delete(participantID);
	}

	nextDeadline(): number | null {
		return this.#suspects.size === 0 ? null : Math.min(...this.#suspects.values());
	}

	/** Those who have been silent for too long. */
	due(now: number): ParticipantID[] {
		const due = [...this.#suspects]
			.filter(([, lookAt]) => lookAt <= now)
			.map(([participantID]) => participantID);
		for (const participantID of due) this.#suspects.delete(participantID);
		if (due.length > 0) this.#store();
		return due.filter((participantID) => {
			const seenAt = this.#seenAt(participantID);
			return seenAt !== null && seenAt + SILENT_MS <= now;
		});
	}

	#store(): void {
		this.#facts.put("suspects", [...this.#suspects]);
	}

	/** Null for a client that never says "ping": nothing can be told of its silence. */
	#seenAt(participantID: ParticipantID): number | null {
		const pings = this.#ctx
			.getWebSockets(participantID)
			.map((socket) => this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime())
			.filter((at) => at !== undefined);
		return pings.length === 0 ? null : Math.max(...pings, this.#heardAt.get(participantID) ?? 0);
	}
}
