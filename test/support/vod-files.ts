import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Makes small files with ffmpeg in a folder that is removed at the end. */
export class VodFiles implements AsyncDisposable {
	readonly #folder: string;
	readonly #made = new Map<string, Promise<string>>();

	constructor(folder: string) {
		this.#folder = folder;
	}

	static async open(): Promise<VodFiles> {
		return new VodFiles(await mkdtemp(join(tmpdir(), "vod-files-")));
	}

	/** Runs ffmpeg with these arguments and the file's path behind them; the same name again is the same file. */
	make(name: string, args: string): Promise<string> {
		const path = join(this.#folder, name);
		const known = this.#made.get(name);
		const making =
			known ?? promisify(execFile)("ffmpeg", ["-v", "error", "-y", ...split(args), path]).then(() => path);
		this.#made.set(name, making);
		return making;
	}

	path(name: string): string {
		return join(this.#folder, name);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await rm(this.#folder, { recursive: true, force: true });
	}
}

export type Track = {
	codec: string;
	width: number;
	height: number;
	shape: string;
	pixelFormat: string;
	/** Presentation times in seconds, in order. */
	times: number[];
	errors: string;
};

/** What a file's first stream of this kind is, all of it decoded. */
export async function decodeTrack(path: string, kind: "v" | "a"): Promise<Track> {
	const { stdout, stderr } = await promisify(execFile)(
		"ffprobe",
		[
			...[
				"-v",
				"error",
				"-select_streams",
				`${kind}:0`,
				"-of",
				"json",
				"-show_frames",
				"-show_streams",
				"-show_entries",
			],
			"stream=codec_name,width,height,sample_aspect_ratio,pix_fmt:frame=pts_time",
			path,
		],
		{ maxBuffer: 64 * 1024 * 1024 },
	);
	const { streams, frames } = JSON.parse(stdout);
	const times: number[] = frames.map((frame: { pts_time: string }) => Number(frame.pts_time));
	return {
		codec: streams[0].codec_name,
		width: streams[0].width,
		height: streams[0].height,
		shape: streams[0].sample_aspect_ratio,
		pixelFormat: streams[0].pix_fmt,
		times,
		errors: stderr,
	};
}

/** Of each picture in order, the mean brightness, 0 to 255. */
export async function brightness(path: string): Promise<number[]> {
	const { stdout } = await promisify(execFile)(
		"ffmpeg",
		[
			"-v",
			"error",
			"-i",
			path,
			"-vf",
			"scale=1:1:flags=area",
			"-fps_mode",
			"passthrough",
			"-f",
			"rawvideo",
			"-pix_fmt",
			"gray",
			"-",
		],
		{ encoding: "buffer", maxBuffer: 16 * 1024 * 1024 },
	);
	return [...stdout];
}

/** Splits at spaces, keeps what is in quotes together. */
function split(args: string): string[] {
	return (args.match(/'[^']*'|\S+/g) ?? []).map((arg) => arg.replace(/^'|'$/g, ""));
}
