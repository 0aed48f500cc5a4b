import type { CallCodec, Capabilities } from "../../../protocol/call.ts";
import { type CaptureSize, cpuClassOf, type MachineFacts } from "./capture-size.ts";

/** As `RTCRtpSender.getCapabilities` and `RTCRtpReceiver.getCapabilities` list them: video and audio together. */
export interface CodecLists {
	send: readonly { mimeType: string }[];
	recv: readonly { mimeType: string }[];
}

const CODECS: Record<string, CallCodec> = {
	"video/h264": "h264",
	"video/vp8": "vp8",
	"video/vp9": "vp9",
	"video/av1": "av1",
	"audio/opus": "opus",
};

/** Browsers cut `downlink` off here (https://wicg.github.io/netinfo/#downlink-attribute): it means "at least". */
const DOWNLINK_CUT_MBPS = 10;

const NETWORKS: Record<string, NonNullable<Capabilities["network"]>> = {
	ethernet: "ethernet",
	wifi: "wifi",
	cellular: "cellular",
};

/** What this browser on this machine can take part with. The size is what the camera is opened at. */
export function describeCapabilities(
	codecs: CodecLists,
	size: CaptureSize,
	facts: MachineFacts,
): Capabilities {
	const { downlinkMbps, networkType } = facts;
	const isMeasured = downlinkMbps !== null && downlinkMbps > 0 && downlinkMbps < DOWNLINK_CUT_MBPS;
	return {
		sendCodecs: namesOf(codecs.send),
		recvCodecs: namesOf(codecs.recv),
		maxWidth: size.width,
		maxHeight: size.height,
		maxFps: size.frameRate,
		...(isMeasured ? { downlinkKbps: Math.max(1, downlinkMbps * 1000) } : {}),
		network: NETWORKS[networkType ?? ""] ?? "unknown",
		cpuClass: cpuClassOf(facts.cores),
	};
}

/** Every browser that does WebRTC speaks Opus and VP8 (RFC 7742 §5, RFC 7874 §3), also one that does not list its codecs. */
function namesOf(codecs: readonly { mimeType: string }[]): CallCodec[] {
	const names = codecs.flatMap(({ mimeType }) => CODECS[mimeType.toLowerCase()] ?? []);
	return names.length === 0 ? ["vp8", "opus"] : [...new Set(names)];
}
