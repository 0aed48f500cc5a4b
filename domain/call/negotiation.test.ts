import { expect, test } from "vitest";
import type { Capabilities } from "../../protocol/call.ts";
import { negotiate } from "./negotiation.ts";

function capabilities(change: Partial<Capabilities>): Capabilities {
	return {
		sendCodecs: ["vp8", "h264", "opus"],
		recvCodecs: ["vp8", "h264", "opus"],
		maxWidth: 1920,
		maxHeight: 1080,
		maxFps: 30,
		...change,
	};
}

const strong = capabilities({ sendCodecs: ["h264", "opus"], recvCodecs: ["h264", "opus"] });
const weak = capabilities({ maxWidth: 640, maxHeight: 360, maxFps: 15, uplinkKbps: 300 });

test("a direct call uses the minimum in each category", () => {
	const negotiated = negotiate([strong, weak], "p2p");

	expect(negotiated).toEqual({
		videoCodec: "h264",
		audioCodec: "opus",
		maxWidth: 640,
		maxHeight: 360,
		maxFps: 15,
		maxKbps: 300,
	});
});

test("the call gets better when its weak member leaves", () => {
	const negotiated = negotiate([strong], "p2p");

	expect(negotiated).toMatchObject({ maxHeight: 1080, maxFps: 30, maxKbps: 2500 });
});

test("through the SFU one weak member does not lower the layers of the others", () => {
	const negotiated = negotiate([strong, weak], "sfu");

	expect(negotiated).toMatchObject({ videoCodec: "h264", maxHeight: 1080, maxKbps: 2500 });
});

test("a codec that somebody can send but not everybody receives is not chosen", () => {
	const sendsOnly = capabilities({ recvCodecs: ["h264", "opus"] });

	expect(negotiate([capabilities({}), sendsOnly], "p2p").videoCodec).toBe("h264");
});

test("without a common video codec the call has sound only", () => {
	const other = capabilities({ sendCodecs: ["av1", "opus"], recvCodecs: ["av1", "opus"] });

	expect(negotiate([strong, other], "p2p")).toMatchObject({ videoCodec: null, audioCodec: "opus" });
});

test("an empty room negotiates the usual picture", () => {
	expect(negotiate([], "p2p")).toMatchObject({ videoCodec: "vp8", maxHeight: 1080 });
});

test("somebody without any video leaves the others theirs", () => {
	const phone = capabilities({ sendCodecs: ["opus"], recvCodecs: ["opus"] });
	const watcher = capabilities({ sendCodecs: ["opus"], recvCodecs: ["h264", "opus"] });

	expect(negotiate([capabilities({}), phone], "sfu").videoCodec).toBe("vp8");
	expect(negotiate([capabilities({}), phone, watcher], "sfu").videoCodec).toBe("h264");
	expect(negotiate([phone, watcher], "sfu").videoCodec).toBeNull();
});
