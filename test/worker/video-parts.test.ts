import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { VodJob } from "../../protocol/vod-job.ts";
import { BegunParts, PART_LIMITS, StoredPart } from "../../protocol/vod-parts.ts";
import { registerUser, type Session, send } from "./client.ts";
import { MediaProgram, startWork } from "./processing.ts";
import { beginUpload, CHUNK, fileOf } from "./uploading.ts";

const KEY = "/download.mp4";

let media: MediaProgram;
let owner: Session;
let seed = 70_000;

beforeEach(async () => {
	media = new MediaProgram();
	owner = await registerUser();
});

afterEach(() => {
	vi.restoreAllMocks();
});

async function newJob(): Promise<VodJob> {
	const file = fileOf(500, ++seed);
	const { assetID } = await beginUpload(owner, file);
	await env.MEDIA.put(`vod/${assetID}/source`, file);
	await startWork(assetID);
	return media.job("probe");
}

function call(job: VodJob, method: string, path: string, more: object = {}) {
	return send(method, `${new URL(job.objects).pathname}${path}`, { token: job.token, ...more });
}

async function begin(job: VodJob): Promise<string> {
	const reply = await call(job, "POST", KEY, { headers: { "content-type": "video/mp4" } });
	expect(reply.status).toBe(201);
	return `${KEY}?uploadID=${encodeURIComponent(BegunParts.parse(await reply.json()).uploadID)}`;
}

function putPart(job: VodJob, at: string, part: number, bytes: Uint8Array<ArrayBuffer>) {
	const headers = { "content-length": String(bytes.byteLength) };
	return call(job, "PUT", `${at}&part=${part}`, { raw: bytes, headers });
}

async function etagOf(reply: Response): Promise<string> {
	return StoredPart.parse(await reply.json()).etag;
}

function complete(job: VodJob, at: string, etags: string[], sizeBytes: number) {
	return call(job, "POST", at, { body: { etags, sizeBytes } });
}

async function stored(job: VodJob): Promise<Uint8Array | null> {
	const object = await env.MEDIA.get(`vod/${job.videoID}${KEY}`);
	return object ? new Uint8Array(await object.arrayBuffer()) : null;
}

describe("an object in parts", () => {
	const [first, last] = [fileOf(CHUNK, 1), fileOf(1000, 2)];
	const whole = new Uint8Array([...first, ...last]);

	test("is there when it is completed, whatever came twice or in another order", async () => {
		const job = await newJob();
		const at = await begin(job);

		const lastEtag = await etagOf(await putPart(job, at, 2, last));
		await putPart(job, at, 1, fileOf(CHUNK, 3));
		const firstEtag = await etagOf(await putPart(job, at, 1, first));
		const before = await stored(job);
		const replies = [
			await complete(job, at, [firstEtag, lastEtag], whole.byteLength),
			await complete(job, at, [firstEtag, lastEtag], whole.byteLength),
		];

		expect(before).toBeNull();
		expect(replies.map((reply) => reply.status)).toEqual([204, 204]);
		expect(await stored(job)).toEqual(whole);
		expect((await env.MEDIA.head(`vod/${job.videoID}${KEY}`))?.httpMetadata?.contentType).toBe("video/mp4");
	});

	test("that is late, after another attempt was faster, leaves the same bytes", async () => {
		const job = await newJob();
		const [slow, fast] = [await begin(job), await begin(job)];
		const etags = async (at: string) => [
			await etagOf(await putPart(job, at, 1, first)),
			await etagOf(await putPart(job, at, 2, last)),
		];
		const slowEtags = await etags(slow);

		const replies = [
			await complete(job, fast, await etags(fast), whole.byteLength),
			await complete(job, slow, slowEtags, whole.byteLength),
		];

		expect(replies.map((reply) => reply.status)).toEqual([204, 204]);
		expect(await stored(job)).toEqual(whole);
	});

	test("that is given up is not there, as often as that is said, and late parts are told so", async () => {
		const job = await newJob();
		const at = await begin(job);
		const etag = await etagOf(await putPart(job, at, 1, first));

		const given = [await call(job, "DELETE", at), await call(job, "DELETE", at)];
		const late = [await putPart(job, at, 2, last), await complete(job, at, [etag], CHUNK)];

		expect(given.map((reply) => reply.status)).toEqual([204, 204]);
		expect(late.map((reply) => reply.status)).toEqual([404, 404]);
		expect(await stored(job)).toBeNull();
	});

	test("is put together from what was stored alone", async () => {
		const job = await newJob();
		const at = await begin(job);
		const etag = await etagOf(await putPart(job, at, 1, first));

		const replies = [
			await complete(job, at, [], CHUNK),
			await complete(job, at, ["made up"], CHUNK),
			await complete(job, at, [etag, etag], 2 * CHUNK),
			await call(job, "POST", at, { body: { etags: [etag] } }),
			await call(job, "POST", at, { body: "no JSON", headers: { "content-type": "application/json" } }),
		];

		expect(replies.map((reply) => reply.status)).toEqual([422, 422, 422, 422, 422]);
		expect(await stored(job)).toBeNull();
	});

	test("has parts of a known length, not too large, with numbers", async () => {
		const job = await newJob();
		const at = await begin(job);
		const sized = (length: number) => ({
			raw: fileOf(10),
			headers: { "content-length": String(length) },
		});

		const statuses = await Promise.all(
			[
				call(job, "PUT", `${at}&part=0`, sized(10)),
				call(job, "PUT", `${at}&part=10001`, sized(10)),
				call(job, "PUT", `${at}&part=1.5`, sized(10)),
				call(job, "PUT", at, sized(10)),
				call(job, "PUT", `${at}&part=1`, sized(PART_LIMITS.maxBytes + 1)),
				call(job, "PUT", KEY, sized(PART_LIMITS.maxBytes + 1)),
				call(job, "PUT", `${KEY}?uploadID=&part=1`, sized(10)),
				call(job, "PUT", `${KEY}?uploadID=${"x".repeat(3000)}&part=1`, sized(10)),
			].map(async (reply) => (await reply).status),
		);

		expect(statuses).toEqual([422, 422, 422, 422, 413, 413, 422, 422]);
	});

	test("is begun, filled and ended with the token of its work alone, and never in place of the source", async () => {
		const [job, other] = [await newJob(), await newJob()];
		const at = await begin(job);
		const foreign = { ...job, token: other.token };

		const replies = [
			await call(foreign, "POST", KEY),
			await putPart(foreign, at, 1, last),
			await complete(foreign, at, ["e"], 1),
			await call(foreign, "DELETE", at),
			await call(job, "POST", "/source"),
			await call(job, "DELETE", "/source?uploadID=x"),
			await call(job, "POST", "/../secret"),
			// Another work's upload, by one's own token: it is none of this key's.
			await putPart(other, at, 1, last),
		];

		expect(replies.map((reply) => reply.status)).toEqual([401, 401, 401, 401, 403, 403, 404, 404]);
	});
});
