import { readMediaAttribute, readSharedAttribute } from "./sdp-attributes.ts";

/**
 * Session descriptions as WebRTC uses them (RFC 8866, RFC 9429). The parser takes hostile text: it is bounded in size, ignores
 * what it does not know, and throws nothing but `SdpError`. `sdp-writer.ts` is its counterpart.
 */

/** The text is not a session description we can use. `message` says why, without quoting the text. */
export class SdpError extends Error {
	override readonly name = "SdpError";
}

export type SdpDirection = "sendrecv" | "sendonly" | "recvonly" | "inactive";
export type SdpSetup = "actpass" | "active" | "passive";

/** `a=fingerprint` (RFC 8122 §5); `algorithm` in lower case, `value` in upper case. */
export type SdpFingerprint = { algorithm: string; value: string };

/** `a=rtpmap`, `a=fmtp` and `a=rtcp-fb` of one payload type. */
export type SdpCodec = {
	payloadType: number;
	/** As written in the description: `VP8`, `opus`, `rtx`. Compare without case. */
	name: string;
	clockRate: number;
	/** 1 unless given; 2 for Opus. */
	channels: number;
	/** The text after the payload type in `a=fmtp`; empty if there is none. */
	parameters: string;
	/** `nack`, `nack pli`, `ccm fir`, `goog-remb`, `transport-cc`. */
	feedback: string[];
};

/** `a=extmap` (RFC 8285 §5). */
export type SdpExtension = { id: number; uri: string };

/** `a=rid` (RFC 8851). */
export type SdpRid = { id: string; direction: "send" | "recv" };

export type SdpSsrcGroup = { semantics: string; ssrcs: number[] };

/** What may stand at session level and in each media section. */
export type SdpTransport = {
	iceUfrag?: string;
	icePwd?: string;
	fingerprint?: SdpFingerprint;
	setup?: SdpSetup;
	/** From `candidate:` on, without `a=`. */
	candidates: string[];
};

/** One media section, in the order of the description. */
export type SdpMedia = SdpTransport & {
	kind: "audio" | "video" | "application";
	/** 0: rejected or stopped. */
	port: number;
	protocol: string;
	/** The `fmt` list of the m-line: payload types, or `webrtc-datachannel`. */
	formats: string[];
	/** Empty if the section has no `a=mid`. */
	mid: string;
	direction: SdpDirection;
	codecs: SdpCodec[];
	extensions: SdpExtension[];
	rids: SdpRid[];
	/** `a=simulcast` (RFC 8853): rids in order, alternatives flattened, paused ones without their `~`. */
	simulcastSend: string[];
	simulcastReceive: string[];
	/** Distinct SSRCs of `a=ssrc`, in order. */
	ssrcs: number[];
	ssrcGroups: SdpSsrcGroup[];
	cname?: string;
	/** `a=msid` (RFC 8830), `stream track`. */
	msid?: string;
	sctpPort?: number;
	maxMessageSizeBytes?: number;
};

export type SdpSession = SdpTransport & {
	sessionID: string;
	sessionVersion: number;
	iceLite: boolean;
	extmapAllowMixed: boolean;
	/** mids of `a=group:BUNDLE`. */
	bundle: string[];
	media: SdpMedia[];
};

/** Chromium's offer with 64 simulcast tracks has about 400 kB. */
export const SDP_MAX_BYTES = 1024 * 1024;
const MAX_LINE_BYTES = 8192;
const MAX_MEDIA = 256;
const MAX_LINES = 50_000;

/** Throws `SdpError` and nothing else. */
export function parseSdp(text: string): SdpSession {
	const session: SdpSession = {
		sessionID: "0",
		sessionVersion: 0,
		iceLite: false,
		extmapAllowMixed: false,
		bundle: [],
		candidates: [],
		media: [],
	};
	for (const line of splitLines(text)) {
		if (line.startsWith("m=")) session.media.push(readMediaLine(line.slice(2)));
		else if (line.startsWith("o=")) readOrigin(session, line.slice(2));
		else if (line.startsWith("a=")) readAttribute(session, session.media.at(-1) ?? null, line.slice(2));
		if (session.media.length > MAX_MEDIA) throw new SdpError("the description has too many media sections");
	}
	requireDistinctMids(session);
	return session;
}

