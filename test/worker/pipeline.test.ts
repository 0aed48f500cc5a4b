import {
	createExecutionContext,
	createMessageBatch,
	getQueueResult,
	runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { outputOf, probeOf, videoOf } from "../../domain/vod/fixtures.ts";
import { ASK_MS, LEASE_MS } from "../../domain/vod/pipeline.ts";
import { unwrap } from "../../durable-objects/outcome.ts";
import { Pipeline } from "../../durable-objects/pipeline.ts";
import { VideoID } from "../../protocol/ids.ts";
import type { Video } from "../../protocol/vod.ts";
import type { VodJob } from "../../protocol/vod-job.ts";
import { consumeVodQueue } from "../../workers/vod-queue.ts";
import { registerUser, type Session, send } from "./client.ts";
import { filed, inPipeline, MediaProgram, made, probed, report, startWork, stepsOf } from "./processing.ts";
import { beginUpload, fileOf } from "./uploading.ts";

let media: MediaProgram;
let owner: Session;
let seed = 100;

beforeEach(async () => {
	media = new MediaProgram();
	owner = await registerUser();
});

afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
});

/** A work whose source lies in the bucket, though nobody has said so. */
async function storedWork(change: object = {}): Promise<string> {
	const file = fileOf(500, ++seed);
	const { assetID } = await beginUpload(owner, file, { assetMeta: { visibility: "public" }, ...change });
	await env.MEDIA.put(`vod/${assetID}/source`, file);
	return assetID;
}

async function videoOfWork(videoID: string): Promise<Video> {
	return (await send("GET", `/videos/${videoID}`, { token: owner.accessToken })).json<Video>();
}

/** The settings come from elsewhere than the bindings. */
const withMedia = Object.assign({}, env, { MEDIA_URLS: "http://media.test" });
/** The files of a silent picture of 8 s that fits: remux, poster, storyboard, download. */
const SILENT = probeOf({
	durationSeconds: 8,
	audio: null,
	bitrateBps: 500_000,
	video: videoOf({ width: 426, height: 240, keyframes: [0, 2, 4, 6] }),
});

function remuxed(job: VodJob) {
	return outputOf(job.task.kind === "remux" ? (job.task.video ?? "") : "", 0, { first: 0, count: 2 });
}

async function finishAll(videoID: string): Promise<void> {
	await startWork(videoID);
	await probed(videoID, 1, SILENT);
	await made(videoID, media.job("remux"), remuxed(media.job("remux")));
	await filed(videoID, media.job("poster"), "poster.jpg");
	await filed(videoID, media.job("storyboard"), "storyboard.jpg", "storyboard.vtt");
	await filed(videoID, media.job("download"), "download.mp4");
}

