import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import * as z from "zod";

const run = promisify(execFile);

const ProbeReport = z.object({
	streams: z.array(
		z.object({
			codec_name: z.string(),
			codec_type: z.enum(["audio", "video"]),
			width: z.int().optional(),
			height: z.int().optional(),
		}),
	),
	packets: z.array(
		z.object({ pts_time: z.coerce.number(), duration_time: z.coerce.number().optional(), flags: z.string() }),
	),
});

export interface Probe {
	codec: string;
	width: number | undefined;
	height: number | undefined;
	/** Seconds, in decoding order as the file has them. */
	packets: { time: number; isKey: boolean }[];
}

/** What ffprobe says of one single-track CMAF file, given as its pieces. */
export async function probeMedia(pieces: Uint8Array[]): Promise<Probe> {
	const folder = mkdtempSync(`${tmpdir()}/rostrum-probe-`);
	try {
		writeFileSync(`${folder}/media.mp4`, Buffer.concat(pieces));
		const { stdout } = await run(
			"ffprobe",
			["-v", "error", "-show_streams", "-show_packets", "-of", "json", `${folder}/media.mp4`],
			{ maxBuffer: 64 * 1024 * 1024 },
		);
		const { streams, packets } = ProbeReport.parse(JSON.parse(stdout));
		const stream = streams[0];
		if (!stream) throw new Error("ffprobe found no stream");
		return {
			codec: stream.codec_name,
			width: stream.width,
			height: stream.height,
			packets: packets.map((packet) => ({ time: packet.pts_time, isKey: packet.flags.startsWith("K") })),
		};
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** Decodes every frame; returns how many there were. Throws if ffmpeg finds anything wrong. */
export async function countDecodedFrames(pieces: Uint8Array[]): Promise<number> {
	const folder = mkdtempSync(`${tmpdir()}/rostrum-decode-`);
	try {
		writeFileSync(`${folder}/media.mp4`, Buffer.concat(pieces));
		const { stdout, stderr } = await run("ffprobe", [
			"-v",
			"error",
			"-count_frames",
			"-show_entries",
			"stream=nb_read_frames",
			"-of",
			"csv=p=0",
			`${folder}/media.mp4`,
		]);
		if (stderr !== "") throw new Error(stderr);
		return Number.parseInt(stdout, 10);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** Plays so many seconds of an address as an independent client does (ffmpeg), and returns the frames that it decoded. */
export async function decodeSeconds(url: string, seconds: number): Promise<number> {
	const { stdout } = await run("ffmpeg", [
		...["-v", "error", "-i", url, "-t", String(seconds), "-map", "0:v:0"],
		...["-f", "null", "-progress", "pipe:1", "-"],
	]);
	return Number([...stdout.matchAll(/^frame=\s*(\d+)/gm)].at(-1)?.[1] ?? 0);
}
