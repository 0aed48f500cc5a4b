import { beforeEach, describe, expect, test } from "vitest";
import type { Simulcast } from "../../protocol/realtime-api.ts";
import { buildRtp, parseRtp, payloadOf, unwrapRtx } from "../../webrtc/rtp.ts";
import { distribute } from "./downlink.ts";
import { Downtrack } from "./downtrack.ts";
import type { Layer } from "./layer.ts";
import { Uptrack } from "./uptrack.ts";

const VP8 = {
	payloadType: 96,
	name: "VP8",
	clockRate: 90_000,
	channels: 1,
	parameters: "",
	feedback: ["nack"],
};
const RTX = { ...VP8, payloadType: 97, name: "rtx", parameters: "apt=96" };
const FOLLOW = { priorityOrdering: "asciibetical", ridNotAvailable: "asciibetical" } as const;
const KEYFRAME = Buffer.from([0x10, 0x00, 1, 2, 3]);
const DELTA = Buffer.from([0x10, 0x01, 1, 2, 3]);

let up: Uptrack;
let asked: number[];
let sent: Buffer[];

beforeEach(() => {
	asked = [];
	sent = [];
	up = makeUptrack("camera");
});

function makeUptrack(trackName: string): Uptrack {
	return new Uptrack({
		sessionID: "publisher",
		trackName,
		mid: "0",
		kind: "video",
		codec: { main: VP8, rtx: RTX },
		extensionIDs: new Map(),
		now: 0,
		askForKeyframe: (ssrc) => asked.push(ssrc),
	});
}

function subscribe(simulcast: Simulcast, rtx: typeof RTX | null = { ...RTX, payloadType: 121 }): Downtrack {
	const down = new Downtrack({
		source: up,
		simulcast,
		format: {
			midValue: Buffer.from("5"),
			codec: { main: { ...VP8, payloadType: 120 }, rtx },
			extensionIDs: new Map([["urn:ietf:params:rtp-hdrext:sdes:mid", 4]]),
		},
		send: (packet) => sent.push(packet) > 0,
		onEnded: () => undefined,
	});
	down.activate(0);
	return down;
}

function receive(layer: Layer, sequenceNumber: number, payload: Buffer, now = sequenceNumber * 33): void {
	const packet = parseRtp(
		buildRtp({
			marker: true,
			payloadType: 96,
			sequenceNumber,
			timestamp: sequenceNumber * 3000,
			ssrc: layer.stream.ssrc,
			payload,
		}),
	);
	if (packet !== null) up.receive(packet, layer, now);
}

const packets = () => sent.flatMap((packet) => parseRtp(packet) ?? []);

describe("a subscription", () => {
	test("begins with a key frame, and asks for one until it comes", () => {
		const layer = up.addLayer("", 1);
		const down = subscribe({});

		receive(layer, 1, DELTA, 0);
		receive(layer, 2, DELTA, 100);
		receive(layer, 3, DELTA, 400);
		receive(layer, 4, KEYFRAME, 433);
		receive(layer, 5, DELTA, 466);

		expect(packets().map((packet) => payloadOf(packet)[1])).toEqual([0, 1]);
		expect(asked).toEqual([1, 1]);
		expect(packets()[0]).toMatchObject({ payloadType: 120, ssrc: down.ssrc });
	});

	test("carries its own section's mid in each packet", () => {
		subscribe({});
		receive(up.addLayer("", 1), 1, KEYFRAME);

		expect(sent[0]?.subarray(12, 18)).toEqual(Buffer.from([0xbe, 0xde, 0, 1, 0x40, 0x35]));
	});

	test("gets each packet once, however often it came", () => {
		subscribe({});
		const layer = up.addLayer("", 1);

		for (const sequenceNumber of [1, 2, 2, 1, 3]) receive(layer, sequenceNumber, KEYFRAME);

		expect(sent).toHaveLength(3);
	});

	test("sees no gap where the publisher only padded", () => {
		subscribe({});
		const layer = up.addLayer("", 1);

		receive(layer, 1, KEYFRAME);
		receive(layer, 2, Buffer.alloc(0));
		receive(layer, 3, DELTA);

		const numbers = packets().map((packet) => packet.sequenceNumber);
		expect(numbers).toEqual([numbers[0], ((numbers[0] ?? 0) + 1) & 0xffff]);
	});
});

