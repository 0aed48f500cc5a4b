import { expect, test } from "vitest";
import { MediaFormatError } from "./boxes.ts";
import { av1Codecs, avcCodecs, hevcCodecs, vp9Codecs } from "./codec-strings.ts";

test("codecs are written as RFC 6381 and the codecs' own bindings say", () => {
	expect(avcCodecs(bytes("01640028ff"))).toBe("avc1.640028");
	// ISO/IEC 14496-15 Annex E.3: Main profile, level 3.1, progressive and frames only.
	expect(hevcCodecs("hvc1", bytes("0101600000009000000000005d"))).toBe("hvc1.1.6.L93.90");
	expect(hevcCodecs("hvc1", bytes("0122200000009000000000007b"))).toBe("hvc1.2.4.H123.90");
	expect(vp9Codecs(bytes("01000000001f80000000"))).toBe("vp09.00.31.08");
	expect(av1Codecs(bytes("81040c00"))).toBe("av01.0.04M.08");
	expect(av1Codecs(bytes("814d4c00"))).toBe("av01.2.13M.10");
});

test("a record that is too short is refused", () => {
	for (const read of [avcCodecs, vp9Codecs, av1Codecs]) {
		expect(() => read(bytes("01"))).toThrow(MediaFormatError);
	}
});

function bytes(hex: string): Uint8Array {
	return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
