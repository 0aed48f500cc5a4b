import { createServer } from "node:http";
import { afterAll, expect, test } from "vitest";
import { RealtimeSfu } from "../adapters/realtime-sfu.ts";
import { StreamID } from "../protocol/ids.ts";
import { type LiveJob, LiveJobState, MediaHealth } from "../protocol/media-job.ts";
import { createCertificate } from "../webrtc/certificate.ts";
import { closeTransports } from "../webrtc/transport.ts";
import { createHttpApi } from "./http.ts";
import { LiveJobs } from "./live-jobs.ts";
import { SourceCache } from "./vod/source-cache.ts";
import { VodJobs } from "./vod/vod-jobs.ts";

const TOKEN = "a-token-of-some-length";
const A = "st_01ARZ3NDEKTSV4RRFFQ69G5FAV";
const B = "st_01ARZ3NDEKTSV4RRFFQ69G5FAW";
const VIDEO = "vid_00000000000000000000000001";

afterAll(closeTransports);

test("a job is accepted, can be asked for, changes nothing when repeated, and stops", async () => {
	const api = createApi();

	const first = await state(await api.put(A, job(A, 3)));
	const again = await state(await api.put(A, job(A, 3)));
	const asked = await state(await api.request(`/live/${A}`));
	const stopped = await state(await api.request(`/live/${A}`, { method: "DELETE" }));

	expect(first).toEqual({ streamID: A, epoch: 3, state: "starting" });
	expect(again).toEqual(first);
	expect(asked).toEqual(first);
	expect(stopped.state).toBe("stopped");
});

test("a higher epoch takes over and a lower one is refused", async () => {
	const api = createApi();
	await api.put(A, job(A, 3));

	expect((await state(await api.put(A, job(A, 4)))).epoch).toBe(4);
	const refused = await api.put(A, job(A, 3));

	expect(refused.status).toBe(409);
	expect(await refused.json()).toMatchObject({ code: "epoch-superseded" });
	await api.jobs.stopAll();
});

test("more jobs than allowed are refused, and health counts those that run", async () => {
	const api = createApi();
	await api.put(A, job(A, 1));

	const refused = await api.put(B, job(B, 1));
	const health = MediaHealth.parse(await (await api.request("/health")).json());

	expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
	expect(health).toMatchObject({ liveJobs: 1, ffmpeg: "5.1" });
	await api.jobs.stopAll();
});

test.each([
	["no JSON", `/live/${A}`, "{", 400],
	["a job that misses fields", `/live/${A}`, "{}", 422],
	["another stream in the path", `/live/${B}`, JSON.stringify(job(A, 1)), 422],
	["a huge body", `/live/${A}`, `"${"x".repeat(70_000)}"`, 413],
])("%s is refused", async (_, path, body, status) => {
	const response = await createApi().request(path, { method: "PUT", body });

	expect(response.status).toBe(status);
	expect(response.headers.get("content-type")).toBe("application/problem+json");
});

test("an unknown job and a path that is none are not found, and without the token nothing is told", async () => {
	const api = createApi();

	expect((await api.request(`/live/${A}`)).status).toBe(404);
	expect((await api.request(`/live/${A}`, { method: "DELETE" })).status).toBe(404);
	expect((await api.request("/live/x")).status).toBe(404);
	expect((await api.request(`/vod/${VIDEO}/probe`)).status).toBe(404);
	expect((await api.request(`/vod/${VIDEO}/probe`, { method: "DELETE" })).status).toBe(404);
	expect((await api.request("/nothing")).status).toBe(404);
	for (const path of [`/live/${A}`, `/vod/${VIDEO}/probe`])
		expect((await api.request(path, { headers: { authorization: "Bearer wrong" } })).status).toBe(401);
});

test("a job that the SFU refuses fails and says so", async () => {
	const sfu = createServer((_, response) => {
		response.writeHead(401).end(JSON.stringify({ errorCode: "unauthorized" }));
	});
	await new Promise<void>((resolve) => sfu.listen(0, "127.0.0.1", resolve));
	const address = sfu.address();
	const port = typeof address === "object" && address !== null ? address.port : 0;
	const api = createApi({ sfuURL: `http://127.0.0.1:${port}/v1` });

	await api.put(A, job(A, 1));

	await expect
		.poll(async () => await state(await api.request(`/live/${A}`)), { timeout: 3_000 })
		.toMatchObject({ state: "failed", reason: expect.stringContaining("unauthorized") });
	sfu.close();
});

function createApi({ sfuURL = "http://127.0.0.1:9/v1" } = {}) {
	const jobs = new LiveJobs(
		{
			sfu: new RealtimeSfu({ baseURL: sfuURL, appID: "a", appSecret: "s" }),
			certificate: createCertificate(Date.now()),
			ffmpegPath: "ffmpeg",
			preset: "ultrafast",
		},
		{ maxJobs: 1 },
	);
	const vod = new VodJobs(
		{
			sources: new SourceCache("/nonexistent", { maxBytes: 0 }),
			folder: "/nonexistent",
			confinement: { hasMemoryCap: false, prefix: [] },
			ffmpegPath: "ffmpeg",
			ffprobePath: "ffprobe",
			preset: "ultrafast",
			worker: "test",
		},
		{ maxJobs: 1 },
	);
	const app = createHttpApi({ jobs, vod, token: TOKEN, ffmpegVersion: "5.1" });
	const request = async (path: string, init: RequestInit = {}) =>
		await app.request(path, { headers: { authorization: `Bearer ${TOKEN}` }, ...init });
	const put = (streamID: string, body: LiveJob) =>
		request(`/live/${streamID}`, { method: "PUT", body: JSON.stringify(body) });
	return { jobs, request, put };
}

async function state(response: Response): Promise<LiveJobState> {
	expect([200, 202]).toContain(response.status);
	return LiveJobState.parse(await response.json());
}

function job(streamID: string, epoch: number): LiveJob {
	return {
		streamID: StreamID.parse(streamID),
		epoch,
		source: { sessionID: "s", tracks: [{ trackName: "v", kind: "video" }] },
		output: { url: "http://127.0.0.1:9/out", token: "t" },
		firstSegment: 0,
		segmentSeconds: 2,
		partSeconds: 0.5,
		maxHeight: 720,
	};
}
