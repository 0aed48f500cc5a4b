import { expect, test } from "vitest";
import { preferCodec } from "./codec-preference.ts";

const codecs = [
	{ mimeType: "video/VP8" },
	{ mimeType: "video/rtx" },
	{ mimeType: "video/H264", sdpFmtpLine: "packetization-mode=0;profile-level-id=42e01f" },
	{ mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=4d001f" },
	{ mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=42e01f" },
	{ mimeType: "video/AV1" },
	{ mimeType: "video/ulpfec" },
];

test("the room's codec comes first, repair formats last, and nothing is left out", () => {
	const preferred = preferCodec(codecs, "av1").map(({ mimeType }) => mimeType);

	expect(preferred[0]).toBe("video/AV1");
	expect(preferred.slice(-2)).toEqual(["video/rtx", "video/ulpfec"]);
	expect(preferred).toHaveLength(codecs.length);
});

test("of H.264's profiles the one that everybody decodes comes first", () => {
	expect(preferCodec(codecs, "h264")[0]).toEqual(codecs[4]);
});

test("a codec that this browser does not have changes nothing", () => {
	expect(preferCodec(codecs.slice(0, 2), "vp9")).toEqual(codecs.slice(0, 2));
});
