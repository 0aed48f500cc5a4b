import type { ParticipantID } from "../../../protocol/ids.ts";
import type {
	Direction,
	MoveReason,
	PeerEdges,
	SignalClientMessage,
	SignalServerMessage,
	Via,
} from "../../../protocol/signal.ts";

/** One direction between us and a peer. The old way stays until the move to the new one is done. */
export interface Edge {
	via: Via;
	gen: number;
	move: Move | null;
	/** When the pair came to be, ms. */
	createdAt: number;
}

/** `isOn` false: proposed and not agreed yet. */
interface Move {
	via: Via;
	gen: number;
	reason: MoveReason;
	isOn: boolean;
	isSelfReady: boolean;
	isPeerReady: boolean;
	startedAt: number;
}

export type EdgeServerMessage = Extract<
	SignalServerMessage,
	{ t: "edge.propose" | "edge.accept" | "edge.reject" | "edge.ready" }
>;

/** A proposal without an answer is taken back after this time, ms: the other end may have gone. */
const ANSWER_WITHIN_MS = 4000;
/** A return to the direct way that is not ready by then is given up, ms: what is in use is good. */
const RETURN_WITHIN_MS = 8000;
/** A move that must be made is given more time, ms: giving it up would only mean to begin it again. */
const READY_WITHIN_MS = 30_000;
/** Ready ourselves, but the other end never is, and never says no, ms. */
const PEER_READY_WITHIN_MS = 40_000;
/** A pair this young takes over a change of policy at once: nothing flows yet that could break, ms. */
const YOUNG_MS = 1500;

/** How media goes between us and everybody else: the moves of each edge, make before break, as both ends agree on them through the room. */
export class EdgeTable {
	readonly #peers = new Map<ParticipantID, Record<Direction, Edge>>();
	#policy: Via;

	constructor(policy: Via) {
		this.#policy = policy;
	}

	get policy(): Via {
		return this.#policy;
	}

