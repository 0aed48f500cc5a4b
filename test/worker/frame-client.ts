import type * as z from "zod";

/** A socket that keeps what it gets: messages told apart by `t`, alone or several in one frame. */
export class FrameClient<Sent, Received extends { t: string }> {
	readonly socket: WebSocket;
	readonly received: Received[] = [];
	/** Code and reason with which the other side closed. */
	readonly closed: Promise<{ code: number; reason: string }>;
	readonly #waiting = new Set<() => void>();

	constructor(socket: WebSocket, frame: z.ZodType<Received | Received[]>) {
		this.socket = socket;
		socket.accept();
		socket.addEventListener("message", (event) => {
			if (event.data === "pong") return;
			const parsed = frame.parse(JSON.parse(String(event.data)));
			this.received.push(...(Array.isArray(parsed) ? parsed : [parsed]));
			for (const wake of this.#waiting) wake();
		});
		this.closed = new Promise((resolve) => {
			socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
		});
	}

	send(frame: Sent): void {
		this.socket.send(JSON.stringify(frame));
	}

	/** The first message of this kind that fits, now or when it comes. */
	async next<T extends Received["t"]>(
		t: T,
		fits: (frame: Extract<Received, { t: T }>) => boolean = () => true,
	): Promise<Extract<Received, { t: T }>> {
		for (;;) {
			const found = this.all(t).find(fits);
			if (found) return found;
			const { promise, resolve } = Promise.withResolvers<void>();
			this.#waiting.add(resolve);
			await promise;
			this.#waiting.delete(resolve);
		}
	}

	all<T extends Received["t"]>(t: T): Extract<Received, { t: T }>[] {
		return this.received.filter((frame): frame is Extract<Received, { t: T }> => frame.t === t);
	}
}
