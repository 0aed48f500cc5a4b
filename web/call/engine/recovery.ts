import type { ParticipantID } from "../../../protocol/ids.ts";
import type { SignalClientMessage } from "../../../protocol/signal.ts";
import type { EdgeTable } from "./edge-table.ts";
import { FailureDetector, type LinkReading } from "./failure-detector.ts";
import { ReturnPolicy } from "./return-policy.ts";

/** Of one peer, as seen every quarter of a second. */
export interface PeerReading extends LinkReading {
	/** The probes come back quickly. */
	isLinkGood: boolean;
	hasLink: boolean;
	isOnline: boolean;
	/** There is another way than the direct one. */
	hasSfu: boolean;
}

/** After a move that was given up, ms. */
const PROPOSE_AGAIN_MS = 5000;

interface PeerState {
	detector: FailureDetector;
	policy: ReturnPolicy;
	via: "p2p" | "sfu";
	proposedAt: number;
	hasProposedReturn: boolean;
}

/** Decides which moves to propose: away from a direct link that fails, back to it when it is good again, and to where the room wants the pair. */
export class Recovery {
	readonly #edges: EdgeTable;
	readonly #peers = new Map<ParticipantID, PeerState>();

	constructor(edges: EdgeTable) {
		this.#edges = edges;
	}

	forget(peerID: ParticipantID): void {
		this.#peers.delete(peerID);
	}

	/** What to say to the room now. */
	observe(peerID: ParticipantID, reading: PeerReading): SignalClientMessage[] {
		const state = this.#stateOf(peerID);
		this.#noteMoves(peerID, state, reading.at);
		if (!reading.isOnline) return [];
		const failing = this.#leave(peerID, state, reading);
		if (failing.length > 0) return failing;
		return this.#edges.policy === "p2p"
			? this.#goBack(peerID, state, reading)
			: this.#followRoom(peerID, state, reading.at);
	}

	#stateOf(peerID: ParticipantID): PeerState {
		const known = this.#peers.get(peerID);
		if (known !== undefined) return known;
		const made: PeerState = {
			detector: new FailureDetector(),
			policy: new ReturnPolicy(),
			via: this.#edges.get(peerID, "recv")?.via ?? "p2p",
			proposedAt: Number.NEGATIVE_INFINITY,
			hasProposedReturn: false,
		};
		this.#peers.set(peerID, made);
		return made;
	}

	/** Sees how the moves of the receiving edge went. */
	#noteMoves(peerID: ParticipantID, state: PeerState, now: number): void {
		const edge = this.#edges.get(peerID, "recv");
		if (edge === null) return;
		if (edge.via !== state.via) {
			state.via = edge.via;
			state.hasProposedReturn = false;
			state.detector = new FailureDetector();
			if (edge.via === "p2p") state.policy.returned(now);
			else state.policy.left(now);
		} else if (state.hasProposedReturn && edge.move === null) {
			state.hasProposedReturn = false;
			state.policy.returnFailed(now);
		}
	}

	#leave(peerID: ParticipantID, state: PeerState, reading: PeerReading): SignalClientMessage[] {
		const uses = (["send", "recv"] as const).filter(
			(direction) => this.#edges.goal(peerID, direction) === "p2p",
		);
		if (uses.length === 0 || !reading.hasLink || !reading.hasSfu) return [];
		const failure = state.detector.observe(reading);
		if (failure === null || reading.at - state.proposedAt < PROPOSE_AGAIN_MS) return [];
		state.proposedAt = reading.at;
		return failure.directions
			.filter((direction) => uses.includes(direction))
			.flatMap((direction) =>
				this.#edges.propose({ peerID, direction }, { via: "sfu", reason: failure.reason, now: reading.at }),
			);
	}

	/** The receiving end asks, so that not both do. */
	#goBack(peerID: ParticipantID, state: PeerState, reading: PeerReading): SignalClientMessage[] {
		const edge = this.#edges.get(peerID, "recv");
		if (edge === null || edge.via !== "sfu" || edge.move !== null) return [];
		if (!state.policy.observe(reading.isLinkGood, reading.at)) return [];
		state.hasProposedReturn = true;
		return this.#edges.propose(
			{ peerID, direction: "recv" },
			{ via: "p2p", reason: "recovered", now: reading.at },
		);
	}

	/** A move with the room's size may have failed: the receiving end asks again. */
	#followRoom(peerID: ParticipantID, state: PeerState, now: number): SignalClientMessage[] {
		const edge = this.#edges.get(peerID, "recv");
		if (edge === null || edge.via === "sfu" || edge.move !== null) return [];
		if (now - state.proposedAt < PROPOSE_AGAIN_MS) return [];
		state.proposedAt = now;
		return this.#edges.propose({ peerID, direction: "recv" }, { via: "sfu", reason: "group-size", now });
	}
}
