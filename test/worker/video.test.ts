import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Video } from "../../protocol/vod.ts";
import { makeChannel, registerUser, type Session, send } from "./client.ts";
import { beginUpload, fileOf, uploadWork } from "./uploading.ts";

let seed = 500;

/** A work as if it had been processed. */
async function readyWork(
	owner: Session,
	change: { kind?: string; assetMeta?: object } = {},
): Promise<string> {
	const { assetID } = await beginUpload(owner, fileOf(100, ++seed), {
		...change,
		assetMeta: { visibility: "public", ...change.assetMeta },
	});
	await env.DB.prepare(
		`UPDATE videos SET state = 'ready', "durationMs" = 60000, "publishedAt" = "createdAt", files = '["download.m4a"]' WHERE "videoID" = ?`,
	)
		.bind(assetID)
		.run();
	return assetID;
}

async function view(videoID: string, session?: Session) {
	const reply = await send("GET", `/videos/${videoID}`, session ? { token: session.accessToken } : {});
	return { status: reply.status, etag: reply.headers.get("etag") ?? "", video: await reply.json<Video>() };
}

function change(owner: Session, videoID: string, etag: string | null, body: object) {
	return send("PATCH", `/videos/${videoID}`, {
		token: owner.accessToken,
		body,
		headers: etag === null ? {} : { "if-match": etag },
	});
}

describe("a work", () => {
	test.each([
		["public", 200, true],
		["unlisted", 200, false],
		["private", 404, false],
	])("that is %s is %i for others, and in their lists: %s", async (visibility, status, isListed) => {
		const owner = await registerUser();
		const stranger = await registerUser();
		const videoID = await readyWork(owner, { assetMeta: { visibility } });
		const listFor = async (session: Session) => {
			const reply = await send("GET", `/videos?ownerID=${owner.user.userID}`, { token: session.accessToken });
			return (await reply.json<{ items: Video[] }>()).items.map((item) => item.videoID);
		};

		expect((await view(videoID)).status).toBe(status);
		expect((await view(videoID, stranger)).status).toBe(status);
		expect((await view(videoID, owner)).status).toBe(200);
		expect(await listFor(stranger)).toEqual(isListed ? [videoID] : []);
		expect(await listFor(owner)).toEqual([videoID]);
	});

	test("is changed by whoever has seen its newest version", async () => {
		const owner = await registerUser();
		const videoID = await readyWork(owner);
		const { etag } = await view(videoID, owner);
		const body = {
			title: "Two",
			tags: ["a"],
			properties: { any: { thing: [1] } },
			chapters: [{ startsAtMs: 0, title: "Start" }],
		};

		const replies = [
			await change(owner, videoID, null, body),
			await change(owner, videoID, etag, body),
			await change(owner, videoID, etag, { title: "Three" }),
			await change(owner, videoID, '"0"', { title: "Three" }),
		];

		expect(replies.map((reply) => reply.status)).toEqual([428, 200, 412, 412]);
		const after = await view(videoID);
		expect(after.video).toMatchObject(body);
		expect(after.etag).toBe(replies[1]?.headers.get("etag"));
		expect(after.etag).not.toBe(etag);
	});

	test("is its owner's alone to change, delete and look into", async () => {
		const videoID = await readyWork(await registerUser());
		const stranger = await registerUser();
		const { accessToken: token } = stranger;

		const replies = await Promise.all([
			change(stranger, videoID, "*", { title: "Mine" }),
			send("DELETE", `/videos/${videoID}`, { token }),
			send("GET", `/videos/${videoID}/pipeline`, { token }),
			send("POST", `/videos/${videoID}/pipeline/retry`, { token, body: {} }),
			send("PUT", `/videos/${videoID}/captions/en`, {
				token,
				body: "WEBVTT",
				headers: { "content-type": "text/vtt" },
			}),
			send("DELETE", `/videos/${videoID}/captions/en`, { token }),
			send("PUT", `/videos/${videoID}/poster`, {
				token,
				body: "x",
				headers: { "content-type": "image/png" },
			}),
		]);

		expect(replies.map((reply) => reply.status)).toEqual([403, 403, 403, 403, 403, 403, 403]);
	});

	test("that is deleted is gone for others at once, and can be taken back", async () => {
		const owner = await registerUser();
		const videoID = await readyWork(owner);

		const deleted = await send("DELETE", `/videos/${videoID}`, { token: owner.accessToken });
		const { eraseAfter } = await deleted.json<{ eraseAfter: string }>();
		const [hidden, own, playback] = [
			await view(videoID),
			await view(videoID, owner),
			await send("GET", `/videos/${videoID}/playback`, { token: owner.accessToken }),
		];
		const back = await change(owner, videoID, own.etag, { deleted: false });

		expect(deleted.status).toBe(202);
		expect(Date.parse(eraseAfter) - Date.now()).toBeGreaterThan(29 * 86_400_000);
		expect([hidden.status, playback.status, back.status]).toEqual([404, 409, 200]);
		expect(own.video.deletedAt).not.toBeNull();
		expect((await view(videoID)).video.deletedAt).toBeNull();
	});

	test("that is being uploaded cannot be played yet", async () => {
		const owner = await registerUser();
		const { assetID } = await beginUpload(owner, fileOf(100, ++seed));

		const reply = await send("GET", `/videos/${assetID}/playback`, { token: owner.accessToken });

		expect(reply.headers.get("retry-after")).toBe("2");
		expect(await reply.json()).toMatchObject({ status: 409, code: "not-playable" });
	});

	test("in a channel is listed there, page by page", async () => {
		const owner = await registerUser();
		const { channelID, handle } = await makeChannel(owner);
		const made: string[] = [];
		for (let count = 0; count < 3; count++) made.push(await readyWork(owner, { assetMeta: { channelID } }));

		const first = await (await send("GET", `/videos?channelID=@${handle}&limit=2`)).json<{
			items: Video[];
			nextCursor: string;
		}>();
		const second = await (
			await send("GET", `/videos?channelID=${channelID}&limit=2&cursor=${first.nextCursor}`)
		).json<{ items: Video[]; nextCursor: string | null }>();

		const seen = [...first.items, ...second.items].map((item) => item.videoID);
		expect(seen).toEqual(made.toReversed());
		expect(second.nextCursor).toBeNull();
	});
});

