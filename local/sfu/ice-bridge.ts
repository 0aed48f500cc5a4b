import { type KeyObject, randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { buildStun, isStun, isStunIntact, parseStun, type StunBinding, stunKey } from "../../webrtc/stun.ts";

export type IceCredentials = { ufrag: string; pwd: string };

export type Address = { address: string; port: number };

export type BridgeEnds = {
	/** What client and SFU have told each other last. */
	outer: { local: IceCredentials; remote: IceCredentials };
	/** What the transport at the shared port was started with. */
	inner: { local: IceCredentials; remote: IceCredentials };
	muxPort: number;
	/**
	 * Who may come before the first restart: other clients shall use the shared port, which costs less. Null: nobody.
	 */
	admits: ((from: Address) => boolean) | null;
};

/** One session at the front: ICE-lite towards the client, a controlling client towards the shared port. */
export class IceBridge {
	#ends: BridgeEnds;
	/** What the client's checks must be made with. */
	outerKey: KeyObject;
	readonly #innerKey: KeyObject;
	readonly #innerRemoteKey: KeyObject;
	readonly #sendOutward: (packet: Buffer, to: Address) => void;
	#isRestarted = false;
	#inner: Socket | null = null;
	#client: Address | null = null;
	#clientSeenAt = 0;
	#isInnerUp = false;
	#timer: NodeJS.Timeout | null = null;
	readonly #tieBreaker = randomBytes(8);

	constructor(ends: BridgeEnds, sendOutward: (packet: Buffer, to: Address) => void) {
		this.#ends = ends;
		this.#sendOutward = sendOutward;
		this.outerKey = stunKey(ends.outer.local.pwd);
		this.#innerKey = stunKey(ends.inner.local.pwd);
		this.#innerRemoteKey = stunKey(ends.inner.remote.pwd);
		this.#tieBreaker[0] = 1;
	}

	/** From now on everybody with the new credentials is let in, and the way through here is preferred. */
	restart(outer: BridgeEnds["outer"]): void {
		this.#ends = { ...this.#ends, outer };
		this.outerKey = stunKey(outer.local.pwd);
		this.#isRestarted = true;
		this.#client = null;
	}

	/** A check of the client with the right password. False if it is not to come this way. */
	checked(message: StunBinding, from: Address): boolean {
		const { outer, admits } = this.#ends;
		if (message.username !== `${outer.local.ufrag}:${outer.remote.ufrag}`) return false;
		if (!this.#isRestarted && !admits?.(from)) return false;
		this.#clientSeenAt = Date.now();
		const { transactionID } = message;
		this.#sendOutward(
			buildStun({ class: "success", transactionID, mappedAddress: from }, this.outerKey),
			from,
		);
		if (message.useCandidate || this.#client === null)
			this.#client = { address: from.address, port: from.port };
		if (this.#inner === null) this.#openInner();
		return true;
	}

	/** DTLS and SRTP of the client. */
	forwardInward(packet: Buffer): void {
		this.#inner?.send(packet, this.#ends.muxPort, LOOPBACK);
	}

	close(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#inner?.close();
		this.#inner = null;
	}

	#openInner(): void {
		const socket = createSocket("udp4");
		this.#inner = socket;
		socket.on("message", (packet) => this.#receiveInner(packet));
		socket.bind(0, LOOPBACK, () => this.#check(FIRST_REPEAT_MS));
	}

	#receiveInner(packet: Buffer): void {
		if (!isStun(packet)) {
			if (this.#client !== null) this.#sendOutward(packet, this.#client);
			return;
		}
		const message = parseStun(packet);
		if (message?.class === "success") this.#isInnerUp ||= isStunIntact(packet, this.#innerKey);
		if (message?.class === "request") this.#answerInner(packet, message);
	}

	/** The transport asks whether its client still consents (RFC 7675); we say so as long as we hear of it. */
	#answerInner(packet: Buffer, { transactionID }: StunBinding): void {
		const isClientAlive = Date.now() - this.#clientSeenAt < CLIENT_SILENCE_MS;
		if (!isClientAlive || !isStunIntact(packet, this.#innerRemoteKey)) return;
		const mappedAddress = { address: LOOPBACK, port: this.#ends.muxPort };
		this.#inner?.send(
			buildStun({ class: "success", transactionID, mappedAddress }, this.#innerRemoteKey),
			this.#ends.muxPort,
			LOOPBACK,
		);
	}

	/** Our own check and nomination, repeated until it is answered and then now and again. */
	#check(repeatMs: number): void {
		const { inner, muxPort } = this.#ends;
		const request: StunBinding = {
			class: "request",
			transactionID: randomBytes(12),
			username: `${inner.local.ufrag}:${inner.remote.ufrag}`,
			priority: this.#isRestarted ? HIGHEST_PRIORITY : LOWEST_PRIORITY,
			useCandidate: true,
			iceControlling: this.#tieBreaker,
		};
		this.#inner?.send(buildStun(request, this.#innerKey), muxPort, LOOPBACK);
		const nextMs = this.#isInnerUp ? KEEPALIVE_MS : Math.min(repeatMs * 2, KEEPALIVE_MS);
		this.#timer = setTimeout(() => this.#check(nextMs), this.#isInnerUp ? KEEPALIVE_MS : repeatMs);
	}
}

const LOOPBACK = "127.0.0.1";
const FIRST_REPEAT_MS = 50;
const KEEPALIVE_MS = 2_500;
/** Browsers check every 2.5 s at least, four times before they give up. */
const CLIENT_SILENCE_MS = 10_000;
/** RFC 8445 §5.1.2.1: a host candidate of the highest preference, above every other way the session has had. */
const HIGHEST_PRIORITY = 2 ** 31 - 1;
/** A direct way is better when there is one. */
const LOWEST_PRIORITY = 1;
