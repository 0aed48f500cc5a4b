import { expect, test } from "vitest";
import { encodeAudioArguments, encodeVideoArguments, readLoudness, remuxArguments } from "./vod-arguments.ts";

const INPUT = { path: "/tmp/a.source", maxPixels: 1000, start: 4.004, end: 8.008 };
const RUNG = {
	name: "360p-h264",
	codec: "h264",
	width: 640,
	height: 360,
	framesPerSecond: 30,
	bitrateBps: 800_000,
} as const;
const ENCODE = {
	input: INPUT,
	streamIndex: 0,
	framesPerSecond: 30,
	isInterlaced: false,
	transfer: null,
	segmentSeconds: 2,
	nominalSeconds: 4,
	rungs: [RUNG],
	preset: "veryfast",
};

test("every command is given local files in known containers only, before its input", () => {
	const commands = [
		remuxArguments(INPUT, [{ index: 0, kind: "video", codec: "h264" }]),
		encodeVideoArguments(ENCODE),
		encodeAudioArguments(INPUT, 1, [{ name: "audio-aac128", codec: "aac", bitrateBps: 128_000 }]),
	];

	for (const command of commands) {
		const head = command.slice(0, command.indexOf("-i"));
		expect(head[head.indexOf("-protocol_whitelist") + 1]).toBe("file,pipe");
		expect(head[head.indexOf("-format_whitelist") + 1]).not.toMatch(/hls|dash|concat|image|svg|sdp|rtsp|tee/);
		expect(head[head.indexOf("-max_pixels") + 1]).toBe("1000");
		expect(command.filter((argument) => /^[a-z]+:\/\//.test(argument))).toEqual([]);
	}
});

test("a chunk is cut a little before its key frames, so that neighbours agree", () => {
	const command = encodeVideoArguments(ENCODE);

	expect(command[command.indexOf("-ss") + 1]).toBe("4.003999");
	expect(command[command.indexOf("-t") + 1]).toBe("4.004000");
});

test("a rung of half the source's rate leaves out every other picture, and one of nearly the same rate none", () => {
	const rungs = [60, 30, 50].map((framesPerSecond) => ({ ...RUNG, framesPerSecond }));

	const command = encodeVideoArguments({ ...ENCODE, framesPerSecond: 59.94, rungs });

	const graph = command[command.indexOf("-filter_complex") + 1] ?? "";
	expect(graph.match(/framestep=2/g)?.length).toBe(1);
	expect(graph).toContain("[in1]framestep=2,");
});

test("nothing of a chunk's length reaches the encoder's rate, since all chunks share one header", () => {
	const rates = [2, 1.7].map((segmentSeconds) => {
		const command = encodeVideoArguments({ ...ENCODE, segmentSeconds });
		return command[command.indexOf("-maxrate") + 1];
	});

	expect(new Set(rates).size).toBe(1);
});

test("interlaced pictures are woven apart and those of high range mapped, others are left alone", () => {
	const plain = encodeVideoArguments(ENCODE).join(" ");
	const special = encodeVideoArguments({ ...ENCODE, isInterlaced: true, transfer: "smpte2084" }).join(" ");

	expect(plain).not.toMatch(/yadif|tonemap/);
	expect(special).toMatch(/yadif.*tonemap/);
});

test("loudness is read from the summary, and silence has none", () => {
	expect(
		readLoudness(["  Integrated loudness:", "    I:         -23.1 LUFS", "    LRA low: -24.0 LUFS"]),
	).toBe(-23.1);
	expect(readLoudness(["    I:         -70.0 LUFS"])).toBeNull();
	expect(readLoudness([])).toBeNull();
});
