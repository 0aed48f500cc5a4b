/** `disconnected` often heals by itself; after this time it does not. */
export const DISCONNECTED_MS = 3000;
/** A connection without a packet for this long carries nothing any more, whatever its state says. */
export const SILENT_MS = 3000;

/** Judges from outside whether a receiving connection still does its work. Times in ms of one monotonic clock. */
export class SessionWatch {
	#packets = 0;
	#lastPacketAt: number | null = null;
	#disconnectedAt: number | null = null;

	/** True once any media came. */
	get hasCarried(): boolean {
		return this.#lastPacketAt !== null;
	}

	/** When media came last; null if never. */
	get lastPacketAt(): number | null {
		return this.#lastPacketAt;
	}

	/** `lost`: open a new session. `packets`: received since the session began. */
	observe(state: RTCPeerConnectionState, packets: number, now: number): "well" | "lost" {
		if (packets > this.#packets) this.#lastPacketAt = now;
		this.#packets = packets;
		if (state === "failed" || state === "closed") return "lost";
		this.#disconnectedAt = state === "disconnected" ? (this.#disconnectedAt ?? now) : null;
		if (this.#disconnectedAt !== null && now - this.#disconnectedAt > DISCONNECTED_MS) return "lost";
		return this.#lastPacketAt !== null && now - this.#lastPacketAt > SILENT_MS ? "lost" : "well";
	}
}
