import { randomInt } from "node:crypto";
import { RtpEncoder, type TrackKind } from "../../cli/rtp-encoder.ts";
import { createCertificate } from "../../webrtc/certificate.ts";
import { buildRtcp } from "../../webrtc/rtcp.ts";
import { buildRtp, parseRtp, payloadOf } from "../../webrtc/rtp.ts";
import { parseSdp } from "../../webrtc/sdp.ts";
import { type MediaTransport, openTransport, remoteTransportOf } from "../../webrtc/transport.ts";

/**
 * A publisher as FFmpeg's WHIP muxer is one: H.264 and Opus, `setup:passive`, streams told apart by `a=ssrc` alone, no header extensions,
 * no feedback but what it must. Call `closeTransports` when all are done.
 */
export class EncoderPublisher implements AsyncDisposable {
	readonly offer: string;
	readonly #transport: MediaTransport;
	readonly #streams = {
		audio: { payloadType: 111, ssrc: randomInt(1, 2 ** 31) },
		video: { payloadType: 106, ssrc: randomInt(1, 2 ** 31) },
	};
	#encoder: RtpEncoder | null = null;

	constructor() {
		this.#transport = openTransport({ certificate: createCertificate(Date.now()), udp: {} });
		this.offer = this.#describe();
	}

	/** Connects as the answer says and sends the test picture and tone. */
	async start(answer: string): Promise<void> {
		const session = parseSdp(answer);
		const open = new Promise<void>((resolve) => this.#transport.onOpen(resolve));
		this.#transport.start(remoteTransportOf(session, { whenActpass: "passive", withCandidates: true }));
		await open;
		this.#encoder = await RtpEncoder.start({
			input: { kind: "testsrc", width: 640, height: 360, framesPerSecond: 15 },
			videoCodec: "h264",
			videoBitrateBps: 500_000,
			ffmpegPath: "ffmpeg",
			onPacket: (kind, packet) => this.#send(kind, packet),
			onReport: (kind, report) => {
				this.#transport.sendPacket(buildRtcp([{ ...report, ssrc: this.#streams[kind].ssrc }]));
			},
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#encoder?.stop();
		await this.#encoder?.ended;
		this.#transport.close();
	}

	#send(kind: TrackKind, packet: Buffer): void {
		const rtp = parseRtp(packet);
		if (rtp === null) return;
		const { payloadType, ssrc } = this.#streams[kind];
		this.#transport.sendPacket(buildRtp({ ...rtp, payloadType, ssrc, payload: payloadOf(rtp) }));
	}

	#describe(): string {
		const { iceUfrag, icePwd, fingerprint } = this.#transport.local;
		const { audio, video } = this.#streams;
		const shared = [
			"c=IN IP4 0.0.0.0",
			`a=ice-ufrag:${iceUfrag}`,
			`a=ice-pwd:${icePwd}`,
			`a=fingerprint:sha-256 ${fingerprint.value}`,
			"a=setup:passive",
			"a=sendonly",
			"a=rtcp-mux",
		];
		return [
			"v=0",
			"o=Encoder 4489045141692799359 2 IN IP4 127.0.0.1",
			"s=Publish",
			"t=0 0",
			"a=group:BUNDLE 0 1",
			"a=msid-semantic: WMS",
			"m=audio 9 UDP/TLS/RTP/SAVPF 111",
			...shared,
			"a=mid:0",
			"a=rtpmap:111 opus/48000/2",
			`a=ssrc:${audio.ssrc} cname:encoder`,
			"m=video 9 UDP/TLS/RTP/SAVPF 106 105",
			...shared,
			"a=mid:1",
			"a=rtpmap:106 H264/90000",
			"a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
			"a=rtpmap:105 rtx/90000",
			"a=fmtp:105 apt=106",
			`a=ssrc-group:FID ${video.ssrc} ${video.ssrc + 1}`,
			`a=ssrc:${video.ssrc} cname:encoder`,
			`a=ssrc:${video.ssrc + 1} cname:encoder`,
			"",
		].join("\r\n");
	}
}