describe("a position", () => {
	const put = (viewer: Session, videoID: string, positionMs: number, at: number) =>
		send("PUT", `/videos/${videoID}/progress`, {
			token: viewer.accessToken,
			body: { positionMs, durationMs: 60_000, deviceID: "d", at },
		});

	test("of the latest clock wins, whichever device comes first, and is where playback goes on", async () => {
		const videoID = await readyWork(await registerUser());
		const viewer = await registerUser();

		const replies = [
			await put(viewer, videoID, 5000, 1000),
			await put(viewer, videoID, 9000, 3000),
			await put(viewer, videoID, 7000, 2000),
		];
		const playback = await send("GET", `/videos/${videoID}/playback`, { token: viewer.accessToken });

		expect(await Promise.all(replies.map((reply) => reply.json()))).toEqual([
			{ positionMs: 5000 },
			{ positionMs: 9000 },
			{ positionMs: 9000 },
		]);
		expect(await playback.json()).toMatchObject({ resumeAtMs: 9000 });
	});

	test("of a clock that is years ahead does not have the last word for ever", async () => {
		const videoID = await readyWork(await registerUser());
		const viewer = await registerUser();
		await put(viewer, videoID, 9000, Date.now() + 10 * 365 * 86_400_000);

		const later = await put(viewer, videoID, 5000, Date.now() + 6000);

		expect(await later.json()).toEqual({ positionMs: 5000 });
	});

	test("is listed with its work, the last watched first, until the work is hidden", async () => {
		const owner = await registerUser();
		const viewer = await registerUser();
		const works = [await readyWork(owner), await readyWork(owner), await readyWork(owner)];
		for (const [index, videoID] of works.entries()) await put(viewer, videoID, index, 1000 + index);
		const hidden = works[1] ?? "";
		await change(owner, hidden, (await view(hidden, owner)).etag, { visibility: "private" });

		const reply = await send("GET", "/users/me/progress", { token: viewer.accessToken });

		const { items } = await reply.json<{ items: { video: Video; positionMs: number }[] }>();
		expect(items.map((item) => [item.video.videoID, item.positionMs])).toEqual([
			[works[2], 2],
			[works[0], 0],
		]);
	});
});

