import type { SdpCodec, SdpMedia, SdpTransport } from "./sdp.ts";

/** Reading of single `a=` lines for `parseSdp`. A malformed attribute is ignored, as RFC 8866 §5.13 asks for unknown ones. */

/** ICE and DTLS attributes, legal at session level and in a media section. False if the name is another. */
export function readSharedAttribute(target: SdpTransport, name: string, value: string): boolean {
	switch (name) {
		case "ice-ufrag":
			if (/^[A-Za-z0-9+/]{4,256}$/.test(value)) target.iceUfrag = value;
			return true;
		case "ice-pwd":
			if (/^[A-Za-z0-9+/]{22,256}$/.test(value)) target.icePwd = value;
			return true;
		case "fingerprint":
			readFingerprint(target, value);
			return true;
		case "setup":
			if (value === "actpass" || value === "active" || value === "passive") target.setup = value;
			return true;
		case "candidate":
			if (target.candidates.length < MAX_ITEMS) target.candidates.push(`candidate:${value}`);
			return true;
		default:
			return false;
	}
}

export function readMediaAttribute(media: SdpMedia, name: string, value: string): void {
	switch (name) {
		case "mid":
			if (/^[!-~]{1,64}$/.test(value)) media.mid = value;
			return;
		case "sendrecv":
		case "sendonly":
		case "recvonly":
		case "inactive":
			media.direction = name;
			return;
		case "msid":
			if (/^[!-~]+( [!-~]+)?$/.test(value)) media.msid = value;
			return;
		case "sctp-port":
			if (/^\d{1,5}$/.test(value)) media.sctpPort = Number(value);
			return;
		case "max-message-size":
			if (/^\d{1,12}$/.test(value)) media.maxMessageSizeBytes = Number(value);
			return;
		case "ssrc":
			readSsrc(media, value);
			return;
		case "ssrc-group":
			readSsrcGroup(media, value);
			return;
		default:
			readCodecAttribute(media, name, value);
	}
}

/** Codecs, extensions and rids in one section; browsers write fewer than 100 of each. */
const MAX_ITEMS = 256;

function readCodecAttribute(media: SdpMedia, name: string, value: string): void {
	switch (name) {
		case "rtpmap":
			readRtpMap(media, value);
			return;
		case "fmtp":
			readForPayloadType(media, value, (codec, text) => {
				codec.parameters = text;
			});
			return;
		case "rtcp-fb":
			readForPayloadType(media, value, (codec, text) => {
				if (codec.feedback.length < MAX_ITEMS) codec.feedback.push(text);
			});
			return;
		case "extmap":
			readExtMap(media, value);
			return;
		case "rid":
			readRid(media, value);
			return;
		case "simulcast":
			readSimulcast(media, value);
			return;
		default:
			return;
	}
}

function readFingerprint(target: SdpTransport, value: string): void {
	const match = /^([A-Za-z0-9-]{1,16}) +([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){15,63})$/.exec(value);
	if (match?.[1] === undefined || match[2] === undefined) return;
	target.fingerprint = { algorithm: match[1].toLowerCase(), value: match[2].toUpperCase() };
}

function readRtpMap(media: SdpMedia, value: string): void {
	const match = /^(\d{1,3}) ([!-.0-~]{1,64})\/(\d{1,9})(?:\/(\d{1,3}))?$/.exec(value);
	if (match === null || media.codecs.length >= MAX_ITEMS) return;
	const payloadType = Number(match[1]);
	if (payloadType > 127 || findCodec(media, payloadType)) return;
	media.codecs.push({
		payloadType,
		name: match[2] ?? "",
		clockRate: Number(match[3]),
		channels: Number(match[4] ?? 1),
		parameters: "",
		feedback: [],
	});
}

/** `a=fmtp` and `a=rtcp-fb` follow the `a=rtpmap` they belong to; `*` means every payload type so far. */
function readForPayloadType(
	media: SdpMedia,
	value: string,
	apply: (codec: SdpCodec, text: string) => void,
): void {
	const match = /^(\d{1,3}|\*) (.+)$/.exec(value);
	if (match?.[2] === undefined) return;
	for (const codec of media.codecs) {
		if (match[1] === "*" || codec.payloadType === Number(match[1])) apply(codec, match[2].trim());
	}
}

function findCodec(media: SdpMedia, payloadType: number): SdpCodec | undefined {
	return media.codecs.find((codec) => codec.payloadType === payloadType);
}

function readExtMap(media: SdpMedia, value: string): void {
	const match = /^(\d{1,3})(?:\/[a-z]+)? ([!-~]{1,256})/.exec(value);
	if (match?.[2] === undefined || media.extensions.length >= MAX_ITEMS) return;
	const id = Number(match[1]);
	if (id >= 1 && id <= 255) media.extensions.push({ id, uri: match[2] });
}

function readRid(media: SdpMedia, value: string): void {
	const match = /^([A-Za-z0-9_-]{1,255}) (send|recv)(?: |$)/.exec(value);
	if (match?.[1] === undefined || media.rids.length >= MAX_ITEMS) return;
	media.rids.push({ id: match[1], direction: match[2] === "send" ? "send" : "recv" });
}

function readSimulcast(media: SdpMedia, value: string): void {
	const words = value.split(" ");
	for (let index = 0; index + 1 < words.length; index += 2) {
		const rids = (words[index + 1] ?? "")
			.split(/[;,]/)
			.map((rid) => rid.replace(/^~/, ""))
			.filter((rid) => /^[A-Za-z0-9_-]{1,255}$/.test(rid));
		if (words[index] === "send") media.simulcastSend = rids;
		if (words[index] === "recv") media.simulcastReceive = rids;
	}
}

function readSsrc(media: SdpMedia, value: string): void {
	const match = /^(\d{1,10}) ([a-z-]+):?(.*)$/.exec(value);
	if (match === null || media.ssrcs.length >= MAX_ITEMS) return;
	const ssrc = Number(match[1]);
	if (ssrc > 0xffffffff) return;
	if (!media.ssrcs.includes(ssrc)) media.ssrcs.push(ssrc);
	if (match[2] === "cname" && match[3]) media.cname = match[3];
}

function readSsrcGroup(media: SdpMedia, value: string): void {
	const [semantics, ...list] = value.split(" ");
	const ssrcs = list.filter((item) => /^\d{1,10}$/.test(item)).map(Number);
	if (
		semantics &&
		/^[A-Za-z-]{1,16}$/.test(semantics) &&
		ssrcs.length > 0 &&
		media.ssrcGroups.length < MAX_ITEMS
	) {
		media.ssrcGroups.push({ semantics, ssrcs });
	}
}