describe("processing", () => {
	test("goes from the probe by way of what can be played early to the metadata, step by step", async () => {
		const videoID = await storedWork();

		await startWork(videoID);
		expect(await videoOfWork(videoID)).toMatchObject({ state: "processing", durationMs: null });
		await probed(videoID, 1, SILENT);
		expect(media.jobs.map((job) => job.stepID)).toEqual(["probe", "remux", "poster"]);
		await made(videoID, media.job("remux"), remuxed(media.job("remux")));
		expect(await videoOfWork(videoID)).toMatchObject({ state: "playable", durationMs: 8000, width: 426 });
		await filed(videoID, media.job("poster"), "poster.jpg");
		await filed(videoID, media.job("storyboard"), "storyboard.jpg", "storyboard.vtt");
		expect(await env.MEDIA.head(`vod/${videoID}/index.json`)).toBeNull();
		await filed(videoID, media.job("download"), "download.mp4");

		const work = await videoOfWork(videoID);
		expect(work).toMatchObject({ state: "ready", renditions: [{ name: "240p-source" }] });
		expect(work.posterURL).toContain("/poster.jpg?");
		expect(await env.MEDIA.head(`vod/${videoID}/index.json`)).not.toBeNull();
		expect(await stepsOf(videoID)).toEqual([
			"probe COMPLETE 1",
			"remux COMPLETE 1",
			"poster COMPLETE 1",
			"storyboard COMPLETE 1",
			"download COMPLETE 1",
			"manifest COMPLETE 1",
			"metadata COMPLETE 1",
		]);
	});

	test("that is rung for again and again happens once", async () => {
		const videoID = await storedWork();
		const ring = async () => {
			const messages = [1, 2].map((attempts) => ({
				id: `${videoID}-${attempts}`,
				timestamp: new Date(),
				attempts,
				body: { action: "PutObject", object: { key: `vod/${videoID}/source`, size: 500, eTag: "x" } },
			}));
			const batch = createMessageBatch("rostrum-vod", messages);
			await consumeVodQueue(batch, env);
			return getQueueResult(batch, createExecutionContext());
		};

		await startWork(videoID);
		const result = await ring();
		await startWork(videoID);

		expect(result.explicitAcks).toHaveLength(2);
		expect(media.jobs).toHaveLength(1);
	});

	test("does not begin without its source, or with one of another length", async () => {
		const { assetID } = await beginUpload(owner, fileOf(500, ++seed));
		await startWork(assetID);
		await env.MEDIA.put(`vod/${assetID}/source`, fileOf(499));
		await startWork(assetID);

		expect(media.jobs).toEqual([]);
		expect((await videoOfWork(assetID)).state).toBe("uploading");
	});

	test("waits while no media program has room, and counts no attempt for that", async () => {
		const videoID = await storedWork();
		media.room = 0;
		await startWork(videoID);

		media.room = 1;
		await startWork(videoID);

		expect(media.jobs).toHaveLength(1);
		expect(media.job("probe").attempt).toBe(1);
	});

	test("survives media programs that cannot be reached", async () => {
		const videoID = await storedWork();
		media.isDown = true;
		await startWork(videoID);

		media.isDown = false;
		await startWork(videoID);

		expect(media.job("probe").attempt).toBe(2);
	});

	test("gives a step to the program that was started in place of one that was killed, seconds after its last word", async () => {
		const videoID = await storedWork();
		await startWork(videoID);
		media.restart();

		vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ASK_MS });
		await startWork(videoID);

		expect(media.jobs.map((job) => job.attempt)).toEqual([1, 2]);
	});

	test("leaves a silent step with the program that has it, or does not say", async () => {
		const videoID = await storedWork();
		await startWork(videoID);

		vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ASK_MS });
		await startWork(videoID);
		media.isDown = true;
		vi.setSystemTime(Date.now() + ASK_MS);
		await startWork(videoID);

		expect(await stepsOf(videoID)).toEqual(["probe RUNNING 1"]);
	});

	test("leaves a silent step alone while one of the programs cannot be asked for it", async () => {
		const videoID = await storedWork();
		await startWork(videoID);
		media.restart();

		vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ASK_MS });
		const start = (pipeline: Pipeline) => pipeline.start(VideoID.parse(videoID), null);
		await inPipeline(videoID, start, "http://media.test,http://unreachable.test");

		expect(await stepsOf(videoID)).toEqual(["probe RUNNING 1"]);
	});

	test("has an alarm for a step that it gives away before anybody answers", async () => {
		const videoID = await storedWork();

		const alarmAt = await runInDurableObject(env.PIPELINE.getByName(videoID), async (_instance, state) => {
			const { promise, resolve } = Promise.withResolvers<void>();
			media.answers = promise;
			const pipeline = new Pipeline(state, withMedia);
			await pipeline.start(VideoID.parse(videoID), "http://rostrum.test");
			await vi.waitUntil(() => media.jobs.length > 0);
			const alarm = await state.storage.getAlarm();
			resolve();
			await pipeline.alarm();
			await state.storage.deleteAlarm();
			return alarm;
		});

		expect(alarmAt).toBeLessThan(Date.now() + LEASE_MS);
	});

	test("has an alarm until the catalogue knows how it ended", async () => {
		const videoID = await storedWork();
		await startWork(videoID);

		const [before, after] = await runInDurableObject(
			env.PIPELINE.getByName(videoID),
			async (_instance, state) => {
				const pipeline = new Pipeline(state, withMedia);
				const end = { reason: "It is no film.", isPermanent: true, log: "" };
				await pipeline.report("probe", { state: "failed", attempt: 1, worker: "m1", ...end });
				const alarms = [await state.storage.getAlarm()];
				await pipeline.alarm();
				return [...alarms, await state.storage.getAlarm()];
			},
		);

		expect(before).toBeLessThan(Date.now() + LEASE_MS);
		expect(after).toBeNull();
		expect((await videoOfWork(videoID)).state).toBe("failed");
	});

	test("refuses reports of older attempts, of nothing, and of what was not asked for", async () => {
		const videoID = await storedWork();
		await startWork(videoID);
		const say = async (stepID: string, attempt: number, name: string) => {
			const result = {
				kind: "outputs" as const,
				outputs: [outputOf(name, 0, { first: 0, count: 1 })],
				loudnessLufs: null,
			};
			const outcome = await report(videoID, stepID, { state: "complete", attempt, worker: "m1", result });
			return outcome.ok ? "taken" : outcome.code;
		};
		await probed(videoID, 1, SILENT);

		expect([
			await say("remux", 7, "240p-source"),
			await say("nothing", 1, "240p-source"),
			await say("remux", 1, "720p-h264"),
			await say("remux", 1, "240p-source"),
			await say("remux", 1, "240p-source"),
		]).toEqual(["attempt-superseded", "not-found", "validation", "taken", "taken"]);
	});

	test("fails with a reason for the uploader if the file is to blame, and can be retried", async () => {
		const videoID = await storedWork();
		await startWork(videoID);
		const reason = "The file is not a video or audio file.";

		await report(videoID, "probe", {
			state: "failed",
			attempt: 1,
			worker: "m1",
			reason,
			isPermanent: true,
			log: "",
		});
		const failed = await videoOfWork(videoID);
		unwrap(await inPipeline(videoID, (pipeline) => pipeline.retry(undefined)));
		await probed(videoID, 2, SILENT);

		expect(failed).toMatchObject({ state: "failed", failure: reason });
		expect(await videoOfWork(videoID)).toMatchObject({ state: "processing", failure: null });
		const nothing = await inPipeline(videoID, (pipeline) => pipeline.retry(undefined));
		expect(nothing).toMatchObject({ ok: false, code: "nothing-failed" });
	});

	test("of a picture as audio work fails in the uploader's words", async () => {
		const videoID = await storedWork({ kind: "audio" });
		await startWork(videoID);

		await probed(videoID, 1, SILENT);

		expect(await videoOfWork(videoID)).toMatchObject({
			state: "failed",
			failure: "There is no sound in this file.",
		});
	});

	test("shows what a running step has stored as a playlist that grows", async () => {
		const videoID = await storedWork();
		await startWork(videoID);
		await probed(videoID, 1, SILENT);
		const outputs = [outputOf("240p-source", 0, { first: 0, count: 1 })];

		await report(videoID, "remux", { state: "running", attempt: 1, worker: "m1", progress: 0.5, outputs });

		const index = await inPipeline(videoID, (pipeline) => pipeline.index());
		expect(index?.renditions).toMatchObject([
			{ name: "240p-source", isFinished: false, segments: [{ time: 0 }] },
		]);
		expect((await videoOfWork(videoID)).state).toBe("playable");
	});

	test("that begins a step anew takes nothing away from what can be played", async () => {
		const videoID = await storedWork();
		await startWork(videoID);
		await probed(videoID, 1, SILENT);
		const say = (count: number) => {
			const outputs = [outputOf("240p-source", 0, { first: 0, count })];
			return report(videoID, "remux", { state: "running", attempt: 1, worker: "m1", progress: 0, outputs });
		};

		await say(2);
		await say(1);

		const index = await inPipeline(videoID, (pipeline) => pipeline.index());
		expect(index?.renditions[0]?.segments).toHaveLength(2);
	});

	test("stops for a work that is deleted, and goes on if that is taken back", async () => {
		const videoID = await storedWork();
		const id = VideoID.parse(videoID);
		await inPipeline(videoID, (pipeline) => pipeline.eraseAt(id, Date.now() + 60_000));
		await startWork(videoID);
		const whileDeleted = media.jobs.length;

		await inPipeline(videoID, (pipeline) => pipeline.eraseAt(id, null));

		expect([whileDeleted, media.jobs.length]).toEqual([0, 1]);
	});

	test("ends with nothing left of a work whose time has come, and late reports are told so", async () => {
		const videoID = await storedWork();
		await finishAll(videoID);

		await inPipeline(videoID, (pipeline) => pipeline.eraseAt(VideoID.parse(videoID), Date.now() - 1));

		expect((await env.MEDIA.list({ prefix: `vod/${videoID}/` })).objects).toEqual([]);
		expect((await send("GET", `/videos/${videoID}`, { token: owner.accessToken })).status).toBe(404);
		const late = await filed(videoID, media.job("poster"), "poster.jpg");
		expect(late).toMatchObject({ ok: false, status: 410 });
	});
});

