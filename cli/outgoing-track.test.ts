import { expect, test } from "vitest";
import { fromNtp, toNtp } from "../webrtc/rtcp.ts";
import { buildRtp, parseRtp, payloadOf, readExtension, unwrapRtx } from "../webrtc/rtp.ts";
import { parseSdp, SdpError } from "../webrtc/sdp.ts";
import type { LocalTransport } from "../webrtc/transport.ts";
import { OutgoingTrack } from "./outgoing-track.ts";
import { type OutgoingStream, readAnswer, writeOffer } from "./whip-offer.ts";

const T = 1_763_712_000_000;
const STREAM: OutgoingStream = {
	kind: "video",
	mid: "0",
	payloadType: 96,
	clockRate: 90_000,
	ssrc: 77,
	rtx: { payloadType: 97, ssrc: 78 },
	midExtensionID: 1,
};

test("an encoder's packet goes out with the session's numbers and its mid, its payload unchanged", () => {
	const sent = parseRtp(new OutgoingTrack(STREAM).send(encoded(5)) ?? Buffer.alloc(0));

	expect(sent).toMatchObject({
		ssrc: 77,
		payloadType: 96,
		sequenceNumber: 5,
		timestamp: 5_000,
		marker: true,
	});
	expect(sent && payloadOf(sent)).toEqual(Buffer.from([5, 6, 7]));
	expect(sent && readExtension(sent, 1)?.toString()).toBe("0");
});

test("what is asked for is repeated as RTX while it is remembered", () => {
	const track = new OutgoingTrack(STREAM);
	for (let number = 65_000; number < 65_000 + 1_200; number += 1) track.send(encoded(number & 0xffff));

	const [repeat, ...more] = track.repeat([500, 65_000]);
	const packet = parseRtp(repeat ?? Buffer.alloc(0));
	const original = packet === null ? null : unwrapRtx(packet, { ssrc: 77, payloadType: 96 });

	expect(more).toEqual([]);
	expect(packet).toMatchObject({ ssrc: 78, payloadType: 97 });
	expect(original).toMatchObject({ ssrc: 77, sequenceNumber: 500, timestamp: 500_000 });
	expect(track.counts.repeated).toBe(1);
});

test("reports carry the encoder's clock on to now", () => {
	const track = new OutgoingTrack(STREAM);
	expect(track.report(T)).toBeNull();
	track.send(encoded(1));
	const head = { type: "sender-report" as const, ssrc: 1, packetCount: 0, octetCount: 0, reports: [] };
	track.calibrate({ ...head, ...toNtp(T), rtpTimestamp: 0xffff_ff00 });

	const report = track.report(T + 2_000);

	expect(report).toMatchObject({ ssrc: 77, packetCount: 1, rtpTimestamp: 180_000 - 0x100 });
	expect(report && fromNtp(report)).toBeCloseTo(T + 2_000, 1);
});

const LOCAL: LocalTransport = {
	iceUfrag: "ours",
	icePwd: "x".repeat(24),
	fingerprint: { algorithm: "sha-256", value: `${"AB:".repeat(31)}CD` },
};

test("an offer sends one stream of each kind with everything a server sorts packets by", () => {
	const { sdp, streams } = writeOffer(["video", "audio"], "h264", LOCAL);
	const offer = parseSdp(sdp);

	expect(offer.bundle).toEqual(["0", "1"]);
	expect(offer.media.map((media) => [media.kind, media.direction, media.setup])).toEqual([
		["video", "sendonly", "actpass"],
		["audio", "sendonly", "actpass"],
	]);
	expect(offer.media[0]?.codecs.map((codec) => codec.name)).toEqual(["H264", "rtx"]);
	expect(offer.media[0]?.ssrcGroups).toEqual([
		{ semantics: "FID", ssrcs: [streams[0]?.ssrc, streams[0]?.rtx?.ssrc] },
	]);
});

test("an answer that takes the sound alone and no retransmission is respected; one that takes nothing is an error", () => {
	const { streams } = writeOffer(["video", "audio"], "vp8", LOCAL);
	const head = `v=0\r\na=ice-lite\r\na=ice-ufrag:them\r\na=ice-pwd:${"y".repeat(24)}\r\na=fingerprint:sha-256 ${LOCAL.fingerprint.value}\r\n`;
	const video = "m=video 0 X 96\r\na=mid:0\r\na=inactive\r\n";
	const audio =
		"m=audio 9 X 111\r\na=mid:1\r\na=recvonly\r\na=setup:passive\r\na=rtpmap:111 opus/48000/2\r\n";

	const answer = readAnswer(head + video + audio, streams);

	expect(answer.streams.map(({ kind, rtx, midExtensionID }) => ({ kind, rtx, midExtensionID }))).toEqual([
		{ kind: "audio", rtx: null, midExtensionID: null },
	]);
	expect(answer.remote).toMatchObject({ localSetup: "active", iceLite: true, iceUfrag: "them" });
	expect(() => readAnswer(head + video, streams)).toThrow(SdpError);
});

function encoded(sequenceNumber: number): Buffer {
	return buildRtp({
		marker: true,
		payloadType: 33,
		sequenceNumber,
		timestamp: sequenceNumber * 1000,
		ssrc: 1,
		payload: Buffer.from([5, 6, 7]),
	});
}
