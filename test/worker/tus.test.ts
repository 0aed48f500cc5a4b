import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Video } from "../../protocol/vod.ts";
import { registerUser, type Session, send } from "./client.ts";
import { fileOf, hex, sendBytes, sha256 } from "./uploading.ts";

const MIB = 1024 ** 2;
const TYPE = "application/offset+octet-stream";

function headersOf(owner: Session, more: Record<string, string> = {}): Record<string, string> {
	return { authorization: `Bearer ${owner.accessToken}`, "tus-resumable": "1.0.0", ...more };
}

async function create(owner: Session, size: number, more: Record<string, string> = {}): Promise<string> {
	const reply = await send("POST", "/tus", {
		headers: headersOf(owner, { "upload-length": String(size), ...more }),
	});
	expect(reply.status).toBe(201);
	return new URL(reply.headers.get("location") ?? "").pathname;
}

function patch(
	owner: Session,
	path: string,
	at: { offset: number; bytes: Uint8Array<ArrayBuffer> },
	more: Record<string, string> = {},
) {
	const headers = headersOf(owner, { "content-type": TYPE, "upload-offset": String(at.offset), ...more });
	return sendBytes("PATCH", path, at.bytes, headers);
}

async function offsetOf(owner: Session, path: string): Promise<string | null> {
	return (await send("HEAD", path, { headers: headersOf(owner) })).headers.get("upload-offset");
}

async function storedHash(assetID: string): Promise<string> {
	const stored = await env.MEDIA.get(`vod/${assetID}/source`);
	return hex(await sha256(new Uint8Array(await (stored ?? new Response("")).arrayBuffer())));
}

async function workOf(owner: Session): Promise<Video> {
	const reply = await send("GET", `/videos?ownerID=${owner.user.userID}`, { token: owner.accessToken });
	const [work] = (await reply.json<{ items: Video[] }>()).items;
	if (!work) throw new Error("there is no work");
	return work;
}

async function base64Digest(algorithm: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
	return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest(algorithm, bytes))));
}

