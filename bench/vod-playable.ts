import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { register } from "../protocol/account.ts";
import { deleteVideo, getPipeline, getPlayback } from "../protocol/vod.ts";
import { ChunkedUpload } from "../test/support/chunked-upload.ts";
import { openBrowser } from "../test/support/glass.ts";
import { fetchMedia, fetchPrimary, renditionURLs } from "../test/support/hls.ts";
import { Caller, eventually, System } from "../test/support/system.ts";

const PORT = 21_100;
const LADDER_SECONDS = 10;
const FRAME_MS = 60_000;
/** What runs when a film is deleted ends by itself, and would be in the next one's way. */
const SETTLE_MS = 300_000;

type Film = { what: string; seconds: number; codecs: string[]; container: "mp4" | "webm"; rounds: number };

const H264 = [
	"-c:v",
	"libx264",
	"-preset",
	"ultrafast",
	"-b:v",
	"2500k",
	"-g",
	"60",
	"-pix_fmt",
	"yuv420p",
	"-c:a",
	"aac",
];
const VP9 = [
	"-c:v",
	"libvpx-vp9",
	"-deadline",
	"realtime",
	"-cpu-used",
	"8",
	"-b:v",
	"1500k",
	"-g",
	"60",
	"-c:a",
	"libopus",
];
const HEVC = [
	"-c:v",
	"libx265",
	"-preset",
	"ultrafast",
	"-x265-params",
	"keyint=60:log-level=none",
	"-tag:v",
	"hvc1",
	"-b:v",
	"1500k",
	"-c:a",
	"aac",
];
const FILMS: Film[] = [
	{ what: "H.264 and AAC, 10 s", seconds: 10, codecs: H264, container: "mp4", rounds: 3 },
	{ what: "H.264 and AAC, 10 min", seconds: 600, codecs: H264, container: "mp4", rounds: 3 },
	{ what: "H.264 and AAC, 60 min", seconds: 3600, codecs: H264, container: "mp4", rounds: 1 },
	{ what: "HEVC and AAC, 10 min", seconds: 600, codecs: HEVC, container: "mp4", rounds: 3 },
	{ what: "VP9 and Opus, 10 min", seconds: 600, codecs: VP9, container: "webm", rounds: 3 },
];

/**
 * From an upload's last byte to its first frame in a browser that waits on the watch page, for 720p films; beside it what a pipeline that makes
 * its ladder first takes on the same machine (one ffmpeg; measured on 10 s and multiplied).
 */
export async function measureVodPlayable() {
	const folder = await mkdtemp(`${tmpdir()}/rostrum-bench-`);
	const browser = await openBrowser();
	const system = await System.start(PORT);
	try {
		const caller = new Caller(system.url);
		const body = { userName: `bench_${process.pid}`, password: "correct horse battery staple" };
		caller.token = (await caller.call(register, { body })).accessToken;
		const session = await signIn(browser, system, body);
		const ladder = await measureLadder(
			await makeFilm(folder, { what: "ladder", seconds: LADDER_SECONDS, codecs: H264, container: "mp4" }, 0),
		);
		const rounds = [];
		for (const film of FILMS) {
			for (let round = 0; round < film.rounds; round += 1) {
				const path = await makeFilm(folder, film, round);
				const times = await measure(system, { session, caller, path, container: film.container });
				const ladderFirstMs = Math.round((ladder * film.seconds) / LADDER_SECONDS);
				rounds.push({ film: film.what, bytes: (await stat(path)).size, ...times, ladderFirstMs });
				await rm(path);
			}
		}
		return { what: "milliseconds since the last byte", summary: summarise(rounds), rounds };
	} finally {
		await system[Symbol.asyncDispose]();
		await browser.close();
		await rm(folder, { recursive: true, force: true });
	}
}

/** Only its owner is shown a film that is not there yet. */
async function signIn(
	browser: Browser,
	system: System,
	{ userName, password }: { userName: string; password: string },
): Promise<BrowserContext> {
	const context = await browser.newContext();
	const page = await context.newPage();
	await page.goto(`${system.url}/login?next=/studio/library`);
	await page.locator('input[autocomplete*="username"]').fill(userName);
	await page.locator('input[type="password"]').fill(password);
	await page.keyboard.press("Enter");
	await page.getByTestId("library-empty").waitFor();
	await page.close();
	return context;
}

