import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { promisify } from "node:util";
import { planSteps } from "../domain/vod/plan.ts";
import type { VideoID } from "../protocol/ids.ts";
import type { VodOutput, VodRung, VodTask } from "../protocol/vod-job.ts";
import { VodStore } from "../test/support/vod-store.ts";

const ROUNDS = 3;
const SECONDS = 30;
const PRESET = "veryfast";
const SEGMENT_SECONDS = 4;
/** Ticks a second of /proc/self/stat. */
const CLOCK_TICKS = 100;

type Cost = { wallMs: number; cpuMs: number; ssim: number };
type EncodeTask = Extract<VodTask, { kind: "encode-video" }>;

/**
 * The ladder of a 720p film of half a minute, chunk by chunk by our media program, and by one ffmpeg that makes all rungs in one pass with the same encoder
 * settings, in turns.
 */
export async function measureVodLadder() {
	const folder = await mkdtemp(`${tmpdir()}/rostrum-bench-`);
	try {
		const source = `${folder}/source.mp4`;
		await ffmpeg([
			...["-f", "lavfi", "-i", `testsrc2=size=1280x720:rate=30:duration=${SECONDS},noise=alls=6:allf=t`],
			...["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-g", "60", "-pix_fmt", "yuv420p", source],
		]);
		const rounds: { chunks: Cost; single: Cost }[] = [];
		for (let round = 0; round < ROUNDS; round += 1) {
			const { cost, rungs } = await encodeInChunks(source, folder);
			rounds.push({ chunks: cost, single: await encodeAtOnce(source, folder, rungs) });
		}
		const median = (figure: (round: { chunks: Cost; single: Cost }) => number) =>
			Number(
				rounds
					.map(figure)
					.toSorted((a, b) => a - b)
					[Math.floor(ROUNDS / 2)]?.toFixed(4),
			);
		return {
			what: "our chunks ÷ one ffmpeg, median of rounds",
			ratios: {
				cpu: median(({ chunks, single }) => chunks.cpuMs / single.cpuMs),
				wall: median(({ chunks, single }) => chunks.wallMs / single.wallMs),
				wallOfCpuPerCore: median(({ chunks }) => (chunks.wallMs * availableParallelism()) / chunks.cpuMs),
				ssimApart: median(({ chunks, single }) => chunks.ssim - single.ssim),
			},
			rounds,
		};
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

async function encodeInChunks(source: string, folder: string): Promise<{ cost: Cost; rungs: VodRung[] }> {
	await using store = await VodStore.open({ maxJobs: 2 * availableParallelism(), preset: PRESET });
	const videoID = await store.add(source);
	const { probe } = await store.result("probe", videoID, { kind: "probe" });
	const options = { maxHeight: 1080, furtherCodecs: [], hasOpus: false, mayRemux: false };
	const tasks = planSteps("video", probe, options).flatMap(({ task }) =>
		task.kind === "encode-video" ? [task] : [],
	);
	const outputs: VodOutput[] = [];
	const meter = new Meter();
	await Promise.all(
		Array.from({ length: availableParallelism() }, async () => {
			for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
				outputs.push(...(await encode(store, videoID, task)));
			}
		}),
	);
	const spent = meter.read();
	const rungs = planSteps("video", probe, options).flatMap(({ task }) =>
		task.kind === "encode-video" && task.chunk === 0 ? task.rungs : [],
	);
	const top = rungs.toSorted((a, b) => b.height - a.height)[0]?.name;
	const chunks = outputs.filter(({ name }) => name === top).toSorted((a, b) => a.chunk - b.chunk);
	const keys = chunks.flatMap(({ segments }) => segments.map(({ key }) => key));
	const joined = await store.file(videoID, [chunks[0]?.initKey ?? "", ...keys]);
	return { cost: { ...spent, ssim: await ssim(joined, source, folder) }, rungs };
}

async function encode(store: VodStore, videoID: VideoID, task: EncodeTask): Promise<VodOutput[]> {
	const stepID = `v${task.chunk}-${task.rungs.length}`;
	return (await store.result("outputs", videoID, task, { stepID })).outputs;
}

async function encodeAtOnce(source: string, folder: string, rungs: VodRung[]): Promise<Cost> {
	const outputs = rungs.toSorted((a, b) => b.height - a.height);
	const graph = outputs.map(
		({ width, height }, index) => `[in${index}]scale=${width}:${height}:flags=bicubic[out${index}]`,
	);
	const split = `[0:v]split=${outputs.length}${outputs.map((_, index) => `[in${index}]`).join("")}`;
	const meter = new Meter();
	await ffmpeg([
		...["-i", source, "-filter_complex", [split, ...graph].join(";")],
		...outputs.flatMap(({ bitrateBps, name }, index) => [
			...["-map", `[out${index}]`, "-c:v", "libx264", "-preset", PRESET, "-profile:v", "high", "-crf", "21"],
			...["-maxrate", String(bitrateBps), "-bufsize", String(bitrateBps * 1.5)],
			...["-force_key_frames", `expr:gte(t,n_forced*${SEGMENT_SECONDS})`, "-x264-params", "scenecut=0"],
			`${folder}/single-${name}.mp4`,
		]),
	]);
	return { ...meter.read(), ssim: await ssim(`${folder}/single-${outputs[0]?.name}.mp4`, source, folder) };
}

/** Structural similarity of all planes, 0 to 1. */
async function ssim(path: string, source: string, folder: string): Promise<number> {
	const log = `${folder}/ssim.log`;
	await ffmpeg(["-i", path, "-i", source, "-lavfi", `[0:v][1:v]ssim=stats_file=${log}`, "-f", "null", "-"]);
	const lines = (await readFile(log, "utf8")).trim().split("\n");
	const values = lines.map((line) => Number(/All:([\d.]+)/.exec(line)?.[1]));
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function ffmpeg(args: string[]): Promise<void> {
	await promisify(execFile)("ffmpeg", ["-v", "error", "-y", ...args]);
}

/** Time that passes, and that this process and its ended children take of all cores. */
class Meter {
	readonly #startedAt = performance.now();
	readonly #own = process.cpuUsage();
	readonly #children = childTicks();

	read(): { wallMs: number; cpuMs: number } {
		const { user, system } = process.cpuUsage(this.#own);
		const cpuMs = (user + system) / 1000 + ((childTicks() - this.#children) * 1000) / CLOCK_TICKS;
		return { wallMs: Math.round(performance.now() - this.#startedAt), cpuMs: Math.round(cpuMs) };
	}
}

function childTicks(): number {
	const stat = readFileSync("/proc/self/stat", "utf8");
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return Number(fields[13]) + Number(fields[14]);
}
