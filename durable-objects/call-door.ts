import { act } from "../domain/call/act.ts";
import type { Member } from "../domain/call/member.ts";
import { ParticipantID, type UserID } from "../protocol/ids.ts";
import { type MoveReason, SIGNAL_CLOSE, type SignalClientMessage } from "../protocol/signal.ts";
import type { CallPerformer } from "./call-performer.ts";
import { CallSocket } from "./call-socket.ts";

/** Who opens a socket, as the Worker has verified it: a place by its participantID, or by the secret of an earlier socket. */
export interface CallVisitor {
	userID: UserID;
	participantID: string | null;
	resume: string | null;
	ticket: { ticketID: string; expiresAt: number };
}

/** What opening a socket costs of the participant's budget: everybody hears of it, twice. */
const SOCKET_COST = 12;

/** Reasons to move an edge that say that nothing comes. */
const COMPLAINTS: readonly MoveReason[] = ["ice-failed", "no-media"];

/** A call's sockets: who comes in by which, what they say, and when they are gone. */
export class CallDoor {
	readonly #ctx: DurableObjectState;
	readonly #room: CallPerformer;

	constructor(ctx: DurableObjectState, room: CallPerformer) {
		this.#ctx = ctx;
		this.#room = room;
		if (room.exists) this.#missSockets();
	}

	/** The socket upgrade; the Worker has put the verified visitor into a header. */
	async enter(request: Request): Promise<Response> {
		const visitor: CallVisitor = JSON.parse(request.headers.get("x-visitor") ?? "null");
		const { store, ice } = this.#room;
		if (!store.tickets.use(visitor.ticket.ticketID, visitor.ticket.expiresAt, Date.now()))
			return refuse("bad-ticket", 401);
		const place = this.#placeOf(visitor);
		if (place instanceof Response) return place;
		await ice.serversFor(place.participantID);
		// Meanwhile they may have been removed, or the call may have ended.
		const kept = this.#placeOf(visitor);
		if (kept instanceof Response) return kept;
		if (!this.#room.budgets.messages.spend(kept.participantID, SOCKET_COST, Date.now()))
			return refuse("rate-limited", 429);
		return this.#open(kept.participantID, request.headers.get("x-protocol"));
	}

	/** What a socket says. */
	hear(webSocket: WebSocket, data: string | ArrayBuffer): void {
		// It was sent away, and has not gone yet.
		if (webSocket.readyState !== WebSocket.OPEN) return;
		const socket = new CallSocket(webSocket);
		const { participantID } = socket;
		const spend = (cost: number) => this.#room.budgets.messages.spend(participantID, cost, Date.now());
		this.#room.pulse.heard(participantID, Date.now());
		for (const message of socket.read(data, spend)) {
			this.#listenForComplaints(participantID, message);
			if (message.t === "stats") {
				this.#room.reports.add(this.#room.call.roster, participantID, message.edges);
				continue;
			}
			this.#room.perform(
				act(this.#room.call, participantID, message, {
					now: Date.now(),
					ownsTrack: (track) => this.#room.sfu.ownsTrack(participantID, track),
				}),
			);
		}
	}

	/** Somebody misses a peer's media: perhaps that peer is gone without a word. */
	#listenForComplaints(participantID: ParticipantID, message: SignalClientMessage): void {
		if (!this.#room.call.roster.inside(participantID)) return;
		if (message.t === "edge.propose" && COMPLAINTS.includes(message.reason)) this.#room.miss(message.peerID);
		if (message.t !== "stats") return;
		for (const { direction, kbps, peerID } of message.edges)
			if (direction === "recv" && kbps === 0) this.#room.miss(peerID);
	}

	/** A socket is gone. */
	lost(webSocket: WebSocket): void {
		const { participantID } = new CallSocket(webSocket);
		const others = this.#room.socketsOf(participantID).filter((socket) => socket !== webSocket);
		if (others.length > 0) return;
		this.#room.perform(this.#room.call.disconnected(participantID, Date.now()));
	}

	#open(participantID: ParticipantID, protocol: string | null): Response {
		const { 0: client, 1: server } = new WebSocketPair();
		const earlier = this.#room.socketsOf(participantID);
		this.#ctx.acceptWebSocket(server, [participantID]);
		CallSocket.open(server, participantID);
		for (const socket of earlier) socket.close(SIGNAL_CLOSE.replaced, "replaced by a newer session");
		this.#room.perform(this.#room.call.resumed(participantID));
		return new Response(null, {
			status: 101,
			webSocket: client,
			...(protocol === null ? {} : { headers: { "Sec-WebSocket-Protocol": protocol } }),
		});
	}

	/** A crash takes sockets without closing them: whoever does not come back has left. */
	#missSockets(): void {
		const { call } = this.#room;
		const missing = call.roster
			.all()
			.filter(
				({ state, participantID }) =>
					state !== "reserved" && this.#room.socketsOf(participantID).length === 0,
			);
		this.#room.perform(missing.flatMap(({ participantID }) => call.disconnected(participantID, Date.now())));
	}

	/** The visitor's place, or why there is none. */
	#placeOf(visitor: CallVisitor): Member | Response {
		if (this.#room.call.facts.endedAt !== null) return refuse("call-ended", 410);
		const member = this.#memberOf(visitor);
		if (!member) return refuse("not-found", 404);
		return member.userID === visitor.userID ? member : refuse("forbidden", 403);
	}

	#memberOf({ participantID, resume }: CallVisitor): Member | null {
		const { roster } = this.#room.call;
		if (resume !== null) return roster.bySession(resume);
		const named = ParticipantID.safeParse(participantID);
		return named.success ? roster.get(named.data) : null;
	}
}

function refuse(code: string, status: number): Response {
	return new Response(code, { status });
}