describe("the media program's entrance", () => {
	const call = (job: VodJob, method: string, path: string, more: object = {}) =>
		send(method, `${new URL(job.objects).pathname}${path}`, { token: job.token, ...more });

	test("gives the source by exact ranges, and takes and gives back outputs", async () => {
		const videoID = await storedWork();
		await startWork(videoID);
		const job = media.job("probe");

		const part = await call(job, "GET", "/source", { headers: { range: "bytes=10-19" } });
		const beyond = await call(job, "GET", "/source", { headers: { range: "bytes=500-" } });
		const bytes = fileOf(10);
		const put = await call(job, "PUT", "/240p-source/c0-00001.m4s", {
			raw: bytes,
			headers: { "content-length": "10" },
		});
		const back = await call(job, "GET", "/240p-source/c0-00001.m4s");

		expect(part.status).toBe(206);
		expect(part.headers.get("content-range")).toBe("bytes 10-19/500");
		expect(new Uint8Array(await part.arrayBuffer())).toEqual(fileOf(500, seed).slice(10, 20));
		expect([beyond.status, beyond.headers.get("content-range"), put.status]).toEqual([
			416,
			"bytes */500",
			204,
		]);
		expect(new Uint8Array(await back.arrayBuffer())).toEqual(bytes);
	});

	test("opens for one attempt at one step of one work, and never lets the source be written", async () => {
		const [videoID, otherID] = [await storedWork(), await storedWork()];
		await startWork(videoID);
		await startWork(otherID);
		const [job, other] = media.jobs;
		if (!job || !other) throw new Error("there are no jobs");
		const base = `/internal/vod/${videoID}`;

		const replies = await Promise.all([
			send("GET", `${base}/probe/1/objects/source`, { token: other.token }),
			send("GET", `${base}/probe/2/objects/source`, { token: job.token }),
			send("GET", `${base}/remux/1/objects/source`, { token: job.token }),
			send("GET", `${base}/probe/1/objects/source`, { token: job.token.replace(/\.\d+\./, ".9999999999.") }),
			send("GET", `${base}/probe/1/objects/source`),
			send("POST", `${base}/probe/1/reports`, { token: other.token, body: {} }),
			call(job, "PUT", "/source", { raw: fileOf(1), headers: { "content-length": "1" } }),
			call(job, "GET", "/../../secret"),
			call(job, "PUT", "/UPPER", { raw: fileOf(1), headers: { "content-length": "1" } }),
		]);

		expect(replies.map((reply) => reply.status)).toEqual([401, 401, 401, 401, 401, 401, 403, 404, 404]);
	});
});

