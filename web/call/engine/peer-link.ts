import type { CallCodec, Source } from "../../../protocol/call.ts";
import type { ParticipantID } from "../../../protocol/ids.ts";
import type { SignalClientMessage, SignalServerMessage } from "../../../protocol/signal.ts";
import { LinkConnection, type VideoWish } from "./link-connection.ts";
import type { Negotiation } from "./negotiation.ts";
import { hasLinkSections, sessionNumber } from "./sdp-facts.ts";
import type { SenderLimits } from "./sender-settings.ts";
import type { SourceTracks } from "./sources.ts";

export interface PeerLinkParts {
	peerID: ParticipantID;
	/** Of the pair; it outlives this link. */
	negotiation: Negotiation;
	isPolite: boolean;
	/** We offer first; else the peer does, and we only if it does not. */
	isCaller: boolean;
	iceServers: () => readonly RTCIceServer[];
	videoCodec: () => CallCodec | null;
	startKbps: number;
	send: (message: SignalClientMessage) => void;
	onChange: () => void;
}

type Received = Extract<SignalServerMessage, { t: "offer" | "answer" | "candidate" }>;
type Candidate = Extract<Received, { t: "candidate" }>;
export type LinkState = "connecting" | "connected" | "disconnected" | "failed";

/** An offer that has no answer by then is made again, ms. */
const ANSWER_WITHIN_MS = 4000;
/** The callee offers itself if the caller has not by then, ms. */
const OFFER_WITHIN_MS = 4000;
/** A link that is gone for this long gets new ICE credentials; the polite end leaves the first move to the other. */
const RESTART_AFTER_MS = 600;
const POLITE_PATIENCE_MS = 1500;
/** One that does not come about gets them too. Candidates over TCP and TLS come late. */
const CONNECT_WITHIN_MS = 8000;
/** Restarts that do not help: 4, 8, 16, at most 30 s apart. */
const RESTART_EVERY_MS = 4000;
const RESTART_EVERY_AT_MOST_MS = 30_000;
const PROBE_EVERY_MS = 500;
const MOST_CANDIDATES_WAITING = 200;

/** The direct way to one peer: perfect negotiation with numbers, ICE restarts, probes. It goes on trying until it is closed. */
export class PeerLink {
	readonly peerID: ParticipantID;
	readonly #parts: PeerLinkParts;
	#connection: LinkConnection | null = null;
	#tracks: SourceTracks = new Map();
	#limits: ReadonlyMap<Source, SenderLimits> = new Map();
	#queue: Promise<void> = Promise.resolve();
	#candidates: Candidate[] = [];
	#isClosed = false;
	#waitsSince = performance.now();
	#offeredAt = 0;
	#goneSince: number | null = null;
	#restartedAt = 0;
	#restarts = 0;
	#probedAt = 0;
	#wish: VideoWish | null = null;
	#peerWish: VideoWish | null = null;

	constructor(parts: PeerLinkParts) {
		this.#parts = parts;
		this.peerID = parts.peerID;
		if (parts.isCaller) this.#offer(false);
	}

	get state(): LinkState {
		const state = this.#connection?.state ?? "new";
		if (state === "connected" || state === "disconnected" || state === "failed") return state;
		return state === "closed" ? "failed" : "connecting";
	}

	get connection(): RTCPeerConnection | null {
		return this.#connection?.peer ?? null;
	}

	receiver(source: Source): RTCRtpReceiver | null {
		return this.#connection?.receiver(source) ?? null;
	}

	sender(source: Source): RTCRtpSender | null {
		return this.#connection?.sender(source) ?? null;
	}

	/** Connected, and the latest probes came back quickly. */
	isGood(now: number): boolean {
		return this.state === "connected" && this.#connection?.probes.isGood(now) === true;
	}

	get roundTripMs(): number | null {
		return this.#connection?.probes.roundTripMs ?? null;
	}

	/** How high the peer shows our videos; null as long as it has not said. */
	get peerWish(): VideoWish | null {
		return this.#peerWish;
	}

