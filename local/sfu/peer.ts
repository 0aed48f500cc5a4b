import { type Certificate, createCertificate } from "../../webrtc/certificate.ts";
import type { SdpSession } from "../../webrtc/sdp.ts";
import {
	type DataChannelHandle,
	type DataChannelOptions,
	MAX_MESSAGE_BYTES,
	type MediaTransport,
	openTransport,
	remoteTransportOf,
	type SctpParameters,
	sctpOf,
} from "../../webrtc/transport.ts";
import type { SessionIdentity } from "./describe.ts";

export type PeerOptions = {
	certificate: Certificate;
	/** The port all sessions share. */
	muxPort: number;
	/** `candidate:` lines for that port. */
	candidates: readonly string[];
	onPacket: (packet: Buffer) => void;
	onOpen: () => void;
	onClose: () => void;
};

/** The client's end of a session: one transport, replaced by a new one when the client restarts ICE. */
export class Peer {
	readonly #options: PeerOptions;
	#certificate: Certificate;
	#transport: MediaTransport;
	#remote: { iceUfrag: string; icePwd: string } | null = null;
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
		const { candidates } = this.#options;
		return { ...this.#transport.local, candidates };
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
	 * Takes over the client's transport parameters: begins at the first description, adds SCTP when `m=application` appears, and starts anew
	 * when the ICE credentials changed. libjuice cannot restart ICE, so that gets a new transport with a new certificate, which makes
	 * the browser do DTLS again (RFC 8842 §5.5).
	 */
	accept(description: SdpSession): void {
		const remote = remoteTransportOf(description, { whenActpass: "passive", withCandidates: false });
		const before = this.#remote;
		if (before !== null) {
			if (before.iceUfrag === remote.iceUfrag && before.icePwd === remote.icePwd) {
				const sctp = sctpOf(description);
				if (sctp !== null) this.offerDataChannels(sctp);
				return;
			}
			this.#replaceTransport();
		}
		this.#remote = remote;
		this.#localSetup = remote.localSetup;
		this.#hasDataChannels = remote.sctp !== undefined;
		this.#transport.start(remote);
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
		for (const done of this.#waiters) done();
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
		this.#certificate = createCertificate(Date.now());
		this.#transport = this.#open();
	}
}

function ignoreClose(): void {
	// We are closing it ourselves.
}