describe("views", () => {
	const SESSION = "0123456789abcdef01234567";
	const watch = async (
		videoID: string,
		viewer: { session?: Session; viewerSessionID?: string; address?: string } = {},
	): Promise<number> => {
		const { session, viewerSessionID = SESSION, address = crypto.randomUUID() } = viewer;
		const reply = await send("POST", `/videos/${videoID}/views`, {
			...(session ? { token: session.accessToken } : {}),
			body: { viewerSessionID },
			headers: { "cf-connecting-ip": address },
		});
		return reply.status;
	};
	const countOf = async (videoID: string) => (await view(videoID)).video.views;

	test("without an account count once for a browser, however often it is told", async () => {
		const videoID = await readyWork(await registerUser());

		const statuses = await Promise.all([watch(videoID), watch(videoID), watch(videoID)]);
		await watch(videoID, { viewerSessionID: "another-browser-of-somebody" });

		expect(statuses).toEqual([202, 202, 202]);
		expect(await countOf(videoID)).toBe(2);
	});

	test("of an account count once on all of its devices; its owner's do not count", async () => {
		const owner = await registerUser();
		const viewer = await registerUser();
		const videoID = await readyWork(owner);

		await watch(videoID, { session: viewer });
		await watch(videoID, { session: viewer, viewerSessionID: "the-telephone-of-the-same" });
		await watch(videoID, { session: owner });

		expect(await countOf(videoID)).toBe(1);
	});

	test("of the day after count again", async () => {
		const videoID = await readyWork(await registerUser());
		await watch(videoID);
		await env.DB.prepare(`UPDATE views SET at = at - 86400001 WHERE "videoID" = ?`).bind(videoID).run();

		await watch(videoID);
		await watch(videoID);

		expect(await countOf(videoID)).toBe(2);
	});

	test("by guests and accounts that a script makes stop counting at forty from one address, too", async () => {
		const videoID = await readyWork(await registerUser());
		const guests = await Promise.all(
			Array.from({ length: 42 }, async (_, index) => {
				const reply = await send("POST", "/auth/guest", { body: { displayName: `Guest ${index}` } });
				return (await reply.json<Session>()) satisfies Session;
			}),
		);

		for (const session of guests) await watch(videoID, { session, address: "192.0.2.44" });

		expect(await countOf(videoID)).toBe(40);
	});

	test("from one address stop counting at forty that give ever new names, and of one work only", async () => {
		const owner = await registerUser();
		const [videoID, other] = [await readyWork(owner), await readyWork(owner)];
		const address = "2001:db8:77:1::1";
		for (let name = 0; name < 45; name++) {
			const viewerSessionID = `a-script-and-its-name-${name}`;
			await watch(videoID, { viewerSessionID, address: `2001:db8:77:1::${name}` });
		}

		await watch(other, { viewerSessionID: "a-script-and-its-name-0", address });
		await watch(videoID, { viewerSessionID: "somebody-elsewhere-in-the-world" });

		expect(await countOf(videoID)).toBe(41);
		expect(await countOf(other)).toBe(1);
	});

	test("of what cannot be watched, or of nothing, do not count", async () => {
		const owner = await registerUser();
		const viewer = await registerUser();
		const hidden = await readyWork(owner, { assetMeta: { visibility: "private" } });
		const { assetID } = await beginUpload(owner, fileOf(100, ++seed), {
			assetMeta: { visibility: "public" },
		});
		const ready = await readyWork(owner);

		const statuses = [
			await watch(hidden, { session: viewer }),
			await watch("vid_00000000000000000000000000"),
			await watch(assetID),
			await watch(ready, { viewerSessionID: "short" }),
			await watch(ready, { viewerSessionID: "x".repeat(65) }),
		];

		expect(statuses).toEqual([404, 404, 202, 422, 422]);
		expect(await countOf(assetID)).toBe(0);
		expect(await countOf(ready)).toBe(0);
	});
});

