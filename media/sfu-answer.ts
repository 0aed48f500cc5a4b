import {
	isMediaAlive,
	originalPayloadType,
	type SdpCodec,
	type SdpMedia,
	type SdpSession,
} from "../webrtc/sdp.ts";
import { writeSdp } from "../webrtc/sdp-writer.ts";
import type { LocalTransport } from "../webrtc/transport.ts";
import type { TrackKind } from "./source-clock.ts";

export type ReceivedCodec = "VP8" | "H264" | "opus";

/** One m-line that we receive on, as negotiated. */
export type ReceivedLine = {
	mid: string;
	kind: TrackKind;
	clockRate: number;
	/** By payload type. */
	codecs: Map<number, ReceivedCodec>;
	/** Payload type of a retransmission to that of its original. */
	retransmissions: Map<number, number>;
	/** SSRC of the stream and of its retransmissions, where the offer says so. */
	ssrc: number | null;
	rtxSsrc: number | null;
	hasNack: boolean;
	hasEstimate: boolean;
};

export type SfuAnswer = { sdp: string; lines: ReceivedLine[]; midExtensionID: number | null };

const MID_EXTENSION = "urn:ietf:params:rtp-hdrext:sdes:mid";

/** Only feedback that we really send: a promise of transport-cc without reports would starve the sender. */
const FEEDBACK = ["nack", "nack pli", "ccm fir", "goog-remb"];

/** Answers the SFU's offer (RFC 9429 §5.3): receives VP8, H.264 and Opus with retransmission, refuses the rest. We are DTLS client. */
export function answerOffer(offer: SdpSession, local: LocalTransport): SfuAnswer {
	const lines: ReceivedLine[] = [];
	const media = offer.media.map((section) => {
		const codecs = isMediaAlive(offer, section) && sends(section) ? acceptedCodecs(section) : [];
		const answer = answerSection(section, codecs, local);
		const line = answer.port === 0 ? null : receivedLine(section, codecs);
		if (line !== null) lines.push(line);
		return answer;
	});
	const live = media.filter((section) => section.port !== 0).map((section) => section.mid);
	const sdp = writeSdp({
		sessionID: offer.sessionID,
		sessionVersion: offer.sessionVersion,
		iceLite: false,
		extmapAllowMixed: offer.extmapAllowMixed,
		bundle: offer.bundle.filter((mid) => live.includes(mid)),
		candidates: [],
		media,
	});
	const extension = offer.media
		.flatMap((section) => section.extensions)
		.find(({ uri }) => uri === MID_EXTENSION);
	return { sdp, lines, midExtensionID: extension?.id ?? null };
}

function sends(section: SdpMedia): boolean {
	return section.direction === "sendonly" || section.direction === "sendrecv";
}

/** Codecs we can read and the retransmission formats that belong to them, in the offer's order. */
function acceptedCodecs(section: SdpMedia): SdpCodec[] {
	const readable = section.codecs.filter((codec) => codecName(codec) !== null);
	const accepted = new Set(readable.map((codec) => codec.payloadType));
	return section.codecs
		.filter((codec) => {
			const original = codec.name.toLowerCase() === "rtx" ? originalPayloadType(codec) : codec.payloadType;
			return original !== null && accepted.has(original);
		})
		.map((codec) => ({ ...codec, feedback: codec.feedback.filter((kind) => FEEDBACK.includes(kind)) }));
}

function codecName(codec: SdpCodec): ReceivedCodec | null {
	const name = codec.name.toUpperCase();
	if (name === "VP8" || name === "H264") return name;
	return name === "OPUS" ? "opus" : null;
}

function answerSection(section: SdpMedia, codecs: SdpCodec[], local: LocalTransport): SdpMedia {
	const isAccepted = codecs.length > 0;
	return {
		kind: section.kind,
		port: isAccepted ? 9 : 0,
		protocol: section.protocol,
		formats: isAccepted ? codecs.map((codec) => String(codec.payloadType)) : section.formats,
		mid: section.mid,
		direction: isAccepted ? "recvonly" : "inactive",
		codecs,
		extensions: section.extensions.filter((extension) => extension.uri === MID_EXTENSION),
		rids: [],
		simulcastSend: [],
		simulcastReceive: [],
		ssrcs: [],
		ssrcGroups: [],
		candidates: [],
		...(isAccepted ? { ...local, setup: "active" as const } : {}),
	};
}

function receivedLine(section: SdpMedia, accepted: SdpCodec[]): ReceivedLine | null {
	if (section.kind === "application") return null;
	const line: ReceivedLine = {
		mid: section.mid,
		kind: section.kind,
		clockRate: section.kind === "audio" ? 48_000 : 90_000,
		codecs: new Map(),
		retransmissions: new Map(),
		ssrc: section.ssrcs[0] ?? null,
		rtxSsrc: null,
		hasNack: false,
		hasEstimate: false,
	};
	for (const codec of accepted) {
		const name = codecName(codec);
		const original = originalPayloadType(codec);
		if (name !== null) line.codecs.set(codec.payloadType, name);
		else if (original !== null) line.retransmissions.set(codec.payloadType, original);
		line.hasNack ||= codec.feedback.includes("nack");
		line.hasEstimate ||= codec.feedback.includes("goog-remb");
	}
	const [ssrc, rtxSsrc] = section.ssrcGroups.find((group) => group.semantics === "FID")?.ssrcs ?? [];
	line.ssrc = ssrc ?? line.ssrc;
	line.rtxSsrc = rtxSsrc ?? null;
	return line;
}
