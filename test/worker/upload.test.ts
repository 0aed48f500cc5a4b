import { env } from "cloudflare:workers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Video } from "../../protocol/vod.ts";
import { registerUser, send } from "./client.ts";
import { inPipeline, MediaProgram } from "./processing.ts";
import {
	beginUpload,
	CHUNK,
	chunksOf,
	complete,
	fileOf,
	fingerprintOf,
	hex,
	putBytes,
	sendChunks,
	sha256,
	uploadWork,
	urlsOf,
	viewUpload,
} from "./uploading.ts";

const FILE = fileOf(CHUNK * 2 + 1000);

describe("an upload", () => {
	test("in chunks becomes the very file, and a work that is processed", async () => {
		const owner = await registerUser();

		const begun = await beginUpload(owner, FILE, { assetMeta: { title: "Mine", visibility: "unlisted" } });
		await sendChunks(owner, begun.uploadID, FILE, [2, 0, 1]);
		const reply = await complete(owner, begun.uploadID);

		expect(begun).toMatchObject({ status: 201, chunkSize: CHUNK, chunkCount: 3, have: [] });
		expect(reply.status).toBe(202);
		expect(reply.headers.get("location")).toBe(`/videos/${begun.assetID}`);
		const stored = await env.MEDIA.get(`vod/${begun.assetID}/source`);
		expect(hex(await sha256(new Uint8Array(await (stored ?? new Response()).arrayBuffer())))).toBe(
			hex(await sha256(FILE)),
		);
		const video = await (
			await send("GET", `/videos/${begun.assetID}`, { token: owner.accessToken })
		).json<Video>();
		expect(video).toMatchObject({ title: "Mine", visibility: "unlisted", state: "processing" });
		expect(await viewUpload(owner, begun.uploadID)).toMatchObject({ state: "complete", received: 3 });
	});

	test("that was broken off goes on where it was, for the same file of the same owner alone", async () => {
		const owner = await registerUser();
		const file = fileOf(CHUNK + 5, 2);
		const first = await beginUpload(owner, file);
		await sendChunks(owner, first.uploadID, file, [1]);

		const second = await beginUpload(owner, file);
		const stranger = await beginUpload(await registerUser(), file);
		const other = await beginUpload(owner, fileOf(CHUNK + 5, 3));

		expect(second).toMatchObject({ uploadID: first.uploadID, have: [1] });
		expect(stranger.uploadID).not.toBe(first.uploadID);
		expect(other.uploadID).not.toBe(first.uploadID);
	});

	test("of a file that is there is not sent again", async () => {
		const owner = await registerUser();
		const file = fileOf(3000, 4);
		const assetID = await uploadWork(owner, file);

		const again = await beginUpload(owner, file);
		await send("DELETE", `/videos/${assetID}`, { token: owner.accessToken });
		const afterDeletion = await beginUpload(owner, file);

		expect(again).toMatchObject({ status: 200, uploadID: null, duplicateOf: assetID });
		expect(afterDeletion).toMatchObject({ status: 201, have: [] });
	});

	test("that is begun twice at once is one", async () => {
		const owner = await registerUser();
		const file = fileOf(3000, 5);

		const [one, two] = await Promise.all([beginUpload(owner, file), beginUpload(owner, file)]);

		expect(one?.uploadID).toBe(two?.uploadID);
	});

	test("says which chunks are missing, and takes the rest then", async () => {
		const owner = await registerUser();
		const file = fileOf(CHUNK * 2 + 1, 6);
		const { uploadID } = await beginUpload(owner, file);
		await sendChunks(owner, uploadID, file, [1]);

		const refused = await complete(owner, uploadID);
		await sendChunks(owner, uploadID, file, [0, 2]);

		expect(await refused.json()).toMatchObject({ code: "missing-chunks", missing: [0, 2] });
		expect((await complete(owner, uploadID)).status).toBe(202);
	});

	test("can be completed again and again with one result", async () => {
		const owner = await registerUser();
		const file = fileOf(2000, 7);
		const { uploadID } = await beginUpload(owner, file);
		await sendChunks(owner, uploadID, file);

		const replies = await Promise.all([complete(owner, uploadID), complete(owner, uploadID)]);
		const later = await complete(owner, uploadID);

		const bodies = await Promise.all([...replies, later].map((reply) => reply.json()));
		expect(bodies[1]).toEqual(bodies[0]);
		expect(bodies[2]).toEqual(bodies[0]);
	});

	test("whose chunks do not make the announced file is refused", async () => {
		const owner = await registerUser();
		const file = fileOf(2000, 8);
		const { uploadID } = await beginUpload(owner, file);
		await sendChunks(owner, uploadID, fileOf(2000, 9));

		const reply = await complete(owner, uploadID);

		expect([reply.status, await reply.json()]).toEqual([
			422,
			expect.objectContaining({ code: "fingerprint-mismatch" }),
		]);
	});

	test("whose ledger lies about what is stored begins anew instead of ending in a broken file", async () => {
		const owner = await registerUser();
		const file = fileOf(2000, 10);
		const { uploadID } = await beginUpload(owner, file);
		await send("PATCH", `/uploads/${uploadID}/chunks`, {
			token: owner.accessToken,
			body: { chunks: [{ index: 0, chunkStatus: "UPLOADED", etag: '"invented"' }] },
		});

		const refused = await complete(owner, uploadID);
		await sendChunks(owner, uploadID, file);

		expect(await refused.json()).toMatchObject({ code: "missing-chunks", missing: [0] });
		expect((await complete(owner, uploadID)).status).toBe(202);
	});

	test("keeps what its sender says of chunks", async () => {
		const owner = await registerUser();
		const file = fileOf(CHUNK + 1, 11);
		const { uploadID } = await beginUpload(owner, file);
		const say = (chunk: object) =>
			send("PATCH", `/uploads/${uploadID}/chunks`, { token: owner.accessToken, body: { chunks: [chunk] } });

		await say({ index: 1, chunkStatus: "UPLOADED", etag: '"e"', fingerprint: "a".repeat(64) });
		const told = await say({ index: 1, chunkStatus: "UPLOADED" });
		const failed = await say({ index: 0, chunkStatus: "FAILED" });
		const beyond = await say({ index: 2, chunkStatus: "UPLOADED" });

		expect([await told.json(), await failed.json(), beyond.status]).toEqual([
			{ received: 1 },
			{ received: 1 },
			422,
		]);
		expect((await viewUpload(owner, uploadID)).chunks).toEqual([
			{ index: 0, chunkStatus: "FAILED", etag: null, fingerprint: null },
			{ index: 1, chunkStatus: "UPLOADED", etag: "e", fingerprint: "a".repeat(64) },
		]);
	});

	test("that is cancelled leaves nothing", async () => {
		const owner = await registerUser();
		const { uploadID, assetID } = await beginUpload(owner, FILE);
		await sendChunks(owner, uploadID, FILE, [0]);

		const reply = await send("DELETE", `/uploads/${uploadID}`, { token: owner.accessToken });

		expect(reply.status).toBe(204);
		await expect
			.poll(async () => (await send("GET", `/videos/${assetID}`, { token: owner.accessToken })).status)
			.toBe(404);
	});

	test("that is complete cannot be cancelled", async () => {
		const owner = await registerUser();
		const file = fileOf(2000, 12);
		const { uploadID } = await beginUpload(owner, file);
		await sendChunks(owner, uploadID, file);
		await complete(owner, uploadID);

		const reply = await send("DELETE", `/uploads/${uploadID}`, { token: owner.accessToken });

		expect(await reply.json()).toMatchObject({ status: 409, code: "already-complete" });
	});

	test("that nobody went on with is given up, and says so", async () => {
		const owner = await registerUser();
		const file = fileOf(2000, 13);
		const { uploadID } = await beginUpload(owner, file);
		await env.DB.prepare('UPDATE uploads SET "expiresAt" = 1 WHERE "uploadID" = ?').bind(uploadID).run();

		const replies = await Promise.all([
			send("GET", `/uploads/${uploadID}`, { token: owner.accessToken }),
			complete(owner, uploadID),
		]);
		const again = await beginUpload(owner, file);

		for (const reply of replies)
			expect(await reply.json()).toMatchObject({ status: 410, code: "upload-expired" });
		expect(again.uploadID).not.toBe(uploadID);
	});

	test("that was put together by a call that died before it rang is processed all the same", async () => {
		onTestFinished(() => void vi.restoreAllMocks());
		const media = new MediaProgram();
		const owner = await registerUser();
		const { uploadID, assetID } = await beginUpload(owner, fileOf(2000, 17));
		await env.MEDIA.put(`vod/${assetID}/source`, fileOf(2000, 17));
		await env.DB.prepare("UPDATE uploads SET state = 'complete' WHERE \"uploadID\" = ?").bind(uploadID).run();

		await inPipeline(assetID, (pipeline) => pipeline.watchUpload(assetID, Date.now()));

		expect(media.job("probe").videoID).toBe(assetID);
	});

	test("that was cancelled by a call that died before it told leaves nothing in the end", async () => {
		const owner = await registerUser();
		const { uploadID, assetID } = await beginUpload(owner, fileOf(2000, 18));
		await env.DB.prepare("UPDATE uploads SET state = 'aborted' WHERE \"uploadID\" = ?").bind(uploadID).run();

		await inPipeline(assetID, (pipeline) => pipeline.watchUpload(assetID, Date.now()));
		await inPipeline(assetID, (pipeline) => pipeline.alarm());

		expect((await send("GET", `/videos/${assetID}`, { token: owner.accessToken })).status).toBe(404);
	});

	test("of somebody else is not there", async () => {
		const { uploadID } = await beginUpload(await registerUser(), fileOf(2000, 14));
		const { accessToken: token } = await registerUser();

		const replies = await Promise.all([
			send("GET", `/uploads/${uploadID}`, { token }),
			send("POST", `/uploads/${uploadID}/pre-signed-urls`, { token, body: { indexes: [0] } }),
			send("PATCH", `/uploads/${uploadID}/chunks`, {
				token,
				body: { chunks: [{ index: 0, chunkStatus: "UPLOADED", etag: "x" }] },
			}),
			send("POST", `/uploads/${uploadID}/complete`, { token, body: {} }),
			send("DELETE", `/uploads/${uploadID}`, { token }),
		]);

		expect(replies.map((reply) => reply.status)).toEqual([404, 404, 404, 404, 404]);
	});

	test.each([
		["nothing in it", { size: 0 }, 422, "validation"],
		["21 GiB", { size: 21 * 1024 ** 3 }, 413, "payload-too-large"],
		["a picture", { contentType: "image/svg+xml" }, 415, "unsupported-media-type"],
		["chunks of a kilobyte", { chunkSize: 1024 }, 422, "validation"],
		["a fingerprint of another kind", { fingerprint: "md5:abc" }, 422, "validation"],
	])("of a file with %s is refused", async (_what, change, status, code) => {
		const { accessToken: token } = await registerUser();
		const body = {
			kind: "video",
			filename: "x",
			size: 10,
			contentType: "video/mp4",
			fingerprint: await fingerprintOf(fileOf(10)),
			...change,
		};

		expect(await (await send("POST", "/uploads", { token, body })).json()).toMatchObject({ status, code });
	});

	test("into somebody else's channel is refused", async () => {
		const { accessToken: token } = await registerUser();
		const channel = await (
			await send("POST", "/channels", {
				token: (await registerUser()).accessToken,
				body: { handle: `h_${crypto.randomUUID().slice(0, 8)}`, name: "x" },
			})
		).json<{ channelID: string }>();
		const body = {
			kind: "video",
			filename: "x",
			size: 10,
			contentType: "video/mp4",
			fingerprint: await fingerprintOf(fileOf(10)),
			assetMeta: { channelID: channel.channelID },
		};

		expect((await send("POST", "/uploads", { token, body })).status).toBe(403);
	});
});

