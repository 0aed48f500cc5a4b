import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openVodJobs } from "../../media/vod/open-vod-jobs.ts";
import type { VodJobs } from "../../media/vod/vod-jobs.ts";
import { VideoID } from "../../protocol/ids.ts";
import { VodJob, VodReport, type VodResult, type VodTask } from "../../protocol/vod-job.ts";

const TOKEN = "token-of-a-job";
const LIMITS = {
	maxPixels: 8192 * 4320,
	maxDurationSeconds: 12 * 3600,
	maxStreams: 32,
	timeoutSeconds: 60,
	memoryMegabytes: 2048,
};

export type Ending = Extract<VodReport, { state: "complete" | "failed" }>;

/** The Worker as a media program sees it: the objects of works, and their pipelines. */
export class VodStore implements AsyncDisposable {
	/** By `{videoID}/{key}`. */
	readonly objects = new Map<string, Buffer>();
	readonly reports: (VodReport & { stepID: string })[] = [];
	/** Every request that came, as `METHOD path`. */
	readonly requests: string[] = [];
	/** Bytes of sources that were asked for, by work: from, to (exclusive). */
	readonly spans = new Map<string, [number, number][]>();
	/** What to answer instead, for tests of what goes wrong. */
	interfere: (request: IncomingMessage) => number | null = () => null;
	readonly jobs: VodJobs;
	readonly folder: string;
	readonly #close: () => Promise<void>;
	readonly #server = createServer((request, response) => void this.#answer(request, response));
	readonly #waiting = new Map<string, (ending: Ending) => void>();
	#origin = "";

	constructor(media: { jobs: VodJobs; close: () => Promise<void> }, folder: string) {
		this.jobs = media.jobs;
		this.#close = media.close;
		this.folder = folder;
	}

	/** Opens a store with one media program that works for it. */
	static async open(options: { maxJobs?: number; folder?: string; preset?: string } = {}): Promise<VodStore> {
		const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "vod-store-")));
		const media = await openVodJobs({
			maxJobs: options.maxJobs ?? 2,
			preset: options.preset ?? "ultrafast",
			folder,
			maxSourceBytes: 4_000_000_000,
			ffmpegPath: "ffmpeg",
			ffprobePath: "ffprobe",
			worker: "test",
		});
		const store = new VodStore(media, folder);
		await new Promise<void>((resolve) => store.#server.listen(0, "127.0.0.1", resolve));
		const address = store.#server.address();
		store.#origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
		return store;
	}

	/** A new work with this file as its source. */
	async add(source: string | Buffer): Promise<VideoID> {
		this.#count += 1;
		const videoID = VideoID.parse(`vid_${String(this.#count).padStart(26, "0")}`);
		this.objects.set(`${videoID}/source`, typeof source === "string" ? await readFile(source) : source);
		return videoID;
	}
	#count = 0;

	job(
		videoID: VideoID,
		task: VodTask,
		options: Partial<Pick<VodJob, "stepID" | "attempt" | "limits" | "isUrgent">> = {},
	): VodJob {
		const stepID = options.stepID ?? task.kind;
		return VodJob.parse({
			videoID,
			stepID,
			attempt: options.attempt ?? 1,
			task,
			isUrgent: options.isUrgent ?? false,
			objects: `${this.#origin}/objects/${videoID}`,
			reports: `${this.#origin}/reports/${videoID}/${stepID}`,
			token: TOKEN,
			sourceBytes: this.objects.get(`${videoID}/source`)?.length ?? 0,
			limits: options.limits ?? LIMITS,
		});
	}

	/** Has the step done and waits for its end. */
	async run(job: VodJob): Promise<Ending> {
		const ended = this.ending(job);
		this.jobs.start(job);
		return await ended;
	}

	ending(job: VodJob): Promise<Ending> {
		return new Promise((resolve) => this.#waiting.set(`${job.videoID}/${job.stepID}`, resolve));
	}

	/** The result of a step that must succeed. */
	async result<Kind extends VodResult["kind"]>(
		kind: Kind,
		videoID: VideoID,
		task: VodTask,
		options: Partial<Pick<VodJob, "stepID" | "attempt" | "limits">> = {},
	): Promise<Extract<VodResult, { kind: Kind }>> {
		const ending = await this.run(this.job(videoID, task, options));
		if (ending.state !== "complete") throw new Error(`${ending.reason}\n${ending.log}`);
		const { result } = ending;
		if (!isKind(result, kind)) throw new Error(`${result.kind} instead of ${kind}`);
		return result;
	}

	/** Header and segments of a rendition, or one object, as a local file. */
	async file(videoID: VideoID, keys: string[]): Promise<string> {
		const path = join(this.folder, `${crypto.randomUUID()}.mp4`);
		await writeFile(path, Buffer.concat(keys.map((key) => this.bytes(videoID, key))));
		return path;
	}

	bytes(videoID: VideoID, key: string): Buffer {
		const bytes = this.objects.get(`${videoID}/${key}`);
		if (bytes === undefined) throw new Error(`no object ${key}`);
		return bytes;
	}

	/** How much of its source was read, and no byte twice; throws if one was. */
	readBytes(videoID: VideoID): number {
		const spans = (this.spans.get(`${videoID}/source`) ?? []).toSorted(([a], [b]) => a - b);
		const overlap = spans.find(([from], index) => from < (spans[index - 1]?.[1] ?? 0));
		if (overlap !== undefined) throw new Error(`read twice: ${overlap[0]} to ${overlap[1]}`);
		return spans.reduce((sum, [from, to]) => sum + to - from, 0);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#close();
		this.#server.closeAllConnections();
		this.#server.close();
		await rm(this.folder, { recursive: true, force: true });
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const path = (request.url ?? "").slice(1);
		this.requests.push(`${request.method} ${path}`);
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk);
		const status = this.interfere(request);
		if (request.headers.authorization !== `Bearer ${TOKEN}`) response.writeHead(401).end();
		else if (status !== null) response.writeHead(status).end();
		else if (path.startsWith("reports/")) this.#report(path, Buffer.concat(chunks), response);
		else this.#object(request, Buffer.concat(chunks), response);
	}

	#object(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
		const key = (request.url ?? "").replace(/^\/objects\//, "");
		if (request.method === "PUT") {
			this.objects.set(key, body);
			response.writeHead(204).end();
			return;
		}
		const bytes = this.objects.get(key);
		const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
		if (bytes === undefined) response.writeHead(404).end();
		else if (range === null) response.writeHead(200).end(bytes);
		else {
			const [from, to] = [Number(range[1]), Number(range[2]) + 1];
			this.spans.set(key, [...(this.spans.get(key) ?? []), [from, to]]);
			response.writeHead(206).end(bytes.subarray(from, to));
		}
	}

	#report(path: string, body: Buffer, response: ServerResponse): void {
		const report = VodReport.parse(JSON.parse(body.toString("utf8")));
		const [, videoID = "", stepID = ""] = path.split("/");
		this.reports.push({ ...report, stepID });
		response.writeHead(204).end();
		if (report.state !== "running") this.#waiting.get(`${videoID}/${stepID}`)?.(report);
	}
}

function isKind<Kind extends VodResult["kind"]>(
	result: VodResult,
	kind: Kind,
): result is Extract<VodResult, { kind: Kind }> {
	return result.kind === kind;
}
