import { randomBytes } from "node:crypto";
import type { Certificate } from "../../webrtc/certificate.ts";
import { sessionGone } from "./failure.ts";
import type { Address } from "./ice-bridge.ts";
import type { IceFront } from "./ice-front.ts";
import { Session, type SessionLimits } from "./session.ts";

export type SfuOptions = {
	certificate: Certificate;
	/** The one UDP port of all sessions. */
	muxPort: number;
	/** Addresses under which clients reach it. */
	announcedAddresses: readonly string[];
	front: IceFront;
	admitsToFront: ((from: Address) => boolean) | null;
	limits: SessionLimits;
	/** What publishers are told they may send, bits per second. */
	uplinkCapBps: number;
	usesTransportCc: boolean;
	dropsPacket: (sessionID: string, direction: "in" | "out") => boolean;
};

/** All sessions of the stand-in, and the clock that drives them. */
export class Sfu {
	readonly #options: SfuOptions;
	readonly #sessions = new Map<string, Session>();
	readonly #timer: NodeJS.Timeout;

	constructor(options: SfuOptions) {
		this.#options = options;
		this.#timer = setInterval(() => this.#tick(Date.now()), TICK_MS);
	}

	get sessions(): Iterable<Session> {
		return this.#sessions.values();
	}

	createSession(): Session {
		const {
			announcedAddresses: addresses,
			muxPort,
			certificate,
			front,
			admitsToFront,
			...rest
		} = this.#options;
		const sessionID = randomBytes(16).toString("hex");
		const session = new Session({
			...rest,
			sessionID,
			now: Date.now(),
			peer: { certificate, muxPort, addresses, front, admitsToFront },
			onClose: () => this.#sessions.delete(sessionID),
		});
		this.#sessions.set(sessionID, session);
		return session;
	}

	find(sessionID: string): Session | null {
		return this.#sessions.get(sessionID) ?? null;
	}

	/** 410 if there is none of that name, any more or ever. */
	require(sessionID: string): Session {
		const session = this.find(sessionID);
		if (session === null) throw sessionGone();
		return session;
	}

	close(): void {
		clearInterval(this.#timer);
		for (const session of this.#sessions.values()) session.close();
		this.#options.front.close();
	}

	#tick(now: number): void {
		for (const session of this.#sessions.values()) session.tick(now);
	}
}

const TICK_MS = 100;
