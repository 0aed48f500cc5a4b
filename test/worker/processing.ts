import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { Pipeline } from "../../durable-objects/pipeline.ts";
import { VideoID } from "../../protocol/ids.ts";
import {
	type SourceProbe,
	VodJob,
	type VodJobState,
	type VodOutput,
	type VodReport,
} from "../../protocol/vod-job.ts";

const MEDIA = "http://media.test";

/** A media program that takes what it is given and does nothing: the test says what comes of it. */
export class MediaProgram {
	readonly jobs: VodJob[] = [];
	/** How it answers the next offers. */
	room = Number.POSITIVE_INFINITY;
	isDown = false;
	/** It takes a job, and answers after this. */
	answers: Promise<void> = Promise.resolve();
	/** So many of the first jobs it does not know any more. */
	#lost = 0;

	constructor() {
		vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
			const request = new Request(input, init);
			if (!request.url.startsWith(`${MEDIA}/vod/`)) throw new Error(`unexpected call of ${request.url}`);
			if (this.isDown) throw new TypeError("connection refused");
			if (request.method === "GET") return this.#find(request.url.slice(`${MEDIA}/vod/`.length));
			if (this.room <= 0) return Response.json({ code: "overloaded" }, { status: 503 });
			this.room--;
			this.jobs.push(VodJob.parse(await request.json()));
			await this.answers;
			return Response.json({}, { status: 202 });
		});
	}

	/** kill -9, and it is started again. */
	restart(): void {
		this.#lost = this.jobs.length;
	}

	/** The last attempt at a step that it was given. */
	job(stepID: string): VodJob {
		const job = this.jobs.findLast((item) => item.stepID === stepID);
		if (!job) throw new Error(`no ${stepID} among ${this.jobs.map((item) => item.stepID).join(", ")}`);
		return job;
	}

	#find(path: string): Response {
		const job = this.jobs.slice(this.#lost).findLast((item) => `${item.videoID}/${item.stepID}` === path);
		if (!job) return Response.json({ code: "not-found" }, { status: 404 });
		const { videoID, stepID, attempt } = job;
		return Response.json({ videoID, stepID, attempt, isActive: true } satisfies VodJobState);
	}
}

/** Runs in a work's object, which is made anew from its disk each time, as after a crash. */
export function inPipeline<T>(
	videoID: string,
	act: (pipeline: Pipeline) => Promise<T> | T,
	mediaURLs = MEDIA,
): Promise<T> {
	const stub = env.PIPELINE.getByName(videoID);
	return runInDurableObject(stub, async (_instance, state) => {
		const pipeline = new Pipeline(state, {
			...env,
			...{ MEDIA_URLS: mediaURLs, INTERNAL_URL: "http://rostrum.test" },
		});
		const result = await act(pipeline);
		// Until what was begun is done; then the alarm would wake the object that knows of no media program.
		await pipeline.alarm();
		await state.storage.deleteAlarm();
		return result;
	});
}

export function startWork(videoID: string): Promise<void> {
	return inPipeline(videoID, (pipeline) => pipeline.start(VideoID.parse(videoID), null));
}

export function report(videoID: string, stepID: string, said: VodReport) {
	return inPipeline(videoID, (pipeline) => pipeline.report(stepID, said));
}

export async function probed(videoID: string, attempt: number, probe: SourceProbe) {
	return report(videoID, "probe", {
		state: "complete",
		attempt,
		worker: "m1",
		result: { kind: "probe", probe },
	});
}

export function made(videoID: string, job: VodJob, ...outputs: VodOutput[]) {
	const result = { kind: "outputs" as const, outputs, loudnessLufs: null };
	return report(videoID, job.stepID, { state: "complete", attempt: job.attempt, worker: "m1", result });
}

export function filed(videoID: string, job: VodJob, ...keys: string[]) {
	const result = { kind: "files" as const, keys, captions: [] };
	return report(videoID, job.stepID, { state: "complete", attempt: job.attempt, worker: "m1", result });
}

export async function stepsOf(videoID: string): Promise<string[]> {
	const view = await inPipeline(videoID, (pipeline) => pipeline.view());
	return (view?.steps ?? []).map((step) => `${step.stepID} ${step.status} ${step.attempt}`);
}