type Times = { playableMs: number; segmentMs: number; firstFrameMs: number };

async function measure(
	system: System,
	work: { session: BrowserContext; caller: Caller; path: string; container: string },
): Promise<Times> {
	const { session, caller, path, container } = work;
	await using upload = await ChunkedUpload.begin(caller, path, {
		kind: "video",
		contentType: `video/${container}`,
	});
	const page = await session.newPage();
	await page.goto(`${system.url}/watch/${upload.videoID}`);
	const lastByteAt = await upload.send();
	const since = () => Math.round(performance.now() - lastByteAt);
	const frame = firstFrame(page).then(since);
	await upload.complete();
	const params = { videoID: upload.videoID };
	const { hls } = await eventually(() => caller.call(getPlayback, { params }), FRAME_MS);
	const playableMs = since();
	await fetchFirstSegments(hls);
	const segmentMs = since();
	const firstFrameMs = await frame;
	await page.close();
	await caller.call(deleteVideo, { params });
	await eventually(async () => {
		const { steps } = await caller.call(getPipeline, { params });
		return steps.every((step) => step.status !== "RUNNING");
	}, SETTLE_MS);
	return { playableMs, segmentMs, firstFrameMs };
}

async function firstFrame(page: Page): Promise<void> {
	await page.waitForFunction(
		() => (document.querySelector("video")?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 0,
		undefined,
		{ timeout: FRAME_MS, polling: 50 },
	);
}

/** What a player needs before it shows something. */
async function fetchFirstSegments(master: string): Promise<void> {
	for (const url of renditionURLs(await fetchPrimary(master))) {
		const { playlist } = await fetchMedia(url);
		const segment = playlist.segments[0];
		const files = [segment?.map?.uri, segment?.uri].flatMap((uri) => uri ?? []);
		for (const file of files) await (await fetch(new URL(file, url))).arrayBuffer();
	}
}

/** Ten seconds encoded and repeated; a round's own files differ in their first bytes' metadata, so that none is known already. */
async function makeFilm(folder: string, film: Omit<Film, "rounds">, round: number): Promise<string> {
	const path = `${folder}/${film.codecs[1]}-${film.seconds}-${round}.${film.container}`;
	const loop = `${folder}/${film.codecs[1]}-loop.${film.container}`;
	const run = promisify(execFile);
	const exists = await stat(loop).then(
		() => true,
		() => false,
	);
	if (!exists) {
		const picture = ["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=10,noise=alls=12:allf=t"];
		const sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=10"];
		await run("ffmpeg", ["-v", "error", "-y", ...picture, ...sound, ...film.codecs, loop]);
	}
	const repeat = ["-stream_loop", String(film.seconds / 10 - 1), "-i", loop];
	const title = ["-metadata", `title=${film.what} ${round}`];
	await run("ffmpeg", ["-v", "error", "-y", ...repeat, "-c", "copy", ...title, path]);
	return path;
}

async function measureLadder(path: string): Promise<number> {
	const startedAt = performance.now();
	const sizes = [720, 480, 360].flatMap((height) => [
		...[
			"-map",
			"0:v",
			"-vf",
			`scale=-2:${height}`,
			"-c:v",
			"libx264",
			"-preset",
			"veryfast",
			"-f",
			"mp4",
			"-y",
			"/dev/null",
		],
	]);
	await promisify(execFile)("ffmpeg", ["-v", "error", "-i", path, ...sizes]);
	return performance.now() - startedAt;
}

function summarise(rounds: ({ film: string; ladderFirstMs: number } & Times)[]) {
	return FILMS.map(({ what }) => {
		const own = rounds.filter(({ film }) => film === what);
		const median = (figure: keyof Times) =>
			own.map((round) => round[figure]).toSorted((a, b) => a - b)[Math.floor(own.length / 2)] ?? Number.NaN;
		const firstFrameMs = median("firstFrameMs");
		return {
			film: what,
			playableMs: median("playableMs"),
			segmentMs: median("segmentMs"),
			firstFrameMs,
			ofLadderFirst: Number((firstFrameMs / (own[0]?.ladderFirstMs ?? Number.NaN)).toFixed(4)),
		};
	});
}
