import type { PictureSize } from "../../domain/streaming/ladder.ts";
import { fitInside, layOutStoryboard, renderStoryboard } from "../../domain/streaming/storyboard.ts";
import { inputArguments } from "../../domain/streaming/vod-arguments.ts";
import type { VodResult, VodTask } from "../../protocol/vod-job.ts";
import { CommandError, explainCommand, SourceFault } from "./failure.ts";
import { displaySize, type Inspection, inspect, type ProbedStream } from "./inspection.ts";
import { wholeInput } from "./renditions.ts";
import type { LocalSource } from "./source-cache.ts";
import type { TaskContext } from "./task-context.ts";

const POSTER_BOX = { width: 1280, height: 720 };
/** A picture this small says whether there is something to see. */
const SAMPLE = { width: 64, height: 36 };
/** Where a poster is looked for, as shares of the length. The beginning is often black, the end credits. */
const CANDIDATES = [0.1, 0.25, 0.5, 0.35, 0.03, 0.75];
/** Standard deviation of the brightness, of 255, above which a picture is taken at once. */
const LIVELY = 24;
const JPEG = [
	"-c:v",
	"mjpeg",
	"-q:v",
	"3",
	"-huffman",
	"default",
	"-flags:v",
	"+bitexact",
	"-f",
	"image2pipe",
];
/** Key frames suffice for a long storyboard; a short one has few, and is cheap. */
const SHORT_SECONDS = 120;

/** The poster, and a storyboard if asked for. */
export async function makeThumbnails(
	context: TaskContext,
	task: Extract<VodTask, { kind: "thumbnail" }>,
): Promise<VodResult> {
	await using source = await context.source();
	const inspection = await inspect(context, source);
	const keys: string[] = [];
	const store = async (key: string, bytes: Uint8Array<ArrayBuffer>, contentType: string) => {
		await context.client.write(key, bytes, contentType);
		keys.push(key);
	};
	const { video, cover } = inspection;
	if (task.cover || video === null) {
		if (cover === null) throw new SourceFault("The file has no cover picture.");
		await store("poster.jpg", await readCover(context, inspection, cover), "image/jpeg");
		return { kind: "files", keys, captions: [] };
	}
	// A storyboard's step comes after the poster's, which somebody may have replaced meanwhile.
	const hasPoster = task.storyboard && (await context.client.read("poster.jpg")) !== null;
	if (!hasPoster) await store("poster.jpg", await takePoster(context, source, inspection), "image/jpeg");
	context.progress(0.3);
	if (task.storyboard) {
		await source.fillAll();
		const layout = layOutStoryboard(displaySize(video), Math.max(0.1, inspection.durationSeconds ?? 0.1));
		await store("storyboard.jpg", await drawStoryboard(context, inspection, video, layout), "image/jpeg");
		await store(
			"storyboard.vtt",
			new TextEncoder().encode(renderStoryboard(layout, "storyboard.jpg")),
			"text/vtt",
		);
	}
	return { kind: "files", keys, captions: [] };
}

/** The first lively picture of some places in the work, or else the liveliest. */
async function takePoster(context: TaskContext, source: LocalSource, inspection: Inspection) {
	const { path, durationSeconds, startSeconds, video } = inspection;
	if (video === null) throw new SourceFault("The file has no picture.");
	const size = fitInside(displaySize(video), POSTER_BOX);
	let best: { liveliness: number; jpeg: Uint8Array<ArrayBuffer> } | null = null;
	for (const at of [...CANDIDATES.map((share) => share * (durationSeconds ?? 0)), 0]) {
		const start = startSeconds + at;
		await source.fillPart({ trackID: video.id ?? null, start, end: start });
		const picture = await pictureAt(context, path, { at, size, video });
		if (picture === null) continue;
		if (best === null || picture.liveliness > best.liveliness) best = picture;
		if (best.liveliness >= LIVELY) break;
	}
	if (best === null) throw new SourceFault("No picture of this file can be read: it is damaged.");
	return best.jpeg;
}