describe("tus", () => {
	test("says what it can do to whoever asks", async () => {
		const reply = await send("OPTIONS", "/tus");

		expect(reply.status).toBe(204);
		expect(reply.headers.get("tus-version")).toBe("1.0.0");
		expect(reply.headers.get("tus-extension")?.split(",").toSorted()).toEqual([
			"checksum",
			"creation",
			"creation-with-upload",
			"expiration",
			"termination",
		]);
		expect(reply.headers.get("tus-max-size")).toBe(String(20 * 1024 ** 3));
		expect(reply.headers.get("tus-checksum-algorithm")).toBe("md5,sha1,sha256");
	});

	test("takes a file in pieces of any size, across parts, and processes it", async () => {
		const owner = await registerUser();
		const file = fileOf(17 * MIB + 123);
		const path = await create(owner, file.byteLength, {
			"upload-metadata": `filename ${btoa("my holiday.mp4")},filetype ${btoa("video/mp4")},visibility ${btoa("public")}`,
		});

		let offset = 0;
		const statuses: number[] = [];
		for (const size of [1, 3 * MIB, 5 * MIB, 8 * MIB, MIB + 122]) {
			const reply = await patch(owner, path, { offset, bytes: file.slice(offset, offset + size) });
			statuses.push(reply.status);
			offset = Number(reply.headers.get("upload-offset"));
			expect(await offsetOf(owner, path)).toBe(String(offset));
		}

		expect(statuses).toEqual([204, 204, 204, 204, 204]);
		expect(offset).toBe(file.byteLength);
		const work = await workOf(owner);
		expect(work).toMatchObject({ title: "my holiday", visibility: "public", state: "processing" });
		expect(await storedHash(work.videoID)).toBe(hex(await sha256(file)));
		expect((await env.MEDIA.list({ prefix: `vod/${work.videoID}/tails/` })).objects).toEqual([]);
	});

	test("takes bytes with the creation", async () => {
		const owner = await registerUser();
		const file = fileOf(5000);

		const reply = await sendBytes(
			"POST",
			"/tus",
			file,
			headersOf(owner, { "upload-length": "5000", "content-type": TYPE }),
		);

		expect(reply.status).toBe(201);
		expect(reply.headers.get("upload-offset")).toBe("5000");
		expect(await storedHash((await workOf(owner)).videoID)).toBe(hex(await sha256(file)));
	});

	test("tells the offset, the length, the metadata and the expiry, and lets nobody cache it", async () => {
		const owner = await registerUser();
		const metadata = `filename ${btoa("a.mp4")},flag`;
		const path = await create(owner, 10, { "upload-metadata": metadata });

		const reply = await send("HEAD", path, { headers: headersOf(owner) });

		expect(reply.status).toBe(200);
		expect(Object.fromEntries(reply.headers)).toMatchObject({
			"upload-offset": "0",
			"upload-length": "10",
			"upload-metadata": metadata,
			"tus-resumable": "1.0.0",
			"cache-control": "no-store",
		});
		expect(Date.parse(reply.headers.get("upload-expires") ?? "")).toBeGreaterThan(Date.now());
	});

	test.each([
		["another offset", 5, {}, 409],
		["another type", 0, { "content-type": "application/octet-stream" }, 415],
		["no offset", 0, { "upload-offset": "x" }, 400],
		["another version", 0, { "tus-resumable": "0.2.2" }, 412],
		["an unknown checksum", 0, { "upload-checksum": "crc32 AAAA" }, 400],
		["a wrong checksum", 0, { "upload-checksum": "sha1 AAAA" }, 460],
	])("refuses a piece with %s, and nothing of it counts", async (_what, offset, more, status) => {
		const owner = await registerUser();
		const path = await create(owner, 100);

		const reply = await patch(owner, path, { offset, bytes: fileOf(10) }, more);

		expect(reply.status).toBe(status);
		if (status === 412) expect(reply.headers.get("tus-version")).toBe("1.0.0");
		expect(await offsetOf(owner, path)).toBe("0");
	});

	test.each([
		["sha1", "SHA-1"],
		["sha256", "SHA-256"],
	])("takes a piece whose %s is right, over part borders too", async (name, algorithm) => {
		const owner = await registerUser();
		const file = fileOf(9 * MIB);
		const path = await create(owner, file.byteLength);
		const checksum = { "upload-checksum": `${name} ${await base64Digest(algorithm, file)}` };

		const wrong = await patch(owner, path, { offset: 0, bytes: fileOf(9 * MIB, 2) }, checksum);
		const afterWrong = await offsetOf(owner, path);
		const right = await patch(owner, path, { offset: 0, bytes: file }, checksum);

		expect([wrong.status, afterWrong, right.status]).toEqual([460, "0", 204]);
		expect(await storedHash((await workOf(owner)).videoID)).toBe(hex(await sha256(file)));
	});

	test("refuses more than was announced", async () => {
		const owner = await registerUser();
		const path = await create(owner, 5);

		expect((await patch(owner, path, { offset: 0, bytes: fileOf(6) })).status).toBe(413);
	});

	test("lets one writer at an upload at a time", async () => {
		const owner = await registerUser();
		const path = await create(owner, 100);
		const uploadID = path.split("/").at(-1);
		await env.DB.prepare('UPDATE uploads SET "lockedUntil" = ? WHERE "uploadID" = ?')
			.bind(Date.now() + 60_000, uploadID)
			.run();

		expect((await patch(owner, path, { offset: 0, bytes: fileOf(10) })).status).toBe(423);
	});

	test("keeps what a client has sent that went away in the middle", async () => {
		const owner = await registerUser();
		const file = fileOf(9 * MIB);
		const path = await create(owner, file.byteLength);
		let isSent = false;
		const body = new ReadableStream<Uint8Array>({
			pull(controller) {
				if (isSent) controller.error(new Error("the line is dead"));
				else controller.enqueue(file.slice(0, 8 * MIB + 500));
				isSent = true;
			},
		});

		await sendStream(owner, path, body);

		await expect.poll(() => offsetOf(owner, path)).toBe(String(8 * MIB + 500));
		const rest = { offset: 8 * MIB + 500, bytes: file.slice(8 * MIB + 500) };
		await expect.poll(async () => (await patch(owner, path, rest)).status).toBe(204);
		expect(await storedHash((await workOf(owner)).videoID)).toBe(hex(await sha256(file)));
	});

	test("takes PATCH as POST from clients that know no other way", async () => {
		const owner = await registerUser();
		const path = await create(owner, 100);
		const headers = headersOf(owner, {
			"content-type": TYPE,
			"upload-offset": "0",
			"x-http-method-override": "PATCH",
		});

		expect((await sendBytes("POST", path, fileOf(10), headers)).headers.get("upload-offset")).toBe("10");
	});

	test("forgets an upload that is terminated", async () => {
		const owner = await registerUser();
		const path = await create(owner, 100);

		const reply = await send("DELETE", path, { headers: headersOf(owner) });

		expect(reply.status).toBe(204);
		await expect.poll(async () => (await send("HEAD", path, { headers: headersOf(owner) })).status).toBe(404);
	});

	test("finishes what came to its last byte though nobody was left to finish it, as soon as the client asks", async () => {
		const owner = await registerUser();
		const file = fileOf(60);
		const path = await create(owner, 100);
		await patch(owner, path, { offset: 0, bytes: file });
		const { videoID } = await workOf(owner);
		for (const table of ["uploads", "videos"])
			await env.DB.prepare(`UPDATE ${table} SET "sizeBytes" = 60 WHERE "videoID" = ?`).bind(videoID).run();

		expect(await offsetOf(owner, path)).toBe("60");

		expect((await workOf(owner)).state).toBe("processing");
		expect(await storedHash(videoID)).toBe(hex(await sha256(file)));
	});

	test.each([
		["no length", {}, 400],
		["a deferred length", { "upload-defer-length": "1" }, 400],
		["21 GiB", { "upload-length": String(21 * 1024 ** 3) }, 413],
		["a picture", { "upload-length": "5", "upload-metadata": `filetype ${btoa("image/svg+xml")}` }, 415],
		["nonsense for metadata", { "upload-length": "5", "upload-metadata": "filename %%%" }, 400],
		["metadata twice", { "upload-length": "5", "upload-metadata": "a YQ==,a YQ==" }, 400],
		["another version", { "upload-length": "5", "tus-resumable": "0.1" }, 412],
	])("refuses a creation with %s", async (_what, more, status) => {
		const owner = await registerUser();

		expect((await send("POST", "/tus", { headers: headersOf(owner, more) })).status).toBe(status);
	});

	test("is for its owner alone, and knows no uploads of the other kind", async () => {
		const owner = await registerUser();
		const path = await create(owner, 100);
		const stranger = await registerUser();

		const replies = await Promise.all([
			send("HEAD", path, { headers: headersOf(stranger) }),
			patch(stranger, path, { offset: 0, bytes: fileOf(10) }),
			send("DELETE", path, { headers: headersOf(stranger) }),
			send("HEAD", path, { headers: { "tus-resumable": "1.0.0" } }),
		]);

		expect(replies.map((reply) => reply.status)).toEqual([404, 404, 404, 401]);
	});
});

async function sendStream(owner: Session, path: string, body: ReadableStream<Uint8Array>): Promise<void> {
	const { exports } = await import("cloudflare:workers");
	const request = new Request(`http://rostrum.test${path}`, {
		method: "PATCH",
		headers: headersOf(owner, { "content-type": TYPE, "upload-offset": "0" }),
		body,
	});
	// The line dies: there is nobody to be answered.
	await exports.default.fetch(request).catch(() => undefined);
}
