import { describe, expect, test } from "vitest";
import { checkPublishOffer, iceFragmentOf, readIceCredentials, withIceCredentials } from "./sdp-offer.ts";

const HEAD = [
	"v=0",
	"o=- 1 1 IN IP4 0.0.0.0",
	"s=-",
	"t=0 0",
	"a=group:BUNDLE 0 1",
	"a=ice-ufrag:abcd",
	"a=ice-pwd:0123456789012345678901",
	"a=fingerprint:sha-256 AA:BB",
];

function media(kind: string, codec: string, direction = "sendonly", mid = "0"): string[] {
	return [
		`m=${kind} 9 UDP/TLS/RTP/SAVPF 96`,
		"c=IN IP4 0.0.0.0",
		`a=mid:${mid}`,
		`a=${direction}`,
		`a=rtpmap:96 ${codec}/90000`,
	];
}

function offer(...sections: string[][]): string {
	return `${[...HEAD, ...sections.flat()].join("\r\n")}\r\n`;
}

describe("an encoder's offer", () => {
	test("with H.264 and Opus is accepted with its tracks", () => {
		const verdict = checkPublishOffer(offer(media("audio", "opus"), media("video", "H264", "sendrecv", "1")));

		expect(verdict).toMatchObject({
			ok: true,
			offer: {
				media: [
					{ mid: "0", kind: "audio" },
					{ mid: "1", kind: "video" },
				],
			},
		});
	});

	test.each([
		["nothing", "", "malformed-sdp"],
		["text", "hello", "malformed-sdp"],
		["a line that is none", offer(media("audio", "opus")).replace("a=mid:0", "nonsense"), "malformed-sdp"],
		["no media", offer(), "malformed-sdp"],
		["no fingerprint", offer(media("audio", "opus")).replace(/a=fingerprint.*\r\n/, ""), "malformed-sdp"],
		["only receiving", offer(media("video", "VP8", "recvonly")), "unsupported-offer"],
		["two videos", offer(media("video", "VP8"), media("video", "VP8", "sendonly", "1")), "unsupported-offer"],
		["a codec that nobody carries", offer(media("video", "H261")), "no-common-codec"],
		[
			"audio that nobody carries",
			offer(media("audio", "G722"), media("video", "VP8", "sendonly", "1")),
			"no-common-codec",
		],
		[
			"a thousand sections",
			offer(...Array.from({ length: 1000 }, () => media("video", "VP8"))),
			"malformed-sdp",
		],
	])("with %s is refused as %s", (_what, sdp, code) => {
		expect(checkPublishOffer(sdp)).toMatchObject({ ok: false, code });
	});
});

describe("an ICE restart", () => {
	test("replaces the credentials and drops the candidates of the stored offer", () => {
		const stored = offer([...media("audio", "opus"), "a=candidate:1 1 udp 1 127.0.0.1 9 typ host"]);

		const restarted = withIceCredentials(stored, { ufrag: "wxyz", password: "9876543210987654321098" });

		expect(readIceCredentials(restarted)).toEqual({ ufrag: "wxyz", password: "9876543210987654321098" });
		expect(restarted).not.toContain("candidate");
	});

	test("is answered with a fragment that names the new credentials and candidates", () => {
		const answer = offer([...media("audio", "opus"), "a=candidate:1 1 udp 1 127.0.0.1 9 typ host"]);

		const fragment = iceFragmentOf(answer);

		expect(readIceCredentials(fragment)).toEqual({ ufrag: "abcd", password: "0123456789012345678901" });
		expect(fragment).toContain("a=candidate:1 1 udp 1 127.0.0.1 9 typ host");
		expect(fragment).toContain("a=mid:0");
	});
});
