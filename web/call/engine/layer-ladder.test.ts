import { expect, test } from "vitest";
import { chooseLayers, describeLayers, limitDirect } from "./layer-ladder.ts";

const hd = { maxHeight: 1080, maxFps: 30, maxKbps: 2500 };

test("1080 lines make three layers: full, half, quarter", () => {
	const layers = chooseLayers({ width: 1920, height: 1080 }, hd);

	expect(layers.map(({ rid, height, maxBitrate }) => [rid, height, maxBitrate])).toEqual([
		["a", 1080, 2_500_000],
		["b", 540, 900_000],
		["c", 270, 300_000],
	]);
});

test("a small picture makes fewer layers, a tiny one a single one without a name", () => {
	expect(chooseLayers({ width: 640, height: 360 }, hd).map(({ rid }) => rid)).toEqual(["a", "b"]);

	const tiny = chooseLayers({ width: 160, height: 90 }, hd);
	expect(tiny).toHaveLength(1);
	expect(describeLayers(tiny)).toEqual([]);
});

test("no layer is higher than the weakest member can show", () => {
	const layers = chooseLayers({ width: 1280, height: 720 }, { ...hd, maxHeight: 360 });

	expect(layers.map(({ height, scaleResolutionDownBy }) => [height, scaleResolutionDownBy])).toEqual([
		[360, 2],
		[180, 4],
	]);
});

test("the uplink is shared among the direct links, with a rest for sound", () => {
	const limits = limitDirect(720, hd, { uplinkKbps: 2000, shares: 3, wishedHeight: null });

	expect(limits).toEqual({ scaleResolutionDownBy: 1, maxBitrate: 600_000, maxFramerate: 30 });
});

test("the room's rate is a limit for direct video too", () => {
	const limits = limitDirect(
		720,
		{ ...hd, maxKbps: 300, maxFps: 15 },
		{ uplinkKbps: null, shares: 1, wishedHeight: null },
	);

	expect(limits).toMatchObject({ maxBitrate: 300_000, maxFramerate: 15 });
});

test("a direct video is made no larger than its tile, in a few steps", () => {
	const scaleFor = (wishedHeight: number) =>
		limitDirect(720, hd, { uplinkKbps: null, shares: 1, wishedHeight }).scaleResolutionDownBy;

	expect([90, 180, 200, 300, 360, 500, 720, 1080].map(scaleFor)).toEqual([4, 4, 4, 2, 2, 1.5, 1, 1]);
});