/** One decode into a JPEG and a small grey sample of it. Null if there is no picture at that time. */
async function pictureAt(
	context: TaskContext,
	path: string,
	{ at, size, video }: { at: number; size: PictureSize; video: ProbedStream },
) {
	const [jpeg, grey] = await runInto(context, [
		...inputArguments(
			{ ...wholeInput(context, path), start: at, end: null },
			{ before: ["-noaccurate_seek"] },
		),
		...[
			"-filter_complex",
			`[0:${video.index}]split=2[a][b];[a]${scale(size)}[poster];[b]${scale(SAMPLE)},format=gray[sample]`,
		],
		...["-map", "[poster]", "-frames:v", "1", ...JPEG, "pipe:3"],
		...["-map", "[sample]", "-frames:v", "1", "-f", "rawvideo", "pipe:4"],
	]);
	if (jpeg === undefined || grey === undefined || jpeg.length === 0 || grey.length === 0) return null;
	return { jpeg, liveliness: deviation(grey) };
}

async function readCover(context: TaskContext, { path }: Inspection, cover: ProbedStream) {
	const size = fitInside({ width: cover.width, height: cover.height }, { width: 1280, height: 1280 });
	const [jpeg] = await runInto(context, [
		...inputArguments({ ...wholeInput(context, path), end: null }),
		...["-map", `0:${cover.index}`, "-vf", scale(size), "-frames:v", "1", ...JPEG, "pipe:3"],
	]);
	if (jpeg === undefined || jpeg.length === 0)
		throw new SourceFault("The cover picture in this file is damaged.");
	return jpeg;
}

async function drawStoryboard(
	context: TaskContext,
	{ path, durationSeconds }: Inspection,
	video: ProbedStream,
	layout: ReturnType<typeof layOutStoryboard>,
) {
	const isShort = (durationSeconds ?? 0) <= SHORT_SECONDS;
	const { columns, rows, tileWidth, tileHeight, secondsPerTile } = layout;
	const rate = `fps=fps=${1 / secondsPerTile}:start_time=0:round=near`;
	const [jpeg] = await runInto(context, [
		...inputArguments(wholeInput(context, path), isShort ? {} : { before: ["-skip_frame", "nokey"] }),
		...["-map", `0:${video.index}`, "-vf"],
		`${rate},${scale({ width: tileWidth, height: tileHeight })},tile=${columns}x${rows}`,
		...["-frames:v", "1", ...JPEG, "pipe:3"],
	]);
	if (jpeg === undefined || jpeg.length === 0) throw new SourceFault("No picture of this file can be read.");
	return jpeg;
}

async function runInto(context: TaskContext, args: string[]): Promise<Uint8Array<ArrayBuffer>[]> {
	const results: Uint8Array<ArrayBuffer>[] = [];
	const collect = (index: number) => async (pipe: AsyncIterable<Uint8Array>) => {
		const chunks: Uint8Array[] = [];
		for await (const bytes of pipe) chunks.push(bytes);
		results[index] = new Uint8Array(Buffer.concat(chunks));
	};
	const count = args.filter((arg) => arg.startsWith("pipe:")).length;
	try {
		await context.run({
			tool: "ffmpeg",
			args,
			outputs: Array.from({ length: count }, (_, index) => collect(index)),
		});
	} catch (error) {
		// Nothing at that time: the next candidate may have something.
		if (
			error instanceof CommandError &&
			error.outcome === "exit" &&
			results.every((one) => one.length === 0)
		) {
			const explained = explainCommand(error);
			if (!(explained instanceof SourceFault)) return [];
			throw explained;
		}
		throw explainCommand(error);
	}
	return results;
}

function scale({ width, height }: PictureSize): string {
	return `scale=${width}:${height}:flags=bicubic+accurate_rnd+bitexact:out_range=full,setsar=1,format=yuvj420p`;
}

function deviation(values: Uint8Array): number {
	const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
	return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
