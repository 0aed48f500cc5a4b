import { parseRtp, readExtension } from "../../webrtc/rtp.ts";
import { writeAbsSendTime } from "./header-extensions.ts";

/** Sound is never kept waiting; what is sent again may be left out. */
export type Urgency = "audio" | "video" | "resent";

type Waiting = { packet: Buffer; sendTimeID: number | null };

/**
 * Spreads a session's packets over time while the way to the subscriber is narrow, so that a key frame or a flood of retransmissions does
 * not fill the queue in front of it and push sound out. While it is wide, packets pass through untouched. Times in milliseconds, rates
 * in bits per second.
 */
export class Pacer {
	readonly #send: (packet: Buffer) => boolean;
	#rateBps = Number.POSITIVE_INFINITY;
	/** What may be sent at once, in bytes. Sound overdraws it. */
	#credit = 0;
	#resendCredit = 0;
	#creditedAt = 0;
	#resent: Waiting[] = [];
	#fresh: Waiting[] = [];
	#waitingBytes = 0;
	#timer: NodeJS.Timeout | null = null;

	constructor(send: (packet: Buffer) => boolean) {
		this.#send = send;
	}

	/** Bytes that wait to be sent. */
	get waitingBytes(): number {
		return this.#waitingBytes;
	}

	/** Infinite: no pacing. What waits then goes at once. */
	setRate(rateBps: number, now: number): void {
		this.#gainCredit(now);
		this.#rateBps = rateBps;
		if (!Number.isFinite(rateBps)) this.#drain(now);
	}

	/** False if the packet is not going to be sent. `sendTimeID`: the header extension that says when a packet was sent. */
	send(packet: Buffer, urgency: Urgency, sendTimeID: number | null, now: number): boolean {
		if (!Number.isFinite(this.#rateBps)) return this.#send(packet);
		this.#gainCredit(now);
		if (urgency === "audio") {
			this.#credit -= packet.length;
			return this.#send(packet);
		}
		if (urgency === "resent") {
			if (this.#resendCredit < packet.length) return false;
			this.#resendCredit -= packet.length;
		}
		if (this.#waitingBytes === 0 && this.#credit > 0) {
			this.#credit -= packet.length;
			return this.#send(packet);
		}
		(urgency === "resent" ? this.#resent : this.#fresh).push({ packet, sendTimeID });
		this.#waitingBytes += packet.length;
		this.#timer ??= setTimeout(() => this.#tick(Date.now()), TICK_MS);
		return true;
	}

	/** Forgets what waits: something newer is on its way. */
	discard(): void {
		this.#resent = [];
		this.#fresh = [];
		this.#waitingBytes = 0;
	}

	close(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.discard();
	}

	#tick(now: number): void {
		this.#timer = null;
		this.#gainCredit(now);
		this.#drain(now);
		if (this.#waitingBytes > 0) this.#timer = setTimeout(() => this.#tick(Date.now()), TICK_MS);
	}

	#drain(now: number): void {
		while (this.#waitingBytes > 0 && (this.#credit > 0 || !Number.isFinite(this.#rateBps))) {
			const next = this.#resent.shift() ?? this.#fresh.shift();
			if (next === undefined) return;
			const { packet, sendTimeID } = next;
			this.#waitingBytes -= packet.length;
			this.#credit -= packet.length;
			if (sendTimeID !== null) restamp(packet, sendTimeID, now);
			this.#send(packet);
		}
	}

	/** More than the rate if needed, so that nothing waits longer than `LONGEST_WAIT_MS`: late video is worth no more than lost video. */
	#gainCredit(now: number): void {
		const elapsedMs = Math.max(0, now - this.#creditedAt);
		this.#creditedAt = now;
		if (!Number.isFinite(this.#rateBps)) return;
		const bytesPerMs = Math.max(this.#rateBps / 8000, this.#waitingBytes / LONGEST_WAIT_MS);
		this.#credit = Math.min(this.#credit + bytesPerMs * elapsedMs, LARGEST_BURST_BYTES);
		this.#credit = Math.max(this.#credit, -LARGEST_DEBT_BYTES);
		const resend = this.#resendCredit + bytesPerMs * elapsedMs * RESEND_SHARE;
		this.#resendCredit = Math.min(resend, LARGEST_BURST_BYTES * 2);
	}
}

/** The receiver judges the way by when packets were sent: it must be told when they really were. */
export function restamp(packet: Buffer, sendTimeID: number, now: number): void {
	const rtp = parseRtp(packet);
	const value = rtp === null ? null : readExtension(rtp, sendTimeID);
	if (value !== null && value.length === 3) writeAbsSendTime(value, now);
}

const TICK_MS = 5;
/** libwebrtc lets its pacer's queue grow to two seconds; a call wants to stay closer to now. */
const LONGEST_WAIT_MS = 500;
/** Two full packets. */
const LARGEST_BURST_BYTES = 2_800;
/** Sound at 64 kbit/s for half a second. */
const LARGEST_DEBT_BYTES = 4_000;
/** Of what the way carries, for packets that were lost on it: the rest is for news. */
const RESEND_SHARE = 0.25;
