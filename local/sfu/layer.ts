import { timestampDelta } from "../../webrtc/rtp.ts";
import { ReceiveStream } from "./receive-stream.ts";

/**
 * One encoding of a published track: the only one, or one of several told apart by rid (RFC 8853).
 * Times are milliseconds, passed in.
 */
export class Layer {
	/** Empty if the track is not simulcast. */
	readonly rid: string;
	readonly stream: ReceiveStream;
	rtxSsrc = 0;
	readonly #clockRate: number;
	#lastPacketAt = -1;
	#lastTimestamp: number | null = null;
	/** Frames begun by the other layers since the last packet of this one. */
	#siblingFrames = 0;
	#windowStartedAt = 0;
	#windowBytes = 0;
	#bitrateBps = 0;
	#hasEnded = false;
	#keyframeAskedAt = -1;

	constructor(rid: string, ssrc: number, clockRate: number) {
		this.rid = rid;
		this.stream = new ReceiveStream(ssrc, clockRate);
		this.#clockRate = clockRate;
	}

	/** Of the last seconds, the latest counting most, without retransmissions; 0 until a second has passed. */
	get bitrateBps(): number {
		return this.#bitrateBps;
	}

	get lastPacketAt(): number {
		return this.#lastPacketAt;
	}

	/** True if the packet begins a frame, that is, has a new timestamp. */
	notePacket(timestamp: number, sizeBytes: number, now: number): boolean {
		this.#lastPacketAt = now;
		this.#siblingFrames = 0;
		this.#hasEnded = false;
		this.#measure(sizeBytes, now);
		if (this.#lastTimestamp !== null && timestampDelta(timestamp, this.#lastTimestamp) <= 0) return false;
		this.#lastTimestamp = timestamp;
		return true;
	}

	noteSiblingFrame(): void {
		this.#siblingFrames += 1;
	}

	/** The publisher said BYE for this stream. */
	noteEnd(): void {
		this.#hasEnded = true;
	}

	/**
	 * Whether subscribers can be given this layer. A browser that pauses a layer says nothing; it is seen by the others going on
	 * without it, so that a slow but steady stream (a still screen) is not taken for a paused one.
	 */
	isAvailable(now: number): boolean {
		if (this.#lastPacketAt < 0 || this.#hasEnded) return false;
		const isSilent = now - this.#lastPacketAt > SILENCE_MS && this.#siblingFrames >= SILENCE_FRAMES;
		return !isSilent;
	}

	/** The publisher's wall clock (ms since 1900) at an RTP timestamp, or null before its first sender report. */
	wallClockAt(timestamp: number): number | null {
		const last = this.stream.senderReport;
		if (last === null) return null;
		const reportedAt = last.report.ntpSeconds * 1000 + (last.report.ntpFraction / 2 ** 32) * 1000;
		return reportedAt + (timestampDelta(timestamp, last.report.rtpTimestamp) * 1000) / this.#clockRate;
	}

	/** At most one request each 300 ms; true if the caller shall send it. */
	mayAskForKeyframe(now: number): boolean {
		if (this.#keyframeAskedAt >= 0 && now - this.#keyframeAskedAt < KEYFRAME_INTERVAL_MS) return false;
		this.#keyframeAskedAt = now;
		return true;
	}

	#measure(sizeBytes: number, now: number): void {
		const elapsedMs = now - this.#windowStartedAt;
		if (elapsedMs >= 1000) {
			const latest = elapsedMs < 5000 ? (this.#windowBytes * 8000) / elapsedMs : 0;
			const isNews = this.#bitrateBps === 0 || latest === 0;
			this.#bitrateBps = isNews ? latest : latest * LATEST_SHARE + this.#bitrateBps * (1 - LATEST_SHARE);
			this.#windowStartedAt = now;
			this.#windowBytes = 0;
		}
		this.#windowBytes += sizeBytes;
	}
}

/** Encoders spend unevenly from second to second; a layer is chosen by what it takes over several. */
const LATEST_SHARE = 0.4;
/** Silence after which a subscriber is moved to another layer: short enough not to be seen as a freeze. */
const SILENCE_MS = 300;
const SILENCE_FRAMES = 3;
/** The service debounces requests likewise. Chromium makes at most one key frame each 300 ms. */
const KEYFRAME_INTERVAL_MS = 300;
