import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { VodStore } from "../../test/support/vod-store.ts";

const PROBE = { kind: "probe" } as const;

test("a program takes as many steps as it has places and refuses more, and places become free again", async () => {
	await using store = await VodStore.open({ maxJobs: 1 });
	const [first, second] = [await store.add(Buffer.alloc(10)), await store.add(Buffer.alloc(10))];
	const ended = store.ending(store.job(first, PROBE));

	store.jobs.start(store.job(first, PROBE));
	const refused = () => store.jobs.start(store.job(second, PROBE));

	expect(refused).toThrow(expect.objectContaining({ code: "overloaded", headers: { "retry-after": "2" } }));
	await ended;
	await expect.poll(() => store.jobs.active).toBe(0);
	expect(refused).not.toThrow();
});

test("a step that somebody waits for gets a place where long steps have all, and long steps never get its place", async () => {
	await using store = await VodStore.open({ maxJobs: 1 });
	const works = await Promise.all(Array.from({ length: 6 }, () => store.add(Buffer.alloc(10))));
	const start = (index: number, isUrgent: boolean) => {
		const [videoID] = works.slice(index);
		if (videoID === undefined) throw new Error("there are six");
		return () => store.jobs.start(store.job(videoID, PROBE, { isUrgent }));
	};

	const overloaded = expect.objectContaining({ code: "overloaded" });
	start(0, true)();
	start(1, true)();
	start(2, false)();

	expect(start(3, false)).toThrow(overloaded);
	expect(start(4, true)).toThrow(overloaded);
	await expect.poll(() => store.jobs.active).toBe(0);
	start(3, false)();
	expect(start(4, false)).toThrow(overloaded);
	expect(start(5, true)).not.toThrow();
	await expect.poll(() => store.jobs.active).toBe(0);
});

test("the same attempt again runs once, and tells its result again when it is over", async () => {
	await using store = await VodStore.open();
	const job = store.job(await store.add(Buffer.alloc(10)), PROBE);
	const ended = store.ending(job);

	store.jobs.start(job);
	store.jobs.start(job);
	await ended;
	await expect.poll(() => store.jobs.active).toBe(0);
	const told = store.reports.length;
	const again = store.ending(job);
	store.jobs.start(job);

	expect(told).toBe(1);
	expect(await again).toMatchObject({ state: "failed", attempt: 1 });
	expect(store.reports.length).toBe(2);
});

test("a program that is asked for a step says which attempt it has, tells an end again, and knows nothing of others", async () => {
	await using store = await VodStore.open();
	const job = store.job(await store.add(Buffer.alloc(10)), PROBE);
	const ended = store.ending(job);

	store.jobs.start(job);
	const running = store.jobs.find(job.videoID, job.stepID);
	await ended;
	await expect.poll(() => store.jobs.active).toBe(0);
	const again = store.ending(job);
	const over = store.jobs.find(job.videoID, job.stepID);

	expect([running, over]).toMatchObject([
		{ attempt: 1, isActive: true },
		{ attempt: 1, isActive: false },
	]);
	expect(await again).toMatchObject({ state: "failed", attempt: 1 });
	expect(() => store.jobs.find(job.videoID, "nothing")).toThrow(
		expect.objectContaining({ code: "not-found" }),
	);
});

test("a step whose program was told to let go of it is not there any more", async () => {
	await using store = await VodStore.open();
	const job = store.job(await store.add(Buffer.alloc(10)), PROBE);

	store.jobs.start(job);
	store.jobs.stop(job.videoID, job.stepID);
	await expect.poll(() => store.jobs.active).toBe(0);

	expect(() => store.jobs.find(job.videoID, job.stepID)).toThrow(
		expect.objectContaining({ code: "not-found" }),
	);
});

test("a higher attempt takes over without a word from the lower, which is refused from then on", async () => {
	await using store = await VodStore.open();
	const videoID = await store.add(Buffer.alloc(10));
	const job = (attempt: number) => store.job(videoID, PROBE, { attempt });
	const ended = store.ending(job(2));

	store.jobs.start(job(1));
	store.jobs.start(job(2));

	expect(() => store.jobs.start(job(1))).toThrow(expect.objectContaining({ code: "attempt-superseded" }));
	expect(await ended).toMatchObject({ attempt: 2 });
	expect(store.reports.map((report) => report.attempt)).toEqual([2]);
});

test("a step that is stopped says nothing, and one that is not there cannot be stopped", async () => {
	await using store = await VodStore.open();
	const job = store.job(await store.add(Buffer.alloc(10)), PROBE);

	store.jobs.start(job);
	store.jobs.stop(job.videoID, job.stepID);
	await expect.poll(() => store.jobs.active).toBe(0);

	expect(store.reports).toEqual([]);
	expect(() => store.jobs.stop(job.videoID, "nothing")).toThrow(
		expect.objectContaining({ code: "not-found" }),
	);
});

test("a program that is told to end gives its steps back, takes no more, and leaves no file", async () => {
	const store = await VodStore.open();
	onTestFinished(() => rm(store.folder, { recursive: true, force: true }));
	const job = store.job(await store.add(Buffer.alloc(10)), PROBE);
	const ended = store.ending(job);

	store.jobs.start(job);
	const closing = store[Symbol.asyncDispose]();

	expect(() => store.jobs.start({ ...job, attempt: 2 })).toThrow(
		expect.objectContaining({ code: "overloaded" }),
	);
	expect(await ended).toMatchObject({ state: "failed", isPermanent: false });
	await closing;
	await expect(readdir(store.folder)).rejects.toThrow("ENOENT");
});

test("two programs that share a folder for temporary files do not disturb each other", async () => {
	const root = await mkdtemp(join(tmpdir(), "shared-"));
	onTestFinished(() => rm(root, { recursive: true, force: true }));
	await using first = await VodStore.open({ folder: root });
	await using second = await VodStore.open({ folder: root });

	const endings = await Promise.all(
		[first, second].map(async (store) => store.run(store.job(await store.add(Buffer.alloc(10)), PROBE))),
	);

	expect(endings.map((ending) => ending.state)).toEqual(["failed", "failed"]);
	expect((await readdir(root)).filter((name) => name.startsWith("run-"))).toHaveLength(2);
});
