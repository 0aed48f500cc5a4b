import type { SignalClientMessage } from "../../../protocol/signal.ts";

/** Enough for a negotiation with everybody in a mesh. */
const MOST = 400;

/** Messages that wait for the socket. What was true only at its moment is not kept, and of what replaces itself the last counts. */
export class Outbox {
	#messages: SignalClientMessage[] = [];

	put(message: SignalClientMessage): void {
		if (message.t === "stats" || message.t === "reaction") return;
		if (message.t === "subscribe" || message.t === "hand" || message.t === "capabilities") {
			this.#messages = this.#messages.filter((waiting) => waiting.t !== message.t);
		}
		this.#messages.push(message);
		if (this.#messages.length > MOST) this.#messages.shift();
	}

	/** All that waits, oldest first; they are the caller's now. */
	take(): SignalClientMessage[] {
		const taken = this.#messages;
		this.#messages = [];
		return taken;
	}
}