describe("the original", () => {
	const uploaded = async (owner: Session) => {
		const file = fileOf(5000, ++seed);
		const videoID = await uploadWork(owner, file, {
			filename: 'My "holiday" – ü.mp4',
			assetMeta: { visibility: "public" },
		});
		return { videoID, file };
	};
	const bytesOf = async (reply: Response) => new Uint8Array(await reply.arrayBuffer());

	test("is given to its owner, whole and in exact ranges, as a file to save", async () => {
		const owner = await registerUser();
		const { videoID, file } = await uploaded(owner);
		const get = (range?: string) =>
			send("GET", `/videos/${videoID}/source`, {
				token: owner.accessToken,
				headers: range === undefined ? {} : { range },
			});

		const [whole, part, tail, beyond] = [
			await get(),
			await get("bytes=100-199"),
			await get("bytes=-10"),
			await get("bytes=5000-"),
		];

		expect(whole.status).toBe(200);
		expect(whole.headers.get("content-disposition")).toContain(
			"filename*=UTF-8''My%20%22holiday%22%20%E2%80%93%20%C3%BC.mp4",
		);
		expect(whole.headers.get("content-type")).toBe("application/octet-stream");
		expect(await bytesOf(whole)).toEqual(file);
		expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 100-199/5000"]);
		expect(await bytesOf(part)).toEqual(file.slice(100, 200));
		expect(await bytesOf(tail)).toEqual(file.slice(-10));
		expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */5000"]);
	});

	test("is given to a browser of its owner at an address that opens it and nothing else", async () => {
		const owner = await registerUser();
		const { videoID, file } = await uploaded(owner);
		const other = await uploaded(owner);
		const asked = await send("GET", `/videos/${videoID}/source`, {
			token: owner.accessToken,
			headers: { accept: "application/json" },
		});
		const { url } = await asked.json<{ url: string }>();
		const path = url.replace("http://rostrum.test", "");
		const query = path.slice(path.indexOf("?"));

		const opened = await send("GET", path, { headers: { range: "bytes=0-9" } });
		const refused = [
			await send("GET", `/videos/${other.videoID}/source${query}`),
			await send("GET", `/media/${videoID}/source${query}`),
			await send("GET", `/media/${videoID}/master.m3u8${query}`),
			await send("GET", `${path}x`),
		];

		expect(opened.status).toBe(206);
		expect(await bytesOf(opened)).toEqual(file.slice(0, 10));
		expect(refused.map((reply) => reply.status)).toEqual([403, 403, 403, 403]);
	});

	test("is nobody else's, not by what opens the work for watching either", async () => {
		const videoID = await readyWork(await registerUser());
		await env.MEDIA.put(`vod/${videoID}/source`, "the original");
		const viewer = await registerUser();
		const playback = await send("GET", `/videos/${videoID}/playback`, { token: viewer.accessToken });
		const { hls } = await playback.json<{ hls: string }>();
		const query = new URL(hls).search;

		const replies = [
			await send("GET", `/videos/${videoID}/source`),
			await send("GET", `/videos/${videoID}/source`, { token: viewer.accessToken }),
			await send("GET", `/videos/${videoID}/source${query}`),
			await send("GET", `/media/${videoID}/source${query}`),
			await send("GET", `/videos/${videoID}/source?sig=`),
		];

		expect(replies.map((reply) => reply.status)).toEqual([401, 403, 403, 404, 403]);
	});

	test("that is not there yet is not found", async () => {
		const owner = await registerUser();
		const { assetID } = await beginUpload(owner, fileOf(100, ++seed));

		const reply = await send("GET", `/videos/${assetID}/source`, { token: owner.accessToken });

		expect(reply.status).toBe(404);
	});
});

