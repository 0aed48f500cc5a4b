import {
	CHAT_CLOSE,
	type ChatClientMessage,
	ChatServerFrame,
	type ChatServerMessage,
} from "../../protocol/chat.ts";
import { reconnectDelayMs } from "../shell/backoff.ts";

/** How the socket stands; `waiting` ends at `retryAt` (ms since 1970) or by `retryNow()`. */
export type ConnectionState =
	| { kind: "connecting" }
	| { kind: "open" }
	| { kind: "waiting"; retryAt: number }
	| { kind: "closed" };

export interface ChatSocketParts {
	channelID: string;
	/** A single-use ticket, or null to read without an account. */
	ticket: () => Promise<string | null>;
	/** The first frame of each connection. */
	hello: () => ChatClientMessage;
	onMessages: (messages: readonly ChatServerMessage[]) => void;
	onState: (state: ConnectionState) => void;
	/** Another tab goes by our name (a duplicated one does): the next hello needs another. */
	onReplaced: () => void;
}

/** CONTRACT §3: the hub answers "ping" with "pong" without waking up. */
const PING_EVERY_MS = 25_000;
/** Nothing heard for this long after a ping: the line is dead, whatever TCP thinks. */
const PONG_WITHIN_MS = 10_000;
/** A connection that lasted this long was a good one: the next wait is short again. */
const GOOD_MS = 10_000;

/** Keeps one chat.v1 socket open: reconnects with growing, random waits, and knows a dead line from a quiet one. */
export class ChatSocket {
	readonly #parts: ChatSocketParts;
	#socket: WebSocket | null = null;
	#attempt = 0;
	#openedAt = 0;
	#timer: ReturnType<typeof setTimeout> | null = null;
	#pinger: ReturnType<typeof setInterval> | null = null;
	#deadline: ReturnType<typeof setTimeout> | null = null;
	#isClosed = false;
	readonly #onOnline = () => this.retryNow();

	constructor(parts: ChatSocketParts) {
		this.#parts = parts;
		window.addEventListener("online", this.#onOnline);
		void this.#connect();
	}

	/** False if there is no connection; the caller keeps the message. */
	send(message: ChatClientMessage): boolean {
		if (this.#socket?.readyState !== WebSocket.OPEN) return false;
		this.#socket.send(JSON.stringify(message));
		return true;
	}

	/** Does not wait any longer. */
	retryNow(): void {
		if (this.#isClosed || this.#socket !== null) return;
		this.#stopTimers();
		void this.#connect();
	}

	/** Leaves and comes back at once, as after signing in. */
	renew(): void {
		this.#drop();
		this.#attempt = 0;
		this.retryNow();
	}

	/** For good. */
	close(): void {
		this.#isClosed = true;
		window.removeEventListener("online", this.#onOnline);
		this.#drop();
		this.#parts.onState({ kind: "closed" });
	}

	async #connect(): Promise<void> {
		this.#parts.onState({ kind: "connecting" });
		const timer = setTimeout(() => null, 0);
		this.#timer = timer;
		let ticket: string | null = null;
		try {
			ticket = await this.#parts.ticket();
		} catch {
			// No ticket because nobody answers: that is what waiting and trying again is for.
			if (this.#timer === timer) this.#wait(reconnectDelayMs(this.#attempt));
			return;
		}
		// Closed, or begun anew, while the ticket was on its way.
		if (this.#isClosed || this.#timer !== timer) return;
		const url = new URL(`/channels/${this.#parts.channelID}/live-stream`, window.location.href);
		url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
		const protocols = ticket === null ? ["chat.v1"] : ["chat.v1", `ticket.${ticket}`];
		this.#attach(new WebSocket(url.href, protocols));
	}

	#attach(socket: WebSocket): void {
		this.#socket = socket;
		socket.addEventListener("open", () => {
			if (this.#socket !== socket) return;
			this.#openedAt = Date.now();
			this.#parts.onState({ kind: "open" });
			this.send(this.#parts.hello());
			this.#pinger = setInterval(() => this.#ping(), PING_EVERY_MS);
		});
		socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
			if (this.#socket === socket) this.#receive(data);
		});
		socket.addEventListener("close", ({ code }) => {
			if (this.#socket === socket) this.#lost(code);
		});
	}

	#receive(data: unknown): void {
		if (this.#deadline !== null) clearTimeout(this.#deadline);
		this.#deadline = null;
		if (typeof data !== "string" || data === "pong") return;
		const messages = parseFrame(data);
		const goaway = messages.find((message) => message.t === "goaway");
		this.#parts.onMessages(messages);
		if (goaway === undefined) return;
		this.#drop();
		this.#wait(goaway.reconnectInMs);
	}

	#ping(): void {
		if (this.#socket?.readyState !== WebSocket.OPEN) return;
		this.#socket.send("ping");
		this.#deadline ??= setTimeout(() => {
			this.#drop();
			this.#wait(reconnectDelayMs(this.#attempt));
		}, PONG_WITHIN_MS);
	}

	#lost(code: number): void {
		const lastedMs = this.#openedAt === 0 ? 0 : Date.now() - this.#openedAt;
		this.#drop();
		if (lastedMs > GOOD_MS) this.#attempt = 0;
		if (code === CHAT_CLOSE.replaced) this.#parts.onReplaced();
		this.#wait(reconnectDelayMs(this.#attempt));
	}

	#wait(delayMs: number): void {
		if (this.#isClosed) return;
		this.#attempt += 1;
		this.#parts.onState({ kind: "waiting", retryAt: Date.now() + delayMs });
		this.#timer = setTimeout(() => void this.#connect(), delayMs);
	}

	#drop(): void {
		const socket = this.#socket;
		this.#socket = null;
		this.#openedAt = 0;
		this.#stopTimers();
		socket?.close(1000);
	}

	#stopTimers(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		if (this.#pinger !== null) clearInterval(this.#pinger);
		if (this.#deadline !== null) clearTimeout(this.#deadline);
		this.#timer = null;
		this.#pinger = null;
		this.#deadline = null;
	}
}

/** The messages of a frame. What this client does not know (a newer server's) is passed over, the rest counts. */
export function parseFrame(data: string): ChatServerMessage[] {
	let json: unknown;
	try {
		json = JSON.parse(data);
	} catch {
		// Not JSON: nothing of ours. The socket stays open.
		return [];
	}
	const whole = ChatServerFrame.safeParse(json);
	if (whole.success) return Array.isArray(whole.data) ? whole.data : [whole.data];
	if (!Array.isArray(json)) return [];
	return json.flatMap((each: unknown) => {
		const one = ChatServerFrame.safeParse(each);
		return one.success && !Array.isArray(one.data) ? [one.data] : [];
	});
}
