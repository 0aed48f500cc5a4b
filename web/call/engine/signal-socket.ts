import {
	SIGNAL_CLOSE,
	type SignalClientMessage,
	type SignalServerMessage,
} from "../../../protocol/signal.ts";
import { ApiError } from "../../shell/api.ts";
import { Outbox } from "./outbox.ts";
import { signalDelayMs } from "./reconnect-delay.ts";
import { parseSignalFrame } from "./signal-frame.ts";

/** How the socket stands. `ready`: the room has welcomed us. `waiting` ends at `retryAt` (ms since 1970) or by `retryNow()`. */
export type SignalState =
	| { name: "connecting"; attempt: number }
	| { name: "ready" }
	| { name: "waiting"; attempt: number; retryAt: number };

export interface SignalSocketParts {
	/** Path of the first connection, with its ticket. */
	firstURL: string;
	firstTicket: string;
	/** The frame that takes the place. */
	join: () => SignalClientMessage;
	/** A new single-use ticket; may fail as API calls do. */
	newTicket: (signal: AbortSignal) => Promise<string>;
	onMessages: (messages: readonly SignalServerMessage[]) => void;
	onState: (state: SignalState) => void;
	/** The server will not have this participant (any more): with a close code of signal.v1, or null if it only refuses. */
	onRefused: (code: number | null) => void;
}

/** "ping" is answered by "pong" without waking the room (CONTRACT §3). */
const PING_EVERY_MS = 10_000;
const MISSING_PONGS = 2;
/** A probe of a line that may be dead. */
const PROBE_MS = 700;
const OPEN_WITHIN_MS = 6000;
/** So often in a row a server that answers API calls may refuse the socket before the place is taken for lost. */
const REFUSALS = 3;
const FINAL_CODES: readonly number[] = [SIGNAL_CLOSE.notAllowed, SIGNAL_CLOSE.replaced, SIGNAL_CLOSE.ended];

/** Keeps one signal.v1 socket open: resumes the same place after every loss, with quick, random waits. */
export class SignalSocket {
	readonly #parts: SignalSocketParts;
	readonly #outbox = new Outbox();
	#socket: WebSocket | null = null;
	#resume: { sessionID: string; seq: number } | null = null;
	#firstTicket: string | null;
	#attempt = 0;
	#refusals = 0;
	#isReady = false;
	#isClosed = false;
	#isWaiting = false;
	#unanswered = 0;
	#timer: ReturnType<typeof setTimeout> | null = null;
	#pinger: ReturnType<typeof setInterval> | null = null;
	#probe: ReturnType<typeof setTimeout> | null = null;
	#abort = new AbortController();

	constructor(parts: SignalSocketParts) {
		this.#parts = parts;
		this.#firstTicket = parts.firstTicket;
	}

	/** The room has welcomed us on this very connection. */
	get isReady(): boolean {
		return this.#isReady;
	}

	start(): void {
		void this.#connect();
	}

