import { expect, test } from "vitest";
import { parseSdp } from "../webrtc/sdp.ts";
import type { LocalTransport } from "../webrtc/transport.ts";
import { answerOffer } from "./sfu-answer.ts";

const LOCAL: LocalTransport = {
	iceUfrag: "ours",
	icePwd: "ours-ours-ours-ours-ours".replaceAll("-", "x"),
	fingerprint: { algorithm: "sha-256", value: `${"AB:".repeat(31)}CD` },
};

const OFFER = [
	"v=0",
	"o=- 1 2 IN IP4 0.0.0.0",
	"s=-",
	"t=0 0",
	"a=group:BUNDLE 0 1 2",
	"a=ice-lite",
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 102 103",
	"a=mid:0",
	"a=sendonly",
	"a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
	"a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
	"a=rtpmap:96 VP8/90000",
	"a=rtcp-fb:96 nack",
	"a=rtcp-fb:96 nack pli",
	"a=rtcp-fb:96 transport-cc",
	"a=rtcp-fb:96 goog-remb",
	"a=rtpmap:97 rtx/90000",
	"a=fmtp:97 apt=96",
	"a=rtpmap:98 VP9/90000",
	"a=rtpmap:99 rtx/90000",
	"a=fmtp:99 apt=98",
	"a=rtpmap:102 H264/90000",
	"a=fmtp:102 packetization-mode=1;profile-level-id=42e01f",
	"a=rtpmap:103 rtx/90000",
	"a=fmtp:103 apt=102",
	"a=ssrc-group:FID 1111 2222",
	"a=ssrc:1111 cname:x",
	"a=ssrc:2222 cname:x",
	"m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
	"a=mid:1",
	"a=sendonly",
	"a=rtpmap:111 opus/48000/2",
	"a=rtpmap:0 PCMU/8000",
	"a=ssrc:3333 cname:x",
	"m=video 9 UDP/TLS/RTP/SAVPF 98",
	"a=mid:2",
	"a=sendonly",
	"a=rtpmap:98 VP9/90000",
	"",
].join("\r\n");

test("the answer takes what can be read, with its retransmissions, and refuses the rest", () => {
	const { sdp } = answerOffer(parseSdp(OFFER), LOCAL);
	const answer = parseSdp(sdp);

	expect(answer.media.map((media) => [media.mid, media.port === 0, media.direction, media.formats])).toEqual([
		["0", false, "recvonly", ["96", "97", "102", "103"]],
		["1", false, "recvonly", ["111"]],
		["2", true, "inactive", ["98"]],
	]);
	expect(answer.bundle).toEqual(["0", "1"]);
	expect(answer.media[0]).toMatchObject({ setup: "active", iceUfrag: "ours" });
});

test("only feedback that is really sent is promised", () => {
	const { sdp } = answerOffer(parseSdp(OFFER), LOCAL);

	expect(sdp).not.toContain("transport-cc");
	expect(sdp).toContain("a=rtcp-fb:96 nack pli");
});

test("the lines tell how to sort packets: payload types, retransmissions and SSRCs", () => {
	const { lines, midExtensionID } = answerOffer(parseSdp(OFFER), LOCAL);

	expect(midExtensionID).toBe(4);
	expect(lines).toEqual([
		{
			mid: "0",
			kind: "video",
			clockRate: 90_000,
			codecs: new Map([
				[96, "VP8"],
				[102, "H264"],
			]),
			retransmissions: new Map([
				[97, 96],
				[103, 102],
			]),
			ssrc: 1111,
			rtxSsrc: 2222,
			hasNack: true,
			hasEstimate: true,
		},
		{
			mid: "1",
			kind: "audio",
			clockRate: 48_000,
			codecs: new Map([[111, "opus"]]),
			retransmissions: new Map(),
			ssrc: 3333,
			rtxSsrc: null,
			hasNack: false,
			hasEstimate: false,
		},
	]);
});
