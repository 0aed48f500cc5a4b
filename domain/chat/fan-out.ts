import { CHAT_LIMITS } from "../../protocol/chat.ts";

/**
 * When frames go out. A Durable Object pays per frame, not per message (about 40 µs of CPU a send): so a frame
 * goes at once while the room is quiet, and in one array per tick while it is busy. A tick lasts
 * max(50 ms, sockets / 20 ms), which keeps a hub under some 20,000 sends a second.
 */
export class FanOut {
	#queue: string[] = [];
	#queuedBytes = 0;
	#lastFlushAt = Number.NEGATIVE_INFINITY;

	/** Adds a frame's JSON. Says when to flush: 0 = now, otherwise in so many ms; null if a flush is due anyway. */
	add(frame: string, sockets: number, now: number): number | null {
		this.#queue.push(frame);
		this.#queuedBytes += frame.length;
		if (this.#queuedBytes >= CHAT_LIMITS.batchBytes / 2) return 0;
		const dueIn = this.#lastFlushAt + tickMs(sockets) - now;
		if (dueIn <= 0) return 0;
		return this.#queue.length === 1 ? dueIn : null;
	}

	/** What to send now, in frames of at most 64 KiB; empties the queue. */
	flush(now: number): string[] {
		const frames = packFrames(this.#queue);
		this.#queue = [];
		this.#queuedBytes = 0;
		this.#lastFlushAt = now;
		return frames;
	}
}

export function tickMs(sockets: number): number {
	return Math.max(50, sockets / 20);
}

/** One message alone is an object, several are an array (CONTRACT §3). */
function packFrames(messages: string[]): string[] {
	const frames: string[] = [];
	let batch: string[] = [];
	let bytes = 0;
	const close = () => {
		if (batch.length > 0) frames.push(batch.length === 1 ? batch.join("") : `[${batch.join(",")}]`);
		batch = [];
		bytes = 0;
	};
	for (const message of messages) {
		if (bytes + message.length > CHAT_LIMITS.batchBytes) close();
		batch.push(message);
		bytes += message.length + 1;
	}
	close();
	return frames;
}
