import { beforeEach, expect, test } from "vitest";
import { buildRtp, parseRtp, type RtpPacket } from "../../webrtc/rtp.ts";
import { parseSdp, type SdpMedia } from "../../webrtc/sdp.ts";
import { Demultiplexer } from "./demultiplexer.ts";
import { MID_URI, REPAIRED_RID_URI, RID_URI } from "./header-extensions.ts";
import { type MediaLine, newMediaLine } from "./media-line.ts";
import { Uptrack } from "./uptrack.ts";

let lines: MediaLine[];
let demultiplexer: Demultiplexer;

const codec = (payloadType: number, name: string, parameters = "") => ({
	payloadType,
	name,
	clockRate: 90_000,
	channels: 1,
	parameters,
	feedback: [],
});

beforeEach(() => {
	lines = [publishedLine("0", ["a", "b"], 96), publishedLine("1", [], 96), publishedLine("2", [], 111)];
	demultiplexer = new Demultiplexer(lines);
	const [line] = lines;
	if (line)
		demultiplexer.learn(
			line,
			described([`a=extmap:1 ${MID_URI}`, `a=extmap:2 ${RID_URI}`, `a=extmap:3 ${REPAIRED_RID_URI}`]),
		);
});

function publishedLine(mid: string, rids: string[], payloadType: number): MediaLine {
	const line = newMediaLine(mid, "video");
	line.rids = rids;
	line.up = new Uptrack({
		sessionID: "s",
		trackName: mid,
		mid,
		kind: "video",
		codec: { main: codec(payloadType, "VP8"), rtx: codec(payloadType + 1, "rtx", `apt=${payloadType}`) },
		extensionIDs: new Map(),
		now: 0,
		askForKeyframe: () => undefined,
	});
	return line;
}

function described(lines_: string[]): SdpMedia {
	const [media] = parseSdp(["v=0", "m=video 9 X 96", ...lines_].join("\r\n")).media;
	if (media === undefined) throw new Error("no section");
	return media;
}

function packet(ssrc: number, payloadType: number, extensions: Record<number, string> = {}): RtpPacket {
	const built = buildRtp({
		marker: false,
		payloadType,
		sequenceNumber: 1,
		timestamp: 1,
		ssrc,
		extensions: Object.entries(extensions).map(([id, value]) => ({
			id: Number(id),
			value: Buffer.from(value),
		})),
		payload: Buffer.from([0, 0, 0]),
	});
	const parsed = parseRtp(built);
	if (parsed === null) throw new Error("not RTP");
	return parsed;
}

const summary = (one: RtpPacket) => {
	const route = demultiplexer.route(one);
	return route && { mid: route.track.mid, rid: route.layer.rid, isRtx: route.isRtx };
};

test("mid and rid lead to the layer, and the SSRC leads there afterwards", () => {
	expect(summary(packet(10, 96, { 1: "0", 2: "b" }))).toEqual({ mid: "0", rid: "b", isRtx: false });
	expect(summary(packet(10, 96))).toEqual({ mid: "0", rid: "b", isRtx: false });
});

test("retransmissions are told apart by the repaired rid", () => {
	summary(packet(10, 96, { 1: "0", 2: "b" }));

	expect(summary(packet(11, 97, { 1: "0", 3: "b" }))).toEqual({ mid: "0", rid: "b", isRtx: true });
	expect(summary(packet(12, 97, { 1: "0", 3: "a" }))).toBeNull();
});

test("an encoder that began anew takes the place of its old SSRC", () => {
	summary(packet(10, 96, { 1: "0", 2: "a" }));

	expect(summary(packet(20, 96, { 1: "0", 2: "a" }))).toEqual({ mid: "0", rid: "a", isRtx: false });
	expect(demultiplexer.mediaSsrcs).toEqual([20]);
});

test("SSRCs of the description lead to their section", () => {
	const line = lines[1];
	if (line)
		demultiplexer.learn(
			line,
			described(["a=ssrc:77 cname:x", "a=ssrc:78 cname:x", "a=ssrc-group:FID 77 78"]),
		);

	expect(summary(packet(77, 96))).toEqual({ mid: "1", rid: "", isRtx: false });
	expect(summary(packet(78, 97))).toEqual({ mid: "1", rid: "", isRtx: true });
});

test("a payload type that only one section has is enough", () => {
	expect(summary(packet(90, 111))).toEqual({ mid: "2", rid: "", isRtx: false });
	expect(summary(packet(91, 96))).toBeNull();
});

test.each([
	["an unknown mid", packet(1, 96, { 1: "9" })],
	["a rid that was not accepted", packet(2, 96, { 1: "0", 2: "z" })],
	["no rid where there are layers", packet(3, 96, { 1: "0" })],
	["a payload type of nobody", packet(4, 50, { 1: "0", 2: "a" })],
])("%s leads nowhere", (_name, one) => {
	expect(demultiplexer.route(one)).toBeNull();
});

test("a track that was closed is forgotten", () => {
	summary(packet(10, 96, { 1: "0", 2: "b" }));
	const line = lines[0];
	if (line?.up) {
		demultiplexer.forget(line.up);
		line.up = null;
	}

	expect(summary(packet(10, 96))).toBeNull();
});
