import { open } from "node:fs/promises";
import { join } from "node:path";
import { guardArguments } from "../../domain/streaming/vod-arguments.ts";
import type { VodResult, VodTask } from "../../protocol/vod-job.ts";
import type { TaskContext } from "./task-context.ts";

/** Finished renditions as one file with its index in front (`+faststart`), by copying. */
export async function assembleDownload(
	context: TaskContext,
	task: Extract<VodTask, { kind: "progressive" }>,
): Promise<VodResult> {
	const { folder, client, job } = context;
	const names = [task.video, task.audio].filter((name) => name !== null);
	const inputs: string[] = [];
	for (const [index, name] of names.entries()) {
		inputs.push(await fetchRendition(context, name));
		context.progress((index + 1) / (names.length + 1));
	}
	const output = join(folder, "download.mp4");
	await context.run({
		tool: "ffmpeg",
		args: [
			...["-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning", "-y"],
			...inputs.flatMap((path) => [...guardArguments(job.limits.maxPixels), "-i", path]),
			...inputs.flatMap((_, index) => ["-map", `${index}:0`]),
			...[
				"-c",
				"copy",
				"-map_metadata",
				"-1",
				"-fflags",
				"+bitexact",
				"-movflags",
				"+faststart",
				"-f",
				"mp4",
				output,
			],
		],
	});
	const key = task.video === null ? "download.m4a" : "download.mp4";
	await client.writeFile(key, output, {
		contentType: task.video === null ? "audio/mp4" : "video/mp4",
	});
	return { kind: "files", keys: [key], captions: [] };
}

/** Header and all segments in one local file. Chunks and segments are numbered without a gap, so the first that is missing is the end. */
async function fetchRendition({ client, folder }: TaskContext, name: string): Promise<string> {
	const path = join(folder, `${name}.mp4`);
	const file = await open(path, "w", 0o600);
	try {
		const init = await client.read(`${name}/init.mp4`);
		if (init === null) throw new Error(`rendition ${name} is not stored`);
		await file.writeFile(init);
		for (let chunk = 0; ; chunk += 1) {
			let segment = 0;
			for (; ; segment += 1) {
				const key = `${name}/c${chunk}-${String(segment + 1).padStart(5, "0")}.m4s`;
				const bytes = await client.read(key);
				if (bytes === null) break;
				await file.writeFile(bytes);
			}
			if (segment === 0) return path;
		}
	} finally {
		await file.close();
	}
}
