import type { CallCodec, Source } from "../../../protocol/call.ts";
import type { PublishedTrack } from "../../../protocol/signal.ts";
import { chooseLayers, describeLayers, type LayerLimits, type PictureLimits } from "./layer-ladder.ts";
import { AUDIO_ENCODING, limitSender, preferVideoCodec } from "./sender-settings.ts";
import type { SfuSession } from "./sfu-session.ts";
import { kindOf } from "./sources.ts";

/** What the room allows now. */
export interface LineSetup {
	picture: PictureLimits;
	videoCodec: CallCodec | null;
}

/** One source on its way to the SFU: its section, its layers, and what others were told of it. */
export class PublishedLine {
	readonly source: Source;
	readonly trackName: string;
	readonly transceiver: RTCRtpTransceiver;
	readonly #codec: CallCodec | null;
	/** The layers that were negotiated, which stay; none for a line of one encoding. */
	readonly #rids: readonly string[];
	#track: MediaStreamTrack;
	/** Those of them that the picture and the room allow now. */
	#layers: readonly LayerLimits[];
	#announced: PublishedTrack | null = null;
	#publishedAt: number | null = null;

	constructor(
		session: SfuSession,
		{ source, track, trackName }: { source: Source; track: MediaStreamTrack; trackName: string },
		{ picture, videoCodec }: LineSetup,
	) {
		this.source = source;
		this.trackName = trackName;
		this.#track = track;
		this.#codec = videoCodec;
		this.#layers = kindOf(source) === "video" ? layersOf(track, source, picture) : [];
		this.#rids = this.#layers.length > 1 ? this.#layers.map(({ rid }) => rid) : [];
		this.transceiver = session.peer.addTransceiver(track, {
			direction: "sendonly",
			sendEncodings: encodingsOf(this.#layers),
		});
		if (kindOf(source) === "video") preferVideoCodec(this.transceiver, videoCodec);
	}

	get track(): MediaStreamTrack {
		return this.#track;
	}

	get isPublished(): boolean {
		return this.#publishedAt !== null;
	}

	/** The SFU has taken it. `now`: ms of a monotonic clock. */
	published(now: number): void {
		this.#publishedAt = now;
	}

	/** How long it has been at the SFU, ms. */
	ageMs(now: number): number {
		return this.#publishedAt === null ? 0 : now - this.#publishedAt;
	}

	/** Null until packets flow. */
	get announced(): PublishedTrack | null {
		return this.#announced;
	}

	/** Whether this line can carry the track: not with another codec, nor a picture of several layers where there was one. */
	fits(track: MediaStreamTrack, { picture, videoCodec }: LineSetup): boolean {
		if (kindOf(this.source) === "audio") return true;
		if (this.#codec !== videoCodec) return false;
		return this.#rids.length > 0 || layersOf(track, this.source, picture).length < 2;
	}

	/** Sends this track from now on, within the limits. Returns what others have to be told anew, or null. */
	async carry(track: MediaStreamTrack, { picture }: LineSetup): Promise<PublishedTrack | null> {
		if (this.#track !== track) {
			await this.transceiver.sender.replaceTrack(track);
			this.#track = track;
		}
		return kindOf(this.source) === "video" ? await this.#limit(picture) : null;
	}

	/** Packets flow. */
	announce(sessionID: string): PublishedTrack {
		this.#announced = {
			source: this.source,
			sessionID,
			mid: this.transceiver.mid ?? "",
			trackName: this.trackName,
			rids: describeLayers(this.#layers),
		};
		return this.#announced;
	}

	/** Layers that make no sense now stand still. */
	async #limit(picture: PictureLimits): Promise<PublishedTrack | null> {
		const all = layersOf(this.#track, this.source, picture);
		const isLayered = this.#rids.length > 0;
		this.#layers = isLayered ? all.filter(({ rid }) => this.#rids.includes(rid)) : all.slice(0, 1);
		const limits = this.#layers.map((layer) => [isLayered ? layer.rid : "", limitsOnly(layer)] as const);
		await limitSender(this.transceiver.sender, new Map(limits));
		const rids = describeLayers(this.#layers);
		const known = this.#announced;
		if (known === null || JSON.stringify(known.rids) === JSON.stringify(rids)) return null;
		this.#announced = { ...known, rids };
		return this.#announced;
	}
}

function layersOf(track: MediaStreamTrack, source: Source, picture: PictureLimits): LayerLimits[] {
	const { width = 640, height = 360 } = track.getSettings();
	const layers = chooseLayers({ width, height }, picture);
	// A screen is text: half of its lines are of no use to anybody.
	return source === "cam" ? layers : layers.slice(0, 1);
}

function limitsOnly({ rid: _, height: __, ...limits }: LayerLimits) {
	return limits;
}

function encodingsOf(layers: readonly LayerLimits[]): RTCRtpEncodingParameters[] {
	if (layers.length === 0) return [AUDIO_ENCODING];
	return layers.map((layer) => ({
		...(layers.length > 1 ? { rid: layer.rid } : {}),
		...limitsOnly(layer),
	}));
}
