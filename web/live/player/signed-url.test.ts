import { describe, expect, test } from "vitest";
import { renewalDelayMs, resign } from "./signed-url.ts";

const BASE = "https://rostrum.example/watch/@ada";
const FRESH = "/media/st_1/master.m3u8?exp=200&kid=k2&sig=new";

describe("a media request", () => {
	test("gets the newest signature and keeps its own parameters", () => {
		const url =
			"https://rostrum.example/media/st_1/720p-h264/playlist.m3u8?_HLS_msn=7&_HLS_part=2&exp=100&kid=k1&sig=old";

		expect(resign(url, FRESH, BASE)).toBe(
			"https://rostrum.example/media/st_1/720p-h264/playlist.m3u8?_HLS_msn=7&_HLS_part=2&exp=200&kid=k2&sig=new",
		);
	});

	test("without a signature gets one", () => {
		expect(resign("/media/st_1/720p-h264/seg/7.m4s", FRESH, BASE)).toBe(
			"https://rostrum.example/media/st_1/720p-h264/seg/7.m4s?exp=200&kid=k2&sig=new",
		);
	});

	test("of another stream or another host is left alone", () => {
		expect(resign("/media/st_2/master.m3u8?sig=a", FRESH, BASE)).toBe("/media/st_2/master.m3u8?sig=a");
		expect(resign("https://cdn.example/media/st_1/x.m4s", FRESH, BASE)).toBe(
			"https://cdn.example/media/st_1/x.m4s",
		);
	});
});

describe("the next signature", () => {
	test("is asked for well before the old one ends", () => {
		expect(renewalDelayMs(300_000, 0)).toBe(240_000);
		expect(renewalDelayMs(20_000, 0)).toBe(10_000);
	});

	test("is asked for soon, but not in a storm, when the old one is over", () => {
		expect(renewalDelayMs(0, 5000)).toBe(1000);
	});
});
