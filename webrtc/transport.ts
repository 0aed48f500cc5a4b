import type { Certificate } from "./certificate.ts";
import { closeLibrary, NodeDataChannelTransport } from "./node-datachannel.ts";
import { SdpError, type SdpFingerprint, type SdpMedia, type SdpSession, transportOf } from "./sdp.ts";

/**
 * One ICE + DTLS-SRTP + SCTP association, without any notion of tracks: RTP and RTCP of every stream go in and out as plain
 * packets, the session description is the caller's own. Server and client are used alike:
 *
 * 1. `openTransport(options)`; put `local` into the description you write (offer or answer).
 * 2. Once the peer's description is there **and the exchange is finished** (its HTTP call has returned), `start(remoteTransportOf(sdp))`.
 *    Started earlier, a client loses its first STUN check and waits 500 ms for the next.
 * 3. Send from `onOpen` on, not before: earlier packets are lost.
 *
 * What a listener throws becomes an uncaught exception of the process. Call `closeTransports()` before the process ends, or it never does. Not for worker threads: loading the library twice crashes.
 */
export interface MediaTransport {
	/** Our side of the description: known before anything starts, the same for offer and answer. */
	readonly local: LocalTransport;
	/** Begins ICE and DTLS towards this peer; once only. */
	start(remote: RemoteTransport): void;
	/**
	 * Adds SCTP to a running association. Call it before our description with `m=application` goes out: once the peer has sent its
	 * first SCTP packet it is too late, libdatachannel then waits for itself and blocks the process. The peer has about 30 s to follow.
	 */
	addDataChannels(sctp: SctpParameters): void;
	/** A whole RTP or RTCP packet. False if it was not sent: not open yet, or closed. */
	sendPacket(packet: Buffer): boolean;
	/** Each decrypted RTP or RTCP packet (tell them apart with `isRtcp`); one listener, set before `start`. */
	onPacket(listener: (packet: Buffer) => void): void;
	/** Packets can be sent. Called at once if that is so already. */
	onOpen(listener: () => void): void;
	/**
	 * The association ended: `close()`, the peer's close_notify (browsers send one; libdatachannel itself does so only with SCTP),
	 * or no answer to ICE checks for about 30 s. Called once.
	 */
	onClose(listener: () => void): void;
	/** Opens a channel negotiated outside (RFC 8832 is not used): both ends call it with the same `id`. */
	openDataChannel(options: DataChannelOptions): DataChannelHandle;
	readonly isOpen: boolean;
	close(): void;
}

export type LocalTransport = { iceUfrag: string; icePwd: string; fingerprint: SdpFingerprint };

export type SctpParameters = { port: number; maxMessageSizeBytes: number };

/** The peer's side of the description. */
export type RemoteTransport = {
	iceUfrag: string;
	icePwd: string;
	fingerprint: SdpFingerprint;
	/** Whether we begin the DTLS handshake (RFC 5763 §5): `active` if and only if the description we write says so. */
	localSetup: "active" | "passive";
	iceLite: boolean;
	/** `candidate:…` lines. A server leaves them out: it answers checks and starts none, as ICE-lite does. */
	candidates: readonly string[];
	/** Present if and only if `m=application` is negotiated; wrong either way, the association never opens or dies. */
	sctp?: SctpParameters;
};

export type TransportOptions = {
	certificate: Certificate;
	/**
	 * `muxPort`: all transports of this process share one UDP port; for servers.
	 * Otherwise a port of its own, out of the range if one is given; for clients (two muxed ends cannot tell sessions apart).
	 */
	udp: { muxPort: number } | { portRange?: { first: number; last: number } };
	/** Address to bind to; all by default. */
	bindAddress?: string;
	/** `stun:host:port` or `turn:user:pass@host:port` (UDP only), for clients behind a NAT towards a full ICE peer. */
	iceServers?: readonly string[];
};

export type DataChannelOptions = {
	id: number;
	label: string;
	ordered: boolean;
	maxRetransmits?: number;
	maxPacketLifeTimeMs?: number;
};

export interface DataChannelHandle {
	readonly isOpen: boolean;
	/** Strings go as text, buffers as binary. False if the channel is not open. */
	send(message: string | Buffer): boolean;
	onOpen(listener: () => void): void;
	onMessage(listener: (message: string | Buffer) => void): void;
	close(): void;
}

/** The largest SCTP message we announce and accept; Chromium's own limit. */
export const MAX_MESSAGE_BYTES = 262_144;

/**
 * Reads the peer's side out of its description: of the first media section that has ICE credentials (BUNDLE: one transport for all).
 * We become DTLS client if the peer says `passive`; on `actpass` as `whenActpass` says (a server: `passive`, a client answering: `active`).
 * Throws `SdpError` if something is missing.
 */
export function remoteTransportOf(
	session: SdpSession,
	options: { whenActpass: "active" | "passive"; withCandidates: boolean },
): RemoteTransport {
	const carrier = session.media
		.map((media) => transportOf(session, media))
		.find((transport) => transport.iceUfrag !== undefined && transport.icePwd !== undefined);
	const { iceUfrag, icePwd, fingerprint, setup, candidates } = carrier ?? transportOf(session, NO_MEDIA);
	if (iceUfrag === undefined || icePwd === undefined) throw new SdpError("no ICE credentials");
	if (fingerprint === undefined) throw new SdpError("no fingerprint");
	const sctp = sctpOf(session);
	return {
		iceUfrag,
		icePwd,
		fingerprint,
		localSetup: localSetupFor(setup ?? "actpass", options.whenActpass),
		iceLite: session.iceLite,
		candidates: options.withCandidates ? candidates : [],
		...(sctp === null ? {} : { sctp }),
	};
}

/** SCTP parameters of a live `m=application` section, or null. */
export function sctpOf(session: SdpSession): SctpParameters | null {
	const section = session.media.find((media) => media.kind === "application" && media.port !== 0);
	if (section === undefined) return null;
	return {
		port: section.sctpPort ?? DEFAULT_SCTP_PORT,
		maxMessageSizeBytes: section.maxMessageSizeBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
	};
}

/** Opens nothing on the network yet; that happens in `start`. */
export function openTransport(options: TransportOptions): MediaTransport {
	return new NodeDataChannelTransport(options, MAX_MESSAGE_BYTES);
}

/** Closes every transport of this process and stops the library's threads, so that the process can end. */
export function closeTransports(): void {
	closeLibrary();
}

/** RFC 8841 §5: 5000 is what all browsers use. */
const DEFAULT_SCTP_PORT = 5000;
/** RFC 8841 §6.1. */
const DEFAULT_MAX_MESSAGE_BYTES = 65_536;

const NO_MEDIA: SdpMedia = {
	kind: "application",
	port: 0,
	protocol: "",
	formats: [],
	mid: "",
	direction: "inactive",
	codecs: [],
	extensions: [],
	rids: [],
	simulcastSend: [],
	simulcastReceive: [],
	ssrcs: [],
	ssrcGroups: [],
	candidates: [],
};

function localSetupFor(
	remote: "actpass" | "active" | "passive",
	whenActpass: "active" | "passive",
): "active" | "passive" {
	if (remote === "actpass") return whenActpass;
	return remote === "active" ? "passive" : "active";
}
