import { randomBytes } from "node:crypto";
import { cleanup, type DataChannel, PeerConnection, type RtcConfig, type Track } from "node-datachannel";
import type { Certificate } from "./certificate.ts";
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
 * Call `closeTransports()` before the process ends, or it never does. Not for worker threads: loading the library twice crashes.
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
	return new NodeDataChannelTransport(options);
}

/** Closes every transport of this process and stops the library's threads, so that the process can end. */
export function closeTransports(): void {
	for (const transport of OPEN_TRANSPORTS) transport.close();
	cleanup();
}

const OPEN_TRANSPORTS = new Set<MediaTransport>();

/**
 * Native objects that the library has not told to be closed. Without a listener for that, or collected before it, they stay in
 * the library's own list as dangling pointers, and `cleanup` crashes.
 */
const UNRELEASED = new Set<PeerConnection | Track | DataChannel>();

/** RFC 8841 §5: 5000 is what all browsers use. */
const DEFAULT_SCTP_PORT = 5000;
/** RFC 8841 §6.1. */
const DEFAULT_MAX_MESSAGE_BYTES = 65_536;

/** Makes libdatachannel put `m=application` into its offer; nobody opens the channel at the other end. */
const UNUSED_CHANNEL_ID = 1022;

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

/**
 * libdatachannel as a bare transport. It always plays the answerer: as an offerer it arms ICE before it knows the fingerprint and
 * fails handshakes at random. It is given an offer that we make from the peer's parameters, with a single media section, because
 * with exactly one it hands over every packet whatever its SSRC; with several it drops what it cannot map (simulcast).
 */
class NodeDataChannelTransport implements MediaTransport {
	readonly local: LocalTransport;
	readonly #options: TransportOptions;
	#remote: RemoteTransport | null = null;
	#connection: PeerConnection | null = null;
	#track: Track | null = null;
	#state: "new" | "started" | "open" | "closed" = "new";
	#onPacket: (packet: Buffer) => void = ignore;
	#onOpen: () => void = ignore;
	#onClose: () => void = ignore;

	constructor(options: TransportOptions) {
		this.#options = options;
		this.local = {
			iceUfrag: randomBytes(6).toString("base64"),
			icePwd: randomBytes(18).toString("base64"),
			fingerprint: { algorithm: "sha-256", value: options.certificate.fingerprint },
		};
		OPEN_TRANSPORTS.add(this);
	}

	get isOpen(): boolean {
		return this.#state === "open";
	}

