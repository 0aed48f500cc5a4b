import { type RtpPacket, readExtension } from "../../webrtc/rtp.ts";
import { originalPayloadType, type SdpMedia } from "../../webrtc/sdp.ts";
import { MID_URI, REPAIRED_RID_URI, RID_URI } from "./header-extensions.ts";
import type { Layer } from "./layer.ts";
import type { MediaLine } from "./media-line.ts";
import type { Uptrack } from "./uptrack.ts";

/** Where the packets of one SSRC go. */
export type Route = { track: Uptrack; layer: Layer; isRtx: boolean };

/**
 * Finds out which published track and layer a packet belongs to: by the mid and rid extensions (RFC 8843 §9.2), which browsers send only
 * at first, then by the SSRC learnt from them; else by `a=ssrc`; else by a payload type that only one section has.
 */
export class Demultiplexer {
	readonly #lines: readonly MediaLine[];
	readonly #routes = new Map<number, Route>();
	/** SSRCs named in descriptions. */
	readonly #announced = new Map<number, MediaLine>();
	/** SSRCs of closed tracks, whose packets may go on for a while: only an explicit mid brings them back. */
	readonly #retired = new Set<number>();
	readonly #extensionIDs = new Map<string, number>();

	/** `lines`: the session's sections, which it goes on changing. */
	constructor(lines: readonly MediaLine[]) {
		this.#lines = lines;
	}

	/** SSRCs of all incoming media, without retransmissions. */
	get mediaSsrcs(): number[] {
		return Array.from(this.#routes)
			.filter(([, route]) => !route.isRtx)
			.map(([ssrc]) => ssrc);
	}

	learn(line: MediaLine, described: SdpMedia): void {
		for (const ssrc of described.ssrcs) {
			this.#announced.set(ssrc, line);
			this.#retired.delete(ssrc);
		}
		for (const { uri, id } of described.extensions) {
			if (uri === MID_URI || uri === RID_URI || uri === REPAIRED_RID_URI) this.#extensionIDs.set(uri, id);
		}
	}

	forget(track: Uptrack): void {
		for (const [ssrc, route] of this.#routes) {
			if (route.track !== track) continue;
			this.#routes.delete(ssrc);
			this.#retired.add(ssrc);
		}
		for (const [ssrc, line] of this.#announced) if (line.up === track) this.#announced.delete(ssrc);
	}

	/** The route an SSRC is known to have. */
	find(ssrc: number): Route | null {
		return this.#routes.get(ssrc) ?? null;
	}

	/** Null if the packet belongs to nothing that is published (yet). */
	route(packet: RtpPacket): Route | null {
		const known = this.#routes.get(packet.ssrc);
		if (known !== undefined) return known;
		const line = this.#lineOf(packet);
		if (line?.up == null) return null;
		const route = this.#routeOn(line, line.up, packet);
		if (route === null) return null;
		for (const [ssrc, other] of this.#routes) {
			const isReplaced = other.track === route.track && other.layer.rid === route.layer.rid;
			if (isReplaced && other.isRtx === route.isRtx) this.#routes.delete(ssrc);
		}
		this.#routes.set(packet.ssrc, route);
		return route;
	}

	#lineOf(packet: RtpPacket): MediaLine | null {
		const mid = this.#read(packet, MID_URI);
		if (mid !== null) return this.#lines.find((line) => line.mid === mid && !line.isStopped) ?? null;
		const announced = this.#announced.get(packet.ssrc);
		if (announced !== undefined) return announced;
		if (this.#retired.has(packet.ssrc)) return null;
		const matching = this.#lines.filter(
			(line) => line.up !== null && hasPayloadType(line.up, packet.payloadType),
		);
		return matching.length === 1 ? (matching[0] ?? null) : null;
	}

	#routeOn(line: MediaLine, track: Uptrack, packet: RtpPacket): Route | null {
		const { main, rtx } = track.codec;
		const isSimulcast = line.rids.length > 0;
		if (packet.payloadType === main.payloadType) {
			const rid = isSimulcast ? this.#read(packet, RID_URI) : "";
			if (rid === null || (isSimulcast && !line.rids.includes(rid))) return null;
			return { track, layer: track.addLayer(rid, packet.ssrc), isRtx: false };
		}
		if (packet.payloadType !== rtx?.payloadType) return null;
		const rid = isSimulcast ? this.#read(packet, REPAIRED_RID_URI) : "";
		const layer = rid === null ? null : track.findLayer(rid);
		return layer === null ? null : { track, layer, isRtx: true };
	}

	#read(packet: RtpPacket, uri: string): string | null {
		const id = this.#extensionIDs.get(uri);
		if (id === undefined) return null;
		return readExtension(packet, id)?.toString("latin1") ?? null;
	}
}

function hasPayloadType(track: Uptrack, payloadType: number): boolean {
	const { main, rtx } = track.codec;
	if (main.payloadType === payloadType) return true;
	return rtx !== null && rtx.payloadType === payloadType && originalPayloadType(rtx) === main.payloadType;
}
