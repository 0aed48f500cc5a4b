import { expect, test } from "vitest";
import { parseSdp, type SdpCodec, type SdpMedia } from "../../webrtc/sdp.ts";
import { chooseCodec, isCompatible, matchCodec } from "./codec-choice.ts";
import { NumberRegistry } from "./number-registry.ts";

function section(lines: string[], formats: string): SdpMedia {
	const [media] = parseSdp(["v=0", `m=video 9 UDP/TLS/RTP/SAVPF ${formats}`, ...lines].join("\r\n")).media;
	if (media === undefined) throw new Error("no section");
	return media;
}

const H264 = "profile-level-id=42e01f;level-asymmetry-allowed=1;packetization-mode=1";
const OFFERED = section(
	[
		"a=rtpmap:100 red/90000",
		"a=rtpmap:98 VP9/90000",
		"a=rtpmap:102 H264/90000",
		`a=fmtp:102 ${H264}`,
		"a=rtpmap:103 rtx/90000",
		"a=fmtp:103 apt=102",
		"a=rtpmap:108 H264/90000",
		"a=fmtp:108 profile-level-id=42e01f;packetization-mode=0",
		"a=rtpmap:96 VP8/90000",
		"a=extmap:3 urn:three",
	],
	"100 98 102 103 108 96",
);

function codec(over: Partial<SdpCodec>): SdpCodec {
	return {
		payloadType: 96,
		name: "VP8",
		clockRate: 90_000,
		channels: 1,
		parameters: "",
		feedback: [],
		...over,
	};
}

test("the client's first codec that is carried is chosen, with its retransmissions", () => {
	expect(chooseCodec(OFFERED)?.main).toMatchObject({ payloadType: 98, name: "VP9" });
	expect(chooseCodec({ ...OFFERED, formats: ["100", "102", "103"] })).toMatchObject({
		main: { payloadType: 102 },
		rtx: { payloadType: 103 },
	});
	expect(chooseCodec({ ...OFFERED, formats: ["100"] })).toBeNull();
});

test("a subscriber's H.264 must have the same packetization mode and profile", () => {
	const published = codec({ name: "h264", parameters: "packetization-mode=1;profile-level-id=42001f" });

	expect(matchCodec(OFFERED, published)?.main.payloadType).toBe(102);
	expect(
		matchCodec(OFFERED, codec({ name: "H264", parameters: "profile-level-id=42e01f" }))?.main.payloadType,
	).toBe(108);
	expect(
		isCompatible(
			published,
			codec({ name: "H264", parameters: "packetization-mode=1;profile-level-id=640c1f" }),
		),
	).toBe(false);
	expect(matchCodec(OFFERED, codec({ name: "AV1" }))).toBeNull();
});

test("what the client knows keeps its number, whatever the order of its parameters", () => {
	const registry = new NumberRegistry();
	registry.learn(OFFERED);

	const pair = registry.allocateCodec({
		main: codec({
			name: "H264",
			payloadType: 120,
			parameters: "packetization-mode=1; level-asymmetry-allowed=1;profile-level-id=42e01f",
		}),
		rtx: codec({ name: "rtx", payloadType: 121, parameters: "apt=120" }),
	});

	expect(pair).toMatchObject({
		main: { payloadType: 102 },
		rtx: { payloadType: 103, parameters: "apt=102" },
	});
});

test("what it does not know takes the publisher's number if that is free, else another", () => {
	const registry = new NumberRegistry();
	registry.learn(OFFERED);

	const free = registry.allocateCodec({ main: codec({ name: "AV1", payloadType: 45 }), rtx: null });
	const taken = registry.allocateCodec({ main: codec({ name: "opus", payloadType: 98 }), rtx: null });

	expect(free.main.payloadType).toBe(45);
	expect([98, 100, 102, 103, 108, 96, 45]).not.toContain(taken.main.payloadType);
	expect(registry.allocateCodec({ main: codec({ name: "opus", payloadType: 98 }), rtx: null })).toEqual(
		taken,
	);
});

test("an extension has one number in the whole session", () => {
	const registry = new NumberRegistry();
	registry.learn(OFFERED);

	expect(registry.allocateExtension("urn:three")).toBe(3);
	const others = ["urn:a", "urn:b", "urn:c"].map((uri) => registry.allocateExtension(uri));
	expect(others).toEqual([1, 2, 4]);
	expect(registry.allocateExtension("urn:b")).toBe(2);
});
