/** Codecs of pictures, as `a=rtpmap` names them. */
const PICTURES = /^a=rtpmap:(\d+) (?:VP8|VP9|H264|AV1)\/90000/gim;

/**
 * The description with a rate to begin video with. Chromium begins at 300 kbit/s, finds that too little for a camera's picture,
 * shrinks it and takes half a minute to grow it again, although it knows after a second what the way can bear
 * (libwebrtc, initial_frame_dropper.cc: no shrinking from 500 kbit/s on). Other browsers pass over the parameter.
 */
export function withStartBitrate(sdp: string, kbps: number): string {
	const payloadTypes = [...sdp.matchAll(PICTURES)].flatMap((match) => match[1] ?? []);
	const parameter = `x-google-start-bitrate=${Math.round(kbps)}`;
	return payloadTypes
		.reduce(
			(text, payloadType) => {
				const format = new RegExp(`^a=fmtp:${payloadType} .*$`, "gm");
				if (format.test(text)) return text.replace(format, (line) => `${line};${parameter}`);
				const map = new RegExp(`^(a=rtpmap:${payloadType} .*)$`, "gm");
				return text.replace(map, (line) => `${line}\r\na=fmtp:${payloadType} ${parameter}`);
			},
			sdp.replace(/\r\n/g, "\n"),
		)
		.replace(/\r?\n/g, "\r\n");
}

/** What to begin with: enough not to shrink the picture, less where the uplink is known to be narrow. */
export function startKbps(uplinkKbps: number | null): number {
	return Math.max(150, Math.min(700, (uplinkKbps ?? 1000) * 0.7));
}