describe("a finished work", () => {
	test("is watched by signed addresses that open it alone, whole or in exact ranges", async () => {
		const [videoID, otherID] = [await storedWork(), await storedWork()];
		await finishAll(videoID);
		media.jobs.length = 0;
		await finishAll(otherID);
		const segment = fileOf(1000);
		await env.MEDIA.put(`vod/${videoID}/240p-source/c0-00001.m4s`, segment);
		const { hls, progressive, isComplete } = await (await send("GET", `/videos/${videoID}/playback`)).json<{
			hls: string;
			progressive: string;
			isComplete: boolean;
		}>();
		const query = new URL(hls).search;
		const get = (path: string, headers: Record<string, string> = {}) => send("GET", path, { headers });
		const at = `/media/${videoID}/240p-source/c0-00001.m4s`;

		const primary = await (await get(`/media/${videoID}/master.m3u8${query}`)).text();
		const replies = await Promise.all([
			get(`${at}${query}`),
			get(`${at}${query}`, { range: "bytes=0-0" }),
			get(`${at}${query}`, { range: "bytes=-5" }),
			get(`${at}${query}`, { range: "bytes=1000-" }),
			get(at),
			get(`${at}${query.replace(/sig=./, "sig=")}`),
			get(`${at}${query.replace(/exp=\d+/, "exp=9999999999")}`),
			get(`/media/${otherID}/master.m3u8${query}`),
			get(`/media/${otherID}/240p-source/c0-00001.m4s${query}`),
			get(`/media/${videoID}/source${query}`),
			get(`/media/${videoID}/index.json${query}`),
			get(`/media/${videoID}/../${otherID}/master.m3u8${query}`),
		]);

		expect([isComplete, progressive]).toEqual([true, expect.stringContaining("/download.mp4?")]);
		expect(primary).toContain("240p-source/playlist.m3u8?exp=");
		expect(replies.map((reply) => reply.status)).toEqual([
			200, 206, 206, 416, 403, 403, 403, 403, 403, 404, 404, 403,
		]);
		expect(replies[2]?.headers.get("content-range")).toBe("bytes 995-999/1000");
		expect(new Uint8Array(await (replies[2] ?? new Response()).arrayBuffer())).toEqual(segment.slice(995));
	});

	test("can be watched though its object is gone", async () => {
		const videoID = await storedWork();
		await finishAll(videoID);
		await inPipeline(videoID, () => undefined);
		const { hls, dash } = await (await send("GET", `/videos/${videoID}/playback`)).json<{
			hls: string;
			dash: string;
		}>();
		const read = async (url: string) => (await send("GET", url.replace("http://rostrum.test", ""))).text();

		expect(await read(hls.replace("master.m3u8", "240p-source/playlist.m3u8"))).toContain("#EXT-X-ENDLIST");
		expect(await read(dash)).toContain('type="static"');
	});

	test("names the pictures of its storyboard by addresses that open", async () => {
		const videoID = await storedWork();
		await finishAll(videoID);
		await env.MEDIA.put(`vod/${videoID}/storyboard.jpg`, fileOf(10));
		await env.MEDIA.put(
			`vod/${videoID}/storyboard.vtt`,
			"WEBVTT\n\n00:00.000 --> 00:02.000\nstoryboard.jpg#xywh=0,0,160,90\n",
		);
		const { storyboard } = await (await send("GET", `/videos/${videoID}/playback`)).json<{
			storyboard: string;
		}>();

		const text = await (await send("GET", storyboard.replace("http://rostrum.test", ""))).text();
		const [, picture = ""] = /^(storyboard\.jpg\?[^#]+)#xywh=0,0,160,90$/m.exec(text) ?? [];

		expect((await send("GET", `/media/${videoID}/${picture}`)).status).toBe(200);
	});
});
