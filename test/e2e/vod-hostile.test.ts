import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { register } from "../../protocol/account.ts";
import type { VideoID } from "../../protocol/ids.ts";
import { getVideo, type Video } from "../../protocol/vod.ts";
import { openBrowser } from "../support/glass.ts";
import { PASSWORD } from "../support/stage.ts";
import { Caller, eventually, System } from "../support/system.ts";
import { uploadFile } from "../support/vod-upload.ts";

const CLIP = "testsrc2=s=320x180:r=30:d=6";
const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-pix_fmt", "yuv420p"];

let system: System;
let folder: string;
let count = 0;
const visits: string[] = [];
/** What a file could make a tool call. */
const bait = createServer((request, response) => {
	visits.push(request.url ?? "");
	response.end("");
});
let baitURL = "";

beforeAll(async () => {
	folder = mkdtempSync(`${tmpdir()}/rostrum-hostile-`);
	await new Promise<void>((resolve) => bait.listen(0, "127.0.0.1", resolve));
	const address = bait.address();
	baitURL = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
	system = await System.start(21_300);
}, 120_000);
afterAll(async () => {
	await system[Symbol.asyncDispose]();
	bait.close();
	rmSync(folder, { recursive: true, force: true });
});

/** Each as a file of that name, and what its uploader reads. */
const HOSTILE: [string, () => Buffer | string, RegExp][] = [
	["cut.mp4", () => cut(0.6), /incomplete/],
	["endless.mp4", overlapping, /cannot be read: it is damaged/],
	["playlist.mp4", () => `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${baitURL}/a.ts\n`, /playlist/],
	["concat.mp4", () => `ffconcat version 1.0\nfile ${baitURL}/b.mp4\n`, /playlist/],
	[
		"drawing.mp4",
		() => `<svg xmlns="http://www.w3.org/2000/svg"><image href="${baitURL}/c.png"/></svg>`,
		/text/,
	],
	[
		"bomb.mp4",
		() => make("bomb.png", ["-f", "lavfi", "-i", "color=s=12000x12000", "-frames:v", "1"]),
		/picture/,
	],
	["archive.mp4", () => Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(5000, 7)]), /archive/],
	[
		"ages.mp4",
		() =>
			make("ages-source.mp4", [
				...[
					"-f",
					"lavfi",
					"-i",
					"color=s=16x16:r=1:d=93600",
					...H264,
					"-g",
					"3600",
					"-movflags",
					"+faststart",
				],
			]),
		/longer than/,
	],
];

test("hostile files fail with a reason that their uploader reads, fetch nothing, and hold up nobody", async () => {
	const caller = new Caller(system.url);
	const userName = `careless_${++count}_${process.pid}`;
	caller.token = (await caller.call(register, { body: { userName, password: PASSWORD } })).accessToken;
	const sent = new Map<string, VideoID>();
	const send = async (name: string, bytes: Buffer | string) => {
		const path = `${folder}/${name}`;
		writeFileSync(path, bytes);
		sent.set(name, await uploadFile(caller, { path, kind: "video", contentType: "video/mp4" }));
	};

	for (const [name, contents] of HOSTILE) await send(name, contents());
	await send("talk.mp4", make("talk-source.mp4", ["-f", "lavfi", "-i", CLIP, ...H264]));
	const ended = new Map<string, Video>();
	for (const [name, videoID] of sent) ended.set(name, await untilEnded(caller, videoID));

	const found = HOSTILE.map(([name]) => ({
		name,
		state: ended.get(name)?.state,
		why: ended.get(name)?.failure,
	}));
	expect(found).toEqual(
		HOSTILE.map(([name, , why]) => ({ name, state: "failed", why: expect.stringMatching(why) })),
	);
	expect(ended.get("talk.mp4")?.state).toBe("ready");
	expect(visits).toEqual([]);
	await expectReasons(
		userName,
		found.flatMap(({ why }) => why ?? []),
	);
}, 240_000);

/** The library says what is wrong with each. */
async function expectReasons(userName: string, reasons: string[]): Promise<void> {
	const browser = await openBrowser();
	try {
		const page = await browser.newPage();
		await page.goto(`${system.url}/login?next=/studio/library`);
		await page.locator('input[autocomplete*="username"]').fill(userName);
		await page.locator('input[type="password"]').fill(PASSWORD);
		await page.keyboard.press("Enter");
		for (const reason of reasons) await page.getByText(reason).first().waitFor();
	} finally {
		await browser.close();
	}
}

async function untilEnded(caller: Caller, videoID: VideoID): Promise<Video> {
	return await eventually(async () => {
		const video = await caller.call(getVideo, { params: { videoID } });
		return ["ready", "failed"].includes(video.state) ? video : null;
	}, 200_000);
}

function make(name: string, args: string[]): Buffer {
	const path = `${folder}/${name}`;
	execFileSync("ffmpeg", ["-v", "error", "-y", ...args, path]);
	return readFileSync(path);
}

/** The start of a film whose index, in front, promises all of it. */
function cut(share: number): Buffer {
	const bytes = make("front.mp4", ["-f", "lavfi", "-i", CLIP, ...H264, "-movflags", "+faststart"]);
	return bytes.subarray(0, Math.round(bytes.length * share));
}

/** Each of its parts lies in the same few bytes: copied, they would be many times the file. */
function overlapping(): Buffer {
	const noise = `${CLIP},noise=alls=80:allf=t`;
	const sound = ["-f", "lavfi", "-i", "sine=440:d=6", "-c:a", "aac"];
	const bytes = make("noise.mp4", ["-f", "lavfi", "-i", noise, ...sound, ...H264, "-movflags", "+faststart"]);
	let media = bytes.length;
	for (let at = bytes.indexOf("stco"); at !== -1; at = bytes.indexOf("stco", at + 4)) {
		const table = at + 8;
		const first = bytes.readUInt32BE(table + 4);
		media = Math.min(media, first);
		for (let chunk = 1; chunk <= bytes.readUInt32BE(table); chunk += 1) {
			bytes.writeUInt32BE(first, table + 4 * chunk);
		}
	}
	return bytes.subarray(0, media + Math.round((bytes.length - media) / 5));
}
