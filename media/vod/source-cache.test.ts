import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { VideoID } from "../../protocol/ids.ts";
import { VodJob } from "../../protocol/vod-job.ts";
import { SourceCache } from "./source-cache.ts";

const ROOM = { maxBytes: 10_000_000 };
const { signal } = new AbortController();

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "source-cache-"));
});
afterEach(async () => {
	vi.useRealTimers();
	await rm(folder, { recursive: true, force: true });
});

test("a source that comes into use while room is made for another stays", async () => {
	const cache = new SourceCache(folder, ROOM);
	await (await cache.acquire(job(1), signal))[Symbol.asyncDispose]();

	const other = cache.acquire(job(2), signal);
	const again = await cache.acquire(job(1), signal);

	await expect(other).rejects.toThrow("no room on disk");
	expect(existsSync(again.path)).toBe(true);
	await cache.close();
});

test("two sources at once do not take the same room", async () => {
	const cache = new SourceCache(folder, ROOM);

	const ends = await Promise.allSettled([1, 2].map((number) => cache.acquire(job(number), signal)));

	expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
	await cache.close();
});

test("a source that could not be opened is an error of its step alone, and is opened anew", async () => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
	const rejections: unknown[] = [];
	const note = (error: unknown) => rejections.push(error);
	process.on("unhandledRejection", note);
	const cache = new SourceCache(folder, ROOM);
	await mkdir(join(folder, `${job(1).videoID}-6000000-1.source`));

	await expect(cache.acquire(job(1), signal)).rejects.toThrow("EISDIR");
	const again = await cache.acquire(job(1), signal);
	await vi.advanceTimersByTimeAsync(120_000);
	await cache.close();
	await new Promise((resolve) => setImmediate(resolve));
	process.off("unhandledRejection", note);

	expect(again.sizeBytes).toBe(6_000_000);
	expect(rejections).toEqual([]);
});

function job(number: number): VodJob {
	return VodJob.parse({
		videoID: VideoID.parse(`vid_${String(number).padStart(26, "0")}`),
		stepID: "probe",
		attempt: 1,
		task: { kind: "probe" },
		objects: "http://127.0.0.1:9/objects",
		reports: "http://127.0.0.1:9/reports",
		token: "token-of-a-job",
		sourceBytes: 6_000_000,
		isUrgent: false,
		limits: {
			maxPixels: 8192 * 4320,
			maxDurationSeconds: 43_200,
			maxStreams: 32,
			timeoutSeconds: 60,
			memoryMegabytes: 2048,
		},
	});
}
