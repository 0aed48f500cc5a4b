import type { ParticipantID } from "../protocol/ids.ts";
import type { SignalServerMessage } from "../protocol/signal.ts";

/** Frames of one turn: each is written once as JSON, and a member gets all of its own as one WebSocket frame, in order. */
export class CallOutbox {
	readonly #sockets: (participantID: ParticipantID) => WebSocket[];
	readonly #queued = new Map<ParticipantID, string[]>();
	/** The frame written last: one frame for a hundred is written once. */
	#written: { frame: SignalServerMessage; text: string } | null = null;

	constructor(sockets: (participantID: ParticipantID) => WebSocket[]) {
		this.#sockets = sockets;
	}

	add(to: readonly ParticipantID[], frame: SignalServerMessage): void {
		if (this.#written?.frame !== frame) this.#written = { frame, text: JSON.stringify(frame) };
		const { text } = this.#written;
		for (const participantID of to) {
			const frames = this.#queued.get(participantID);
			if (frames) frames.push(text);
			else this.#queued.set(participantID, [text]);
		}
	}

	/** Sends what one member was to get: before its socket is closed. */
	flushTo(participantID: ParticipantID): void {
		const frames = this.#queued.get(participantID);
		if (!frames) return;
		this.#queued.delete(participantID);
		const text = frames.length === 1 ? (frames[0] ?? "") : `[${frames.join(",")}]`;
		for (const socket of this.#sockets(participantID)) {
			try {
				socket.send(text);
			} catch {
				// It is closing; its client resumes and is told everything anew.
			}
		}
	}

	flush(): void {
		for (const participantID of [...this.#queued.keys()]) this.flushTo(participantID);
		this.#written = null;
	}
}
