/** The last packets sent to one subscriber, for retransmission. */
export class History {
	readonly #packets: (Buffer | undefined)[] = [];
	readonly #resentAt = new Float64Array(HISTORY_PACKETS);

	keep(sequenceNumber: number, packet: Buffer): void {
		this.#packets[sequenceNumber % HISTORY_PACKETS] = packet;
		this.#resentAt[sequenceNumber % HISTORY_PACKETS] = 0;
	}

	/** Null if it is not here any more, or was sent again less than a round trip ago: the answer to that is still to come. */
	take(sequenceNumber: number, now: number, roundTripMs: number): Buffer | null {
		const place = sequenceNumber % HISTORY_PACKETS;
		const packet = this.#packets[place];
		if (packet === undefined || packet.readUInt16BE(2) !== sequenceNumber) return null;
		if (now - (this.#resentAt[place] ?? 0) < Math.max(RESEND_INTERVAL_MS, roundTripMs)) return null;
		this.#resentAt[place] = now;
		return packet;
	}

	clear(): void {
		this.#packets.fill(undefined);
	}
}

/** About two seconds of a 2.5 Mbit/s stream. */
const HISTORY_PACKETS = 512;
/** A subscriber that asks twice within this has not waited for the answer. */
const RESEND_INTERVAL_MS = 10;