	start(remote: RemoteTransport): void {
		if (this.#state !== "new") throw new Error(`transport is ${this.#state}`);
		this.#state = "started";
		this.#remote = remote;
		const connection = new PeerConnection("", configurationOf(this.#options));
		this.#connection = connection;
		UNRELEASED.add(connection);
		connection.onTrack((track) => this.#adopt(track));
		connection.onStateChange((state) => {
			if (state === "closed") UNRELEASED.delete(connection);
			if (state === "failed" || state === "closed") this.close();
		});
		connection.setRemoteDescription(syntheticDescription(remote), "offer");
		connection.setLocalDescription("answer", { iceUfrag: this.local.iceUfrag, icePwd: this.local.icePwd });
	}

	/** Here we must offer: answering, libdatachannel would start SCTP before it has a local description with it, and fail. */
	addDataChannels(sctp: SctpParameters): void {
		if (this.#connection === null || this.#remote === null || this.#remote.sctp) return;
		this.#remote = { ...this.#remote, sctp };
		handleOf(this.#connection.createDataChannel("", { negotiated: true, id: UNUSED_CHANNEL_ID }));
		this.#connection.setLocalDescription("offer");
		this.#connection.setRemoteDescription(syntheticDescription(this.#remote), "answer");
	}

	sendPacket(packet: Buffer): boolean {
		if (this.#state !== "open" || this.#track === null) return false;
		return this.#track.sendMessageBinary(packet);
	}

	onPacket(listener: (packet: Buffer) => void): void {
		this.#onPacket = listener;
	}

	onOpen(listener: () => void): void {
		this.#onOpen = listener;
		if (this.#state === "open") listener();
	}

	onClose(listener: () => void): void {
		this.#onClose = listener;
		if (this.#state === "closed") listener();
	}

	openDataChannel(options: DataChannelOptions): DataChannelHandle {
		if (this.#connection === null) throw new Error("the transport is not started");
		const { id, label, ordered, maxRetransmits, maxPacketLifeTimeMs } = options;
		return handleOf(
			this.#connection.createDataChannel(label, {
				negotiated: true,
				id,
				unordered: !ordered,
				...(maxRetransmits === undefined ? {} : { maxRetransmits }),
				...(maxPacketLifeTimeMs === undefined ? {} : { maxPacketLifeTime: maxPacketLifeTimeMs }),
			}),
		);
	}

	close(): void {
		if (this.#state === "closed") return;
		this.#state = "closed";
		OPEN_TRANSPORTS.delete(this);
		this.#connection?.close();
		this.#connection = null;
		this.#track = null;
		this.#onPacket = ignore;
		this.#onClose();
	}

	#adopt(track: Track): void {
		this.#track = track;
		holdUntilClosed(track);
		track.onMessage((packet) => this.#onPacket(packet));
		track.onOpen(() => this.#opened());
		if (track.isOpen()) this.#opened();
	}

	/** The state `connected` comes before the track can send; only the track's own event counts. */
	#opened(): void {
		if (this.#state !== "started") return;
		this.#state = "open";
		this.#onOpen();
	}
}

/** The native `close` after the fact lets go of the other listeners, which would keep the process alive. */
function holdUntilClosed(native: Track | DataChannel): void {
	UNRELEASED.add(native);
	native.onClosed(() => {
		UNRELEASED.delete(native);
		native.close();
	});
}

function ignore(): void {
	// No listener yet, or no more.
}

function configurationOf(options: TransportOptions): RtcConfig {
	const { udp } = options;
	return {
		iceServers: [...(options.iceServers ?? [])],
		certificatePemFile: options.certificate.certificatePem,
		keyPemFile: options.certificate.privateKeyPem,
		disableAutoNegotiation: true,
		maxMessageSize: MAX_MESSAGE_BYTES,
		...(options.bindAddress === undefined ? {} : { bindAddress: options.bindAddress }),
		...("muxPort" in udp
			? { enableIceUdpMux: true, portRangeBegin: udp.muxPort, portRangeEnd: udp.muxPort }
			: portRangeOf(udp.portRange)),
	};
}

function portRangeOf(range: { first: number; last: number } | undefined): Partial<RtcConfig> {
	return range === undefined ? {} : { portRangeBegin: range.first, portRangeEnd: range.last };
}

/** Only literal addresses over UDP: mDNS names cannot be resolved here, and TCP is not supported. */
const USABLE_CANDIDATE = /^candidate:\S+ 1 udp \d+ [0-9a-fA-F.:]+ \d+ typ /i;

function syntheticDescription(remote: RemoteTransport): string {
	const setup = remote.localSetup === "active" ? "passive" : "active";
	const shared = [
		"c=IN IP4 0.0.0.0",
		`a=ice-ufrag:${remote.iceUfrag}`,
		`a=ice-pwd:${remote.icePwd}`,
		`a=fingerprint:${remote.fingerprint.algorithm} ${remote.fingerprint.value}`,
		`a=setup:${setup}`,
	];
	const lines = [
		"v=0",
		"o=- 1 1 IN IP4 0.0.0.0",
		"s=-",
		"t=0 0",
		`a=group:BUNDLE 0${remote.sctp ? " 1" : ""}`,
		...(remote.iceLite ? ["a=ice-lite"] : []),
		"m=video 9 UDP/TLS/RTP/SAVPF 96",
		...shared,
		"a=mid:0",
		"a=sendrecv",
		"a=rtcp-mux",
		"a=rtpmap:96 VP8/90000",
		...remote.candidates.filter((line) => USABLE_CANDIDATE.test(line)).map((line) => `a=${line}`),
	];
	if (remote.sctp) {
		lines.push(
			"m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
			...shared,
			"a=mid:1",
			`a=sctp-port:${remote.sctp.port}`,
			`a=max-message-size:${remote.sctp.maxMessageSizeBytes}`,
		);
	}
	return `${lines.join("\r\n")}\r\n`;
}

function handleOf(channel: DataChannel): DataChannelHandle {
	holdUntilClosed(channel);
	return {
		get isOpen() {
			return channel.isOpen();
		},
		send(message) {
			if (!channel.isOpen()) return false;
			return typeof message === "string" ? channel.sendMessage(message) : channel.sendMessageBinary(message);
		},
		onOpen(listener) {
			let isTold = false;
			const tell = () => {
				if (!isTold) listener();
				isTold = true;
			};
			channel.onOpen(tell);
			if (channel.isOpen()) tell();
		},
		onMessage(listener) {
			channel.onMessage((message) => {
				listener(message instanceof ArrayBuffer ? Buffer.from(message) : message);
			});
		},
		close() {
			channel.close();
		},
	};
}
