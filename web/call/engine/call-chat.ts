import { type ReadonlySignal, signal } from "@preact/signals";
import type { Participant } from "../../../protocol/call.ts";
import type { CallChatMessage, SignalClientMessage } from "../../../protocol/signal.ts";
import { randomID } from "../../chat/viewer-session.ts";
import type { CallChatLine } from "./call-types.ts";
import { heard, notSaid, pendingLines, recalled, saying } from "./chat-lines.ts";

/** The room's answer to a line takes no longer than this while the socket is there, ms. */
const ANSWER_WITHIN_MS = 12_000;

/** The chat of a call: lines that were said, and our own on their way. */
export class CallChat {
	readonly lines: ReadonlySignal<readonly CallChatLine[]>;
	readonly #lines = signal<readonly CallChatLine[]>([]);
	readonly #send: (message: SignalClientMessage) => void;
	readonly #self: () => Participant | null;
	readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

	constructor(parts: { send: (message: SignalClientMessage) => void; self: () => Participant | null }) {
		this.#send = parts.send;
		this.#self = parts.self;
		this.lines = this.#lines;
	}

	say(text: string): void {
		const message = text.trim();
		const self = this.#self();
		if (message === "" || self === null) return;
		const { participantID, displayName } = self;
		const sentAt = new Date().toISOString();
		this.#say({ clientMsgID: randomID(), participantID, displayName, message, sentAt });
	}

	sayAgain(clientMsgID: string): void {
		const line = this.#lines.value.find((one) => one.clientMsgID === clientMsgID && one.status === "failed");
		if (line !== undefined) this.#say(line);
	}

	hear(message: CallChatMessage): void {
		this.#lines.value = heard(this.#lines.value, message);
		this.#settled(message.clientMsgID);
	}

	/** The history that comes with a welcome; what the room does not have is said again. */
	recall(history: readonly CallChatMessage[]): void {
		this.#lines.value = recalled(this.#lines.value, history);
		const self = this.#self();
		if (self === null) return;
		for (const line of pendingLines(this.#lines.value, self.participantID)) this.#say(line);
	}

	refused(clientMsgID: string): void {
		this.#lines.value = notSaid(this.#lines.value, clientMsgID);
		this.#settled(clientMsgID);
	}

	close(): void {
		for (const timer of this.#timers.values()) clearTimeout(timer);
		this.#timers.clear();
	}

	#say({ clientMsgID, participantID, displayName, message, sentAt }: CallChatMessage): void {
		this.#lines.value = saying(this.#lines.value, {
			clientMsgID,
			participantID,
			displayName,
			message,
			sentAt,
		});
		this.#settled(clientMsgID);
		this.#timers.set(
			clientMsgID,
			setTimeout(() => this.refused(clientMsgID), ANSWER_WITHIN_MS),
		);
		this.#send({ t: "chat", clientMsgID, message });
	}

	#settled(clientMsgID: string): void {
		const timer = this.#timers.get(clientMsgID);
		if (timer !== undefined) clearTimeout(timer);
		this.#timers.delete(clientMsgID);
	}
}
