/** Somebody is inside and nothing is due: still the room looks so often whether a crash has taken its sockets unseen. */
const WATCH_MS = 3_600_000;

/** The one alarm of a room. It is written only when its time changes: an object's alarm costs a row each time. */
export class CallAlarm {
	readonly #ctx: DurableObjectState;
	/** Undefined: not known since the object woke. */
	#at: number | null | undefined;
	#watchAt = 0;

	constructor(ctx: DurableObjectState) {
		this.#ctx = ctx;
	}

	/** Rings at `deadline`; without one, within an hour if there is somebody to watch over; otherwise never. */
	set(deadline: number | null, isWatching: boolean): void {
		const at = deadline ?? (isWatching ? this.#nextWatch(Date.now()) : null);
		if (at === this.#at) return;
		this.#at = at;
		const { storage } = this.#ctx;
		this.#ctx.waitUntil(at === null ? storage.deleteAlarm() : storage.setAlarm(at));
	}

	/** It has rung: there is none any more. */
	rang(): void {
		this.#at = null;
	}

	#nextWatch(now: number): number {
		if (this.#watchAt <= now) this.#watchAt = now + WATCH_MS;
		return this.#watchAt;
	}
}