	/** How high the peer's videos are here. */
	setWish(wish: VideoWish): void {
		if (this.#wish?.cam === wish.cam && this.#wish.screen === wish.screen) return;
		this.#wish = wish;
		this.#connection?.wish(wish);
	}

	/** What is sent from now on; an empty map sends nothing and keeps the link. */
	setSending(tracks: SourceTracks, limits: ReadonlyMap<Source, SenderLimits>): void {
		this.#tracks = tracks;
		this.#limits = limits;
		void this.#connection?.send(tracks, limits);
	}

	receive(message: Received): void {
		switch (message.t) {
			case "offer":
				this.#run(() => this.#takeOffer(message.gen, message.sdp));
				break;
			case "answer":
				this.#run(() => this.#takeAnswer(message.gen, message.sdp));
				break;
			case "candidate":
				this.#run(() => this.#takeCandidate(message));
				break;
		}
	}

	/** New ICE credentials over the same connection: the address has changed, or the room may have lost what we said. */
	restart(): void {
		if (this.#connection === null && !this.#parts.isCaller) return;
		this.#restartedAt = performance.now();
		this.#offer(true);
	}

	/** An offer of ours may have been lost with the socket. */
	resync(): void {
		if (this.#parts.negotiation.isOffering) this.#offer(this.#connection?.remoteSession != null);
	}

	/** Looks after what has taken too long. `canSignal`: both ends hear the room. */
	tick(now: number, canSignal: boolean): void {
		if (this.#isClosed) return;
		if (now - this.#probedAt >= PROBE_EVERY_MS) {
			this.#probedAt = now;
			this.#connection?.probe(now);
			// Said with every probe: the channel may lose it, and a new connection does not know it.
			if (this.#wish !== null) this.#connection?.wish(this.#wish);
		}
		if (!canSignal) return;
		if (this.#parts.negotiation.isOffering) {
			if (now - this.#offeredAt > ANSWER_WITHIN_MS) this.#offer(this.#connection?.remoteSession != null);
		} else if (this.#connection === null) {
			if (now - this.#waitsSince > OFFER_WITHIN_MS) this.#offer(false);
		} else this.#heal(now);
	}

	close(): void {
		this.#isClosed = true;
		this.#connection?.close();
		this.#connection = null;
	}

	#heal(now: number): void {
		if (this.state === "connected") {
			this.#restarts = 0;
			this.#goneSince = null;
			return;
		}
		this.#goneSince ??= now;
		const isNew = this.state === "connecting";
		const patienceMs =
			(isNew ? CONNECT_WITHIN_MS : RESTART_AFTER_MS) + (this.#parts.isPolite ? POLITE_PATIENCE_MS : 0);
		const everyMs = Math.min(
			RESTART_EVERY_AT_MOST_MS,
			RESTART_EVERY_MS * 2 ** Math.max(0, this.#restarts - 1),
		);
		if (now - this.#goneSince < patienceMs) return;
		if (this.#restarts > 0 && now - this.#restartedAt < everyMs) return;
		this.#restarts += 1;
		this.restart();
	}

	#offer(restarts: boolean): void {
		this.#offeredAt = performance.now();
		this.#run(async () => {
			const gen = this.#parts.negotiation.beginOffer();
			this.#candidates = this.#candidates.filter((message) => message.gen > gen);
			this.#connection ??= await this.#open();
			const sdp = await this.#connection.offer(restarts);
			this.#offeredAt = performance.now();
			this.#parts.send({ t: "offer", to: this.peerID, gen, sdp });
		});
	}

	async #takeOffer(gen: number, sdp: string): Promise<void> {
		if (!hasLinkSections(sdp)) return;
		const verdict = this.#parts.negotiation.takeOffer(gen);
		if (verdict === "drop") return;
		// Another connection than before at the other end, or an offer of ours that never got anywhere: begin with a new one.
		const remote = this.#connection?.remoteSession ?? null;
		const isFirstOfOurs = verdict === "yield" && remote === null;
		const isAnother = remote !== null && remote !== sessionNumber(sdp);
		if (isFirstOfOurs || isAnother) this.#discard();
		else if (verdict === "yield") {
			// Chromium 156 shows nothing of a receiver any more after a rollback, although it decodes: never take an offer back.
			this.#discard();
			this.#offer(false);
			return;
		}
		this.#connection ??= await this.#open();
		const answer = await this.#connection.answer(sdp);
		this.#parts.send({ t: "answer", to: this.peerID, gen, sdp: answer });
		await this.#addWaiting();
		this.#parts.onChange();
	}

	async #takeAnswer(gen: number, sdp: string): Promise<void> {
		if (!hasLinkSections(sdp) || !this.#parts.negotiation.takeAnswer(gen)) return;
		const remote = this.#connection?.remoteSession ?? null;
		if (remote !== null && remote !== sessionNumber(sdp)) {
			// The other end has begun anew; this connection cannot follow it there.
			this.#discard();
			this.#offer(false);
			return;
		}
		await this.#connection?.acceptAnswer(sdp);
		await this.#addWaiting();
		this.#parts.onChange();
	}

	async #takeCandidate(message: Candidate): Promise<void> {
		const verdict = this.#parts.negotiation.takeCandidate(message.gen);
		if (verdict === "drop") return;
		const isEarly = verdict === "wait" || this.#parts.negotiation.isOffering || this.#connection === null;
		if (isEarly) {
			if (this.#candidates.length < MOST_CANDIDATES_WAITING) this.#candidates.push(message);
			return;
		}
		await this.#add(message);
	}

	async #addWaiting(): Promise<void> {
		const { gen } = this.#parts.negotiation;
		const waiting = this.#candidates;
		this.#candidates = waiting.filter((message) => message.gen > gen);
		for (const message of waiting) if (message.gen === gen) await this.#add(message);
	}

	async #add({ candidate }: Candidate): Promise<void> {
		try {
			await this.#connection?.peer.addIceCandidate(candidate === null ? undefined : iceCandidate(candidate));
		} catch {
			// Of an offer that was given up, or garbage: the other candidates are not worse for it.
		}
	}

	async #open(): Promise<LinkConnection> {
		const connection = new LinkConnection({
			iceServers: this.#parts.iceServers(),
			videoCodec: this.#parts.videoCodec,
			startKbps: this.#parts.startKbps,
			onCandidate: (candidate) => {
				if (this.#connection !== connection) return;
				const { gen } = this.#parts.negotiation;
				this.#parts.send({ t: "candidate", to: this.peerID, gen, candidate: describeCandidate(candidate) });
			},
			onChange: this.#parts.onChange,
			onWish: (wish) => {
				if (this.#peerWish?.cam === wish.cam && this.#peerWish.screen === wish.screen) return;
				this.#peerWish = wish;
				this.#parts.onChange();
			},
		});
		await connection.send(this.#tracks, this.#limits);
		return connection;
	}

	#discard(): void {
		this.#connection?.close();
		this.#connection = null;
	}

	/** One step of negotiation after the other. One that fails leaves no half-done connection behind. */
	#run(step: () => Promise<void>): void {
		this.#queue = this.#queue.then(async () => {
			if (this.#isClosed) return;
			try {
				await step();
			} catch {
				if (this.#isClosed) return;
				this.#discard();
				this.#waitsSince = performance.now();
				this.#parts.onChange();
			}
		});
	}
}

function describeCandidate(candidate: RTCIceCandidate | null): Candidate["candidate"] {
	if (candidate === null) return null;
	const { sdpMid, sdpMLineIndex, usernameFragment } = candidate;
	return { candidate: candidate.candidate, sdpMid, sdpMLineIndex, usernameFragment };
}

function iceCandidate(candidate: NonNullable<Candidate["candidate"]>): RTCIceCandidateInit {
	const { sdpMid, sdpMLineIndex, usernameFragment } = candidate;
	return {
		candidate: candidate.candidate,
		...(sdpMid == null ? {} : { sdpMid }),
		...(sdpMLineIndex == null ? {} : { sdpMLineIndex }),
		...(usernameFragment == null ? {} : { usernameFragment }),
	};
}
