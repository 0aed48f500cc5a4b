import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { VodTask } from "../../protocol/vod-job.ts";
import { VodFiles } from "../../test/support/vod-files.ts";
import { type Ending, VodStore } from "../../test/support/vod-store.ts";

const TIMEOUT = { timeout: 120_000 };
const CLIP = "-f lavfi -i testsrc2=s=320x180:r=30:d=6 -c:v libx264 -preset ultrafast -g 60 -pix_fmt yuv420p";
const REMUX: VodTask = { kind: "remux", video: "180p-source", audio: null, segmentSeconds: 2 };
const ENCODE: Extract<VodTask, { kind: "encode-video" }> = {
	kind: "encode-video",
	chunk: 0,
	start: 0,
	end: null,
	segmentSeconds: 2,
	rungs: [
		{ name: "90p-h264", codec: "h264", width: 160, height: 90, framesPerSecond: 30, bitrateBps: 200_000 },
	],
};

const SOUND: VodTask = {
	kind: "encode-audio",
	segmentSeconds: 4,
	rungs: [{ name: "audio-aac128", codec: "aac", bitrateBps: 128_000 }],
};

let files: VodFiles;
let store: VodStore;
/** A server that a playlist could make ffmpeg call. */
let visits: string[];
const bait = createServer((request, response) => {
	visits.push(request.url ?? "");
	response.end("");
});
let baitPort = 0;

beforeAll(async () => {
	visits = [];
	files = await VodFiles.open();
	store = await VodStore.open({ maxJobs: 3 });
	await new Promise<void>((resolve) => bait.listen(0, "127.0.0.1", resolve));
	const address = bait.address();
	baitPort = typeof address === "object" && address !== null ? address.port : 0;
});
afterAll(async () => {
	bait.close();
	await store[Symbol.asyncDispose]();
	await files[Symbol.asyncDispose]();
});

const HOSTILE: [string, () => Promise<Buffer>, RegExp][] = [
	["nothing at all", async () => Buffer.alloc(0), /empty/],
	["zeros", async () => Buffer.alloc(100_000), /zeros/],
	[
		"random bytes",
		async () =>
			Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * 7919 + (index >> 3)) % 256)),
		/damaged|cannot be processed/,
	],
	["half a file", async () => (await clip()).subarray(0, 30_000), /incomplete|damaged/],
	[
		"most of a file with its index in front",
		async () => {
			const bytes = await readFile(await files.make("front.mp4", `${CLIP} -movflags +faststart`));
			return bytes.subarray(0, Math.round(bytes.length * 0.6));
		},
		/incomplete: 2 of its 6 seconds/,
	],
	[
		"an HLS playlist",
		async () =>
			Buffer.from(`#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://127.0.0.1:${baitPort}/a.ts\n`),
		/playlist/,
	],
	[
		"an HLS playlist behind a comment",
		async () => Buffer.from(`\n\n  #EXTM3U\n#EXTINF:4,\nfile:///etc/passwd\n`),
		/playlist/,
	],
	[
		"an ffconcat script",
		async () =>
			Buffer.from(`ffconcat version 1.0\nfile /etc/hostname\nfile http://127.0.0.1:${baitPort}/b.mp4\n`),
		/playlist/,
	],
	[
		"a DASH manifest",
		async () =>
			Buffer.from(
				`<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>http://127.0.0.1:${baitPort}/</BaseURL></Period></MPD>`,
			),
		/text/,
	],
	[
		"an SVG",
		async () =>
			Buffer.from(
				`<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:${baitPort}/c.png"/></svg>`,
			),
		/text/,
	],
	[
		"a PNG",
		async () => await readFile(await files.make("bomb.png", "-f lavfi -i color=s=4096x4096 -frames:v 1")),
		/picture/,
	],
	["a zip", async () => Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(2000, 7)]), /archive/],
	[
		"an SDP that asks for a stream",
		async () =>
			Buffer.from("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"),
		/cannot be processed|damaged/,
	],
];

