import * as z from "zod";
import { ParticipantID } from "../protocol/ids.ts";
import { SIGNAL_CLOSE, SIGNAL_LIMITS, SignalClientMessage } from "../protocol/signal.ts";

const Frame = z.union([SignalClientMessage, z.array(SignalClientMessage).max(100)]);

/** What a message costs of its sender's budget: one that goes out to everybody is a hundred for the room. Others cost 1. */
const COSTS: Partial<Record<SignalClientMessage["t"], number>> = {
	join: 20,
	"tracks.publish": 6,
	"tracks.unpublish": 6,
	subscribe: 4,
	capabilities: 6,
	media: 6,
	hand: 6,
	reaction: 6,
	chat: 6,
};
/** Characters that cost as much as a message. */
const CHARACTERS = 4096;
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

	constructor(socket: WebSocket) {
		this.socket = socket;
		const attachment: Attachment = socket.deserializeAttachment();
		this.participantID = ParticipantID.parse(attachment.participantID);
	}

	static open(socket: WebSocket, participantID: ParticipantID): void {
		const attachment: Attachment = { participantID, badFrames: 0 };
		socket.serializeAttachment(attachment);
	}

	/** The messages of a frame; empty for one that is not of signal.v1, which is answered, and at last punished. `spend`: whether so much may be asked. */
	read(data: string | ArrayBuffer, spend: (cost: number) => boolean): SignalClientMessage[] {
		const messages = parse(data);
		if (!messages) {
			this.#refuse();
			return [];
		}
		if (spend(costOf(messages) + Math.floor(lengthOf(data) / CHARACTERS))) return messages;
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
}

function costOf(messages: readonly SignalClientMessage[]): number {
	return messages.reduce((sum, { t }) => sum + (COSTS[t] ?? 1), 0);
}

function lengthOf(data: string | ArrayBuffer): number {
	return typeof data === "string" ? data.length : data.byteLength;
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
