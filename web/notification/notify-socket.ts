import { createSocketTicket } from "../../protocol/account.ts";
import type { UserID } from "../../protocol/ids.ts";
import {
	NOTIFY_CLOSE,
	type NotifyClientMessage,
	NotifyServerFrame,
	type NotifyServerMessage,
} from "../../protocol/notification.ts";
import { call } from "../shell/api.ts";
import { reconnectDelayMs } from "../shell/backoff.ts";

/** The hub answers "ping" with "pong" without waking up (CONTRACT §3). */
const PING_EVERY_MS = 25_000;
const PONG_WITHIN_MS = 10_000;
/** A connection that lasted this long was a good one: the next wait is short again. */
const GOOD_MS = 10_000;
/** After so many newer pages of the same person this one waits longer before it comes back. */
const REPLACED_WAIT_MS = 60_000;

/** Keeps one notify.v1 socket open while somebody is signed in. */
export class NotifySocket {
	readonly #userID: UserID;
	readonly #onMessage: (message: NotifyServerMessage) => void;
	#socket: WebSocket | null = null;
	#attempt = 0;
	#openedAt = 0;
	#timer: ReturnType<typeof setTimeout> | null = null;
	#pinger: ReturnType<typeof setInterval> | null = null;
	#deadline: ReturnType<typeof setTimeout> | null = null;
	#isClosed = false;
	readonly #onOnline = () => this.#retryNow();

	constructor(userID: UserID, onMessage: (message: NotifyServerMessage) => void) {
		this.#userID = userID;
		this.#onMessage = onMessage;
		window.addEventListener("online", this.#onOnline);
		void this.#connect();
	}

	/** False if there is no connection. */
	send(message: NotifyClientMessage): boolean {
		if (this.#socket?.readyState !== WebSocket.OPEN) return false;
		this.#socket.send(JSON.stringify(message));
		return true;
	}

	/** For good. */
	close(): void {
		this.#isClosed = true;
		window.removeEventListener("online", this.#onOnline);
		this.#drop();
	}

	#retryNow(): void {
		if (this.#isClosed || this.#socket !== null) return;
		this.#stopTimers();
		void this.#connect();
	}

	async #connect(): Promise<void> {
		try {
			const body = { audience: "notify" as const, resource: this.#userID };
			const { ticket } = await call(createSocketTicket, { body });
			if (this.#isClosed || this.#socket !== null) return;
			const url = new URL("/notifications/socket", window.location.href);
			url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
			this.#attach(new WebSocket(url.href, ["notify.v1", `ticket.${ticket}`]));
		} catch {
			// Nobody answers, or no ticket is given just now: waiting and trying again is all there is.
			this.#wait(reconnectDelayMs(this.#attempt));
		}
	}

	#attach(socket: WebSocket): void {
		this.#socket = socket;
		socket.addEventListener("open", () => {
			this.#openedAt = Date.now();
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
		for (const message of parseNotifyFrame(data)) this.#onMessage(message);
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
		this.#wait(code === NOTIFY_CLOSE.replaced ? REPLACED_WAIT_MS : reconnectDelayMs(this.#attempt));
	}

	#wait(delayMs: number): void {
		if (this.#isClosed) return;
		this.#attempt += 1;
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
export function parseNotifyFrame(data: string): NotifyServerMessage[] {
	let json: unknown;
	try {
		json = JSON.parse(data);
	} catch {
		// Not JSON: nothing of ours. The socket stays open.
		return [];
	}
	const list: unknown[] = Array.isArray(json) ? json : [json];
	return list.flatMap((each) => {
		const one = NotifyServerFrame.safeParse(each);
		return one.success ? one.data : [];
	});
}
