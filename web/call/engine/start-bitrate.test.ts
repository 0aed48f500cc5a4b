import { expect, test } from "vitest";
import { startKbps, withStartBitrate } from "./start-bitrate.ts";

const sdp = [
	"v=0",
	"m=audio 9 UDP/TLS/RTP/SAVPF 111",
	"a=rtpmap:111 opus/48000/2",
	"a=fmtp:111 minptime=10;useinbandfec=1",
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97 102",
	"a=rtpmap:96 VP8/90000",
	"a=rtcp-fb:96 nack",
	"a=rtpmap:97 rtx/90000",
	"a=fmtp:97 apt=96",
	"a=rtpmap:102 H264/90000",
	"a=fmtp:102 packetization-mode=1;profile-level-id=42e01f",
	"",
].join("\r\n");

test("every codec of pictures is given the rate, and nothing else is touched", () => {
	const changed = withStartBitrate(sdp, 600);

	expect(changed.split("\r\n")).toEqual([
		"v=0",
		"m=audio 9 UDP/TLS/RTP/SAVPF 111",
		"a=rtpmap:111 opus/48000/2",
		"a=fmtp:111 minptime=10;useinbandfec=1",
		"m=video 9 UDP/TLS/RTP/SAVPF 96 97 102",
		"a=rtpmap:96 VP8/90000",
		"a=fmtp:96 x-google-start-bitrate=600",
		"a=rtcp-fb:96 nack",
		"a=rtpmap:97 rtx/90000",
		"a=fmtp:97 apt=96",
		"a=rtpmap:102 H264/90000",
		"a=fmtp:102 packetization-mode=1;profile-level-id=42e01f;x-google-start-bitrate=600",
		"",
	]);
});

test("a description without pictures stays as it is", () => {
	const audioOnly = sdp.slice(0, sdp.indexOf("m=video"));

	expect(withStartBitrate(audioOnly, 600)).toBe(audioOnly);
});

test("a narrow uplink begins with less", () => {
	expect(startKbps(null)).toBe(700);
	expect(startKbps(10_000)).toBe(700);
	expect(startKbps(400)).toBe(280);
	expect(startKbps(20)).toBe(150);
});
