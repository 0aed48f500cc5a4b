import { originalPayloadType, type SdpCodec, type SdpMedia } from "../../webrtc/sdp.ts";

/** Which codecs the router carries, and when two descriptions mean the same one. */

/** A codec with its retransmission format (RFC 4588), if that was negotiated. */
export type CodecPair = { main: SdpCodec; rtx: SdpCodec | null };

/** The client's first codec that we carry, or null. One codec a section makes its payload type certain. */
export function chooseCodec(offered: SdpMedia): CodecPair | null {
	return listCodecs(offered)[0] ?? null;
}

/** The offered codec that a subscriber can decode `published` with, or null: an exact match before a compatible one. */
export function matchCodec(offered: SdpMedia, published: SdpCodec): CodecPair | null {
	const same = listCodecs(offered).filter((pair) => isCompatible(pair.main, published));
	return same.find((pair) => pair.main.parameters === published.parameters) ?? same[0] ?? null;
}

/** Whether a subscriber that negotiated `a` can be sent `b`. H.264 profiles by their first byte; levels are not compared. */
export function isCompatible(a: SdpCodec, b: SdpCodec): boolean {
	if (a.name.toUpperCase() !== b.name.toUpperCase()) return false;
	if (a.clockRate !== b.clockRate || a.channels !== b.channels) return false;
	if (a.name.toUpperCase() === "H264") {
		return (
			readParameter(a, "packetization-mode", "0") === readParameter(b, "packetization-mode", "0") &&
			readParameter(a, "profile-level-id", "42").slice(0, 2).toLowerCase() ===
				readParameter(b, "profile-level-id", "42").slice(0, 2).toLowerCase()
		);
	}
	if (a.name.toUpperCase() === "VP9") {
		return readParameter(a, "profile-id", "0") === readParameter(b, "profile-id", "0");
	}
	return true;
}

/** `a=rtcp-fb` lines of ours: what both ends understand. */
export function keepFeedback(codec: SdpCodec, kind: "audio" | "video", usesTransportCc: boolean): SdpCodec {
	const understood = kind === "video" ? VIDEO_FEEDBACK : AUDIO_FEEDBACK;
	return {
		...codec,
		feedback: codec.feedback.filter((feedback) => {
			return feedback === "transport-cc" ? usesTransportCc : understood.includes(feedback);
		}),
	};
}

/** Feedback that a subscriber may send us. */
export const VIDEO_FEEDBACK: readonly string[] = ["goog-remb", "ccm fir", "nack", "nack pli"];
const AUDIO_FEEDBACK: readonly string[] = [];

/** https://developers.cloudflare.com/realtime/sfu/limits/ lists the same. */
const CARRIED = new Set(["VP8", "VP9", "H264", "H265", "AV1", "OPUS", "PCMU", "PCMA"]);

function listCodecs(offered: SdpMedia): CodecPair[] {
	const ordered = offered.formats
		.map((format) => offered.codecs.find((codec) => String(codec.payloadType) === format))
		.filter((codec) => codec !== undefined);
	return ordered
		.filter((codec) => CARRIED.has(codec.name.toUpperCase()))
		.map((main) => ({
			main,
			rtx:
				ordered.find(
					(codec) => codec.name.toLowerCase() === "rtx" && originalPayloadType(codec) === main.payloadType,
				) ?? null,
		}));
}

function readParameter(codec: SdpCodec, name: string, fallback: string): string {
	for (const part of codec.parameters.split(";")) {
		const [key, value] = part.trim().split("=");
		if (key?.toLowerCase() === name && value !== undefined) return value;
	}
	return fallback;
}
