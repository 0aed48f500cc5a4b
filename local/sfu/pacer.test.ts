import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { buildRtp, parseRtp, readExtension } from "../../webrtc/rtp.ts";
import { Pacer } from "./pacer.ts";

const RATE_BPS = 240_000;
let sent: { packet: Buffer; at: number }[];
let pacer: Pacer;

beforeEach(() => {
	vi.useFakeTimers({ now: 1_000 });
	sent = [];
	pacer = new Pacer((packet) => sent.push({ packet, at: Date.now() }) > 0);
});
afterEach(() => {
	pacer.close();
	vi.useRealTimers();
});

const video = (sizeBytes = 1_200) => pacer.send(Buffer.alloc(sizeBytes), "video", null, Date.now());

test("while the way is wide everything goes at once", () => {
	for (let count = 0; count < 50; count += 1) video();

	expect(sent).toHaveLength(50);
});

test("a burst leaves at the rate of the way", () => {
	pacer.setRate(RATE_BPS, Date.now());

	for (let count = 0; count < 10; count += 1) video();
	vi.advanceTimersByTime(200);
	const early = sent.length;
	vi.advanceTimersByTime(1_000);

	// 240 kbit/s carry five such packets in 200 ms, and two are let through in one go.
	expect(early).toBeGreaterThanOrEqual(4);
	expect(early).toBeLessThanOrEqual(8);
	expect(sent).toHaveLength(10);
});

test("sound overtakes what waits", () => {
	pacer.setRate(RATE_BPS, Date.now());
	for (let count = 0; count < 10; count += 1) video();
	const before = sent.length;

	pacer.send(Buffer.alloc(100), "audio", null, Date.now());

	expect(sent).toHaveLength(before + 1);
	expect(sent.at(-1)?.packet).toHaveLength(100);
});

test("nothing waits much longer than half a second, however much there is", () => {
	pacer.setRate(RATE_BPS, Date.now());

	for (let count = 0; count < 100; count += 1) video();
	vi.advanceTimersByTime(2_000);

	expect(sent).toHaveLength(100);
});

test("packets that are sent again take a quarter of the way, the rest of them is left out", () => {
	pacer.setRate(RATE_BPS, Date.now());
	let accepted = 0;

	for (let step = 0; step < 100; step += 1) {
		for (let count = 0; count < 5; count += 1) {
			if (pacer.send(Buffer.alloc(1_000), "resent", null, Date.now())) accepted += 1;
		}
		vi.advanceTimersByTime(20);
	}

	// A quarter of 240 kbit/s in two seconds is 15 kB.
	expect(accepted).toBeGreaterThan(10);
	expect(accepted).toBeLessThan(25);
});

test("a packet that waited says when it left, not when it came", () => {
	pacer.setRate(RATE_BPS, Date.now());
	for (let count = 0; count < 10; count += 1) video();
	const packet = buildRtp({
		marker: false,
		payloadType: 96,
		sequenceNumber: 1,
		timestamp: 1,
		ssrc: 1,
		extensions: [{ id: 3, value: Buffer.alloc(3) }],
		payload: Buffer.alloc(10),
	});

	pacer.send(packet, "video", 3, Date.now());
	vi.advanceTimersByTime(1_000);

	const left = sent.find((one) => one.packet === packet);
	const rtp = parseRtp(left?.packet ?? Buffer.alloc(0));
	const value = rtp === null ? null : readExtension(rtp, 3);
	const leftAt = ((value?.readUIntBE(0, 3) ?? 0) / 262_144) * 1000;
	expect(left?.at).toBeGreaterThan(1_100);
	expect(leftAt).toBeCloseTo(left?.at ?? 0, 0);
});

test("when the way is wide again what waits goes at once", () => {
	pacer.setRate(RATE_BPS, Date.now());
	for (let count = 0; count < 10; count += 1) video();

	pacer.setRate(Number.POSITIVE_INFINITY, Date.now());

	expect(sent).toHaveLength(10);
});
