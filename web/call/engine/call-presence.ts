import { effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createSocketTicket } from "../../../protocol/account.ts";
import { type Capabilities, type joinCall, removeParticipant } from "../../../protocol/call.ts";
import type { Subscription } from "../../../protocol/call-sfu.ts";
import type { EndpointReply } from "../../../protocol/endpoint.ts";
import type { SignalClientMessage, SignalServerMessage } from "../../../protocol/signal.ts";
import type { call } from "../../shell/api.ts";
import type { CallMedia } from "./call-media.ts";
import type { CallProblem, CallQuality } from "./call-types.ts";
import { IceServerKeeper } from "./ice-server-keeper.ts";
import { mediaState } from "./local-tracks.ts";
import { MediaPaths } from "./media-paths.ts";
import { NetworkWatch } from "./network-watch.ts";
import { PathWatch } from "./path-watch.ts";
import { applyToRoom, othersIn, type RoomState, roomOf } from "./room-state.ts";
import { SignalSocket, type SignalState } from "./signal-socket.ts";
import { SpeechWatch } from "./speech-watch.ts";

export interface CallPresenceParts {
	joined: EndpointReply<typeof joinCall>;
	capabilities: Capabilities;
	displayName: string;
	media: CallMedia;
	api: typeof call;
	quality: Signal<CallQuality>;
	problem: Signal<CallProblem | null>;
	onState: (state: SignalState) => void;
	/** After the room was brought up to date with it. */
	onMessage: (message: SignalServerMessage) => void;
	/** The server does not have this participant any more; the close code of signal.v1, or null. */
	onRefused: (code: number | null) => void;
}

const TICK_MS = 100;