/** The codec that a retransmission payload type belongs to (RFC 4588 §8.1 `apt`), or null. */
export function originalPayloadType(codec: SdpCodec): number | null {
	const match = /(?:^|;)\s*apt=(\d{1,3})/.exec(codec.parameters);
	return match === null ? null : Number(match[1]);
}

/** Transport attributes of a section, completed from the session level (RFC 8839 §5.4, RFC 8122 §5). */
export function transportOf(session: SdpSession, media: SdpMedia): SdpTransport {
	return {
		...pickTransport(session),
		...pickTransport(media),
		candidates: [...media.candidates, ...session.candidates],
	};
}

/** True if the section carries anything: not stopped (port 0), or bundle-only with port 0 and in the BUNDLE group (RFC 9143 §6). */
export function isMediaAlive(session: SdpSession, media: SdpMedia): boolean {
	return media.port !== 0 || (media.mid !== "" && session.bundle.includes(media.mid));
}

function splitLines(text: string): string[] {
	if (text.length > SDP_MAX_BYTES) throw new SdpError("the description is too long");
	const lines = text.split(/\r\n|\n/);
	if (lines.length > MAX_LINES) throw new SdpError("the description has too many lines");
	if (lines[0] !== "v=0") throw new SdpError("the description does not start with v=0");
	for (const line of lines) {
		if (line.length > MAX_LINE_BYTES) throw new SdpError("a line of the description is too long");
		if (line !== "" && !/^[a-z]=/.test(line)) throw new SdpError("a line of the description is malformed");
	}
	return lines;
}

function pickTransport(from: SdpTransport): Omit<SdpTransport, "candidates"> {
	return {
		...(from.iceUfrag === undefined ? {} : { iceUfrag: from.iceUfrag }),
		...(from.icePwd === undefined ? {} : { icePwd: from.icePwd }),
		...(from.fingerprint === undefined ? {} : { fingerprint: from.fingerprint }),
		...(from.setup === undefined ? {} : { setup: from.setup }),
	};
}

function readMediaLine(value: string): SdpMedia {
	const [kind, port, protocol, ...formats] = value.split(" ");
	if (kind !== "audio" && kind !== "video" && kind !== "application") {
		throw new SdpError("a media section is neither audio, video nor application");
	}
	if (port === undefined || !/^\d{1,5}(\/\d{1,5})?$/.test(port) || protocol === undefined) {
		throw new SdpError("a media line is malformed");
	}
	return {
		kind,
		port: Number.parseInt(port, 10),
		protocol,
		formats: formats.filter((format) => format !== ""),
		mid: "",
		direction: "sendrecv",
		codecs: [],
		extensions: [],
		rids: [],
		simulcastSend: [],
		simulcastReceive: [],
		ssrcs: [],
		ssrcGroups: [],
		candidates: [],
	};
}

function readOrigin(session: SdpSession, value: string): void {
	const [, sessionID, version] = value.split(" ");
	if (sessionID === undefined || version === undefined || !/^\d{1,20}$/.test(version)) {
		throw new SdpError("the origin line is malformed");
	}
	session.sessionID = sessionID;
	session.sessionVersion = Number(version);
}

function readAttribute(session: SdpSession, media: SdpMedia | null, attribute: string): void {
	const colon = attribute.indexOf(":");
	const name = colon < 0 ? attribute : attribute.slice(0, colon);
	const value = colon < 0 ? "" : attribute.slice(colon + 1);
	if (readSharedAttribute(media ?? session, name, value)) return;
	if (media !== null) {
		readMediaAttribute(media, name, value);
		return;
	}
	if (name === "ice-lite") session.iceLite = true;
	if (name === "extmap-allow-mixed") session.extmapAllowMixed = true;
	if (name === "group" && value.startsWith("BUNDLE")) {
		session.bundle = value.split(" ").slice(1).filter(Boolean);
	}
}

function requireDistinctMids(session: SdpSession): void {
	const mids = session.media.map((media) => media.mid).filter((mid) => mid !== "");
	if (new Set(mids).size !== mids.length) throw new SdpError("two media sections have the same mid");
}
