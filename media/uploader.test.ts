import { afterEach, beforeEach, expect, test } from "vitest";
import type { Part } from "../domain/streaming/repackager.ts";
import type { LiveEpoch, LiveHeartbeat } from "../protocol/media-job.ts";
import { PartSink } from "../test/support/part-sink.ts";
import { OutputClient } from "./output-client.ts";
import { Uploader } from "./uploader.ts";

const EPOCH: LiveEpoch = {
	startsAt: 1_763_712_000_000,
	segmentTargetSeconds: 2,
	partTargetSeconds: 0.5213,
	renditions: [
		{
			name: "360p-h264",
			kind: "video",
			codecs: "avc1.64001e",
			bitrateBps: 1,
			timescale: 90_000,
			init: "AA==",
		},
		{ name: "audio-aac", kind: "audio", codecs: "mp4a.40.2", bitrateBps: 1, timescale: 48_000, init: "AA==" },
	],
};

let sink: PartSink;
const ends: { isFault: boolean; reason: string }[] = [];

beforeEach(async () => {
	sink = new PartSink();
	ends.length = 0;
	await sink.listen();
});

afterEach(() => sink.leave());

test("parts arrive in order after the epoch, and the epoch is closed at the end", async () => {
	const uploader = upload();
	for (const part of videoParts(10)) uploader.push("360p-h264", part);
	const opening = uploader.open(EPOCH);
	for (const part of videoParts(10)) uploader.push("360p-h264", part);
	await opening;

	expect(await uploader.finish(2_000)).toBe(true);

	expect(sink.epoch).toEqual(EPOCH);
	expect(names("360p-h264")).toEqual(videoParts(10).map(nameOf));
	expect(sink.isClosed).toBe(true);
	expect(ends).toEqual([]);
});

test("while the Worker is away nothing is lost, and all goes on when it is back", async () => {
	const uploader = upload();
	await uploader.open(EPOCH);
	const parts = videoParts(24);
	for (const part of parts.slice(0, 6)) uploader.push("360p-h264", part);
	await sinkHas("360p-h264", 6);

	await sink.leave();
	for (const part of parts.slice(6)) uploader.push("360p-h264", part);
	await new Promise((resolve) => setTimeout(resolve, 700));
	expect(uploader.queuedParts).toBe(18);
	await sink.listen();

	expect(await uploader.finish(5_000)).toBe(true);
	expect(names("360p-h264")).toEqual(parts.map(nameOf));
});

test("a Worker that lost parts gets them again, up to four segments back", async () => {
	const uploader = upload();
	await uploader.open(EPOCH);
	const parts = videoParts(20);
	for (const part of parts.slice(0, 18)) uploader.push("360p-h264", part);
	await sinkHas("360p-h264", 18);

	sink.forget("360p-h264", { segment: 2, part: 1 });
	for (const part of parts.slice(18)) uploader.push("360p-h264", part);

	expect(await uploader.finish(3_000)).toBe(true);
	expect(names("360p-h264")).toEqual(parts.map(nameOf));
});

test("a Worker that asks for a part which is gone ends the upload with a fault", async () => {
	const uploader = upload();
	await uploader.open(EPOCH);
	const parts = videoParts(32);
	for (const part of parts.slice(0, 31)) uploader.push("360p-h264", part);
	await sinkHas("360p-h264", 31);

	sink.forget("360p-h264", { segment: 1, part: 0 });
	for (const part of parts.slice(31)) uploader.push("360p-h264", part);
	await ended();

	expect(ends).toEqual([{ isFault: true, reason: "360p-h264: the Worker asks for part 1/0, which is gone" }]);
});

test.each([
	{ status: 409, code: "epoch-superseded", isFault: false },
	{ status: 410, code: "stream-ended", isFault: false },
	{ status: 403, code: "forbidden", isFault: true },
])("an answer of $code ends the upload", async ({ status, code, isFault }) => {
	const uploader = upload();
	await uploader.open(EPOCH);
	sink.refuseWith = { status, code };

	for (const part of videoParts(2)) uploader.push("360p-h264", part);
	await ended();

	expect(ends).toHaveLength(1);
	expect(ends[0]).toMatchObject({ isFault });
	expect(ends[0]?.reason).toContain(code);
	expect(await uploader.finish(1_000)).toBe(false);
});

test("when the Worker is away for longer than is kept, whole segments are dropped, oldest first", async () => {
	const uploader = upload();
	await uploader.open(EPOCH);
	await sink.leave();

	for (const part of videoParts(100)) uploader.push("360p-h264", part);

	expect(uploader.queuedParts).toBe(60);
	uploader.stop();
});

test("a heartbeat tells that the stream has ended, and its loss does no harm", async () => {
	const uploader = upload();
	await uploader.open(EPOCH);

	await uploader.heartbeat(HEARTBEAT);
	await sink.leave();
	await uploader.heartbeat(HEARTBEAT);
	await sink.listen();
	sink.refuseWith = { status: 410, code: "stream-ended" };
	await uploader.heartbeat(HEARTBEAT);

	expect(sink.heartbeats).toEqual([HEARTBEAT]);
	expect(ends).toEqual([{ isFault: false, reason: "stream-ended" }]);
});

const HEARTBEAT: LiveHeartbeat = {
	source: {
		state: "flowing",
		lastPacketAgeMs: 3,
		videoCodec: "VP8",
		audioCodec: "opus",
		width: 640,
		height: 360,
		framesPerSecond: 30,
		kbps: 1200,
		keyframeIntervalMs: null,
		lossPercent: 0,
	},
	packaging: { lagMs: 300, speed: 1, queuedParts: 0 },
};

function upload(): Uploader {
	return new Uploader({
		client: new OutputClient({ url: sink.url, token: "token" }),
		streamID: "st_1",
		onOpen: () => undefined,
		onEnd: (end) => ends.push(end),
	});
}

function videoParts(count: number): Part[] {
	return Array.from({ length: count }, (_, index) => ({
		segment: Math.floor(index / 4),
		part: index % 4,
		time: index * 45_000,
		duration: 45_000,
		independent: index % 4 === 0,
		last: index % 4 === 3,
		bytes: new Uint8Array([index]),
	}));
}

function nameOf(part: { segment: number; part: number }): string {
	return `${part.segment}/${part.part}`;
}

function names(rendition: string): string[] {
	return (sink.parts.get(rendition) ?? []).map(nameOf);
}

async function sinkHas(rendition: string, count: number): Promise<void> {
	await expect.poll(() => sink.parts.get(rendition)?.length ?? 0, { timeout: 3_000 }).toBe(count);
}

async function ended(): Promise<void> {
	await expect.poll(() => ends.length, { timeout: 3_000 }).toBe(1);
}