describe("an address for a chunk", () => {
	test("takes that chunk at its length, and no other bytes", async () => {
		const owner = await registerUser();
		const file = fileOf(CHUNK + 10, 15);
		const [first = new Uint8Array(), last = new Uint8Array()] = chunksOf(file);
		const { uploadID } = await beginUpload(owner, file);
		const [url = "", lastURL = ""] = await urlsOf(owner, uploadID, [0, 1]);

		const replies = [
			await putBytes(url, last),
			await putBytes(lastURL, first),
			await putBytes(url.replace("/chunks/0", "/chunks/1"), last),
			await putBytes(url.replace(/sig=[^&]+/, "sig=AAAA"), first),
			await putBytes(url.replace(/exp=\d+/, "exp=9999999999"), first),
			await putBytes(url.replace(/exp=\d+/, "exp=1"), first),
			await putBytes(lastURL, last, { "content-digest": "sha-256=:AAAA:" }),
			await putBytes(url, first),
		];

		expect(replies.map((reply) => reply.status)).toEqual([400, 400, 403, 403, 403, 403, 409, 200]);
		expect((await viewUpload(owner, uploadID)).chunks[0]?.etag).toBe(
			replies.at(-1)?.headers.get("etag")?.replaceAll('"', ""),
		);
	});

	test("of a chunk that the file does not have is not given", async () => {
		const owner = await registerUser();
		const { uploadID } = await beginUpload(owner, fileOf(100, 16));

		const reply = await send("POST", `/uploads/${uploadID}/pre-signed-urls`, {
			token: owner.accessToken,
			body: { indexes: [1] },
		});

		expect(reply.status).toBe(422);
	});
});