describe("captions", () => {
	const put = (owner: Session, videoID: string, language: string, body: string, type: string) =>
		send("PUT", `/videos/${videoID}/captions/${language}`, {
			token: owner.accessToken,
			body,
			headers: { "content-type": type },
		});
	const SRT = "1\n00:00:01,000 --> 00:00:02,000\nHello\n";

	test("are shown under a signed address, as WebVTT, until they are removed", async () => {
		const owner = await registerUser();
		const videoID = await readyWork(owner);

		const reply = await put(owner, videoID, "zh-Hans", SRT, "application/x-subrip");
		const { captions } = await (await send("GET", `/videos/${videoID}/playback`)).json<{
			captions: { url: string; label: string }[];
		}>();
		const [track] = captions;
		const text = await send("GET", track?.url.replace("http://rostrum.test", "") ?? "");
		const removal = await send("DELETE", `/videos/${videoID}/captions/zh-Hans`, { token: owner.accessToken });

		expect((await reply.json<Video>()).tracks).toMatchObject([{ language: "zh-Hans", origin: "upload" }]);
		expect(track?.label).not.toBe("");
		expect(text.headers.get("content-type")).toBe("text/vtt; charset=utf-8");
		expect(await text.text()).toBe("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHello\n");
		expect(removal.status).toBe(204);
		expect((await view(videoID)).video.tracks).toEqual([]);
	});

	test.each([
		["of another type", SRT, "text/plain", 415],
		["without a cue", "WEBVTT\n", "text/vtt", 422],
		["of three megabytes", "x".repeat(3 * 1024 ** 2), "text/vtt", 413],
	])("%s are refused", async (_what, body, type, status) => {
		const owner = await registerUser();
		const videoID = await readyWork(owner);

		expect((await put(owner, videoID, "en", body, type)).status).toBe(status);
	});
});

describe("a poster", () => {
	const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
	const put = (owner: Session, videoID: string, type: string, raw: Uint8Array<ArrayBuffer>) =>
		send("PUT", `/videos/${videoID}/poster`, {
			token: owner.accessToken,
			raw,
			headers: { "content-type": type },
		});

	test("of the owner's takes the place of the one that was made", async () => {
		const owner = await registerUser();
		const videoID = await readyWork(owner);

		const { posterURL } = await (await put(owner, videoID, "image/png", PNG)).json<Video>();
		const picture = await send("GET", (posterURL ?? "").replace("http://rostrum.test", ""));

		expect(picture.headers.get("content-type")).toBe("image/png");
		expect(new Uint8Array(await picture.arrayBuffer())).toEqual(PNG);
	});

	test("that is no picture is refused, whatever it calls itself", async () => {
		const owner = await registerUser();
		const videoID = await readyWork(owner);

		expect((await put(owner, videoID, "image/svg+xml", PNG)).status).toBe(415);
		expect((await put(owner, videoID, "image/jpeg", PNG)).status).toBe(415);
	});
});

describe("a channel's podcast", () => {
	test("has its public audio works, with sound that opens without a signature and by ranges", async () => {
		const owner = await registerUser();
		const { channelID } = await makeChannel(owner);
		const assetMeta = { channelID, title: "Tea & talk", chapters: [{ startsAtMs: 1500, title: "One" }] };
		const videoID = await readyWork(owner, { kind: "audio", assetMeta });
		const hiddenID = await readyWork(owner, {
			kind: "audio",
			assetMeta: { channelID, visibility: "unlisted" },
		});
		for (const id of [videoID, hiddenID]) await env.MEDIA.put(`vod/${id}/download.m4a`, fileOf(1000));

		const feed = await send("GET", `/channels/${channelID}/feed.xml`);
		const text = await feed.text();
		const sound = await send("GET", `/videos/${videoID}/episode/sound.m4a`, {
			headers: { range: "bytes=0-9" },
		});
		const chapters = await send("GET", `/videos/${videoID}/episode/chapters.json`);
		const hidden = await send("GET", `/videos/${hiddenID}/episode/sound.m4a`);

		expect(feed.headers.get("content-type")).toBe("application/rss+xml; charset=utf-8");
		expect(text).toContain("<title>Tea &amp; talk</title>");
		expect(text).toContain(`/videos/${videoID}/episode/sound.m4a" length="1000" type="audio/mp4"/>`);
		expect(text).not.toContain(hiddenID);
		expect([sound.status, sound.headers.get("content-type")]).toEqual([206, "audio/mp4"]);
		expect(await chapters.json()).toEqual({ version: "1.2.0", chapters: [{ startTime: 1.5, title: "One" }] });
		expect(hidden.status).toBe(404);
	});
});
