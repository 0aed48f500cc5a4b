import fc from "fast-check";
import { expect, test } from "vitest";
import { parseVp8Descriptor, patchVp8Descriptor, readVp8Size, startsKeyframe } from "./codecs.ts";

/** X, I(15 bit), L, T all present; S=1, PID=0; key frame of 640×360. */
const VP8_KEYFRAME = Buffer.from([
	0x90, 0xe0, 0x81, 0x23, 0x45, 0x60, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01,
]);
const VP8_INTERFRAME = Buffer.from([0x90, 0xe0, 0x81, 0x24, 0x46, 0x60, 0x11, 0, 0]);

test("a VP8 descriptor is read in full", () => {
	expect(parseVp8Descriptor(VP8_KEYFRAME)).toMatchObject({
		bytes: 6,
		pictureID: 0x123,
		isLongPictureID: true,
		tl0PictureIndex: 0x45,
		temporalID: 1,
		isKeyframe: true,
	});
	expect(parseVp8Descriptor(VP8_INTERFRAME)?.isKeyframe).toBe(false);
	expect(parseVp8Descriptor(Buffer.from([0x10, 0x10]))).toMatchObject({ bytes: 1, pictureID: -1 });
});

test("a VP8 key frame tells its size", () => {
	expect(readVp8Size(VP8_KEYFRAME)).toEqual({ width: 640, height: 360 });
	expect(readVp8Size(VP8_INTERFRAME)).toBeNull();
});

test("patched VP8 numbers are read back, and nothing else changes", () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 0, max: 0x7fff }),
			fc.integer({ min: 0, max: 255 }),
			(pictureID, tl0PictureIndex) => {
				const payload = Buffer.from(VP8_KEYFRAME);
				const before = parseVp8Descriptor(payload);
				if (before === null) throw new Error("not parsed");

				patchVp8Descriptor(payload, before, { pictureID, tl0PictureIndex });

				expect(parseVp8Descriptor(payload)).toEqual({ ...before, pictureID, tl0PictureIndex });
				expect(payload.subarray(5)).toEqual(VP8_KEYFRAME.subarray(5));
			},
		),
	);
});

test.each([
	["VP8", VP8_KEYFRAME, true],
	["vp8", VP8_INTERFRAME, false],
	["VP8", Buffer.from([0x80, 0x80, 0x81, 0x23, 0x10]), false],
	["H264", Buffer.from([0x65, 0]), true],
	["H264", Buffer.from([0x67, 0x42]), true],
	["H264", Buffer.from([0x61, 0]), false],
	["H264", Buffer.from([0x7c, 0x85, 0]), true],
	["H264", Buffer.from([0x7c, 0x05, 0]), false],
	["H264", Buffer.from([0x78, 0, 1, 0x06, 0, 1, 0x67]), true],
	["H264", Buffer.from([0x78, 0, 1, 0x06, 0, 1, 0x61]), false],
	["H265", Buffer.from([0x40, 0x01, 0]), true],
	["H265", Buffer.from([0x02, 0x01, 0]), false],
	["H265", Buffer.from([0x62, 0x01, 0x93]), true],
	["VP9", Buffer.from([0x8c, 0x81, 0x23]), true],
	["VP9", Buffer.from([0xcc, 0x81, 0x23]), false],
	["VP9", Buffer.from([0xac, 0x81, 0x23, 0x02]), false],
	["AV1", Buffer.from([0x18, 0]), true],
	["AV1", Buffer.from([0x10, 0]), false],
	["opus", Buffer.from([0xff]), true],
])("a %s packet %j starts a key frame: %s", (codec, payload, expected) => {
	expect(startsKeyframe(codec, payload)).toBe(expected);
});

test("any payload of any codec is judged without throwing", () => {
	fc.assert(
		fc.property(
			fc.constantFrom("VP8", "VP9", "H264", "H265", "AV1", "opus", ""),
			fc.uint8Array({ maxLength: 40 }),
			(codec, array) => {
				const payload = Buffer.from(array);

				expect(typeof startsKeyframe(codec, payload)).toBe("boolean");
				readVp8Size(payload);
				const descriptor = parseVp8Descriptor(payload);
				if (descriptor) expect(descriptor.bytes).toBeLessThan(payload.length);
			},
		),
		{ numRuns: 2000 },
	);
});
