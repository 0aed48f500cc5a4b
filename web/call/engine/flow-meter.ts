/** Nothing decoded for this long: it does not flow, ms. */
const FRESH_MS = 700;

interface Flow {
	/** Of the source, as the browser last gave it. */
	timestamp: number;
	lastAt: number;
	count: number;
	level: number;
}

/**
 * Whether decoded frames and samples come out of receivers. `getSynchronizationSources()` changes when a frame is handed to the
 * track, and costs nothing like `getStats()`. Times in ms of a monotonic clock.
 */
export class FlowMeter {
	readonly #flows = new WeakMap<RTCRtpReceiver, Flow>();

	/** Looks at a receiver; to be called several times a second. */
	look(receiver: RTCRtpReceiver, now: number): void {
		const flow = this.#flows.get(receiver) ?? {
			timestamp: 0,
			lastAt: Number.NEGATIVE_INFINITY,
			count: 0,
			level: 0,
		};
		this.#flows.set(receiver, flow);
		for (const source of receiver.getSynchronizationSources()) {
			flow.level = source.audioLevel ?? 0;
			if (source.timestamp <= flow.timestamp) continue;
			flow.timestamp = source.timestamp;
			flow.lastAt = now;
			flow.count += 1;
		}
	}

	/** Frames or samples came out a moment ago. */
	isFlowing(receiver: RTCRtpReceiver, now: number): boolean {
		return now - this.lastAt(receiver) < FRESH_MS;
	}

	/** When something last came out; -Infinity if never. */
	lastAt(receiver: RTCRtpReceiver): number {
		return this.#flows.get(receiver)?.lastAt ?? Number.NEGATIVE_INFINITY;
	}

	hasFlowed(receiver: RTCRtpReceiver): boolean {
		return (this.#flows.get(receiver)?.count ?? 0) > 0;
	}

	/** Loudness, 0..1; 0 when nothing comes. */
	level(receiver: RTCRtpReceiver, now: number): number {
		return this.isFlowing(receiver, now) ? (this.#flows.get(receiver)?.level ?? 0) : 0;
	}
}