	/** Sends now, or when the room has welcomed us again. */
	send(message: SignalClientMessage): void {
		if (this.#isClosed) return;
		if (this.#isReady && this.#socket?.readyState === WebSocket.OPEN)
			this.#socket.send(JSON.stringify(message));
		else this.#outbox.put(message);
	}

	/** `seq` of the last message taken in: the room is told at the next resume. */
	seen(seq: number): void {
		if (this.#resume !== null) this.#resume.seq = seq;
	}

	/** Does not wait any longer. */
	retryNow(): void {
		if (this.#isClosed || !this.#isWaiting) return;
		this.#stopTimers();
		void this.#connect();
	}

	/** The network may have changed: a line that does not answer at once is given up. */
	probe(): void {
		this.retryNow();
		if (this.#socket?.readyState !== WebSocket.OPEN || this.#probe !== null) return;
		this.#socket.send("ping");
		this.#probe = setTimeout(() => this.#lost(), PROBE_MS);
	}

	/** For good. `farewell` is sent if there is a line. */
	close(farewell: SignalClientMessage | null): void {
		if (this.#isClosed) return;
		if (farewell !== null && this.#socket?.readyState === WebSocket.OPEN) {
			this.#socket.send(JSON.stringify(farewell));
		}
		this.#isClosed = true;
		this.#drop();
	}

	async #connect(): Promise<void> {
		const abort = new AbortController();
		this.#abort = abort;
		this.#isWaiting = false;
		this.#parts.onState({ name: "connecting", attempt: this.#attempt });
		this.#timer = setTimeout(() => this.#lost(), OPEN_WITHIN_MS);
		let ticket = this.#firstTicket;
		this.#firstTicket = null;
		try {
			ticket ??= await this.#parts.newTicket(abort.signal);
		} catch (error) {
			if (!abort.signal.aborted) this.#noTicket(error);
			return;
		}
		if (!abort.signal.aborted) this.#attach(new WebSocket(this.#url(), ["signal.v1", `ticket.${ticket}`]));
	}

	/** 404: no such call any more. Everything else is worth another try. */
	#noTicket(error: unknown): void {
		const isFinal = error instanceof ApiError && [403, 404, 410].includes(error.problem.status);
		this.#refusals = 0;
		if (isFinal) this.#refused(null);
		else this.#lost();
	}

	#url(): string {
		const url = new URL(this.#parts.firstURL, window.location.href);
		url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
		if (this.#resume !== null) {
			url.search = new URLSearchParams({
				resume: this.#resume.sessionID,
				seq: String(this.#resume.seq),
			}).toString();
		}
		return url.href;
	}

	#attach(socket: WebSocket): void {
		this.#socket = socket;
		let hasOpened = false;
		socket.addEventListener("open", () => {
			if (this.#socket !== socket) return;
			hasOpened = true;
			if (this.#resume === null) socket.send(JSON.stringify(this.#parts.join()));
			// At once as well: the room can tell that a line has died only if it has ever heard a ping on it.
			this.#ping();
			this.#pinger = setInterval(() => this.#ping(), PING_EVERY_MS);
		});
		socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
			if (this.#socket === socket) this.#receive(data);
		});
		socket.addEventListener("close", ({ code }) => {
			if (this.#socket === socket) this.#closed(code, hasOpened);
		});
	}

	#receive(data: unknown): void {
		this.#unanswered = 0;
		if (this.#probe !== null) clearTimeout(this.#probe);
		this.#probe = null;
		if (data === "pong") return;
		const messages = parseSignalFrame(data);
		for (const message of messages) {
			if (message.t !== "welcome" && message.t !== "lobby") continue;
			this.#resume = { sessionID: message.sessionID, seq: message.t === "welcome" ? message.seq : 0 };
			this.#settled(message.t === "welcome");
		}
		this.#parts.onMessages(messages);
		if (this.#isReady) for (const waiting of this.#outbox.take()) this.send(waiting);
		const goaway = messages.find((message) => message.t === "goaway");
		if (goaway === undefined || this.#isClosed) return;
		this.#drop();
		this.#wait(goaway.reconnectInMs);
	}

	#settled(isWelcome: boolean): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		this.#attempt = 0;
		this.#refusals = 0;
		this.#isReady = isWelcome;
		if (isWelcome) this.#parts.onState({ name: "ready" });
	}

	#ping(): void {
		this.#unanswered += 1;
		if (this.#unanswered > MISSING_PONGS) this.#lost();
		else this.#socket?.send("ping");
	}

	#closed(code: number, hasOpened: boolean): void {
		const isRefusal = !hasOpened || code === SIGNAL_CLOSE.noSuchRoom;
		this.#refusals += isRefusal ? 1 : 0;
		if (FINAL_CODES.includes(code)) this.#refused(code);
		else if (this.#refusals >= REFUSALS) this.#refused(null);
		else this.#lost();
	}

	#refused(code: number | null): void {
		this.#refusals = 0;
		this.#drop();
		this.#parts.onRefused(code);
	}

	#lost(): void {
		this.#drop();
		this.#wait(signalDelayMs(this.#attempt));
	}

	#wait(delayMs: number): void {
		if (this.#isClosed) return;
		this.#attempt += 1;
		this.#isWaiting = true;
		this.#parts.onState({ name: "waiting", attempt: this.#attempt, retryAt: Date.now() + delayMs });
		this.#timer = setTimeout(() => void this.#connect(), delayMs);
	}

	#drop(): void {
		const socket = this.#socket;
		this.#socket = null;
		this.#isReady = false;
		this.#unanswered = 0;
		this.#abort.abort();
		this.#stopTimers();
		socket?.close(1000);
	}

	#stopTimers(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		if (this.#pinger !== null) clearInterval(this.#pinger);
		if (this.#probe !== null) clearTimeout(this.#probe);
		this.#timer = null;
		this.#pinger = null;
		this.#probe = null;
	}
}
