import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { outputOf, probeOf } from "../../domain/vod/fixtures.ts";
import type { Video } from "../../protocol/vod.ts";
import { registerUser, type Session, send } from "./client.ts";
import { MediaProgram, probed, report, startWork } from "./processing.ts";
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

const SOUND = { codec: "aac", channels: 2, sampleRate: 48_000, bitrateBps: 128_000, codecs: "mp4a.40.2" };
