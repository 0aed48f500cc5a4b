import type { CallCodec, Source } from "../../../protocol/call.ts";
import { readLinkMessage, writeLinkMessage } from "./link-messages.ts";
import { ProbeLedger } from "./probe-ledger.ts";
import { sessionNumber } from "./sdp-facts.ts";
import {
	AUDIO_ENCODING,
	limitSender,
	preferSound,
	preferVideoCodec,
	type SenderLimits,
	selectCodec,
} from "./sender-settings.ts";
import { kindOf, SOURCES, type SourceTracks } from "./sources.ts";
import { withStartBitrate } from "./start-bitrate.ts";

export interface LinkConnectionParts {
	iceServers: readonly RTCIceServer[];
	videoCodec: () => CallCodec | null;
	/** kbit/s to begin video with. */
	startKbps: number;
	onCandidate: (candidate: RTCIceCandidate | null) => void;
	onChange: () => void;
	/** How high the peer shows our videos, pixels. */
	onWish: (wish: VideoWish) => void;
}

/** Heights of videos on somebody's screen, pixels; 0: not there. */
export interface VideoWish {
	cam: number;
	screen: number;
}

/**
 * One RTCPeerConnection to a peer with all its sections from the start: four for media, one for probes. What is sent changes by
 * `replaceTrack` alone, so that no change of kind, device or way is a renegotiation.
 */
export class LinkConnection {
	readonly peer: RTCPeerConnection;
	readonly probes = new ProbeLedger();
	readonly #parts: LinkConnectionParts;
	readonly #channel: RTCDataChannel;
	readonly #transceivers = new Map<Source, RTCRtpTransceiver>();
	#tracks: SourceTracks = new Map();
	#limits: ReadonlyMap<Source, SenderLimits> = new Map();

	constructor(parts: LinkConnectionParts) {
		this.#parts = parts;
		this.peer = new RTCPeerConnection({
			bundlePolicy: "max-bundle",
			iceServers: [...parts.iceServers],
			iceCandidatePoolSize: 0,
		});
		this.#channel = this.peer.createDataChannel("probe", {
			negotiated: true,
			id: 0,
			ordered: false,
			maxRetransmits: 0,
		});
		this.#channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => this.#hear(data));
		this.peer.addEventListener("icecandidate", ({ candidate }) => parts.onCandidate(candidate));
		this.peer.addEventListener("connectionstatechange", parts.onChange);
	}

	get state(): RTCPeerConnectionState {
		return this.peer.connectionState;
	}

	/** Whom the last description of the other end came from; null before the first. */
	get remoteSession(): string | null {
		return sessionNumber(this.peer.remoteDescription?.sdp ?? "");
	}

	receiver(source: Source): RTCRtpReceiver | null {
		return this.#transceivers.get(source)?.receiver ?? null;
	}

	sender(source: Source): RTCRtpSender | null {
		return this.#transceivers.get(source)?.sender ?? null;
	}

	/** Our offer, in force; `restarts`: with new ICE credentials. */
	async offer(restarts: boolean): Promise<string> {
		if (this.#transceivers.size === 0) this.#addSections();
		const offer = await this.peer.createOffer({ iceRestart: restarts });
		await this.peer.setLocalDescription(offer);
		return offer.sdp ?? "";
	}

	/** Takes the other end's offer (over ours, if need be) and answers it. */
	async answer(sdp: string): Promise<string> {
		await this.peer.setRemoteDescription({ type: "offer", sdp: this.#withStart(sdp) });
		this.#findSections();
		await this.#applySending();
		const answer = await this.peer.createAnswer();
		await this.peer.setLocalDescription(answer);
		return answer.sdp ?? "";
	}

	async acceptAnswer(sdp: string): Promise<void> {
		await this.peer.setRemoteDescription({ type: "answer", sdp: this.#withStart(sdp) });
	}

	/** What is sent from now on; sources that are not in it send nothing. */
	async send(tracks: SourceTracks, limits: ReadonlyMap<Source, SenderLimits>): Promise<void> {
		this.#tracks = tracks;
		this.#limits = limits;
		await this.#applySending();
	}

	probe(now: number): void {
		if (this.#channel.readyState !== "open") return;
		this.#channel.send(writeLinkMessage({ kind: "probe", number: this.probes.send(now) }));
	}

	/** Tells the peer how high its videos are here; to be repeated, for it may be lost. */
	wish({ cam, screen }: VideoWish): void {
		if (this.#channel.readyState !== "open") return;
		this.#channel.send(writeLinkMessage({ kind: "wish", cam, screen }));
	}

	close(): void {
		this.peer.removeEventListener("connectionstatechange", this.#parts.onChange);
		this.#channel.close();
		this.peer.close();
	}

	#withStart(sdp: string): string {
		return withStartBitrate(sdp, this.#parts.startKbps);
	}

	#addSections(): void {
		for (const source of SOURCES) {
			const isAudio = kindOf(source) === "audio";
			const transceiver = this.peer.addTransceiver(this.#tracks.get(source) ?? kindOf(source), {
				direction: "sendrecv",
				sendEncodings: isAudio ? [AUDIO_ENCODING] : [{}],
			});
			if (!isAudio) preferVideoCodec(transceiver, this.#parts.videoCodec());
			this.#transceivers.set(source, transceiver);
		}
		void this.#applySending();
	}

	/** An offer's sections are in the order of `SOURCES`; that was checked before. */
	#findSections(): void {
		const sections = this.peer.getTransceivers().filter((one) => one.mid !== null);
		for (const [index, source] of SOURCES.entries()) {
			const transceiver = sections[index];
			if (transceiver === undefined || this.#transceivers.get(source) === transceiver) continue;
			transceiver.direction = "sendrecv";
			if (kindOf(source) === "video") preferVideoCodec(transceiver, this.#parts.videoCodec());
			this.#transceivers.set(source, transceiver);
		}
	}

	async #applySending(): Promise<void> {
		if (this.peer.signalingState === "closed") return;
		const changes = [...this.#transceivers].map(async ([source, { sender }]) => {
			const track = this.#tracks.get(source) ?? null;
			if (sender.track !== track) await sender.replaceTrack(track);
			if (kindOf(source) === "audio") await preferSound(sender);
			else if (track !== null) await this.#shape(sender, this.#limits.get(source));
		});
		// A connection that is closed meanwhile refuses: nothing is sent on it, which is what closing asked for.
		await Promise.allSettled(changes);
	}

	async #shape(sender: RTCRtpSender, limits: SenderLimits | undefined): Promise<void> {
		const codec = this.#parts.videoCodec();
		if (codec !== null && this.peer.remoteDescription !== null) await selectCodec(sender, codec);
		if (limits !== undefined) await limitSender(sender, limits);
	}

	#hear(data: unknown): void {
		const message = readLinkMessage(data);
		if (message === null) return;
		switch (message.kind) {
			case "echo":
				this.probes.echoed(message.number, performance.now());
				break;
			case "probe":
				if (this.#channel.readyState !== "open") return;
				this.#channel.send(writeLinkMessage({ kind: "echo", number: message.number }));
				break;
			case "wish":
				this.#parts.onWish({ cam: message.cam, screen: message.screen });
		}
	}
}
