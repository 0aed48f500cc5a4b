import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { register } from "../../protocol/account.ts";
import type { VideoID } from "../../protocol/ids.ts";
import { getPipeline, type PipelineView } from "../../protocol/vod.ts";
import { PASSWORD } from "../support/stage.ts";
import { Caller, eventually, System } from "../support/system.ts";
import { untilReady, uploadFile } from "../support/vod-upload.ts";

const PORT = 21_500;
/** Those of `npm start` end before. */
const MEDIA_PORTS = [PORT + 20, PORT + 21] as const;
const MEDIA_TOKEN = "token-of-two-media-programs";

let folder: string;
let system: System;
let programs: ChildProcess[];

beforeAll(async () => {
	folder = mkdtempSync(`${tmpdir()}/rostrum-programs-`);
	programs = MEDIA_PORTS.map(startProgram);
	system = await System.start(PORT, {
		MEDIA_URLS: MEDIA_PORTS.map((port) => `http://127.0.0.1:${port}`).join(","),
		MEDIA_TOKEN,
	});
}, 120_000);
afterAll(async () => {
	for (const program of programs) program.kill("SIGKILL");
	await system[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true, force: true });
});

test("two media programs share a work, and one finishes it when the other is gone for good", async () => {
	const caller = new Caller(system.url);
	const body = { userName: `sharer_${process.pid}`, password: PASSWORD };
	caller.token = (await caller.call(register, { body })).accessToken;
	const videoID = await uploadFile(caller, {
		path: makeFilm(`${folder}/long.mkv`),
		kind: "video",
		contentType: "video/x-matroska",
	});

	const shared = await eventually(async () => {
		const view = await pipelineOf(caller, videoID);
		return workersOf(view).size === MEDIA_PORTS.length ? view : null;
	}, 60_000);
	programs[1]?.kill("SIGKILL");
	await untilReady(caller, videoID, 150_000);

	const { steps } = await pipelineOf(caller, videoID);
	const finishedBefore = shared.steps.filter(({ status }) => status === "COMPLETE");
	expect(shared.state).toBe("RUNNING");
	expect(steps.every(({ status }) => status === "COMPLETE")).toBe(true);
	for (const before of finishedBefore) {
		expect(steps.find(({ stepID }) => stepID === before.stepID)).toMatchObject({
			attempt: before.attempt,
			worker: before.worker,
		});
	}
}, 240_000);

async function pipelineOf(caller: Caller, videoID: VideoID): Promise<PipelineView> {
	return await caller.call(getPipeline, { params: { videoID } });
}

/** Which programs have done or do something. */
function workersOf({ steps }: PipelineView): Set<string> {
	const workers = steps.flatMap(({ worker }) => worker ?? []);
	return new Set(workers.filter((worker) => MEDIA_PORTS.some((port) => worker.endsWith(`:${port}`))));
}

function startProgram(port: number): ChildProcess {
	return spawn(process.execPath, ["media/index.ts"], {
		env: {
			...process.env,
			MEDIA_PORT: String(port),
			MEDIA_TOKEN,
			MEDIA_VOD_PRESET: "ultrafast",
			MEDIA_VOD_JOBS: "1",
			MEDIA_VOD_FOLDER: `${folder}/media`,
		},
		stdio: "ignore",
	});
}

/** Half a minute in a codec that is not copied: several chunks. */
function makeFilm(path: string): string {
	const inputs = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=30:d=40", "-f", "lavfi", "-i", "sine=440:d=40"];
	const codecs = ["-c:v", "mpeg4", "-q:v", "4", "-g", "30", "-c:a", "libopus"];
	execFileSync("ffmpeg", ["-v", "error", "-y", ...inputs, ...codecs, path]);
	return path;
}
