import { timestampDelta } from "../webrtc/rtp.ts";

export type TrackKind = "audio" | "video";

/** A publisher's clock that is this far from ours is used as it is: its capture times then give the true latency. */
const SANE_DELAY_MS = { least: 0, most: 2_000 };
/** A sender report that disagrees more than this with those before it is believed only when it is repeated. */
const JUMP_MS = 250;
const JUMP_REPEATS = 3;
const SMOOTHING = 8;

/**
 * One time line for the tracks of one publisher, in milliseconds since 1970. RTP timestamps of two tracks can only be compared by the publisher's sender reports
 * (RFC 3550 §6.4.1); until all tracks have one, arrival times stand in. From the first `freeze()` on the time line never jumps as a whole:
 * what reports say later moves the tracks against each other only.
 */
export class SourceClock {
	readonly #tracks = new Map<TrackKind, TrackClock>();
	#isFrozen = false;
	/** Publisher's time plus this is our time; null while arrival times are used. */
	#shiftMs: number | null = null;

	constructor(tracks: { kind: TrackKind; clockRate: number }[]) {
		for (const { kind, clockRate } of tracks) this.#tracks.set(kind, new TrackClock(clockRate));
	}

	/** Every track that sends has had a sender report: times are those of capture, and sound and picture agree. */
	get isSynchronized(): boolean {
		return this.#shiftMs !== null;
	}

	arrived(kind: TrackKind, rtpTimestamp: number, now: number): void {
		this.#tracks.get(kind)?.arrived(rtpTimestamp, now);
	}

	/** `ntpAt`: the report's NTP time as milliseconds since 1970. */
	reported(kind: TrackKind, report: { ntpAt: number; rtpTimestamp: number }): void {
		this.#tracks.get(kind)?.reported(report);
		this.#adopt();
	}

	/** From now on the time line is continuous. Call when the first time is used. */
	freeze(): void {
		this.#adopt();
		this.#isFrozen = true;
	}

	/** When this was captured (or, without reports, when it would have arrived on the fastest way). Null before the track's first packet. */
	timeOf(kind: TrackKind, rtpTimestamp: number): number | null {
		const track = this.#tracks.get(kind);
		if (track === undefined) return null;
		if (this.#shiftMs === null) return track.arrivalTimeOf(rtpTimestamp);
		const captured = track.captureTimeOf(rtpTimestamp);
		return captured === null ? track.arrivalTimeOf(rtpTimestamp) : captured + this.#shiftMs;
	}

	/** Changes from arrival times to reports, as soon as all tracks that send have one. */
	#adopt(): void {
		if (this.#shiftMs !== null) return;
		const flowing = [...this.#tracks.values()].filter((track) => track.hasArrived);
		const delays = flowing.map((track) => track.delayMs);
		if (flowing.length === 0 || delays.includes(null)) return;
		// The track that the running time line was made with; before `freeze` any will do.
		const reference = this.#tracks.get("video")?.delayMs ?? Math.min(...delays.map(Number));
		const isSane = reference >= SANE_DELAY_MS.least && reference <= SANE_DELAY_MS.most;
		this.#shiftMs = isSane && !this.#isFrozen ? 0 : reference;
	}
}

class TrackClock {
	readonly #clockRate: number;
	#reference: number | null = null;
	#unwrapped = 0;
	/** Of the packet that took the least time, arrival minus RTP time in milliseconds. */
	#arrivalOffsetMs: number | null = null;
	/** Capture minus RTP time in milliseconds, from sender reports. */
	#captureOffsetMs: number | null = null;
	#jumps = 0;

	constructor(clockRate: number) {
		this.#clockRate = clockRate;
	}

	get hasArrived(): boolean {
		return this.#arrivalOffsetMs !== null;
	}

	/** Least time from capture to arrival, clock difference included; null until known. */
	get delayMs(): number | null {
		if (this.#arrivalOffsetMs === null || this.#captureOffsetMs === null) return null;
		return this.#arrivalOffsetMs - this.#captureOffsetMs;
	}

	arrived(rtpTimestamp: number, now: number): void {
		const offset = now - this.#rtpMs(rtpTimestamp);
		this.#arrivalOffsetMs = Math.min(offset, this.#arrivalOffsetMs ?? offset);
	}

	reported({ ntpAt, rtpTimestamp }: { ntpAt: number; rtpTimestamp: number }): void {
		const offset = ntpAt - this.#rtpMs(rtpTimestamp);
		const known = this.#captureOffsetMs;
		if (known === null) {
			this.#captureOffsetMs = offset;
			return;
		}
		if (Math.abs(offset - known) <= JUMP_MS) {
			this.#jumps = 0;
			this.#captureOffsetMs = known + (offset - known) / SMOOTHING;
			return;
		}
		this.#jumps += 1;
		if (this.#jumps < JUMP_REPEATS) return;
		this.#jumps = 0;
		this.#captureOffsetMs = offset;
	}

	arrivalTimeOf(rtpTimestamp: number): number | null {
		return this.#arrivalOffsetMs === null ? null : this.#rtpMs(rtpTimestamp) + this.#arrivalOffsetMs;
	}

	captureTimeOf(rtpTimestamp: number): number | null {
		return this.#captureOffsetMs === null ? null : this.#rtpMs(rtpTimestamp) + this.#captureOffsetMs;
	}

	/** RTP time in milliseconds, without wrapping as long as timestamps come within half a circle (6 h at 90 kHz). */
	#rtpMs(rtpTimestamp: number): number {
		if (this.#reference === null) {
			this.#reference = rtpTimestamp;
			this.#unwrapped = rtpTimestamp;
		}
		const delta = timestampDelta(rtpTimestamp, this.#reference);
		this.#unwrapped += delta;
		this.#reference = rtpTimestamp;
		return (this.#unwrapped * 1000) / this.#clockRate;
	}
}
