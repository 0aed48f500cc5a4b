/** Nothing decoded for this long: it does not flow, ms. */
const FRESH_MS = 700;

interface Flow {
	/** Of the source, as the browser last gave it. */
	timestamp: number;
	lastAt: number;
	lookedAt: number;
	count: number;
	level: number;
}

const UNSEEN: Flow = {
	timestamp: 0,
	lastAt: Number.NEGATIVE_INFINITY,
	lookedAt: Number.NEGATIVE_INFINITY,
	count: 0,
	level: 0,
};

/**
 * Whether decoded frames and samples come out of receivers. `getSynchronizationSources()` changes when a frame is handed to the
 * track, and is cheaper than `getStats()`. Times in ms of a monotonic clock.
 */
export class FlowMeter {
	readonly #flows = new WeakMap<RTCRtpReceiver, Flow>();

	/** Looks at a receiver, unless it was looked at less than `everyMs` ago: each look is a round trip to another thread. */
	look(receiver: RTCRtpReceiver, now: number, everyMs: number): void {
		const flow = this.#flows.get(receiver) ?? { ...UNSEEN };
		if (now - flow.lookedAt < everyMs) return;
		this.#flows.set(receiver, flow);
		flow.lookedAt = now;
		for (const source of receiver.getSynchronizationSources()) {
			flow.level = source.audioLevel ?? 0;
			if (source.timestamp <= flow.timestamp) continue;
			flow.timestamp = source.timestamp;
			flow.lastAt = now;
			flow.count += 1;
		}
	}

	/** At the last look frames or samples had come out a moment ago. */
	isFlowing(receiver: RTCRtpReceiver): boolean {
		return this.silentMs(receiver) < FRESH_MS;
	}

	/** For how long nothing had come out when we last looked, ms; a busy page that does not look is no silence. Infinity if nothing ever came. */
	silentMs(receiver: RTCRtpReceiver): number {
		const { lookedAt, lastAt } = this.#flows.get(receiver) ?? UNSEEN;
		return lastAt === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : lookedAt - lastAt;
	}

	hasFlowed(receiver: RTCRtpReceiver): boolean {
		return (this.#flows.get(receiver)?.count ?? 0) > 0;
	}

	/** Loudness, 0..1; 0 when nothing comes. */
	level(receiver: RTCRtpReceiver): number {
		return this.isFlowing(receiver) ? (this.#flows.get(receiver)?.level ?? 0) : 0;
	}
}
