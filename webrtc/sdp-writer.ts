import type { SdpCodec, SdpMedia, SdpSession, SdpTransport } from "./sdp.ts";

/** Writes a description that browsers accept; `parseSdp` reads the same values back. Lines end in CRLF. */
export function writeSdp(session: SdpSession): string {
	const lines = ["v=0", `o=- ${session.sessionID} ${session.sessionVersion} IN IP4 0.0.0.0`, "s=-", "t=0 0"];
	if (session.bundle.length > 0) lines.push(`a=group:BUNDLE ${session.bundle.join(" ")}`);
	if (session.extmapAllowMixed) lines.push("a=extmap-allow-mixed");
	lines.push("a=msid-semantic: WMS *");
	if (session.iceLite) lines.push("a=ice-lite");
	lines.push(...transportLines(session));
	for (const media of session.media) lines.push(...mediaLines(media));
	return `${lines.join("\r\n")}\r\n`;
}

function transportLines(transport: SdpTransport): string[] {
	const lines: string[] = [];
	if (transport.iceUfrag !== undefined) lines.push(`a=ice-ufrag:${transport.iceUfrag}`);
	if (transport.icePwd !== undefined) lines.push(`a=ice-pwd:${transport.icePwd}`);
	if (transport.fingerprint !== undefined) {
		lines.push(`a=fingerprint:${transport.fingerprint.algorithm} ${transport.fingerprint.value}`);
	}
	if (transport.setup !== undefined) lines.push(`a=setup:${transport.setup}`);
	for (const candidate of transport.candidates) lines.push(`a=${candidate}`);
	return lines;
}

function mediaLines(media: SdpMedia): string[] {
	const lines = [
		`m=${media.kind} ${media.port} ${media.protocol} ${media.formats.join(" ")}`,
		"c=IN IP4 0.0.0.0",
	];
	if (media.mid !== "") lines.push(`a=mid:${media.mid}`);
	lines.push(...transportLines(media));
	if (media.kind === "application") {
		if (media.sctpPort !== undefined) lines.push(`a=sctp-port:${media.sctpPort}`);
		if (media.maxMessageSizeBytes !== undefined) {
			lines.push(`a=max-message-size:${media.maxMessageSizeBytes}`);
		}
		return lines;
	}
	lines.push(`a=${media.direction}`);
	if (media.msid !== undefined) lines.push(`a=msid:${media.msid}`);
	lines.push("a=rtcp-mux", "a=rtcp-rsize");
	for (const extension of media.extensions) lines.push(`a=extmap:${extension.id} ${extension.uri}`);
	for (const codec of media.codecs) lines.push(...codecLines(codec));
	for (const rid of media.rids) lines.push(`a=rid:${rid.id} ${rid.direction}`);
	lines.push(...simulcastLines(media), ...ssrcLines(media));
	return lines;
}

function codecLines(codec: SdpCodec): string[] {
	const channels = codec.channels === 1 ? "" : `/${codec.channels}`;
	const lines = [`a=rtpmap:${codec.payloadType} ${codec.name}/${codec.clockRate}${channels}`];
	for (const feedback of codec.feedback) lines.push(`a=rtcp-fb:${codec.payloadType} ${feedback}`);
	if (codec.parameters !== "") lines.push(`a=fmtp:${codec.payloadType} ${codec.parameters}`);
	return lines;
}

function simulcastLines(media: SdpMedia): string[] {
	const parts: string[] = [];
	if (media.simulcastSend.length > 0) parts.push(`send ${media.simulcastSend.join(";")}`);
	if (media.simulcastReceive.length > 0) parts.push(`recv ${media.simulcastReceive.join(";")}`);
	return parts.length === 0 ? [] : [`a=simulcast:${parts.join(" ")}`];
}

function ssrcLines(media: SdpMedia): string[] {
	const lines = media.ssrcGroups.map((group) => `a=ssrc-group:${group.semantics} ${group.ssrcs.join(" ")}`);
	const cname = media.cname ?? "-";
	for (const ssrc of media.ssrcs) lines.push(`a=ssrc:${ssrc} cname:${cname}`);
	return lines;
}
