import { expect, test } from "vitest";
import { ffmpegLiveArguments } from "./ffmpeg-arguments.ts";
import { selectLadder } from "./ladder.ts";

const LIVE = { segmentSeconds: 2, preset: "superfast", firstOutput: 3 };
const rungs = selectLadder(
	{ width: 1280, height: 720, framesPerSecond: 30 },
	{ maxHeight: 720, maxFramesPerSecond: 30 },
);

test("each rendition has a pipe of its own, in ladder order with the sound last", () => {
	const args = ffmpegLiveArguments({ ...LIVE, rungs, hasAudio: true });

	expect(args.filter((arg) => arg.startsWith("pipe:"))).toEqual([
		"pipe:0",
		"pipe:3",
		"pipe:4",
		"pipe:5",
		"pipe:6",
	]);
	expect(after(args, "-map")).toEqual(["[out0]", "[out1]", "[out2]", "0:a:0"]);
});

test("only pipes can be opened, only Matroska read, and huge pictures are refused before the input is opened", () => {
	const args = ffmpegLiveArguments({ ...LIVE, rungs, hasAudio: true });
	const beforeInput = args.slice(0, args.indexOf("-i"));

	expect(after(beforeInput, "-protocol_whitelist")).toEqual(["pipe"]);
	expect(after(beforeInput, "-format_whitelist")).toEqual(["matroska,webm"]);
	expect(after(beforeInput, "-max_pixels")).toEqual(["9437184"]);
	expect(args).not.toContain("nobuffer");
});

test("key frames come exactly once a segment, at every rung's own frame rate", () => {
	const mixed = selectLadder(
		{ width: 1280, height: 720, framesPerSecond: 60 },
		{ maxHeight: 720, maxFramesPerSecond: 60 },
	);
	const args = ffmpegLiveArguments({ ...LIVE, rungs: mixed, hasAudio: false });

	expect(after(args, "-g")).toEqual(["120", "60", "60"]);
	expect(after(args, "-r")).toEqual(["60", "30", "30"]);
	expect(new Set(after(args, "-force_key_frames"))).toEqual(new Set(["expr:gte(t,n_forced*2)"]));
});

test("no segment can exceed its rung's bitrate: rate over its time plus a full buffer", () => {
	const args = ffmpegLiveArguments({ ...LIVE, rungs, hasAudio: false });
	const maxrates = after(args, "-maxrate").map(Number);
	const buffers = after(args, "-bufsize").map(Number);

	for (const [index, rung] of rungs.entries()) {
		const peak = ((maxrates[index] ?? 0) * 2 + (buffers[index] ?? 0)) / 2;
		expect(Math.abs(peak - rung.bitrateBps)).toBeLessThan(2);
	}
});

test("a stream with sound alone has no filter graph, one with picture alone no sound", () => {
	const sound = ffmpegLiveArguments({ ...LIVE, rungs: [], hasAudio: true });
	const picture = ffmpegLiveArguments({ ...LIVE, rungs, hasAudio: false });

	expect(sound).not.toContain("-filter_complex");
	expect(after(sound, "-map")).toEqual(["0:a:0"]);
	expect(picture).not.toContain("aac");
});

function after(args: string[], option: string): string[] {
	return args.flatMap((arg, index) => (arg === option ? [args[index + 1] ?? ""] : []));
}
