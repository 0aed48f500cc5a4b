import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { outputOf, probeOf, videoOf } from "../../domain/vod/fixtures.ts";
import type { Video } from "../../protocol/vod.ts";
import { registerUser, type Session, send } from "./client.ts";
import { filed, inPipeline, MediaProgram, made, probed, report, startWork, stepsOf } from "./processing.ts";
import { beginUpload, fileOf } from "./uploading.ts";

let media: MediaProgram;
let owner: Session;
let seed = 9000;

beforeEach(async () => {
	media = new MediaProgram();
	owner = await registerUser();
});

afterEach(() => {
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
	return (await send("GET", `/videos/${videoID}`)).json<Video>();
}

describe("the loudness that a step has measured", () => {
	test("is told with the work, null before", async () => {
		const videoID = await storedWork({ kind: "audio" });
		await startWork(videoID);
		await probed(
			videoID,
			1,
			probeOf({ video: null, container: "mp3", audio: { ...SOUND, codec: "mp3", codecs: null } }),
		);
		const before = await videoOfWork(videoID);
		const { stepID, attempt, task } = media.job("audio");
		const names = task.kind === "encode-audio" ? task.rungs.map((rung) => rung.name) : [];

		await report(videoID, stepID, {
			state: "complete",
			attempt,
			worker: "m1",
			result: {
				kind: "outputs",
				outputs: names.map((name) => outputOf(name, 0, { first: 0, count: 15 })),
				loudnessLufs: -9.3,
			},
		});

		expect(before.loudnessLufs).toBeNull();
		expect((await videoOfWork(videoID)).loudnessLufs).toBe(-9.3);
	});
});

describe("a further rendition", () => {
	const ask = (videoID: string, body: unknown, session: Session | null = owner) =>
		send("POST", `/videos/${videoID}/renditions`, {
			body,
			...(session ? { token: session.accessToken } : {}),
		});
	const masterOf = async (videoID: string) => {
		const playback = await send("GET", `/videos/${videoID}/playback`);
		const { hls, dash } = await playback.json<{ hls: string; dash: string }>();
		const [primary, manifest] = await Promise.all(
			[hls, dash].map((url) => send("GET", url.replace("http://rostrum.test", ""))),
		);
		return { hls: await primary?.text(), dash: await manifest?.text() };
	};
	/** Eight seconds of 240p without sound, made. */
	const readyWork = async () => {
		const videoID = await storedWork();
		await startWork(videoID);
		await probed(videoID, 1, SMALL);
		await made(videoID, media.job("remux"), outputOf("240p-source", 0, { first: 0, count: 2 }));
		for (const stepID of ["poster", "storyboard", "download"]) await filed(videoID, media.job(stepID));
		// At the front door it begins from its disk.
		await evictDurableObject(env.PIPELINE.getByName(videoID));
		return videoID;
	};
	/** Has media programs asked: the object at the front door knows none in these tests. */
	const wake = async (videoID: string) => {
		await evictDurableObject(env.PIPELINE.getByName(videoID));
		await inPipeline(videoID, (pipeline) => pipeline.alarm());
	};
	const finish = async (videoID: string, stepIDs: string[], name: string) => {
		for (const [chunk, stepID] of stepIDs.entries())
			await made(videoID, media.job(stepID), outputOf(name, chunk, { first: chunk, count: 1 }));
	};

	test("is made of a work that is ready, which stays so, and is listed by HLS and DASH when it is whole", async () => {
		const videoID = await readyWork();
		const before = await masterOf(videoID);

		const asked = await ask(videoID, { codec: "vp9", resolution: "240p" });
		const { stepIDs } = await asked.json<{ stepIDs: string[] }>();
		await wake(videoID);
		const meanwhile = await videoOfWork(videoID);
		const unfinished = await masterOf(videoID);
		await finish(videoID, stepIDs, "240p-vp9");

		expect(asked.status).toBe(202);
		expect(meanwhile.state).toBe("ready");
		expect(unfinished).toEqual({ hls: before.hls, dash: before.dash });
		const after = await masterOf(videoID);
		expect(before.hls).not.toContain("240p-vp9");
		expect(after.hls).toContain("240p-vp9/playlist.m3u8");
		expect(after.dash).toContain("240p-vp9");
		expect((await videoOfWork(videoID)).renditions.map((item) => item.name)).toContain("240p-vp9");
		expect((await stepsOf(videoID)).filter((line) => /^(probe|remux|metadata)/.test(line))).toEqual([
			"probe COMPLETE 1",
			"remux COMPLETE 1",
			"metadata COMPLETE 2",
		]);
	});

	test("that is asked for twice is made once; when it is there, it exists", async () => {
		const videoID = await readyWork();
		const wish = { codec: "av1", resolution: "240p" };

		const replies = await Promise.all([ask(videoID, wish), ask(videoID, wish)]);
		const [first, second] = await Promise.all(replies.map((reply) => reply.json<{ stepIDs: string[] }>()));
		await wake(videoID);
		await finish(videoID, first?.stepIDs ?? [], "240p-av1");
		await evictDurableObject(env.PIPELINE.getByName(videoID));
		const third = await ask(videoID, wish);

		expect(replies.map((reply) => reply.status)).toEqual([202, 202]);
		expect(second).toEqual(first);
		expect(media.jobs.filter((job) => job.stepID.startsWith("further-"))).toHaveLength(
			first?.stepIDs.length ?? 0,
		);
		expect(await third.json()).toMatchObject({ status: 409, code: "exists" });
	});

	test("that cannot be made leaves the work as it was, and may be asked for again", async () => {
		const videoID = await readyWork();
		const wish = { codec: "hevc", resolution: "240p" };
		const { stepIDs } = await (await ask(videoID, wish)).json<{ stepIDs: string[] }>();
		await wake(videoID);
		for (const stepID of stepIDs) {
			const { attempt } = media.job(stepID);
			await report(videoID, stepID, {
				state: "failed",
				attempt,
				worker: "m1",
				reason: "No such encoder.",
				isPermanent: true,
				log: "",
			});
		}
		const failed = await videoOfWork(videoID);
		await evictDurableObject(env.PIPELINE.getByName(videoID));

		const again = await ask(videoID, wish);
		await wake(videoID);
		await finish(videoID, stepIDs, "240p-hevc");

		expect(failed).toMatchObject({ state: "ready", failure: null });
		expect(failed.renditions.map((item) => item.name)).toEqual(["240p-source"]);
		expect(again.status).toBe(202);
		expect((await masterOf(videoID)).hls).toContain("240p-hevc");
	});

	test("is for its owner, of a work that is ready and not deleted", async () => {
		const videoID = await readyWork();
		const unready = await storedWork();
		const wish = { codec: "vp9", resolution: "240p" };

		const replies = [
			await ask(videoID, wish, null),
			await ask(videoID, wish, await registerUser()),
			await ask("vid_00000000000000000000000000", wish),
			await ask(unready, wish),
		];
		await send("DELETE", `/videos/${videoID}`, { token: owner.accessToken });
		replies.push(await ask(videoID, wish));

		expect(replies.map((reply) => reply.status)).toEqual([401, 403, 404, 409, 409]);
	});

	test("that makes no sense, or of what is not there, is refused, and nothing is planned", async () => {
		const videoID = await readyWork();
		const before = await stepsOf(videoID);
		const bodies = [
			{},
			[],
			{ codec: "h264; rm -rf /", resolution: "240p" },
			{ codec: "vp9", resolution: "../240p" },
			{ codec: "vp9", resolution: "1080p" },
			{ codec: "vp9", resolution: "9999p" },
			{ codec: "opus", resolution: "audio" },
			{ codec: "vp9", resolution: "240p", kbps: -1 },
			{ codec: "vp9", resolution: "240p", kbps: 1e12 },
			{ codec: "vp9", resolution: "240p", kbps: "900" },
			{ codec: "vp9", resolution: "240p", container: "exe" },
		];

		const replies = await Promise.all(bodies.map((body) => ask(videoID, body)));

		const codes = await Promise.all(replies.map((reply) => reply.json<{ code: string }>()));
		expect(codes.map((problem) => problem.code)).toEqual(bodies.map(() => "validation"));
		expect(await stepsOf(videoID)).toEqual(before);
	});
});

const SMALL = probeOf({
	durationSeconds: 8,
	audio: null,
	bitrateBps: 500_000,
	video: videoOf({ width: 426, height: 240, keyframes: [0, 2, 4, 6] }),
});
const SOUND = { codec: "aac", channels: 2, sampleRate: 48_000, bitrateBps: 128_000, codecs: "mp4a.40.2" };
