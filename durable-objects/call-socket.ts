import * as z from "zod";
import { ParticipantID } from "../protocol/ids.ts";
import { SIGNAL_CLOSE, SIGNAL_LIMITS, SignalClientMessage } from "../protocol/signal.ts";

const Frame = z.union([SignalClientMessage, z.array(SignalClientMessage).max(100)]);

/** Messages that a socket may send at once, and how many a second it earns back: a join with 99 offers fits. */
const BURST = 600;
const PER_SECOND = 60;
const MAX_BAD_FRAMES = 20;

/** What a socket carries through hibernation. */
interface Attachment {
	participantID: ParticipantID;
	badFrames: number;
}

/** One socket of signal.v1: whose it is, and how much it may still send. */
export class CallSocket {
	readonly socket: WebSocket;
	readonly participantID: ParticipantID;
	static readonly #budgets = new WeakMap<WebSocket, { left: number; at: number }>();

	constructor(socket: WebSocket) {
		this.socket = socket;
		const attachment: Attachment = socket.deserializeAttachment();
		this.participantID = ParticipantID.parse(attachment.participantID);
	}

	static open(socket: WebSocket, participantID: ParticipantID): void {
		const attachment: Attachment = { participantID, badFrames: 0 };
		socket.serializeAttachment(attachment);
	}

	/** The messages of a frame; empty for one that is not of signal.v1, which is answered, and at last punished. */
	read(data: string | ArrayBuffer, now: number): SignalClientMessage[] {
		const messages = parse(data);
		if (!messages) {
			this.#refuse();
			return [];
		}
		if (this.#spend(messages.length, now)) return messages;
		this.socket.close(SIGNAL_CLOSE.flooding, "too many messages");
		return [];
	}

	#refuse(): void {
		const attachment: Attachment = this.socket.deserializeAttachment();
		this.socket.serializeAttachment({ ...attachment, badFrames: attachment.badFrames + 1 });
		if (attachment.badFrames >= MAX_BAD_FRAMES)
			this.socket.close(SIGNAL_CLOSE.badFrame, "too many bad frames");
		else
			this.socket.send(
				JSON.stringify({ t: "error", code: "bad-frame", detail: "This frame is not of signal.v1." }),
			);
	}

	#spend(count: number, now: number): boolean {
		const budget = CallSocket.#budgets.get(this.socket) ?? { left: BURST, at: now };
		const left = Math.min(BURST, budget.left + ((now - budget.at) / 1000) * PER_SECOND) - count;
		CallSocket.#budgets.set(this.socket, { left, at: now });
		return left >= 0;
	}
}

/** Null for anything that is not a frame of signal.v1. */
function parse(data: string | ArrayBuffer): SignalClientMessage[] | null {
	if (typeof data !== "string" || data.length > SIGNAL_LIMITS.frameLength) return null;
	try {
		const frame = Frame.safeParse(JSON.parse(data)).data;
		return frame === undefined ? null : [frame].flat();
	} catch {
		// Not JSON: a bad frame like any other.
		return null;
	}
}