test.each(HOSTILE)(
	"%s fails for good, with a reason that an uploader understands, and fetches nothing",
	TIMEOUT,
	async (_, make, reason) => {
		const videoID = await store.add(await make());

		const endings = [
			await store.run(store.job(videoID, { kind: "probe" })),
			await store.run(store.job(videoID, ENCODE)),
		];

		expect(endings[0]).toMatchObject({
			state: "failed",
			isPermanent: true,
			reason: expect.stringMatching(reason),
		});
		if (!/incomplete/.test(reasonOf(endings[0])))
			expect(endings[1]).toMatchObject({ state: "failed", isPermanent: true });
		expect(reasonOf(endings[0])).not.toMatch(/ffmpeg|ffprobe|\/tmp|Error/);
		expect(visits).toEqual([]);
	},
);

test(
	"playlists that pass for a transport stream or hide behind ID3 are refused by the demuxers' list",
	TIMEOUT,
	async () => {
		const playlist = `#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1:${baitPort}/d.ts\n`;
		const id3 = Buffer.concat([Buffer.from("ID3\x04\0\0\0\0\0\0"), Buffer.from(playlist)]);

		const ending = await store.run(store.job(await store.add(id3), { kind: "probe" }));

		expect(ending).toMatchObject({ state: "failed", isPermanent: true });
		expect(visits).toEqual([]);
	},
);

test("a picture beyond the pixel limit is refused without being decoded", TIMEOUT, async () => {
	const source = await files.make("huge.mkv", "-f lavfi -i color=s=8000x6000:r=1:d=1 -c:v png");
	const videoID = await store.add(source);
	const limits = { ...store.job(videoID, ENCODE).limits, maxPixels: 4096 * 2304 };

	const endings = [];
	for (const task of [{ kind: "probe" } as const, ENCODE])
		endings.push(await store.run(store.job(videoID, task, { limits })));

	for (const ending of endings)
		expect(ending).toMatchObject({
			state: "failed",
			isPermanent: true,
			reason: expect.stringMatching(/too large|cannot be read/),
		});
});

test(
	"a command that takes more memory than allowed fails, and another job beside it does not",
	TIMEOUT,
	async () => {
		const greedy = await store.add(
			await files.make(
				"large.mp4",
				"-f lavfi -i testsrc=s=3840x2160:r=5:d=2 -c:v libx264 -preset ultrafast -pix_fmt yuv420p",
			),
		);
		const modest = await store.add(await files.make("clip.mp4", CLIP));
		const inFullSize = {
			...ENCODE,
			rungs: ENCODE.rungs.map((rung) => ({ ...rung, width: 3840, height: 2160 })),
		};
		const limits = { ...store.job(greedy, ENCODE).limits, memoryMegabytes: 320 };

		const [large, small] = await Promise.all([
			store.run(store.job(greedy, inFullSize, { limits })),
			store.run(store.job(modest, ENCODE)),
		]);

		expect(large.state).toBe("failed");
		expect(reasonOf(large)).toMatch(/more memory than is allowed|too large/);
		expect(small.state).toBe("complete");
	},
);

test("ten hours of silence are cheap, and thirteen are refused", { timeout: 120_000 }, async () => {
	const [allowed, refused] = [await store.add(await silence(10)), await store.add(await silence(13))];

	const startedAt = performance.now();
	const { probe } = await store.result("probe", allowed, { kind: "probe" });
	const seconds = (performance.now() - startedAt) / 1000;
	const ending = await store.run(store.job(refused, { kind: "probe" }));

	expect(probe.durationSeconds).toBeCloseTo(36_000, -1);
	expect(seconds).toBeLessThan(20);
	expect(ending).toMatchObject({
		state: "failed",
		isPermanent: true,
		reason: "The file is longer than 12 hours, which is the most that is processed.",
	});
});

test("too many streams are refused", TIMEOUT, async () => {
	const maps = Array.from({ length: 40 }, () => "-map 0").join(" ");
	const videoID = await store.add(
		await files.make("many.mkv", `-f lavfi -i anullsrc=r=8000:cl=mono -t 1 ${maps} -c:a pcm_s16le`),
	);

	const ending = await store.run(store.job(videoID, { kind: "probe" }));

	expect(ending).toMatchObject({
		state: "failed",
		isPermanent: true,
		reason: "The file has 40 streams; at most 32 are processed.",
	});
});

