import type { SdpCodec, SdpMedia } from "../../webrtc/sdp.ts";
import type { CodecPair } from "./codec-choice.ts";

/**
 * Payload types and extension ids of one session. With BUNDLE a number must mean the same in every media section (RFC 9143 §9.1,
 * RFC 8285 §6), whoever introduced it: what the client offered is remembered, what we add takes free numbers.
 */
export class NumberRegistry {
	readonly #payloadTypes = new Map<string, number>();
	readonly #extensionIDs = new Map<string, number>();
	#nextMid = 0;

	/** Takes over the numbers of a section the client wrote. */
	learn(media: SdpMedia): void {
		if (/^\d{1,9}$/.test(media.mid)) this.#nextMid = Math.max(this.#nextMid, Number(media.mid) + 1);
		for (const codec of media.codecs) this.#payloadTypes.set(identityOf(codec), codec.payloadType);
		for (const { uri, id } of media.extensions) this.#extensionIDs.set(uri, id);
	}

	/** The publisher's codec under this session's numbers, for a section that we offer. */
	allocateCodec(published: CodecPair): CodecPair {
		const mainType = this.#allocatePayloadType(published.main);
		const main = { ...published.main, payloadType: mainType };
		if (published.rtx === null) return { main, rtx: null };
		const rtx = { ...published.rtx, parameters: `apt=${mainType}`, feedback: [] };
		return { main, rtx: { ...rtx, payloadType: this.#allocatePayloadType(rtx) } };
	}

	/** A mid that no section of the session has ever had, so that nobody takes a new one for an old one. */
	allocateMid(): string {
		const mid = String(this.#nextMid);
		this.#nextMid += 1;
		return mid;
	}

	allocateExtension(uri: string): number {
		const known = this.#extensionIDs.get(uri);
		if (known !== undefined) return known;
		const used = new Set(this.#extensionIDs.values());
		let id = 1;
		while (used.has(id)) id += 1;
		this.#extensionIDs.set(uri, id);
		return id;
	}

	#allocatePayloadType(codec: SdpCodec): number {
		const known = this.#payloadTypes.get(identityOf(codec));
		if (known !== undefined) return known;
		const used = new Set(this.#payloadTypes.values());
		const candidates = [codec.payloadType, ...DYNAMIC_TYPES];
		const free = candidates.find((payloadType) => !used.has(payloadType));
		if (free === undefined) throw new Error("no free payload type");
		this.#payloadTypes.set(identityOf(codec), free);
		return free;
	}
}

/** RFC 3551 §6 dynamic types, then those that RFC 5761 §4 leaves free with rtcp-mux. */
const DYNAMIC_TYPES: readonly number[] = [
	...Array.from({ length: 32 }, (_, index) => 96 + index),
	...Array.from({ length: 29 }, (_, index) => 35 + index),
];

function identityOf(codec: SdpCodec): string {
	const parameters = codec.parameters
		.split(";")
		.map((part) => part.trim().toLowerCase())
		.filter((part) => part !== "")
		.toSorted();
	return [codec.name.toUpperCase(), codec.clockRate, codec.channels, ...parameters].join(" ");
}