	get peerIDs(): ParticipantID[] {
		return [...this.#peers.keys()];
	}

	add(peerID: ParticipantID, now: number): void {
		if (this.#peers.has(peerID)) return;
		const fresh = (): Edge => ({ via: this.#policy, gen: 0, move: null, createdAt: now });
		this.#peers.set(peerID, { send: fresh(), recv: fresh() });
	}

	drop(peerID: ParticipantID): void {
		this.#peers.delete(peerID);
	}

	get(peerID: ParticipantID, direction: Direction): Edge | null {
		return this.#peers.get(peerID)?.[direction] ?? null;
	}

	/** The ways that must work now: one, or two during a move. */
	ways(peerID: ParticipantID, direction: Direction): Via[] {
		const edge = this.get(peerID, direction);
		if (edge === null) return [];
		return edge.move?.isOn && edge.move.via !== edge.via ? [edge.via, edge.move.via] : [edge.via];
	}

	/** The way that the edge has, or is moving to. */
	goal(peerID: ParticipantID, direction: Direction): Via {
		const edge = this.get(peerID, direction);
		if (edge === null) return this.#policy;
		return edge.move?.isOn ? edge.move.via : edge.via;
	}

	/**
	 * How new pairs begin. Pairs that exist are moved one by one by the room, but for those that have only just come to be and
	 * are not `isInUse` yet.
	 */
	setPolicy(policy: Via, now: number, isInUse: (peerID: ParticipantID) => boolean): void {
		if (policy === this.#policy) return;
		this.#policy = policy;
		for (const [peerID, edges] of this.#peers) {
			for (const edge of [edges.send, edges.recv]) {
				const isYoung = edge.gen === 0 && edge.move === null && now - edge.createdAt < YOUNG_MS;
				if (isYoung && !isInUse(peerID)) edge.via = policy;
			}
		}
	}

	/** Takes the room's table, which came with a welcome. Moves that are on come again as `edge.accept`. */
	adopt(table: readonly PeerEdges[]): void {
		for (const { peerID, send, recv } of table) {
			const edges = this.#peers.get(peerID);
			if (edges === undefined) continue;
			adoptEdge(edges.send, send);
			adoptEdge(edges.recv, recv);
		}
	}

	/** Asks the peer to move. Nothing is said if the edge goes there already or is on its way. */
	propose(
		name: { peerID: ParticipantID; direction: Direction },
		wish: { via: Via; reason: MoveReason; now: number },
	): SignalClientMessage[] {
		const edge = this.get(name.peerID, name.direction);
		if (edge === null || edge.move !== null || edge.via === wish.via) return [];
		const gen = edge.gen + 1;
		edge.move = newMove({ gen, via: wish.via, reason: wish.reason, isOn: false, now: wish.now });
		return [{ t: "edge.propose", ...name, gen, via: wish.via, reason: wish.reason }];
	}

	/** `canGo`: whether a way to this peer could work at present. */
	receive(
		message: EdgeServerMessage,
		now: number,
		canGo: (peerID: ParticipantID, via: Via) => boolean,
	): SignalClientMessage[] {
		const { peerID, direction, gen } = message;
		const edge = this.get(peerID, direction);
		if (edge === null) return [];
		const name = { peerID, direction, gen };
		switch (message.t) {
			case "edge.propose": {
				if (gen <= edge.gen || edge.move?.isOn) return [{ t: "edge.reject", ...name }];
				if (!canGo(peerID, message.via)) return [{ t: "edge.reject", ...name }];
				edge.move = newMove({ ...message, isOn: false, now });
				return [{ t: "edge.accept", ...name }];
			}
			case "edge.accept":
				return accepted(edge, message, now);
			case "edge.reject":
				if (edge.move?.gen === gen) edge.move = null;
				edge.gen = Math.max(edge.gen, gen);
				return [];
			case "edge.ready":
				if (edge.move?.gen === gen) edge.move.isPeerReady = true;
				settle(edge);
				return [];
		}
	}

	/** Our end of the move works. */
	ready(peerID: ParticipantID, direction: Direction): SignalClientMessage[] {
		const edge = this.get(peerID, direction);
		if (!edge?.move?.isOn || edge.move.isSelfReady) return [];
		const { gen } = edge.move;
		edge.move.isSelfReady = true;
		settle(edge);
		return [{ t: "edge.ready", peerID, direction, gen }];
	}

	/** Gives up all moves to this way. */
	giveUp(via: Via): SignalClientMessage[] {
		return this.#rejectMoves((_, move) => move.via === via);
	}

	/** Gives up what takes too long. `isWaiting`: an end of the pair is offline, and time does not count. */
	expire(now: number, isWaiting: (peerID: ParticipantID) => boolean): SignalClientMessage[] {
		return this.#rejectMoves((peerID, move) => {
			if (isWaiting(peerID)) move.startedAt = now;
			return now - move.startedAt >= patienceMs(move);
		});
	}

	#rejectMoves(isRejected: (peerID: ParticipantID, move: Move) => boolean): SignalClientMessage[] {
		const rejections: SignalClientMessage[] = [];
		for (const [peerID, edges] of this.#peers) {
			for (const direction of ["send", "recv"] as const) {
				const edge = edges[direction];
				if (edge.move === null || !isRejected(peerID, edge.move)) continue;
				const { gen } = edge.move;
				edge.gen = gen;
				edge.move = null;
				rejections.push({ t: "edge.reject", peerID, direction, gen });
			}
		}
		return rejections;
	}
}

function newMove(parts: { gen: number; via: Via; reason: MoveReason; isOn: boolean; now: number }): Move {
	const { gen, via, reason, isOn, now } = parts;
	return { gen, via, reason, isOn, isSelfReady: false, isPeerReady: false, startedAt: now };
}

function accepted(
	edge: Edge,
	message: Extract<EdgeServerMessage, { t: "edge.accept" }>,
	now: number,
): SignalClientMessage[] {
	const { peerID, direction, gen, via, reason } = message;
	if (gen < edge.gen || (gen === edge.gen && edge.via === via)) return [];
	if (edge.move?.isOn && edge.move.gen === gen) {
		// Said again after we came back: the room may not have heard us.
		return edge.move.isSelfReady ? [{ t: "edge.ready", peerID, direction, gen }] : [];
	}
	edge.move = newMove({ gen, via, reason, isOn: true, now });
	return [];
}

function settle(edge: Edge): void {
	if (!edge.move?.isSelfReady || !edge.move.isPeerReady) return;
	edge.via = edge.move.via;
	edge.gen = edge.move.gen;
	edge.move = null;
}

function adoptEdge(edge: Edge, told: { via: Via; gen: number }): void {
	const { move } = edge;
	edge.via = told.via;
	edge.gen = told.gen;
	// A proposal may have been lost with the socket; a move that is on is said again, and finds us as far as we were.
	edge.move = move?.isOn && move.gen > told.gen ? move : null;
}

function patienceMs(move: Move): number {
	if (!move.isOn) return ANSWER_WITHIN_MS;
	if (move.isSelfReady) return PEER_READY_WITHIN_MS;
	return move.reason === "recovered" ? RETURN_WITHIN_MS : READY_WITHIN_MS;
}
