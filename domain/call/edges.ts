import type { Topology } from "../../protocol/call.ts";
import type { ParticipantID } from "../../protocol/ids.ts";
import type { Direction, MoveReason, PeerEdges, SignalServerMessage, Via } from "../../protocol/signal.ts";

/** One direction of one pair: media of `from` on its way to `to`. */
export interface Edge {
	from: ParticipantID;
	to: ParticipantID;
	via: Via;
	gen: number;
	since: number;
	reason: string;
	/** A move that is proposed (`isOn` false) or being made (`isOn` true); the old way stays until both ends are ready. */
	pending: PendingMove | null;
}

interface PendingMove {
	via: Via;
	gen: number;
	reason: MoveReason;
	by: ParticipantID | null;
	isOn: boolean;
	ready: ParticipantID[];
}

/** Clients count the proposals that the room refused, the room does not. Nobody uses up the numbers of an edge by one large one. */
const MAX_LEAP = 100;

export type EdgeEffect =
	| { do: "send"; to: ParticipantID; frame: SignalServerMessage }
	| { do: "storeEdge"; edge: Edge };

/** An end's message about one edge, as signal.v1 has it: the direction is seen from `by`. */
export interface EdgeMessage {
	by: ParticipantID;
	peerID: ParticipantID;
	direction: Direction;
	gen: number;
}

/**
 * The agreed way of every direction of every pair (002:104). Edges that never moved are not kept: they go the way that the
 * policy had when the later of the two came.
 */
export class Edges {
	readonly #edges = new Map<string, Edge>();
	#policy: Via;

	constructor(policy: Via, edges: readonly Edge[]) {
		this.#policy = policy;
		for (const edge of edges) this.#edges.set(key(edge.from, edge.to), edge);
	}

	get policy(): Via {
		return this.#policy;
	}

	get(from: ParticipantID, to: ParticipantID): Edge {
		return this.#edges.get(key(from, to)) ?? this.#untouched(from, to);
	}

	/** Asks the other end to move. Both asking for the same at once is an agreement. */
	propose(message: EdgeMessage, move: { via: Via; reason: MoveReason }): EdgeEffect[] {
		const edge = this.#of(message);
		const { by, peerID, direction, gen } = message;
		if (edge.pending?.by === peerID && !edge.pending.isOn && edge.pending.via === move.via) {
			return this.accept({ ...message, gen: edge.pending.gen });
		}
		const known = Math.max(edge.gen, edge.pending?.gen ?? 0);
		const isOutOfTurn = gen <= known || gen > known + MAX_LEAP;
		const isAgainstPolicy = this.#policy === "sfu" && move.via === "p2p";
		if (isOutOfTurn || isAgainstPolicy || edge.via === move.via) {
			return [{ do: "send", to: by, frame: { t: "edge.reject", peerID, direction, gen } }];
		}
		const pending = { ...move, gen, by, isOn: false, ready: [] };
		return [
			this.#put({ ...edge, pending }),
			{
				do: "send",
				to: peerID,
				frame: { t: "edge.propose", peerID: by, direction: flip(direction), gen, ...move },
			},
		];
	}

