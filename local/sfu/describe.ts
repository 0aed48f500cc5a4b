import { randomBytes, randomUUID } from "node:crypto";
import type { SdpFingerprint, SdpMedia, SdpSession, SdpSetup } from "../../webrtc/sdp.ts";
import { MAX_MESSAGE_BYTES } from "../../webrtc/transport.ts";
import { clientMayReceive, clientMaySend, listCodecPair, type MediaLine } from "./media-line.ts";

/** What all sections of a session share. */
export type SessionIdentity = {
	iceUfrag: string;
	icePwd: string;
	fingerprint: SdpFingerprint;
	candidates: readonly string[];
};

/** The parts of a session description that do not change over its life. */
export type DescriptionOrigin = { sessionID: string; version: number; trackIDs: WeakMap<MediaLine, string> };

export function newOrigin(): DescriptionOrigin {
	const sessionID = (randomBytes(8).readBigUInt64BE() >> 2n).toString();
	return { sessionID, version: 0, trackIDs: new WeakMap() };
}

/**
 * Our description of a session, as offer or answer. ICE-lite, one transport for all sections; `setup` as RFC 5763 §5 wants it: `actpass`
 * in an offer. Raises the version.
 */
export function describeSession(options: {
	origin: DescriptionOrigin;
	identity: SessionIdentity;
	lines: readonly MediaLine[];
	type: "offer" | "answer";
	setup: SdpSetup;
}): SdpSession {
	const { origin, identity, lines, type, setup } = options;
	origin.version += 1;
	return {
		sessionID: origin.sessionID,
		sessionVersion: origin.version,
		iceLite: true,
		extmapAllowMixed: true,
		fingerprint: identity.fingerprint,
		bundle: lines.filter((line) => !line.isStopped).map((line) => line.mid),
		candidates: [],
		media: lines.map((line) => describeLine({ line, identity, type, setup, origin })),
	};
}

function describeLine(options: {
	line: MediaLine;
	identity: SessionIdentity;
	type: "offer" | "answer";
	setup: SdpSetup;
	origin: DescriptionOrigin;
}): SdpMedia {
	const { line, identity, type, setup, origin } = options;
	const base: SdpMedia = {
		kind: line.kind,
		port: line.isStopped ? 0 : 9,
		protocol: line.kind === "application" ? "UDP/DTLS/SCTP" : "UDP/TLS/RTP/SAVPF",
		formats: [],
		mid: line.mid,
		direction: "inactive",
		codecs: line.codec === null ? line.spareCodecs : listCodecPair(line.codec),
		extensions: line.extensions,
		rids: [],
		simulcastSend: [],
		simulcastReceive: [],
		ssrcs: [],
		ssrcGroups: [],
		candidates: [],
	};
	base.formats = line.kind === "application" ? ["webrtc-datachannel"] : formatsOf(base);
	if (line.isStopped) return base;
	const transport = {
		iceUfrag: identity.iceUfrag,
		icePwd: identity.icePwd,
		setup,
		candidates: [...identity.candidates],
	};
	if (line.kind === "application") {
		return { ...base, ...transport, sctpPort: 5000, maxMessageSizeBytes: MAX_MESSAGE_BYTES };
	}
	return {
		...base,
		...transport,
		...receivingPart(line),
		...sendingPart(line, origin),
		direction: directionOf(line, type),
	};
}

function formatsOf(media: SdpMedia): string[] {
	return media.codecs.length === 0 ? ["0"] : media.codecs.map((codec) => String(codec.payloadType));
}

/** Ours, from what the line carries; an answer never claims more than the offer allowed. */
function directionOf(line: MediaLine, type: "offer" | "answer"): SdpMedia["direction"] {
	const isAllowed = (may: (direction: SdpMedia["direction"]) => boolean) =>
		type === "offer" || may(line.clientDirection);
	const receives = (line.up !== null || line.invitedName !== null) && isAllowed(clientMaySend);
	const sends = (line.down !== null || line.invitedName !== null) && isAllowed(clientMayReceive);
	if (sends) return receives ? "sendrecv" : "sendonly";
	return receives ? "recvonly" : "inactive";
}

function receivingPart(line: MediaLine): Partial<SdpMedia> {
	if (line.up === null || line.rids.length === 0) return {};
	return {
		rids: line.rids.map((id) => ({ id, direction: "recv" as const })),
		simulcastReceive: line.rids,
	};
}

/** Audio and video of one publisher get the same stream id and cname, so that browsers keep them in step. */
function sendingPart(line: MediaLine, origin: DescriptionOrigin): Partial<SdpMedia> {
	if (line.down === null) return {};
	const { ssrc, rtxSsrc, source } = line.down;
	let trackID = origin.trackIDs.get(line);
	if (trackID === undefined) {
		trackID = randomUUID();
		origin.trackIDs.set(line, trackID);
	}
	const hasRtx = line.codec !== null && line.codec.rtx !== null;
	return {
		msid: `${source.sessionID} ${trackID}`,
		cname: source.sessionID,
		ssrcs: hasRtx ? [ssrc, rtxSsrc] : [ssrc],
		ssrcGroups: hasRtx ? [{ semantics: "FID", ssrcs: [ssrc, rtxSsrc] }] : [],
	};
}