describe("layers", () => {
	test("the old one goes on until the key frame of the new one, and the numbers go on", () => {
		const [a, b] = [up.addLayer("a", 1), up.addLayer("b", 2)];
		const down = subscribe({ preferredRid: "b", ...FOLLOW });
		receive(b, 1, KEYFRAME, 0);
		receive(a, 501, KEYFRAME, 1);

		down.update({ source: up, simulcast: { preferredRid: "a", ...FOLLOW } }, 400);
		receive(a, 502, DELTA, 401);
		receive(b, 2, DELTA, 402);
		receive(a, 503, KEYFRAME, 433);
		receive(b, 3, DELTA, 434);
		receive(a, 504, DELTA, 466);

		expect(asked).toContain(1);
		expect(down.current?.rid).toBe("a");
		expect(packets().map((packet) => payloadOf(packet)[1])).toEqual([0, 1, 0, 1]);
		const numbers = packets().map((packet) => packet.sequenceNumber);
		expect(numbers.map((number) => (number - (numbers[0] ?? 0)) & 0xffff)).toEqual([0, 1, 2, 3]);
	});

	test("one that falls silent while the others go on is left, and taken again when it is back", () => {
		const [a, b] = [up.addLayer("a", 1), up.addLayer("b", 2)];
		const down = subscribe({ preferredRid: "a", ...FOLLOW });
		receive(a, 1, KEYFRAME, 0);
		receive(b, 1, KEYFRAME, 1);

		for (let index = 2; index <= 15; index += 1) {
			receive(b, index, index > 12 ? KEYFRAME : DELTA, index * 33);
			up.checkLayers(index * 33);
		}
		expect(down.current?.rid).toBe("b");
		receive(a, 2, KEYFRAME, 600);
		up.checkLayers(601);
		receive(a, 3, KEYFRAME, 633);

		expect(down.current?.rid).toBe("a");
	});

	test("a slow picture is not taken for a silent layer", () => {
		const [a, b] = [up.addLayer("a", 1), up.addLayer("b", 2)];
		const down = subscribe({ preferredRid: "a", ...FOLLOW });

		for (let index = 1; index <= 10; index += 1) {
			receive(a, index, KEYFRAME, index * 1000);
			receive(b, index, KEYFRAME, index * 1000 + 1);
			up.checkLayers(index * 1000 + 900);
		}

		expect(down.current?.rid).toBe("a");
	});

	test("what the connection does not carry is not sent, if the subscriber leaves it to us", () => {
		const [a, b] = [up.addLayer("a", 1), up.addLayer("b", 2)];
		const down = subscribe({ preferredRid: "a", ...FOLLOW });
		for (let index = 1; index <= 70; index += 1) {
			receive(a, index, Buffer.concat([KEYFRAME, Buffer.alloc(1000)]), index * 33);
			receive(b, index, KEYFRAME, index * 33 + 1);
		}
		expect(down.current?.rid).toBe("a");

		down.setBudget(50_000, 2400);
		receive(b, 71, KEYFRAME, 2433);

		expect(down.current?.rid).toBe("b");
	});

	test("one that takes far more than there is stops at once, and nothing of it is sent again", () => {
		const [a, b] = [up.addLayer("a", 1), up.addLayer("b", 2)];
		const down = subscribe({ preferredRid: "a", ...FOLLOW });
		for (let index = 1; index <= 70; index += 1) {
			receive(a, index, Buffer.concat([KEYFRAME, Buffer.alloc(1000)]), index * 33);
			receive(b, index, KEYFRAME, index * 33 + 1);
		}
		const before = packets();
		const last = before.at(-1)?.sequenceNumber ?? 0;

		down.setBudget(50_000, 2400);
		receive(a, 71, DELTA, 2401);
		down.resend([last], 2402);
		receive(b, 71, KEYFRAME, 2433);

		const after = packets().slice(before.length);
		expect(after.map((packet) => packet.sequenceNumber)).toEqual([(last + 1) & 0xffff]);
		expect(asked).toContain(2);
	});
});