	accept(message: EdgeMessage): EdgeEffect[] {
		const edge = this.#of(message);
		const { pending } = edge;
		if (!pending || pending.gen !== message.gen || pending.isOn || pending.by === message.by) return [];
		const next = { ...edge, pending: { ...pending, isOn: true } };
		return [this.#put(next), ...announce(next)];
	}

	/** Either end may refuse a proposal or give up a move that does not work; the old way stays. */
	reject(message: EdgeMessage): EdgeEffect[] {
		const edge = this.#of(message);
		const { by, peerID, direction, gen } = message;
		if (edge.pending?.gen !== gen) return [];
		return [
			this.#put({ ...edge, gen, pending: null }),
			{
				do: "send",
				to: peerID,
				frame: { t: "edge.reject", peerID: by, direction: flip(direction), gen },
			},
		];
	}

	/** One end has the new way; when both have it, it is the edge's way. */
	ready(message: EdgeMessage, now: number): EdgeEffect[] {
		const edge = this.#of(message);
		const { by, peerID, direction, gen } = message;
		const { pending } = edge;
		if (!pending?.isOn || pending.gen !== gen || pending.ready.includes(by)) return [];
		const ready = [...pending.ready, by];
		const isDone = ready.length === 2;
		const next: Edge = isDone
			? { ...edge, via: pending.via, gen, since: now, reason: pending.reason, pending: null }
			: { ...edge, pending: { ...pending, ready } };
		return [
			this.#put(next),
			{
				do: "send",
				to: peerID,
				frame: { t: "edge.ready", peerID: by, direction: flip(direction), gen },
			},
		];
	}

	/** The policy changed: every edge that goes another way is moved, without asking. */
	setPolicy(
		policy: Via,
		members: readonly ParticipantID[],
		change: { reason: MoveReason; now: number },
	): EdgeEffect[] {
		if (policy === this.#policy) return [];
		const before = pairs(members).map(([from, to]) => this.get(from, to));
		this.#policy = policy;
		return before.flatMap((edge) => {
			const goal = edge.pending?.isOn ? edge.pending.via : edge.via;
			if (goal === policy)
				return edge.pending && !edge.pending.isOn
					? [this.#put({ ...edge, pending: null })]
					: [this.#put(edge)];
			const gen = Math.max(edge.gen, edge.pending?.gen ?? 0) + 1;
			const pending = { via: policy, gen, reason: change.reason, by: null, isOn: true, ready: [] };
			const next = { ...edge, since: edge.since || change.now, pending };
			return [this.#put(next), ...announce(next)];
		});
	}

	/** Somebody has left for good: their edges go, which `keys` names for the store. */
	drop(participantID: ParticipantID): void {
		for (const [name, edge] of this.#edges) {
			if (edge.from === participantID || edge.to === participantID) this.#edges.delete(name);
		}
	}

	/** What a participant is told at (re)joining: pairs that do not go as the policy says, or have moved before. */
	of(participantID: ParticipantID, members: readonly ParticipantID[]): PeerEdges[] {
		return members
			.filter((peerID) => peerID !== participantID)
			.filter(
				(peerID) =>
					this.#edges.has(key(participantID, peerID)) || this.#edges.has(key(peerID, participantID)),
			)
			.map((peerID) => ({
				peerID,
				send: agreed(this.get(participantID, peerID)),
				recv: agreed(this.get(peerID, participantID)),
			}));
	}

	/** Moves that are on for a participant who has come back: said again. */
	pendingOf(participantID: ParticipantID): EdgeEffect[] {
		return [...this.#edges.values()]
			.filter((edge) => edge.pending?.isOn && (edge.from === participantID || edge.to === participantID))
			.flatMap((edge) => announce(edge))
			.filter((effect) => effect.do === "send" && effect.to === participantID);
	}

	topology(members: readonly ParticipantID[]): Topology {
		const ways = new Set(pairs(members).map(([from, to]) => this.get(from, to).via));
		if (ways.size === 2) return "mixed";
		return [...ways][0] ?? this.#policy;
	}

	#of({ by, peerID, direction }: EdgeMessage): Edge {
		return direction === "send" ? this.get(by, peerID) : this.get(peerID, by);
	}

	#untouched(from: ParticipantID, to: ParticipantID): Edge {
		return { from, to, via: this.#policy, gen: 0, since: 0, reason: "policy", pending: null };
	}

	#put(edge: Edge): EdgeEffect {
		this.#edges.set(key(edge.from, edge.to), edge);
		return { do: "storeEdge", edge };
	}
}

function announce({ from, to, pending }: Edge): EdgeEffect[] {
	if (!pending) return [];
	const { gen, via, reason } = pending;
	return [
		{ do: "send", to: from, frame: { t: "edge.accept", peerID: to, direction: "send", gen, via, reason } },
		{ do: "send", to, frame: { t: "edge.accept", peerID: from, direction: "recv", gen, via, reason } },
	];
}

function agreed({ via, gen }: Edge): { via: Via; gen: number } {
	return { via, gen };
}

function pairs(members: readonly ParticipantID[]): [ParticipantID, ParticipantID][] {
	return members.flatMap((from) =>
		members.filter((to) => to !== from).map((to): [ParticipantID, ParticipantID] => [from, to]),
	);
}

function key(from: ParticipantID, to: ParticipantID): string {
	return `${from}>${to}`;
}

function flip(direction: Direction): Direction {
	return direction === "send" ? "recv" : "send";
}
