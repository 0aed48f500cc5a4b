import type { CallCodec } from "../../../protocol/call.ts";
import type { ParticipantID } from "../../../protocol/ids.ts";
import type { SignalClientMessage, SignalServerMessage } from "../../../protocol/signal.ts";
import { Negotiation } from "./negotiation.ts";
import { PeerLink } from "./peer-link.ts";

export interface LinkKeeperParts {
	selfID: ParticipantID;
	iceServers: () => readonly RTCIceServer[];
	videoCodec: () => CallCodec | null;
	startKbps: number;
	send: (message: SignalClientMessage) => void;
	onChange: () => void;
}

type Received = Extract<SignalServerMessage, { t: "offer" | "answer" | "candidate" }>;

/** The direct links that should be there, and no others. Numbers of negotiations outlive the links of a pair. */
export class LinkKeeper {
	readonly #parts: LinkKeeperParts;
	readonly #links = new Map<ParticipantID, PeerLink>();
	readonly #negotiations = new Map<ParticipantID, Negotiation>();
	/** Of links that are not there yet: an offer may come before we know that we want one. */
	readonly #early = new Map<ParticipantID, Received[]>();

	constructor(parts: LinkKeeperParts) {
		this.#parts = parts;
	}

	get all(): PeerLink[] {
		return [...this.#links.values()];
	}

	get(peerID: ParticipantID): PeerLink | null {
		return this.#links.get(peerID) ?? null;
	}

	/** Makes the link if it is not there. `isCaller`: we offer first. */
	open(peerID: ParticipantID, isCaller: boolean): PeerLink {
		const known = this.#links.get(peerID);
		if (known !== undefined) return known;
		const isPolite = this.#parts.selfID < peerID;
		const negotiation = this.#negotiations.get(peerID) ?? new Negotiation(isPolite);
		this.#negotiations.set(peerID, negotiation);
		const early = this.#early.get(peerID) ?? [];
		this.#early.delete(peerID);
		const link = new PeerLink({
			...this.#parts,
			peerID,
			negotiation,
			isPolite,
			// An offer is here already: it is answered, not met with another.
			isCaller: isCaller && !early.some(({ t }) => t === "offer"),
		});
		this.#links.set(peerID, link);
		for (const message of early) link.receive(message);
		return link;
	}

	close(peerID: ParticipantID): void {
		this.#links.get(peerID)?.close();
		this.#links.delete(peerID);
		this.#early.delete(peerID);
	}

	/** The peer has left for good. */
	forget(peerID: ParticipantID): void {
		this.close(peerID);
		this.#negotiations.delete(peerID);
	}

	receive(message: Received): void {
		const link = this.#links.get(message.from);
		if (link !== undefined) {
			link.receive(message);
			return;
		}
		const early = this.#early.get(message.from) ?? [];
		if (message.t === "offer") early.length = 0;
		if (message.t !== "answer" && early.length < 100) early.push(message);
		this.#early.set(message.from, early);
	}

	/** Whether the peer has offered a link that we have not made. */
	isAsked(peerID: ParticipantID): boolean {
		return this.#early.get(peerID)?.some(({ t }) => t === "offer") ?? false;
	}

	closeAll(): void {
		for (const link of this.#links.values()) link.close();
		this.#links.clear();
	}
}
