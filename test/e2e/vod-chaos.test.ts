import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import * as z from "zod";
import type { VideoID } from "../../protocol/ids.ts";
import { getVideo } from "../../protocol/vod.ts";
import { Bucket } from "../support/bucket.ts";
import { PipelineWatch } from "../support/pipeline-watch.ts";
import { eventually, findCommands, System } from "../support/system.ts";
import { VodFiles } from "../support/vod-files.ts";
import { type SmallFile, VodUploader } from "../support/vod-uploader.ts";

const KILLS = 20;
/** Between a kill and the next at most; some come before everything is up again. */
const MAX_PAUSE_MS = 5000;
const MEDIA_PROGRAM = "media/index.ts";
const WORKERD = "workerd serve";
const VICTIMS = [[MEDIA_PROGRAM], [WORKERD], [MEDIA_PROGRAM, WORKERD]];
/** `CHAOS_SEED` repeats the choices of a run that failed. */
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

let system: System;
let bucket: Bucket;
let files: SmallFile[];
/** Of the media program, so that what it leaves behind can be found. */
let folder: string;

beforeAll(async () => {
	files = await makeFiles();
	folder = mkdtempSync(`${tmpdir()}/rostrum-chaos-`);
	system = await System.start(20_650, { MEDIA_VOD_PRESET: "ultrafast", MEDIA_VOD_FOLDER: folder });
	bucket = new Bucket(system.url);
});
afterAll(async () => {
	await system?.[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true, force: true });
});

interface Work {
	file: SmallFile;
	uploader: VodUploader;
	videoID: VideoID;
}

test("kill -9 of the media program, of workerd and of both, twenty times at random: every job ends, no finished step runs again, and every byte is as in an undisturbed run", {
	timeout: 400_000,
	retry: 0,
}, async () => {
	const kills: string[] = [];
	const begunAt = Date.now();
	await using watch = new PipelineWatch();
	onTestFailed(() => {
		const open = (["PENDING", "RUNNING", "FAILED"] as const).map(
			(status) => `${status}: ${watch.steps(status).join(", ")}`,
		);
		const story = [`CHAOS_SEED=${SEED}`, ...kills, ...watch.violations, ...open, ...system.output.slice(-30)];
		process.stderr.write(`${story.join("\n")}\n`);
	});
	const expected = await undisturbed(watch);

	const works = await disturbed(watch, kills);
	await eventually(async () => watch.isDone, 120_000);
	const steps = watch.steps("COMPLETE");
	process.stdout.write(
		`CHAOS_SEED=${SEED}: ${kills.length} kills in ${Math.round((Date.now() - begunAt) / 1000)} s, ${works.length} works disturbed, ${startedAttempts().length} starts for ${steps.length} steps\n`,
	);

	expect(watch.violations).toEqual([]);
	expect(irregularStarts(steps)).toEqual([]);
	for (const { file, uploader, videoID } of works) {
		const { state } = await uploader.caller.call(getVideo, { params: { videoID } });
		const objects = await readWork(videoID);
		const what = {
			state,
			isWhole: objects.has("index.json"),
			changes: differences(expected.get(file.name), objects),
		};
		expect(what, file.name).toEqual({ state: "ready", isWhole: true, changes: [] });
	}
	expect(findCommands(folder)).toEqual([]);
});

/** What becomes of the files if nothing happens, by their names. */
async function undisturbed(watch: PipelineWatch): Promise<Map<string, Map<string, string>>> {
	const works = await sendAll(watch);
	await eventually(async () => watch.isDone, 120_000);
	const objects = new Map<string, Map<string, string>>();
	for (const { file, videoID } of works) objects.set(file.name, await readWork(videoID));
	return objects;
}

/** The files again and again, by somebody else each time, until all kills were made while there was something to do. */
async function disturbed(watch: PipelineWatch, kills: string[]): Promise<Work[]> {
	const random = seededRandom(SEED);
	const works: Work[] = [];
	while (kills.length < KILLS) {
		let isSent = false;
		const sending = sendAll(watch).finally(() => {
			isSent = true;
		});
		while (kills.length < KILLS && !(isSent && watch.isDone)) {
			await sleep(random() * MAX_PAUSE_MS);
			const victims = VICTIMS[Math.floor(random() * VICTIMS.length)] ?? [];
			const running = watch.steps("RUNNING");
			const killed = victims.filter((victim) => system.kill(victim) > 0);
			if (killed.length > 0)
				kills.push(
					`${Date.now()} ${killed.join(" and ")} during ${running.map((name) => name.slice(-24)).join(", ")}`,
				);
		}
		works.push(...(await sending));
	}
	return works;
}

