import { randomBytes } from "node:crypto";
import { type Certificate, createCertificate } from "../../webrtc/certificate.ts";
import type { SdpSession } from "../../webrtc/sdp.ts";
import {
	type DataChannelHandle,
	type DataChannelOptions,
	MAX_MESSAGE_BYTES,
	type MediaTransport,
	openTransport,
	type RemoteTransport,
	remoteTransportOf,
	type SctpParameters,
	sctpOf,
} from "../../webrtc/transport.ts";
import type { SessionIdentity } from "./describe.ts";
import type { Address, IceBridge, IceCredentials } from "./ice-bridge.ts";
import type { IceFront } from "./ice-front.ts";

export type PeerOptions = {
	certificate: Certificate;
	/** The port all sessions share. */
	muxPort: number;
	/** Addresses under which clients reach this machine. */
	addresses: readonly string[];
	/** For ICE restarts and for clients that come through `admits`. */
	front: IceFront;
	/** Who shall come by the front from the start. */
	admitsToFront: ((from: Address) => boolean) | null;
	onPacket: (packet: Buffer) => void;
	onOpen: () => void;
	onClose: () => void;
};

/** The client's end of a session: one transport, replaced by a new one when the client restarts ICE. */
export class Peer {
	readonly #options: PeerOptions;
	#certificate: Certificate;
	#transport: MediaTransport;
	#remote: RemoteTransport | null = null;
	/** Our credentials after an ICE restart; null before. */
	#restarted: IceCredentials | null = null;
	#bridge: IceBridge | null = null;
	#localSetup: "active" | "passive" = "passive";
	#hasDataChannels = false;
	#isClosed = false;
	readonly #waiters = new Set<() => void>();

	constructor(options: PeerOptions) {
		this.#options = options;
		this.#certificate = options.certificate;
		this.#transport = this.#open();
	}

	/** What our next description says of the transport. */
	get identity(): SessionIdentity {
		const { addresses, front, muxPort, admitsToFront } = this.#options;
		const { local } = this.#transport;
		if (this.#restarted !== null) {
			const { ufrag, pwd } = this.#restarted;
			return { ...local, iceUfrag: ufrag, icePwd: pwd, candidates: hostCandidates(addresses, [front.port]) };
		}
		const ports = admitsToFront === null ? [muxPort] : [muxPort, front.port];
		return { ...local, candidates: hostCandidates(addresses, ports) };
	}

	/** `a=setup` of our answers. */
	get localSetup(): "active" | "passive" {
		return this.#localSetup;
	}

	/** Whether the client has sent its side of the transport. */
	get isStarted(): boolean {
		return this.#remote !== null;
	}

	get isOpen(): boolean {
		return this.#transport.isOpen;
	}

	get hasDataChannels(): boolean {
		return this.#hasDataChannels;
	}

	/**
	 * Takes over the client's transport parameters: begins at the first description, adds SCTP when `m=application` appears, and restarts
	 * ICE when the credentials changed (RFC 8445 §9): by the front if the client keeps its certificate and the association is up,
	 * else by a new transport with a new certificate, which makes the browser do DTLS again (RFC 8842 §5.5).
	 */
	accept(description: SdpSession): void {
		const remote = remoteTransportOf(description, { whenActpass: "passive", withCandidates: false });
		const before = this.#remote;
		if (before !== null && before.iceUfrag === remote.iceUfrag && before.icePwd === remote.icePwd) {
			const sctp = sctpOf(description);
			if (sctp !== null) this.offerDataChannels(sctp);
			return;
		}
		this.#remote = remote;
		if (before !== null && this.isOpen && before.fingerprint.value === remote.fingerprint.value) {
			this.#restartIce(remote);
			return;
		}
		if (before !== null) this.#replaceTransport();
		this.#localSetup = remote.localSetup;
		this.#hasDataChannels = remote.sctp !== undefined;
		this.#transport.start(remote);
		this.#openBridge(remote);
	}

	/** Must come before our description that first has `m=application`; before the first description there is nothing to do yet. */
	offerDataChannels(sctp: SctpParameters = { port: 5000, maxMessageSizeBytes: MAX_MESSAGE_BYTES }): void {
		if (this.#remote === null || this.#hasDataChannels) return;
		this.#hasDataChannels = true;
		this.#transport.addDataChannels(sctp);
	}

	openDataChannel(options: DataChannelOptions): DataChannelHandle {
		return this.#transport.openDataChannel(options);
	}

	send(packet: Buffer): boolean {
		return this.#transport.sendPacket(packet);
	}

	/** True if packets can be sent, at the latest after `timeoutMs`. */
	async waitUntilOpen(timeoutMs: number): Promise<boolean> {
		if (!this.isOpen && !this.#isClosed) {
			await new Promise<void>((resolve) => {
				const done = () => {
					clearTimeout(timer);
					this.#waiters.delete(done);
					resolve();
				};
				const timer = setTimeout(done, timeoutMs);
				this.#waiters.add(done);
			});
		}
		return this.isOpen;
	}

	close(): void {
		this.#isClosed = true;
		this.#transport.onClose(ignoreClose);
		this.#transport.close();
		this.#closeBridge();
		for (const done of this.#waiters) done();
	}

	#openBridge(remote: RemoteTransport): void {
		const { front, muxPort, admitsToFront } = this.#options;
		const { iceUfrag, icePwd } = this.#transport.local;
		const credentials = {
			local: { ufrag: iceUfrag, pwd: icePwd },
			remote: { ufrag: remote.iceUfrag, pwd: remote.icePwd },
		};
		this.#bridge = front.open({ outer: credentials, inner: credentials, muxPort, admits: admitsToFront });
	}

	#closeBridge(): void {
		if (this.#bridge !== null) this.#options.front.closeBridge(this.#bridge);
		this.#bridge = null;
	}

	#restartIce(remote: RemoteTransport): void {
		if (this.#bridge === null) return;
		const local = { ufrag: randomBytes(6).toString("base64"), pwd: randomBytes(18).toString("base64") };
		this.#restarted = local;
		this.#options.front.restart(this.#bridge, {
			local,
			remote: { ufrag: remote.iceUfrag, pwd: remote.icePwd },
		});
	}

	#open(): MediaTransport {
		const transport = openTransport({
			certificate: this.#certificate,
			udp: { muxPort: this.#options.muxPort },
		});
		transport.onPacket(this.#options.onPacket);
		transport.onOpen(() => {
			this.#options.onOpen();
			for (const done of this.#waiters) done();
		});
		transport.onClose(() => {
			this.close();
			this.#options.onClose();
		});
		return transport;
	}

	#replaceTransport(): void {
		this.#transport.onClose(ignoreClose);
		this.#transport.close();
		this.#closeBridge();
		this.#restarted = null;
		this.#certificate = createCertificate(Date.now());
		this.#transport = this.#open();
	}
}

/** Host candidates (RFC 8839 §5.1); earlier ports and addresses are preferred. */
function hostCandidates(addresses: readonly string[], ports: readonly number[]): string[] {
	const places = ports.flatMap((port) => addresses.map((address) => ({ address, port })));
	return places.map(({ address, port }, index) => {
		const priority = 126 * 2 ** 24 + (65_535 - index) * 2 ** 8 + 255;
		return `candidate:${index + 1} 1 udp ${priority} ${address} ${port} typ host`;
	});
}

function ignoreClose(): void {
	// We are closing it ourselves.
}