describe("a narrow way", () => {
	/** Two tracks of two layers each: a takes about 242 kbit/s, b a few. */
	function subscribeToTwo(wishes: readonly ["a" | "b", "a" | "b"]): Downtrack[] {
		return wishes.map((preferredRid, number) => {
			up = makeUptrack(`camera${number}`);
			const [a, b] = [up.addLayer("a", 1), up.addLayer("b", 2)];
			const down = subscribe({ preferredRid, ...FOLLOW });
			for (let index = 1; index <= 140; index += 1) {
				receive(a, index, Buffer.concat([KEYFRAME, Buffer.alloc(1000)]), index * 33);
				receive(b, index, KEYFRAME, index * 33 + 1);
			}
			return down;
		});
	}
	const wanted = (tracks: readonly Downtrack[]) => tracks.map((track) => track.wanted?.rid);

	test("is shared equally by tracks that need the same", () => {
		const tracks = subscribeToTwo(["a", "a"]);

		distribute(400_000, tracks, 4_700);

		expect(wanted(tracks)).toEqual(["b", "b"]);
	});

	test("leaves to one track what another does not need", () => {
		const tracks = subscribeToTwo(["a", "b"]);

		distribute(400_000, tracks, 4_700);

		expect(wanted(tracks)).toEqual(["a", "b"]);
	});
});

describe("a NACK", () => {
	test("is answered by RTX that holds the packet as it was sent", () => {
		const down = subscribe({});
		receive(up.addLayer("", 1), 1, KEYFRAME);
		const original = packets()[0];
		if (original === undefined) throw new Error("nothing sent");

		down.resend([original.sequenceNumber], 1000);

		const rtx = packets()[1];
		expect(rtx).toMatchObject({ payloadType: 121, ssrc: down.rtxSsrc });
		const restored = rtx && unwrapRtx(rtx, { ssrc: down.ssrc, payloadType: 120 });
		expect(restored?.buffer).toEqual(original.buffer);
	});

	test("is answered by the packet itself where there is no RTX, once a moment, and not for what is unknown", () => {
		const down = subscribe({}, null);
		receive(up.addLayer("", 1), 1, KEYFRAME);
		const [original] = packets();
		const sequenceNumber = original?.sequenceNumber ?? 0;

		down.resend([sequenceNumber, sequenceNumber, (sequenceNumber + 1) & 0xffff], 1000);

		expect(sent).toHaveLength(2);
		expect(sent[1]).toEqual(sent[0]);
	});
});

describe("sender reports", () => {
	test("carry the publisher's clock on, in the subscriber's timestamps", () => {
		const layer = up.addLayer("", 1);
		const down = subscribe({});
		receive(layer, 1, KEYFRAME, 0);
		layer.stream.noteSenderReport(
			{
				type: "sender-report",
				ssrc: 1,
				ntpSeconds: 3_900_000_000,
				ntpFraction: 0,
				rtpTimestamp: 3000,
				packetCount: 1,
				octetCount: 1,
				reports: [],
			},
			10,
		);

		const report = down.senderReport(1_010);

		const firstTimestamp = packets()[0]?.timestamp ?? 0;
		expect(report).toMatchObject({
			ssrc: down.ssrc,
			ntpSeconds: 3_900_000_001,
			rtpTimestamp: (firstTimestamp + 90_000) >>> 0,
			packetCount: 1,
		});
	});

	test("are not made up before the publisher has told its clock", () => {
		const down = subscribe({});
		receive(up.addLayer("", 1), 1, KEYFRAME);

		expect(down.senderReport(1000)).toBeNull();
	});
});
