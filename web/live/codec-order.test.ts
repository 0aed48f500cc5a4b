import { expect, test } from "vitest";
import { preferCodecs } from "./codec-order.ts";

const VP8 = { mimeType: "video/VP8" };
const VP9 = { mimeType: "video/VP9", sdpFmtpLine: "profile-id=0" };
const RTX = { mimeType: "video/rtx" };
const HIGH = { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=64001f" };
const BASE0 = { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=0;profile-level-id=42e01f" };
const BASE1 = { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=42e01f" };

test("H.264 constrained baseline comes first, then VP8, then repair; the rest is left out", () => {
	expect(preferCodecs([VP8, RTX, VP9, HIGH, BASE0, BASE1])).toEqual([BASE1, BASE0, HIGH, VP8, RTX]);
});

test("a browser that has neither keeps what it has", () => {
	expect(preferCodecs([VP9, RTX])).toEqual([VP9, RTX]);
});
