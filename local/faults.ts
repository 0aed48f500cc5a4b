import * as z from "zod";

const Rate = z.number().min(0).max(1);

/** A fault in the HTTP API. The first rule that matches and whose dice fall decides. */
export const CallFault = z.object({
	method: z.enum(["GET", "POST", "PUT"]).optional(),
	/** A part of the path, such as `tracks/new` or a session id. */
	path: z.string().max(200).optional(),
	probability: Rate.default(1),
	/** How often at most; for ever by default. */
	times: z.int().min(1).optional(),
	/** Each hit waits a time drawn from this range, so that answers come out of order. */
	latencyMs: z.object({ min: z.int().min(0), max: z.int().min(0).max(120_000) }).optional(),
	/** `before`: the call is not done. `after`: it is done, and its answer is replaced or late. */
	phase: z.enum(["before", "after"]).default("before"),
	status: z.int().min(400).max(599).optional(),
	errorCode: z.string().max(100).default("internal_error"),
});
export type CallFault = z.infer<typeof CallFault>;

/** Loss of RTP and RTCP, as seen from the SFU. */
export const PacketFault = z.object({
	sessionID: z.string().optional(),
	direction: z.enum(["in", "out"]).optional(),
	lossRate: Rate,
});

/** The same script with the same seed draws the same dice. */
export const FaultScript = z.object({
	seed: z.int().min(1).max(0xffffffff).default(1),
	calls: z.array(CallFault).max(100).default([]),
	packets: z.array(PacketFault).max(100).default([]),
});
export type FaultScript = z.infer<typeof FaultScript>;

/** What shall happen to a call: nothing, a delay, an error, or both. */
export type CallVerdict = {
	phase: "before" | "after";
	delayMs: number;
	error: { status: number; errorCode: string } | null;
};

/** The script in force. Only the admin API changes it. */
export class Faults {
	#script: FaultScript = { seed: 1, calls: [], packets: [] };
	#hits = new Map<CallFault, number>();
	#callDice = dice(1);
	#packetDice = dice(1);

	get script(): FaultScript {
		return this.#script;
	}

	load(script: FaultScript): void {
		this.#script = script;
		this.#hits = new Map();
		this.#callDice = dice(script.seed);
		this.#packetDice = dice(script.seed);
	}

	judgeCall(method: string, path: string): CallVerdict | null {
		for (const rule of this.#script.calls) {
			const hits = this.#hits.get(rule) ?? 0;
			if (!concerns(rule, method, path) || hits >= (rule.times ?? Number.POSITIVE_INFINITY)) continue;
			if (this.#callDice() >= rule.probability) continue;
			this.#hits.set(rule, hits + 1);
			const { min, max } = rule.latencyMs ?? { min: 0, max: 0 };
			return {
				phase: rule.phase,
				delayMs: min + this.#callDice() * Math.max(0, max - min),
				error: rule.status === undefined ? null : { status: rule.status, errorCode: rule.errorCode },
			};
		}
		return null;
	}

	dropsPacket(sessionID: string, direction: "in" | "out"): boolean {
		for (const rule of this.#script.packets) {
			if (rule.sessionID !== undefined && rule.sessionID !== sessionID) continue;
			if (rule.direction !== undefined && rule.direction !== direction) continue;
			if (this.#packetDice() < rule.lossRate) return true;
		}
		return false;
	}
}

function concerns(rule: CallFault, method: string, path: string): boolean {
	return (rule.method ?? method) === method && path.includes(rule.path ?? "");
}

/** Marsaglia's xorshift32: numbers from 0 to 1 that depend on the seed alone. */
function dice(seed: number): () => number {
	let state = seed | 0 || 1;
	return () => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) / 2 ** 32;
	};
}
