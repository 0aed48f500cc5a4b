import fc from "fast-check";
import { expect, test } from "vitest";
import {
	isMediaAlive,
	originalPayloadType,
	parseSdp,
	SDP_MAX_BYTES,
	SdpError,
	type SdpMedia,
	type SdpSession,
	transportOf,
} from "./sdp.ts";
import { writeSdp } from "./sdp-writer.ts";

const OFFER = [
	"v=0",
	"o=- 4611731400430051336 2 IN IP4 127.0.0.1",
	"s=-",
	"t=0 0",
	"a=group:BUNDLE 0 1",
	"a=extmap-allow-mixed",
	"m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
	"c=IN IP4 0.0.0.0",
	"a=rtcp:9 IN IP4 0.0.0.0",
	"a=candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host generation 0",
	"a=ice-ufrag:Fs7v",
	"a=ice-pwd:9KbqGtqfXzKpJ0vQpDqRz2xW",
	"a=ice-options:trickle",
	`a=fingerprint:sha-256 ${"ab:".repeat(31)}CD`,
	"a=setup:actpass",
	"a=mid:0",
	"a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
	"a=sendonly",
	"a=msid:stream track",
	"a=rtcp-mux",
	"a=rtpmap:111 opus/48000/2",
	"a=rtcp-fb:111 transport-cc",
	"a=fmtp:111 minptime=10;useinbandfec=1",
	"a=ssrc:3735928559 cname:abc",
	"a=ssrc:3735928559 msid:stream track",
	"m=video 0 UDP/TLS/RTP/SAVPF 96 97",
	"a=bundle-only",
	"a=mid:1",
	"a=sendonly",
	"a=extmap:4/sendonly urn:ietf:params:rtp-hdrext:sdes:mid",
	"a=rtpmap:96 VP8/90000",
	"a=rtcp-fb:* nack pli",
	"a=rtpmap:97 rtx/90000",
	"a=fmtp:97 apt=96",
	"a=rid:a send",
	"a=rid:b send max-width=320",
	"a=simulcast:send a;~b",
	"",
].join("\r\n");

test("a browser's offer is read", () => {
	const session = parseSdp(OFFER);

	expect(session).toMatchObject({ sessionVersion: 2, bundle: ["0", "1"], extmapAllowMixed: true });
	const [audio, video] = session.media;
	if (!audio || !video) throw new Error("sections missing");
	expect(audio).toMatchObject({ kind: "audio", mid: "0", direction: "sendonly", ssrcs: [0xdeadbeef] });
	expect(audio.codecs).toEqual([
		{
			payloadType: 111,
			name: "opus",
			clockRate: 48_000,
			channels: 2,
			parameters: "minptime=10;useinbandfec=1",
			feedback: ["transport-cc"],
		},
	]);
	expect(transportOf(session, audio)).toMatchObject({
		iceUfrag: "Fs7v",
		setup: "actpass",
		fingerprint: { algorithm: "sha-256", value: `${"AB:".repeat(31)}CD` },
	});
	expect(video.simulcastSend).toEqual(["a", "b"]);
	expect(video.extensions).toEqual([{ id: 4, uri: "urn:ietf:params:rtp-hdrext:sdes:mid" }]);
	expect(video.codecs.map(originalPayloadType)).toEqual([null, 96]);
	expect(isMediaAlive(session, video)).toBe(true);
});

