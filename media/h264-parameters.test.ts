import { expect, test } from "vitest";
import { readSpsSize, writeAvcConfiguration } from "./h264-parameters.ts";

/** Made with x264 at these sizes. */
const SETS = [
	{
		what: "1920x1080, cropped",
		sps: "6742c028d900780227e5c044000003000400000300c83c60c920",
		size: [1920, 1080],
	},
	{ what: "640x360", sps: "6742c01ed900a02ff97011000003000100000300320f162e48", size: [640, 360] },
	{ what: "an odd 322x242", sps: "6742c00dd90150878888c044000003000400000300c83c50a920", size: [322, 242] },
	{ what: "4:4:4", sps: "67f4001e919b281b07bc5f80880000030008000003019078b16cb000", size: [854, 480] },
	{ what: "interlaced fields", sps: "6764001eacd940b424d8088000000300800000190f8a14cb", size: [720, 576] },
];

test.each(SETS)("the size is read from a set of $what", ({ sps, size }) => {
	expect(Object.values(readSpsSize(Buffer.from(sps, "hex")) ?? {})).toEqual(size);
});

test("a set that ends too early or holds nonsense has no size, and no other error", () => {
	const whole = Buffer.from(SETS[0]?.sps ?? "", "hex");

	for (let length = 0; length < 9; length += 1) expect(readSpsSize(whole.subarray(0, length))).toBeNull();
	expect(readSpsSize(Buffer.alloc(40))).toBeNull();
	expect(() => readSpsSize(Buffer.alloc(40, 0xff))).not.toThrow();
});

test("the decoder configuration repeats profile and level and holds both sets", () => {
	const sps = Buffer.from("6742c01e01", "hex");
	const pps = Buffer.from("68ce", "hex");

	const configuration = writeAvcConfiguration(sps, pps);

	expect(configuration.toString("hex")).toBe("0142c01effe100056742c01e0101000268ce");
});
