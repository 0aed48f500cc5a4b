import type { Direction, MoveReason } from "../../../protocol/signal.ts";

/** A direct link as it is now. Counters grow over its life; `at` in ms of a monotonic clock. */
export interface LinkReading {
	at: number;
	state: "connecting" | "connected" | "disconnected" | "failed";
	/** Media packets received, all tracks. */
	packets: number;
	packetsLost: number;
	/** By the roster the peer sends us something this way. */
	isMediaExpected: boolean;
}

export interface LinkFailure {
	directions: readonly Direction[];
	reason: MoveReason;
}

/** A link that was there and is not any more, ms. */
const DISCONNECTED_MS = 1500;
/** A link that has never been there, ms: candidates over TCP and TLS come late. */
const CONNECTING_MS = 6000;
const SILENT_MS = 1500;
const LOSS_OVER_MS = 3000;
const LOSS_LIMIT = 0.1;
/** Fewer packets than this say nothing about loss. */
const LOSS_LEAST_PACKETS = 30;

/** Sees when a direct link must be left: the rules of REQUIREMENTS C16 with the limits of the plan. */
export class FailureDetector {
	#lastConnectedAt: number | null = null;
	#beganAt: number | null = null;
	#packets = -1;
	#movedAt = 0;
	#window: LinkReading[] = [];

	/** Null while the link will do. */
	observe(reading: LinkReading): LinkFailure | null {
		this.#beganAt ??= reading.at;
		if (reading.state !== "connected") return this.#judgeState(reading);
		this.#lastConnectedAt = reading.at;
		return this.#judgeSilence(reading) ?? this.#judgeLoss(reading);
	}

	#judgeState({ at, state }: LinkReading): LinkFailure | null {
		this.#packets = -1;
		this.#window = [];
		const failure: LinkFailure = { directions: ["send", "recv"], reason: "ice-failed" };
		if (state === "failed") return failure;
		const since = this.#lastConnectedAt ?? this.#beganAt ?? at;
		const limitMs = this.#lastConnectedAt === null ? CONNECTING_MS : DISCONNECTED_MS;
		return at - since > limitMs ? failure : null;
	}

	#judgeSilence({ at, packets, isMediaExpected }: LinkReading): LinkFailure | null {
		if (packets !== this.#packets || !isMediaExpected) {
			this.#packets = packets;
			this.#movedAt = at;
			return null;
		}
		return at - this.#movedAt > SILENT_MS ? { directions: ["recv"], reason: "no-media" } : null;
	}

	#judgeLoss(reading: LinkReading): LinkFailure | null {
		this.#window.push(reading);
		while (this.#window[1] !== undefined && reading.at - this.#window[1].at >= LOSS_OVER_MS)
			this.#window.shift();
		const [first] = this.#window;
		if (first === undefined || reading.at - first.at < LOSS_OVER_MS) return null;
		const received = reading.packets - first.packets;
		const lost = reading.packetsLost - first.packetsLost;
		if (received < 0 || lost <= 0 || received + lost < LOSS_LEAST_PACKETS) return null;
		return lost / (received + lost) > LOSS_LIMIT ? { directions: ["recv"], reason: "loss" } : null;
	}
}
