import { originalPayloadType, type SdpCodec, type SdpExtension, type SdpMedia } from "../../webrtc/sdp.ts";
import type { CodecPair } from "./codec-choice.ts";
import type { Downtrack } from "./downtrack.ts";
import type { Uptrack } from "./uptrack.ts";

/**
 * One media section of a session, known by its index: browsers reuse a stopped section at the same index under another mid.
 * Directions follow from `up` and `down`.
 */
export type MediaLine = {
	mid: string;
	kind: "audio" | "video" | "application";
	/** Stopped for good: port 0 until it is reused. */
	isStopped: boolean;
	/** What the client publishes here. */
	up: Uptrack | null;
	/** What the client receives here. */
	down: Downtrack | null;
	/** Has carried something to the client that is over; see `stopSpentLines`. */
	isSpent: boolean;
	/** What we offered to receive here before knowing it (`bidirectionalMediaStream`); its name. */
	invitedName: string | null;
	/** The one codec in use; null while the section is inactive or for data. */
	codec: CodecPair | null;
	/** Codecs to write if there is none in use; a section must list at least one. */
	spareCodecs: SdpCodec[];
	extensions: SdpExtension[];
	/** rids accepted from the publisher, in its order. */
	rids: string[];
	/** Direction allowed by the client's last description, seen from the client. */
	clientDirection: SdpMedia["direction"];
};

export function newMediaLine(mid: string, kind: MediaLine["kind"]): MediaLine {
	return {
		mid,
		kind,
		isStopped: false,
		up: null,
		down: null,
		isSpent: false,
		invitedName: null,
		codec: null,
		spareCodecs: [],
		extensions: [],
		rids: [],
		clientDirection: "sendrecv",
	};
}

export function clientMaySend(direction: SdpMedia["direction"]): boolean {
	return direction === "sendonly" || direction === "sendrecv";
}

export function clientMayReceive(direction: SdpMedia["direction"]): boolean {
	return direction === "recvonly" || direction === "sendrecv";
}

/** Ends what the line carries; the section itself stays and may be described as inactive or stopped. */
export function clearMediaLine(line: MediaLine): void {
	line.isSpent ||= line.down !== null && line.up === null;
	line.up?.close();
	line.down?.close();
	line.up = null;
	line.down = null;
	line.invitedName = null;
	line.rids = [];
}

/**
 * Stops the sections that are of no more use, so that the offer after this one can put new ones in their places (JSEP, RFC 9429 §5.2.2): a
 * description does not grow with each track that was ever pulled. The first living section stays: in Chromium it holds the transport that
 * all share.
 */
export function stopSpentLines(lines: readonly MediaLine[]): void {
	const [, ...others] = lines.filter((line) => !line.isStopped);
	for (const line of others) {
		if (line.isSpent && line.up === null && line.down === null && line.invitedName === null)
			line.isStopped = true;
	}
}

/** The codec in use as the section writes it: itself, then its retransmissions. */
export function listCodecPair(pair: CodecPair): SdpCodec[] {
	return pair.rtx === null ? [pair.main] : [pair.main, pair.rtx];
}

/** The same codec without retransmissions if the client's description leaves them out. */
export function reduceToDescribed(pair: CodecPair, described: SdpMedia): CodecPair | null {
	const main = described.codecs.find((codec) => codec.payloadType === pair.main.payloadType);
	if (main === undefined || !described.formats.includes(String(main.payloadType))) return null;
	const hasRtx = described.codecs.some((codec) => originalPayloadType(codec) === main.payloadType);
	return hasRtx ? pair : { main: pair.main, rtx: null };
}
