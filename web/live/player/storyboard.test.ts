import { describe, expect, test } from "vitest";
import { absoluteStoryboard, chaptersVtt, vttTime } from "./storyboard.ts";

const FILE = "https://x.example/media/vid_1/storyboard.vtt?exp=9&kid=k&sig=s";

describe("a storyboard", () => {
	test("names its pictures in full, with the file's signature and the part of the picture", () => {
		const vtt = "WEBVTT\n\n00:00:00.000 --> 00:00:05.000\nstoryboard.jpg#xywh=0,0,160,90\n";

		expect(absoluteStoryboard(vtt, FILE)).toBe(
			"WEBVTT\n\n00:00:00.000 --> 00:00:05.000\nhttps://x.example/media/vid_1/storyboard.jpg?exp=9&kid=k&sig=s#xywh=0,0,160,90\n",
		);
	});

	test("keeps a signature that is there", () => {
		const line = "https://x.example/media/vid_1/storyboard.jpg?sig=own#xywh=0,0,1,1";

		expect(absoluteStoryboard(line, FILE)).toBe(line);
	});

	test("gives no signature to a picture of somebody else", () => {
		expect(absoluteStoryboard("https://evil.example/a.jpg#xywh=0,0,1,1", FILE)).not.toContain("sig=s");
	});
});

describe("chapters", () => {
	test("reach from one to the next, the last one to the end", () => {
		const vtt = chaptersVtt(
			[
				{ startsAtMs: 61_000, title: "Talk" },
				{ startsAtMs: 0, title: "Intro" },
			],
			90_500,
		);

		expect(vtt).toBe(
			"WEBVTT\n\n00:00:00.000 --> 00:01:01.000\nIntro\n\n00:01:01.000 --> 00:01:30.500\nTalk\n",
		);
	});

	test("cannot break out of their cue", () => {
		expect(chaptersVtt([{ startsAtMs: 0, title: "a\n\n<b> & c" }], 1000)).toContain("a &lt;b> &amp; c\n");
	});

	test("times have hours and milliseconds", () => {
		expect(vttTime(3_723_004)).toBe("01:02:03.004");
	});
});