test("a step that takes too long is killed and may be tried again", TIMEOUT, async () => {
	const videoID = await store.add(await silence(10));
	const limits = { ...store.job(videoID, ENCODE).limits, timeoutSeconds: 2 };

	const ending = await store.run(store.job(videoID, SOUND, { limits }));

	expect(ending).toMatchObject({ state: "failed", isPermanent: false, reason: "Processing took too long." });
});

test(
	"a store that fails now and then changes nothing; one that says the attempt is over stops it without a word",
	TIMEOUT,
	async () => {
		const source = await files.make("clip.mp4", CLIP);
		const [first, second] = [await store.add(source), await store.add(source)];
		let count = 0;
		store.interfere = () => {
			count += 1;
			return count % 3 === 0 ? 503 : null;
		};
		const ending = await store.run(store.job(first, REMUX));
		store.interfere = (request) => (request.method === "PUT" && request.url?.includes(second) ? 409 : null);
		const told = store.reports.length;
		store.jobs.start(store.job(second, REMUX));
		await expect.poll(() => store.jobs.active, { timeout: 10_000 }).toBe(0);
		store.interfere = () => null;

		expect(ending.state).toBe("complete");
		expect(store.reports.slice(told).filter((report) => report.state !== "running")).toEqual([]);
	},
);

test(
	"a program that is killed takes its commands with it, and the next one clears what it left",
	TIMEOUT,
	async () => {
		const job = store.job(await store.add(await silence(10)), SOUND);
		const folder = files.path("killed");
		const program = await startProgram(folder);
		const accepted = await fetch(`${program.origin}/vod/${job.videoID}/${job.stepID}`, {
			method: "PUT",
			body: JSON.stringify(job),
		});
		await expect.poll(() => commandsIn(folder), { timeout: 20_000 }).toBe(1);

		program.process.kill("SIGKILL");
		await once(program.process, "exit");

		expect(accepted.status).toBe(202);
		await expect.poll(() => commandsIn(folder)).toBe(0);
		const [left] = await readdir(folder);
		const next = await startProgram(folder);
		expect(await readdir(folder)).not.toContain(left);
		next.process.kill("SIGTERM");
		await once(next.process, "exit");
		expect(await readdir(folder)).toEqual([]);
	},
);

test("no temporary file is left behind", TIMEOUT, async () => {
	const ending = await store.run(store.job(await store.add(await clip()), REMUX));

	expect(ending.state).toBe("complete");
	const left = (await readdir(store.folder, { recursive: true })).filter((name) => name.includes("step-"));
	expect(left).toEqual([]);
});

async function clip(): Promise<Buffer> {
	return await readFile(await files.make("clip.mp4", CLIP));
}

/** The media program as it is deployed. */
async function startProgram(folder: string): Promise<{ process: ChildProcess; origin: string }> {
	const child = spawn(process.execPath, ["media/index.ts"], {
		env: { PATH: process.env["PATH"], MEDIA_PORT: "0", MEDIA_VOD_FOLDER: folder },
		stdio: ["ignore", "pipe", "inherit"],
	});
	onTestFinished(() => void child.kill("SIGKILL"));
	let output = "";
	for await (const bytes of child.stdout) {
		output += String(bytes);
		const port = /"media.started".*?"port":(\d+)/.exec(output)?.[1];
		if (port !== undefined) return { process: child, origin: `http://127.0.0.1:${port}` };
	}
	throw new Error(`the media program ended: ${output}`);
}

/** Commands that run with a file of this folder. */
async function commandsIn(folder: string): Promise<number> {
	const { stdout } = await promisify(execFile)("ps", ["-eo", "args"], { maxBuffer: 8 * 1024 * 1024 });
	return stdout.split("\n").filter((line) => /^\S*ffmpeg /.test(line) && line.includes(folder)).length;
}

/** A minute of silence, over and over. */
async function silence(hours: number): Promise<string> {
	const minute = await files.make(
		"minute.webm",
		"-f lavfi -i anullsrc=r=8000:cl=mono -t 60 -c:a libopus -frame_duration 120 -b:a 6k",
	);
	return await files.make(`silent-${hours}.webm`, `-stream_loop ${hours * 60 - 1} -i ${minute} -c copy`);
}

function reasonOf(ending: Ending | undefined): string {
	return ending?.state === "failed" ? ending.reason : "";
}
