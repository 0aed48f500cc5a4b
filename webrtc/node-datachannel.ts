import { randomBytes } from "node:crypto";
import { cleanup, type DataChannel, PeerConnection, type RtcConfig, type Track } from "node-datachannel";
import type {
	DataChannelHandle,
	DataChannelOptions,
	LocalTransport,
	MediaTransport,
	RemoteTransport,
	SctpParameters,
	TransportOptions,
} from "./transport.ts";

/**
 * libdatachannel as a bare transport. It always plays the answerer: as an offerer it arms ICE before it knows the fingerprint and
 * fails handshakes at random. It is given an offer that we make from the peer's parameters, with a single media section, because
 * with exactly one it hands over every packet whatever its SSRC; with several it drops what it cannot map (simulcast).
 */
export class NodeDataChannelTransport implements MediaTransport {
	readonly local: LocalTransport;
	readonly #options: TransportOptions;
	readonly #maxMessageSizeBytes: number;
	#remote: RemoteTransport | null = null;
	#connection: PeerConnection | null = null;
	#track: Track | null = null;
	#state: "new" | "started" | "open" | "closed" = "new";
	#onPacket: (packet: Buffer) => void = ignore;
	#onOpen: () => void = ignore;
	#onClose: () => void = ignore;

	constructor(options: TransportOptions, maxMessageSizeBytes: number) {
		this.#options = options;
		this.#maxMessageSizeBytes = maxMessageSizeBytes;
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
		const connection = new PeerConnection("", configurationOf(this.#options, this.#maxMessageSizeBytes));
		this.#connection = connection;
		UNRELEASED.add(connection);
		connection.onTrack((track) => guard(() => this.#adopt(track)));
		connection.onStateChange((state) => {
			if (state === "closed") UNRELEASED.delete(connection);
			if (state === "failed" || state === "closed") guard(() => this.close());
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
		try {
			return this.#track.sendMessageBinary(packet);
		} catch {
			// The other thread has closed the track and its event is still on the way.
			return false;
		}
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
		track.onMessage((packet) => guard(() => this.#onPacket(packet)));
		track.onOpen(() => guard(() => this.#opened()));
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

/** Closes all transports and ends the library's threads. */
export function closeLibrary(): void {
	for (const transport of OPEN_TRANSPORTS) transport.close();
	cleanup();
}

const OPEN_TRANSPORTS = new Set<MediaTransport>();

/**
 * Native objects that the library has not told to be closed. Without a listener for that, or collected before it, they stay in
 * the library's own list as dangling pointers, and `cleanup` crashes.
 */
const UNRELEASED = new Set<PeerConnection | Track | DataChannel>();

/** Makes libdatachannel put `m=application` into its offer; nobody opens the channel at the other end. */
const UNUSED_CHANNEL_ID = 1022;

/** An exception that leaves a native callback ends the process without a trace; thrown later, it is an ordinary uncaught one. */
function guard(listener: () => void): void {
	try {
		listener();
	} catch (error) {
		setImmediate(() => {
			throw error;
		});
	}
}

function ignore(): void {
	// No listener yet, or no more.
}

function configurationOf(options: TransportOptions, maxMessageSize: number): RtcConfig {
	const { udp } = options;
	return {
		iceServers: [...(options.iceServers ?? [])],
		certificatePemFile: options.certificate.certificatePem,
		keyPemFile: options.certificate.privateKeyPem,
		disableAutoNegotiation: true,
		maxMessageSize,
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
			try {
				return typeof message === "string"
					? channel.sendMessage(message)
					: channel.sendMessageBinary(message);
			} catch {
				// Closed meanwhile, or larger than the peer takes.
				return false;
			}
		},
		onOpen(listener) {
			let isTold = false;
			const tell = () => {
				if (!isTold) listener();
				isTold = true;
			};
			channel.onOpen(() => guard(tell));
			if (channel.isOpen()) tell();
		},
		onMessage(listener) {
			channel.onMessage((message) => {
				guard(() => listener(message instanceof ArrayBuffer ? Buffer.from(message) : message));
			});
		},
		close() {
			channel.close();
		},
	};
}
