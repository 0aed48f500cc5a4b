import type { SessionDescription, SessionState } from "../../protocol/realtime-api.ts";
import { parseSdp, SdpError, type SdpSession } from "../../webrtc/sdp.ts";
import { writeSdp } from "../../webrtc/sdp-writer.ts";
import { log } from "../log.ts";
import { DataChannels } from "./data-channels.ts";
import { Demultiplexer } from "./demultiplexer.ts";
import { describeSession, newOrigin } from "./describe.ts";
import { badDescription, Failure, sessionGone, sessionNotReady } from "./failure.ts";
import { MediaFlow } from "./media-flow.ts";
import { clearMediaLine, type MediaLine, stopSpentLines } from "./media-line.ts";
import { NumberRegistry } from "./number-registry.ts";
import { Peer, type PeerOptions } from "./peer.ts";
import type { Uptrack } from "./uptrack.ts";

export type SessionOptions = {
	sessionID: string;
	now: number;
	peer: Omit<PeerOptions, "onPacket" | "onOpen" | "onClose">;
	limits: SessionLimits;
	uplinkCapBps: number;
	usesTransportCc: boolean;
	/** Fault injection: true drops the packet. */
	dropsPacket: (sessionID: string, direction: "in" | "out") => boolean;
	onClose: () => void;
};

export type SessionLimits = {
	/** How long calls wait for a transport or a first packet. */
	waitMs: number;
	/** A track without packets for so long is collected. */
	trackIdleMs: number;
	/** A session that never connected for so long is gone. */
	unconnectedMs: number;
	callsPerSecond: number;
};

type ClosedTrack = SessionState["tracks"][number];

/**
 * One client's peer connection at the SFU: its media sections, one offer/answer machine, and the tracks that go in and out.
 * The operations of the API are in `publishing.ts`, `subscribing.ts` and `closing.ts`.
 */
export class Session {
	readonly sessionID: string;
	readonly lines: MediaLine[] = [];
	readonly numbers = new NumberRegistry();
	readonly demultiplexer: Demultiplexer;
	readonly flow: MediaFlow;
	readonly peer: Peer;
	readonly dataChannels: DataChannels;
	readonly limits: SessionLimits;
	readonly #origin = newOrigin();
	readonly #options: SessionOptions;
	readonly #closedTracks: ClosedTrack[] = [];
	readonly #callTimes: number[] = [];
	#queue: Promise<unknown> = Promise.resolve();
	#isOfferOpen = false;
	#wasConnected = false;
	#isClosed = false;