const token = fc.stringMatching(/^[A-Za-z0-9]{1,12}$/);
const transport = {
	iceUfrag: fc.stringMatching(/^[A-Za-z0-9+/]{4,20}$/),
	icePwd: fc.stringMatching(/^[A-Za-z0-9+/]{22,40}$/),
	fingerprint: fc.record({
		algorithm: fc.constant("sha-256"),
		value: fc.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
	}),
	setup: fc.constantFrom("actpass" as const, "active" as const, "passive" as const),
	candidates: fc.array(
		token.map((t) => `candidate:${t} 1 udp 1 192.0.2.1 9 typ host`),
		{ maxLength: 3 },
	),
};
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const media = fc
	.record({
		...transport,
		kind: fc.constantFrom("audio" as const, "video" as const),
		port: fc.constantFrom(0, 9),
		protocol: fc.constant("UDP/TLS/RTP/SAVPF"),
		mid: token,
		direction: fc.constantFrom(
			"sendrecv" as const,
			"sendonly" as const,
			"recvonly" as const,
			"inactive" as const,
		),
		codecs: fc.uniqueArray(
			fc.record({
				payloadType: fc.integer({ min: 0, max: 127 }),
				name: token,
				clockRate: fc.integer({ min: 1, max: 999_999_999 }),
				channels: fc.integer({ min: 1, max: 9 }),
				parameters: fc.constantFrom("", "apt=96", "a=1;b=2"),
				feedback: fc.array(fc.constantFrom("nack", "nack pli", "ccm fir"), { maxLength: 3 }),
			}),
			{ selector: (codec) => codec.payloadType, minLength: 1, maxLength: 5 },
		),
		extensions: fc.array(
			fc.record({ id: fc.integer({ min: 1, max: 255 }), uri: token.map((t) => `urn:${t}`) }),
			{ maxLength: 4 },
		),
		rids: fc.array(fc.record({ id: token, direction: fc.constantFrom("send" as const, "recv" as const) }), {
			maxLength: 3,
		}),
		simulcastSend: fc.array(token, { maxLength: 3 }),
		simulcastReceive: fc.array(token, { maxLength: 3 }),
		ssrcs: fc.uniqueArray(uint32, { minLength: 1, maxLength: 4 }),
		ssrcGroups: fc.array(
			fc.record({
				semantics: fc.constantFrom("FID", "SIM"),
				ssrcs: fc.array(uint32, { minLength: 1, maxLength: 3 }),
			}),
			{ maxLength: 2 },
		),
		cname: token,
		msid: fc.tuple(token, token).map((pair) => pair.join(" ")),
	})
	.map((made): SdpMedia => ({ ...made, formats: made.codecs.map((codec) => String(codec.payloadType)) }));
const session: fc.Arbitrary<SdpSession> = fc.record({
	...transport,
	sessionID: fc.stringMatching(/^[1-9][0-9]{0,17}$/),
	sessionVersion: fc.nat(),
	iceLite: fc.boolean(),
	extmapAllowMixed: fc.boolean(),
	bundle: fc.array(token, { maxLength: 4 }),
	media: fc.uniqueArray(media, { selector: (section) => section.mid, maxLength: 4 }),
});

test("what is written is read back unchanged", () => {
	fc.assert(
		fc.property(session, (made) => {
			expect(parseSdp(writeSdp(made))).toEqual(made);
		}),
	);
});

test("hostile text gives a description or an SdpError, nothing else", () => {
	const line = fc.oneof(
		fc.constantFrom(...OFFER.split("\r\n")),
		fc.string({ maxLength: 80 }),
		fc.constantFrom("a=", "m=", "m=video", "a=ssrc:", "a=rid:", "a=extmap:0 x", "a=rtpmap:999 x/1", "o="),
		fc
			.tuple(fc.constantFrom("a=ssrc:", "a=fmtp:", "a=candidate:", "m=audio "), fc.string())
			.map((p) => p.join("")),
	);
	fc.assert(
		fc.property(fc.array(line, { maxLength: 60 }), fc.boolean(), (lines, hasVersion) => {
			const text = [...(hasVersion ? ["v=0"] : []), ...lines].join("\r\n");
			try {
				parseSdp(text);
			} catch (error) {
				expect(error).toBeInstanceOf(SdpError);
			}
		}),
		{ numRuns: 1000 },
	);
});

test.each([
	["empty text", ""],
	["too much text", `v=0\r\n${"a=x\r\n".repeat(SDP_MAX_BYTES / 5)}`],
	["too long a line", `v=0\r\na=${"x".repeat(10_000)}`],
	["too many sections", `v=0\r\n${"m=audio 9 X 0\r\n".repeat(300)}`],
	["two equal mids", "v=0\r\nm=audio 9 X 0\r\na=mid:0\r\nm=audio 9 X 0\r\na=mid:0"],
	["binary", "\u0000\u0001"],
])("%s is refused", (_name, text) => {
	expect(() => parseSdp(text)).toThrow(SdpError);
});
