import fc from "fast-check";
import { expect, test } from "vitest";
import { buildStun, isStun, isStunIntact, parseStun, type StunBinding, stunKey } from "./stun.ts";

const buffer = (bytes: number) =>
	fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((array) => Buffer.from(array));

const message: fc.Arbitrary<StunBinding> = fc.record(
	{
		class: fc.constantFrom("request" as const, "indication" as const, "success" as const, "error" as const),
		transactionID: buffer(12),
		username: fc.stringMatching(/^[A-Za-z0-9+/]{4,20}:[A-Za-z0-9+/]{4,20}$/),
		priority: fc.integer({ min: 0, max: 0xffffffff }),
		useCandidate: fc.constant(true),
		iceControlling: buffer(8),
		mappedAddress: fc.record({ address: fc.ipV4(), port: fc.integer({ min: 0, max: 0xffff }) }),
	},
	{ requiredKeys: ["class", "transactionID"] },
);
const KEY = stunKey("VOkJxbRl1RmTxUk/WvJxBt");

test("what is built is read back unchanged, and is intact only with its key", () => {
	fc.assert(
		fc.property(message, (made) => {
			const packet = buildStun(made, KEY);

			expect(isStun(packet)).toBe(true);
			expect(parseStun(packet)).toEqual(made);
			expect(isStunIntact(packet, KEY)).toBe(true);
			expect(isStunIntact(packet, stunKey("another"))).toBe(false);
		}),
	);
});

test("one changed bit before the integrity is noticed", () => {
	fc.assert(
		fc.property(message, fc.nat(), fc.integer({ min: 0, max: 7 }), (made, position, bit) => {
			const packet = buildStun(made, KEY);
			const place = position % (packet.length - 32);
			packet[place] = (packet[place] ?? 0) ^ (1 << bit);

			expect(parseStun(packet) !== null && isStunIntact(packet, KEY)).toBe(false);
		}),
	);
});

/** RFC 5769 §2.1: a request by another implementation. */
const SAMPLE = Buffer.from(
	[
		"000100582112a442b7e7a701bc34d686fa87dfae",
		"802200105354554e207465737420636c69656e74",
		"002400046e0001ff",
		"80290008932ff9b151263b36",
		"000600096576746a3a68367659202020",
		"000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2",
		"80280004e57a3bcf",
	].join(""),
	"hex",
);

test("the specification's own sample is read and intact", () => {
	expect(parseStun(SAMPLE)).toMatchObject({ class: "request", username: "evtj:h6vY", priority: 0x6e0001ff });
	expect(isStunIntact(SAMPLE, KEY)).toBe(true);
});

test("any bytes are read without throwing", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (array, looksLikeStun) => {
			const hostile = Buffer.from(array);
			if (looksLikeStun && hostile.length >= 20) {
				hostile.writeUInt16BE(1, 0);
				hostile.writeUInt16BE(hostile.length - 20, 2);
				hostile.writeUInt32BE(0x2112a442, 4);
			}

			const parsed = parseStun(hostile);

			if (parsed !== null) expect(isStunIntact(hostile, KEY)).toBe(false);
		}),
	);
});