	constructor(options: SessionOptions) {
		this.sessionID = options.sessionID;
		this.limits = options.limits;
		this.#options = options;
		this.demultiplexer = new Demultiplexer(this.lines);
		this.peer = new Peer({
			...options.peer,
			onPacket: (packet) => this.#receive(packet),
			onOpen: () => this.#opened(),
			onClose: () => this.close(),
		});
		this.dataChannels = new DataChannels(this.peer);
		this.flow = new MediaFlow({
			lines: this.lines,
			demultiplexer: this.demultiplexer,
			send: (packet) => this.send(packet),
			uplinkCapBps: options.uplinkCapBps,
			usesTransportCc: options.usesTransportCc,
		});
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	get usesTransportCc(): boolean {
		return this.#options.usesTransportCc;
	}

	/** True while we wait for the client's answer. */
	get isOfferOpen(): boolean {
		return this.#isOfferOpen;
	}

	/** True from the first connection on, also after it was lost. */
	get wasConnected(): boolean {
		return this.#wasConnected;
	}

	/** Runs mutations one after the other; each sees the state that the one before left. */
	async mutate<T>(operation: () => Promise<T> | T): Promise<T> {
		const run = this.#queue.then(() => {
			this.requireAlive();
			return operation();
		});
		this.#queue = run.catch(forget);
		return await run;
	}

	/** False if this call is over the limit. */
	countCall(now: number): boolean {
		while (this.#callTimes.length > 0 && now - (this.#callTimes[0] ?? now) >= 1000) this.#callTimes.shift();
		if (this.#callTimes.length >= this.limits.callsPerSecond) return false;
		this.#callTimes.push(now);
		return true;
	}

	requireAlive(): void {
		if (this.#isClosed) throw sessionGone();
	}

	/** 406 while an offer of ours is unanswered. */
	requireStable(): void {
		if (this.#isOfferOpen)
			throw badDescription("Another negotiation is open: answer the session's offer first");
	}

	/** 425 if the client has begun to connect and does not get there in time. A session that has not begun passes. */
	async requireConnected(): Promise<void> {
		if (!this.peer.isStarted) return;
		if (!(await this.peer.waitUntilOpen(this.limits.waitMs))) {
			this.requireAlive();
			throw sessionNotReady();
		}
	}

	/** The client's description; 406 if it is not one of this type. */
	parse(description: SessionDescription | undefined, type: "offer" | "answer"): SdpSession {
		if (description?.type !== type) throw badDescription(`An ${type} is needed here`);
		try {
			return parseSdp(description.sdp);
		} catch (cause) {
			throw asFailure(cause);
		}
	}

	/** Brings the transport in line with the client's description. */
	connect(description: SdpSession): void {
		try {
			this.peer.accept(description);
		} catch (cause) {
			throw asFailure(cause);
		}
	}

	/** Our offer; nothing else may be negotiated until it is answered. */
	offer(): SessionDescription {
		this.#isOfferOpen = true;
		stopSpentLines(this.lines);
		return { type: "offer", sdp: this.#describe("offer") };
	}

	answer(): SessionDescription {
		return { type: "answer", sdp: this.#describe("answer") };
	}

	/** The client's answer to our offer has been applied. */
	offerAnswered(): void {
		this.#isOfferOpen = false;
	}

	send(packet: Buffer): boolean {
		if (this.#options.dropsPacket(this.sessionID, "out")) return true;
		return this.peer.send(packet);
	}

	findUptrack(trackName: string): Uptrack | null {
		return this.lines.find((line) => line.up?.trackName === trackName)?.up ?? null;
	}

	/** Ends what a section carries and remembers it for `GET`. */
	clearLine(line: MediaLine): void {
		for (const track of tracksOf(line)) this.#rememberClosed({ ...track, status: "inactive" });
		if (line.up !== null) this.demultiplexer.forget(line.up);
		clearMediaLine(line);
	}

	state(): SessionState["tracks"] {
		return [...this.lines.flatMap(tracksOf), ...this.#closedTracks];
	}

	/** Call ten times a second: reports, layer checks, collection of dead tracks and of a session that never came. */
	tick(now: number): void {
		if (!this.#wasConnected && now - this.#options.now >= this.limits.unconnectedMs) {
			this.close();
			return;
		}
		for (const line of this.lines) {
			if (line.up !== null && now - line.up.lastActiveAt >= this.limits.trackIdleMs) this.clearLine(line);
		}
		if (this.peer.isOpen) this.flow.tick(now);
	}

	close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.flow.close();
		for (const line of this.lines) clearMediaLine(line);
		this.dataChannels.closeAll();
		this.peer.close();
		this.#options.onClose();
	}

	#receive(packet: Buffer): void {
		if (this.#options.dropsPacket(this.sessionID, "in")) return;
		try {
			this.flow.receive(packet, Date.now());
		} catch (error) {
			// One packet that we cannot handle must not end the calls of all.
			log.error("packet.failed", { sessionID: this.sessionID, error: asError(error).stack });
		}
	}

	#opened(): void {
		this.#wasConnected = true;
		this.dataChannels.opened();
		this.flow.opened(Date.now());
	}

	#describe(type: "offer" | "answer"): string {
		return writeSdp(
			describeSession({
				origin: this.#origin,
				identity: this.peer.identity,
				lines: this.lines,
				type,
				setup: type === "offer" ? "actpass" : this.peer.localSetup,
			}),
		);
	}

	#rememberClosed(track: ClosedTrack): void {
		this.#closedTracks.push(track);
		if (this.#closedTracks.length > MAX_CLOSED_TRACKS) this.#closedTracks.shift();
	}
}

const MAX_CLOSED_TRACKS = 128;

function forget(): void {
	// The caller of the failed mutation has the error; the next one starts afresh.
}

function asError(thrown: unknown): Error {
	return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function asFailure(cause: unknown): Failure {
	if (cause instanceof Failure) return cause;
	if (cause instanceof SdpError) return badDescription(cause.message);
	throw cause;
}

function tracksOf(line: MediaLine): ClosedTrack[] {
	const tracks: ClosedTrack[] = [];
	const { mid } = line;
	if (line.up !== null) {
		tracks.push({ location: "local", mid, trackName: line.up.trackName, status: "active" });
	}
	if (line.down !== null) {
		const { sessionID, trackName } = line.down.source;
		tracks.push({ location: "remote", mid, trackName, sessionId: sessionID, status: "active" });
	}
	return tracks;
}
