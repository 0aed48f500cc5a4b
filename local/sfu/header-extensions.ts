/** Header extensions (RFC 8285) by URI: which are negotiated, and which the router hands on. */

export const MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid";
export const RID_URI = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
export const REPAIRED_RID_URI = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
export const ABS_SEND_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
export const TRANSPORT_CC_URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/** Carried from publisher to subscriber as they are. */
export const FORWARDED_URIS: readonly string[] = [
	"urn:ietf:params:rtp-hdrext:ssrc-audio-level",
	"urn:3gpp:video-orientation",
	"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
	"http://www.webrtc.org/experiments/rtp-hdrext/color-space",
	"http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
	"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
	"https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
];

/** Accepted from publishers; transport-cc only if that feedback is switched on. */
export function isAcceptedFromPublisher(uri: string, usesTransportCc: boolean): boolean {
	if (uri === TRANSPORT_CC_URI) return usesTransportCc;
	return UPLINK_URIS.has(uri);
}

/** Accepted in what a subscriber offers. Without transport-cc its browser estimates bandwidth by abs-send-time and sends REMB. */
export function isAcceptedFromSubscriber(uri: string): boolean {
	return uri === MID_URI || uri === ABS_SEND_TIME_URI || FORWARDED_URIS.includes(uri);
}

/** What the router offers to a subscriber. */
export const OFFERED_AUDIO_URIS: readonly string[] = [
	MID_URI,
	ABS_SEND_TIME_URI,
	"urn:ietf:params:rtp-hdrext:ssrc-audio-level",
	"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
];
export const OFFERED_VIDEO_URIS: readonly string[] = [
	MID_URI,
	ABS_SEND_TIME_URI,
	...FORWARDED_URIS.filter((uri) => !uri.includes("audio-level")),
];

const UPLINK_URIS = new Set([MID_URI, RID_URI, REPAIRED_RID_URI, ABS_SEND_TIME_URI, ...FORWARDED_URIS]);

/** `abs-send-time`: seconds in 6.18 fixed point, 24 bits, into the three bytes of `value`. */
export function writeAbsSendTime(value: Buffer, now: number): void {
	value.writeUIntBE(Math.floor((now / 1000) * 262_144) % 0x1000000, 0, 3);
}
