import { parseVp8Descriptor, startsKeyframe, type Vp8Descriptor } from "../../webrtc/codecs.ts";
import { payloadOf, type RtpPacket, readExtensions, unwrapRtx } from "../../webrtc/rtp.ts";
import type { CodecPair } from "./codec-choice.ts";
import { FORWARDED_URIS } from "./header-extensions.ts";
import { Layer } from "./layer.ts";
import type { LayerOption } from "./layer-choice.ts";

/** A packet on its way from a publisher to its subscribers, looked into once for all of them. */
export type ForwardedPacket = {
	rtp: RtpPacket;
	payload: Buffer;
	layer: Layer;
	/** Something a decoder can start from begins here; true for all audio. */
	isKeyframe: boolean;
	vp8: Vp8Descriptor | null;
	/** Header extensions that are handed on; most packets have none. */
	extensions: readonly { uri: string; value: Buffer }[];
};

/** Somebody who gets the track's packets. */
export type Subscriber = {
	forward(packet: ForwardedPacket, now: number): void;
	/** The layers changed: one appeared, went silent or came back. */
	layersChanged(now: number): void;
	publicationEnded(): void;
};

/** A published track. The publishing session feeds it; subscribers hang on it. */
export class Uptrack {
	readonly sessionID: string;
	readonly trackName: string;
	readonly mid: string;
	readonly kind: "audio" | "video";
	readonly codec: CodecPair;
	readonly extensionIDs: ReadonlyMap<string, number>;
	readonly createdAt: number;
	readonly #forwardedURIs: ReadonlyMap<number, string>;
	readonly #layers = new Map<string, Layer>();
	readonly #subscribers = new Set<Subscriber>();
	readonly #askForKeyframe: (ssrc: number) => void;
	readonly #flowWaiters = new Set<() => void>();
	#lastPacketAt = -1;
	#availableRids = "";
	#isClosed = false;

	constructor(options: {
		sessionID: string;
		trackName: string;
		mid: string;
		kind: "audio" | "video";
		codec: CodecPair;
		extensionIDs: ReadonlyMap<string, number>;
		now: number;
		askForKeyframe: (ssrc: number) => void;
	}) {
		this.sessionID = options.sessionID;
		this.trackName = options.trackName;
		this.mid = options.mid;
		this.kind = options.kind;
		this.codec = options.codec;
		this.extensionIDs = options.extensionIDs;
		this.#forwardedURIs = new Map(
			FORWARDED_URIS.flatMap((uri) => {
				const id = options.extensionIDs.get(uri);
				return id === undefined ? [] : [[id, uri] as const];
			}),
		);
		this.createdAt = options.now;
		this.#askForKeyframe = options.askForKeyframe;
	}

	get layers(): Iterable<Layer> {
		return this.#layers.values();
	}

	get isFlowing(): boolean {
		return this.#lastPacketAt >= 0 && !this.#isClosed;
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** When the last packet came, or the track was made if none has. */
	get lastActiveAt(): number {
		return Math.max(this.#lastPacketAt, this.createdAt);
	}

	subscribe(subscriber: Subscriber): void {
		this.#subscribers.add(subscriber);
	}

	unsubscribe(subscriber: Subscriber): void {
		this.#subscribers.delete(subscriber);
	}

	findLayer(rid: string): Layer | null {
		return this.#layers.get(rid) ?? null;
	}

	/** The layer of a newly seen SSRC; a browser that restarts its encoder may come with another one for the same rid. */
	addLayer(rid: string, ssrc: number): Layer {
		const known = this.#layers.get(rid);
		if (known?.stream.ssrc === ssrc) return known;
		const layer = new Layer(rid, ssrc, this.codec.main.clockRate);
		this.#layers.set(rid, layer);
		return layer;
	}

	/** A packet of the media itself. */
	receive(rtp: RtpPacket, layer: Layer, now: number): void {
		const verdict = layer.stream.accept(rtp.sequenceNumber, rtp.timestamp, now);
		if (verdict === "duplicate") return;
		const payload = payloadOf(rtp);
		if (layer.notePacket(rtp.timestamp, payload.length, now)) this.#noteFrame(layer);
		this.#noteFlow(now);
		const vp8 = this.codec.main.name.toUpperCase() === "VP8" ? parseVp8Descriptor(payload) : null;
		const packet: ForwardedPacket = {
			rtp,
			payload,
			layer,
			isKeyframe: vp8 === null ? startsKeyframe(this.codec.main.name, payload) : vp8.isKeyframe,
			vp8,
			extensions: this.#forwardedExtensions(rtp),
		};
		for (const subscriber of this.#subscribers) subscriber.forward(packet, now);
	}

	/** A retransmission; Chromium also pads with duplicates of what it has sent. */
	receiveRtx(rtx: RtpPacket, layer: Layer, now: number): void {
		const original = { ssrc: layer.stream.ssrc, payloadType: this.codec.main.payloadType };
		const rtp = unwrapRtx(rtx, original);
		if (rtp !== null) this.receive(rtp, layer, now);
	}

	requestKeyframe(layer: Layer, now: number): void {
		if (this.kind === "video" && layer.mayAskForKeyframe(now)) this.#askForKeyframe(layer.stream.ssrc);
	}

	layerOptions(now: number): LayerOption[] {
		return Array.from(this.#layers.values(), (layer) => ({
			rid: layer.rid,
			isAvailable: layer.isAvailable(now),
			bitrateBps: layer.bitrateBps,
		}));
	}

	/** Looks for layers that went silent or came back; cheap enough for ten times a second. */
	checkLayers(now: number): void {
		let available = "";
		for (const layer of this.#layers.values()) if (layer.isAvailable(now)) available += `${layer.rid} `;
		if (available === this.#availableRids) return;
		this.#availableRids = available;
		for (const subscriber of this.#subscribers) subscriber.layersChanged(now);
	}

	/** Resolves when the first packet has come or the track is closed, at the latest after `timeoutMs`. */
	async waitForFlow(timeoutMs: number): Promise<void> {
		if (this.#lastPacketAt >= 0 || this.#isClosed) return;
		await new Promise<void>((resolve) => {
			const done = () => {
				clearTimeout(timer);
				this.#flowWaiters.delete(done);
				resolve();
			};
			const timer = setTimeout(done, timeoutMs);
			this.#flowWaiters.add(done);
		});
	}

	close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		for (const subscriber of this.#subscribers) subscriber.publicationEnded();
		this.#subscribers.clear();
		for (const done of this.#flowWaiters) done();
	}

	#forwardedExtensions(rtp: RtpPacket): { uri: string; value: Buffer }[] {
		if (rtp.extensionsBytes === 0 || this.#forwardedURIs.size === 0) return NO_EXTENSIONS;
		return readExtensions(rtp).flatMap(({ id, value }) => {
			const uri = this.#forwardedURIs.get(id);
			return uri === undefined ? [] : { uri, value };
		});
	}

	#noteFrame(layer: Layer): void {
		for (const other of this.#layers.values()) if (other !== layer) other.noteSiblingFrame();
	}

	#noteFlow(now: number): void {
		const isFirst = this.#lastPacketAt < 0;
		this.#lastPacketAt = now;
		if (isFirst) for (const done of this.#flowWaiters) done();
	}
}

const NO_EXTENSIONS: { uri: string; value: Buffer }[] = [];
