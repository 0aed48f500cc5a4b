import { expect, test } from "vitest";
import { Capabilities } from "../../../protocol/call.ts";
import { describeCapabilities } from "./capabilities.ts";
import { captureSize, type MachineFacts } from "./capture-size.ts";

const LAPTOP: MachineFacts = {
	cores: 8,
	screenHeight: 1080,
	networkType: "wifi",
	downlinkMbps: 10,
	savesData: false,
};

const CODECS = {
	send: [
		{ mimeType: "video/VP8" },
		{ mimeType: "video/rtx" },
		{ mimeType: "video/H264" },
		{ mimeType: "video/H264" },
	],
	recv: [{ mimeType: "video/VP8" }, { mimeType: "audio/opus" }],
};

test("codecs are named once, and repair formats are none", () => {
	const capabilities = describeCapabilities(CODECS, captureSize("auto", LAPTOP), LAPTOP);

	expect(capabilities.sendCodecs).toEqual(["vp8", "h264"]);
	expect(capabilities.recvCodecs).toEqual(["vp8", "opus"]);
	expect(Capabilities.safeParse(capabilities).success).toBe(true);
});

test("the chosen height limits what one takes part with", () => {
	expect(describeCapabilities(CODECS, captureSize("360", LAPTOP), LAPTOP)).toMatchObject({
		maxWidth: 640,
		maxHeight: 360,
		maxFps: 30,
	});
});

test("left to itself the picture follows the machine, its screen and the network", () => {
	const machines = [
		LAPTOP,
		{ ...LAPTOP, cores: 4 },
		{ ...LAPTOP, screenHeight: 900 },
		{ ...LAPTOP, networkType: "cellular" },
	];

	const heights = machines.map((facts) => captureSize("auto", facts).height);

	expect(heights).toEqual([1080, 720, 720, 360]);
});

test("a downlink at the browser's limit is unknown, below it is a figure", () => {
	const size = captureSize("auto", LAPTOP);

	expect(describeCapabilities(CODECS, size, LAPTOP).downlinkKbps).toBeUndefined();
	expect(describeCapabilities(CODECS, size, { ...LAPTOP, downlinkMbps: 1.5 }).downlinkKbps).toBe(1500);
});

test("a browser that lists no codecs still speaks what every browser speaks", () => {
	const capabilities = describeCapabilities({ send: [], recv: [] }, captureSize("auto", LAPTOP), LAPTOP);

	expect(capabilities.sendCodecs).toEqual(["vp8", "opus"]);
});