async function sendAll(watch: PipelineWatch): Promise<Work[]> {
	const uploader = await VodUploader.register(system.url);
	return Promise.all(
		files.map(async (file) => {
			const videoID = await uploader.send(file);
			watch.follow(uploader.caller, videoID);
			return { file, uploader, videoID };
		}),
	);
}

/** Every object of a work in letters that can be compared, by its key; without the work's own ID. */
async function readWork(videoID: VideoID): Promise<Map<string, string>> {
	const objects = await bucket.read(`vod/${videoID}/`);
	return new Map(
		[...objects].map(([key, bytes]) => [key, bytes.toString("latin1").replaceAll(videoID, "the work")]),
	);
}

function differences(expected: Map<string, string> = new Map(), actual: Map<string, string>): string[] {
	const keys = [...new Set([...expected.keys(), ...actual.keys()])];
	return keys.filter((key) => expected.get(key) !== actual.get(key)).toSorted();
}

const Started = z.object({
	event: z.literal("step.started"),
	videoID: z.string(),
	stepID: z.string(),
	attempt: z.int(),
});

/** Every attempt that a media program has begun, in order. */
function startedAttempts(): z.infer<typeof Started>[] {
	const lines = system.output.join("").split("\n");
	return lines.flatMap((line) => {
		if (!line.startsWith("{")) return [];
		const started = Started.safeParse(JSON.parse(line));
		return started.success ? [started.data] : [];
	});
}

/** Attempts that were begun twice, or after the one that the pipeline took for the step's end; and ends without a beginning. */
function irregularStarts(complete: string[]): string[] {
	const ends = complete.filter((name) => !/\/(manifest|metadata)\//.test(name));
	const attempts = new Map(
		ends.map((name) => [name.slice(0, name.lastIndexOf("/")), Number(name.split("/").at(-1))]),
	);
	const begun = new Set<string>();
	const again = startedAttempts().flatMap(({ videoID, stepID, attempt }) => {
		const name = `${videoID}/${stepID}/${attempt}`;
		const isAgain = begun.has(name) || attempt > (attempts.get(`${videoID}/${stepID}`) ?? 0);
		begun.add(name);
		return isAgain ? [`${name} again`] : [];
	});
	return [...again, ...ends.filter((name) => !begun.has(name)).map((name) => `${name} never`)];
}

/** Numbers from 0 up to 1 that follow from the seed: the linear congruential generator of Numerical Recipes. */
function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}

/** A picture that is taken as it is, one that is encoded, one without sound, and sound with and without a cover. */
async function makeFiles(): Promise<SmallFile[]> {
	await using made = await VodFiles.open();
	const picture = (size: string, seconds: number) => `-f lavfi -i testsrc2=s=${size}:r=25:d=${seconds}`;
	const tone = (seconds: number) => `-f lavfi -i sine=440:d=${seconds}`;
	const h264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50";
	const cover = await made.make("cover.png", "-f lavfi -i testsrc=s=300x300 -frames:v 1");
	const recipes: [SmallFile["kind"], string, string][] = [
		["video", "remuxed.mp4", `${picture("320x180", 8)} ${tone(8)} ${h264} -c:a aac -shortest`],
		[
			"video",
			"encoded.webm",
			`${picture("640x360", 10)} ${tone(10)} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 50 -c:a libopus`,
		],
		["video", "silent.mp4", `${picture("480x360", 6)} -c:v mpeg4 -q:v 4`],
		[
			"audio",
			"song.mp3",
			`${tone(10)} -i ${cover} -map 0 -map 1 -c:a libmp3lame -c:v copy -disposition:v attached_pic -id3v2_version 3`,
		],
		["audio", "tone.wav", tone(10)],
	];
	return await Promise.all(
		recipes.map(async ([kind, name, args]) => ({
			kind,
			name,
			bytes: await readFile(await made.make(name, args)),
		})),
	);
}
