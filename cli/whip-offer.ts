import { randomInt } from "node:crypto";
import {
	isMediaAlive,
	originalPayloadType,
	parseSdp,
	type SdpCodec,
	SdpError,
	type SdpMedia,
} from "../webrtc/sdp.ts";
import { writeSdp } from "../webrtc/sdp-writer.ts";
import { type LocalTransport, type RemoteTransport, remoteTransportOf } from "../webrtc/transport.ts";
import type { TrackKind, VideoCodec } from "./rtp-encoder.ts";

/** One stream as we offer and send it. */
export type OutgoingStream = {
	kind: TrackKind;
	mid: string;
	payloadType: number;
	clockRate: number;
	ssrc: number;
	/** Repeats of lost packets; null if the server wants them in the stream itself, or none. */
	rtx: { payloadType: number; ssrc: number } | null;
	midExtensionID: number | null;
};

const MID_EXTENSION = { id: 1, uri: "urn:ietf:params:rtp-hdrext:sdes:mid" };
const VIDEO_FEEDBACK = ["nack", "nack pli", "ccm fir"];
/** The same for all streams of a session: they share a clock (RFC 3550 §6.5.1). */
export const CNAME = "rostrum";
/** Constrained baseline 3.1, the profile that every WebRTC end has (RFC 7742 §6.2). */
const H264_PARAMETERS = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";

/** An offer that sends these kinds (RFC 9725 §4.2), and the streams it promises. */
export function writeOffer(
	kinds: TrackKind[],
	videoCodec: VideoCodec,
	local: LocalTransport,
): { sdp: string; streams: OutgoingStream[] } {
	const streams = kinds.map((kind, index) => newStream(kind, String(index)));
	const sdp = writeSdp({
		sessionID: String(randomInt(2 ** 47)),
		sessionVersion: 1,
		iceLite: false,
		extmapAllowMixed: true,
		bundle: streams.map((stream) => stream.mid),
		candidates: [],
		media: streams.map((stream) => mediaSection(stream, videoCodec, local)),
	});
	return { sdp, streams };
}

/** What of the offer the server took, and where to connect to. Throws `SdpError` if it took no stream or cannot be understood. */
export function readAnswer(
	sdp: string,
	offered: OutgoingStream[],
): { streams: OutgoingStream[]; remote: RemoteTransport } {
	const session = parseSdp(sdp);
	const streams = offered.flatMap((stream) => {
		const media = session.media.find((section) => section.mid === stream.mid);
		if (media === undefined || !isMediaAlive(session, media) || media.direction === "inactive") return [];
		if (!media.codecs.some((codec) => codec.payloadType === stream.payloadType)) return [];
		const hasRtx = media.codecs.some((codec) => originalPayloadType(codec) === stream.payloadType);
		const extension = media.extensions.find(({ uri }) => uri === MID_EXTENSION.uri);
		return [{ ...stream, rtx: hasRtx ? stream.rtx : null, midExtensionID: extension?.id ?? null }];
	});
	if (streams.length === 0) throw new SdpError("the server accepted none of the streams");
	return { streams, remote: remoteTransportOf(session, { whenActpass: "active", withCandidates: true }) };
}

function newStream(kind: TrackKind, mid: string): OutgoingStream {
	const ssrc = randomInt(1, 2 ** 31);
	return {
		kind,
		mid,
		payloadType: kind === "audio" ? 111 : 96,
		clockRate: kind === "audio" ? 48_000 : 90_000,
		ssrc,
		rtx: kind === "audio" ? null : { payloadType: 97, ssrc: ssrc + 1 },
		midExtensionID: MID_EXTENSION.id,
	};
}

function mediaSection(stream: OutgoingStream, videoCodec: VideoCodec, local: LocalTransport): SdpMedia {
	const codecs = codecsOf(stream, videoCodec);
	const ssrcs = stream.rtx === null ? [stream.ssrc] : [stream.ssrc, stream.rtx.ssrc];
	return {
		...local,
		kind: stream.kind,
		port: 9,
		protocol: "UDP/TLS/RTP/SAVPF",
		formats: codecs.map((codec) => String(codec.payloadType)),
		mid: stream.mid,
		setup: "actpass",
		direction: "sendonly",
		msid: `${CNAME} ${stream.kind}`,
		codecs,
		extensions: [MID_EXTENSION],
		rids: [],
		simulcastSend: [],
		simulcastReceive: [],
		ssrcs,
		ssrcGroups: stream.rtx === null ? [] : [{ semantics: "FID", ssrcs }],
		cname: CNAME,
		candidates: [],
	};
}

function codecsOf(stream: OutgoingStream, videoCodec: VideoCodec): SdpCodec[] {
	const { kind, payloadType, clockRate, rtx } = stream;
	if (kind === "audio") {
		const parameters = "minptime=10;useinbandfec=1";
		return [{ payloadType, name: "opus", clockRate, channels: 2, parameters, feedback: ["nack"] }];
	}
	const parameters = videoCodec === "h264" ? H264_PARAMETERS : "";
	const name = videoCodec === "h264" ? "H264" : "VP8";
	const video: SdpCodec = { payloadType, name, clockRate, channels: 1, parameters, feedback: VIDEO_FEEDBACK };
	if (rtx === null) return [video];
	return [
		video,
		{
			payloadType: rtx.payloadType,
			name: "rtx",
			clockRate,
			channels: 1,
			parameters: `apt=${payloadType}`,
			feedback: [],
		},
	];
}