/** One place in a call, from its reservation until it is given up: the socket, the media, and everything that watches them. */
export class CallPresence {
	readonly state: ReadonlySignal<RoomState | null>;
	readonly #state = signal<RoomState | null>(null);
	readonly #paths = signal<MediaPaths | null>(null);
	readonly #parts: CallPresenceParts;
	readonly #socket: SignalSocket;
	readonly #ice: IceServerKeeper;
	readonly #network: NetworkWatch;
	readonly #speech = new SpeechWatch();
	readonly #stops: (() => void)[] = [];
	readonly #ticker: ReturnType<typeof setInterval>;
	readonly #onPageHide = (event: PageTransitionEvent) => {
		if (!event.persisted) this.leave();
	};
	#watch: PathWatch | null = null;
	#capabilities: Capabilities;
	#mediaSaid = "";
	#isClosed = false;

	constructor(parts: CallPresenceParts) {
		this.#parts = parts;
		this.state = this.#state;
		this.#capabilities = parts.capabilities;
		this.#ice = new IceServerKeeper({
			api: parts.api,
			servers: parts.joined.iceServers,
			onRenewed: (servers) => this.#configureAll(servers),
		});
		this.#socket = new SignalSocket({
			firstURL: parts.joined.wsURL,
			firstTicket: parts.joined.ticket,
			join: () => this.#join(),
			newTicket: (signal) => this.#newTicket(signal),
			onMessages: (messages) => this.#receive(messages),
			onState: parts.onState,
			onRefused: parts.onRefused,
		});
		this.#network = new NetworkWatch(() => this.#networkChanged());
		this.#ticker = setInterval(() => this.#tick(), TICK_MS);
		this.#stops.push(effect(() => this.#followMedia()));
		window.addEventListener("pagehide", this.#onPageHide);
		this.#socket.start();
	}

	/** Null before the first welcome. */
	get paths(): MediaPaths | null {
		return this.#paths.value;
	}

	send(message: SignalClientMessage): void {
		this.#socket.send(message);
	}

	setWishes(wishes: readonly Subscription[]): void {
		this.paths?.setWishes(wishes);
	}

	retryNow(): void {
		this.#socket.retryNow();
	}

	/** Gives the place up. Without a socket the server is told by HTTP. */
	leave(): void {
		if (this.#isClosed) return;
		const { api, joined } = this.#parts;
		if (!this.#socket.isReady) {
			const { callID, participantID } = joined;
			api(removeParticipant, { params: { callID, participantID } }, { keepalive: true }).catch(() => {
				// Not reached, or gone already: a place without a socket is given up by itself.
			});
		}
		this.#socket.close({ t: "leave" });
		this.close();
	}

	/** Lets go of everything without a word. */
	close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		clearInterval(this.#ticker);
		window.removeEventListener("pagehide", this.#onPageHide);
		for (const stop of this.#stops) stop();
		this.#socket.close(null);
		this.#network.close();
		this.#ice.close();
		this.#paths.value?.close();
	}

	/** For tests and the connection panel. */
	get watch(): PathWatch | null {
		return this.#watch;
	}

	#join(): SignalClientMessage {
		const { displayName, media } = this.#parts;
		const now = mediaState(media);
		this.#mediaSaid = JSON.stringify(now);
		return { t: "join", displayName, capabilities: this.#capabilities, media: now };
	}

	async #newTicket(signal: AbortSignal): Promise<string> {
		const { api, joined } = this.#parts;
		const body = { audience: "signal", resource: joined.callID } as const;
		return (await api(createSocketTicket, { body }, { signal })).ticket;
	}

	#receive(messages: readonly SignalServerMessage[]): void {
		// One turn of the room is one frame: the pairs of whoever comes with it begin by the config that comes with it.
		const ordered = [...messages].sort((a, b) => Number(b.t === "config") - Number(a.t === "config"));
		for (const message of ordered) {
			if (this.#isClosed) return;
			if (message.t === "welcome") this.#welcome(message);
			else this.#apply(message);
			this.#parts.onMessage(message);
		}
		if (this.#state.value !== null) this.#socket.seen(this.#state.value.seq);
	}

	#welcome(message: Extract<SignalServerMessage, { t: "welcome" }>): void {
		const room = roomOf(message);
		this.#ice.take(message.iceServers);
		this.#state.value = room;
		if (this.#paths.value === null) this.#paths.value = this.#openPaths(room);
		this.#paths.value.setRoom(room);
		this.#paths.value.resume(message.edges);
		// Whatever was said into a line that was dead is said again.
		this.#mediaSaid = message.isResumed ? "" : this.#mediaSaid;
		this.#followMedia();
	}

	#openPaths(room: RoomState): MediaPaths {
		const { joined, api, media, quality, problem } = this.#parts;
		const { callID, participantID } = joined;
		const failures = { send: 0, receive: 0 };
		const paths = new MediaPaths({
			account: { api, callID, participantID, iceServers: () => this.#ice.servers },
			room,
			metIDs: othersIn(room).map((one) => one.participantID),
			media,
			uplinkKbps: this.#capabilities.uplinkKbps ?? null,
			send: (message) => this.#socket.send(message),
			onTrouble: (part, count) => {
				failures[part] = count;
				this.#watch?.troubled(failures);
			},
		});
		this.#watch = new PathWatch({
			paths,
			quality,
			problem,
			send: (message) => this.#socket.send(message),
			onSilence: () => this.#networkChanged(),
		});
		return paths;
	}

	#apply(message: SignalServerMessage): void {
		const before = this.#state.value;
		if (before === null) return;
		switch (message.t) {
			case "offer":
			case "answer":
			case "candidate":
			case "edge.propose":
			case "edge.accept":
			case "edge.reject":
			case "edge.ready":
				this.paths?.receive(message);
				break;
			default: {
				const room = applyToRoom(before, message);
				if (room === before) return;
				this.#state.value = room;
				this.paths?.setRoom(room);
			}
		}
	}

	#tick(): void {
		const { paths } = this;
		if (paths === null) return;
		const now = performance.now();
		paths.tick(now, this.#socket.isReady);
		this.#watch?.tick(now, this.#socket.isReady);
		const hasFloor = paths.room.speakerID === this.#parts.joined.participantID;
		if (this.#speech.observe(this.#parts.media.level.value, now, hasFloor) && this.#socket.isReady) {
			this.#socket.send({ t: "media", speaking: true });
		}
	}

	/** The devices have changed, or may have: the room and all paths follow. */
	#followMedia(): void {
		const { media } = this.#parts;
		const now = mediaState(media);
		// Read here, so that this runs again when any of them changes.
		const tracks = [media.mic.value, media.cam.value, media.screen.value, media.screenAudio.value];
		this.paths?.audio.setSpeaker(media.speakerID.value ?? "");
		const said = JSON.stringify(now);
		if (this.#socket.isReady && said !== this.#mediaSaid) {
			this.#mediaSaid = said;
			this.#socket.send({ t: "media", ...now });
		}
		this.paths?.schedule();
		if (tracks.some((track) => track !== null)) void this.#followCapabilities();
	}

	async #followCapabilities(): Promise<void> {
		const capabilities = await this.#parts.media.capabilities().catch(() => {
			// A device that will not say what it can: what was said before holds.
			return this.#capabilities;
		});
		if (this.#isClosed || JSON.stringify(capabilities) === JSON.stringify(this.#capabilities)) return;
		this.#capabilities = capabilities;
		this.#socket.send({ t: "capabilities", capabilities });
	}

	#networkChanged(): void {
		this.#socket.probe();
		this.paths?.renewPaths();
		void this.#followCapabilities();
	}

	#configureAll(servers: readonly RTCIceServer[]): void {
		const { paths } = this;
		if (paths === null) return;
		const connections = [
			...paths.links.all.map(({ connection }) => connection),
			paths.publisher.connection,
			...paths.subscriber.connections,
		];
		for (const connection of connections) connection?.setConfiguration({ iceServers: [...servers] });
	}
}
