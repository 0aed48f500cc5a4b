import type * as z from "zod";
import { AppError } from "../protocol/errors.ts";
import type { StreamID, VideoID } from "../protocol/ids.ts";
import { type LiveJob, LiveJobState, MediaHealth } from "../protocol/media-job.ts";
import { type VodJob, VodJobState } from "../protocol/vod-job.ts";

/** The program that runs ffmpeg, by its HTTP job API (protocol/media-job.ts). Every call may be repeated. */
export class MediaProgram {
	readonly #baseURL: string;
	readonly #token: string | undefined;

	constructor(settings: { baseURL: string; token: string | undefined }) {
		this.#baseURL = settings.baseURL.replace(/\/$/, "");
		this.#token = settings.token;
	}

	/** Starts the job, or replaces the stream's job of a lower epoch. Throws AppError `media-unavailable`. */
	startLive(job: LiveJob): Promise<LiveJobState> {
		return this.#call("PUT", `/live/${job.streamID}`, LiveJobState, job);
	}

	/** The stream's job as it stands; null if there is none. */
	async findLive(streamID: StreamID): Promise<LiveJobState | null> {
		return this.#call("GET", `/live/${streamID}`, LiveJobState.nullable());
	}

	/** Asks the job to flush what it has and to stop; answers at once. No job is no error. */
	async stopLive(streamID: StreamID): Promise<void> {
		await this.#call("DELETE", `/live/${streamID}`, null);
	}

	/** Hands over one attempt at a step. False if the program has no room for it. Throws AppError `media-unavailable`. */
	async startVod(job: VodJob): Promise<boolean> {
		try {
			const response = await this.#fetch("PUT", `/vod/${job.videoID}/${job.stepID}`, job);
			await response.body?.cancel();
			if (response.status === 503 || response.status === 429) return false;
			if (!response.ok) throw new Error(`the media program answered ${response.status}`);
			return true;
		} catch (cause) {
			throw new AppError("media-unavailable", "The media program cannot be reached.", { cause });
		}
	}

	/** What the program knows of a step; null if nothing. Of one that is over it tells the end again. Throws AppError `media-unavailable`. */
	async findVod(videoID: VideoID, stepID: string): Promise<VodJobState | null> {
		return this.#call("GET", `/vod/${videoID}/${stepID}`, VodJobState.nullable());
	}

	health(): Promise<MediaHealth> {
		return this.#call("GET", "/health", MediaHealth);
	}

	async #call<S extends z.ZodType>(
		method: string,
		path: string,
		schema: S,
		body?: unknown,
	): Promise<z.output<S>>;
	async #call(method: string, path: string, schema: null): Promise<null>;
	async #call(method: string, path: string, schema: z.ZodType | null, body?: unknown): Promise<unknown> {
		try {
			const response = await this.#fetch(method, path, body);
			const text = await response.text();
			if (method !== "PUT" && response.status === 404) return null;
			if (!response.ok) throw new Error(`the media program answered ${response.status}`);
			return schema ? schema.parse(JSON.parse(text)) : null;
		} catch (cause) {
			throw new AppError("media-unavailable", "The media program cannot be reached.", { cause });
		}
	}

	#fetch(method: string, path: string, body: unknown): Promise<Response> {
		return fetch(this.#baseURL + path, {
			method,
			headers: {
				...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
				...(body === undefined ? {} : { "content-type": "application/json" }),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
			signal: AbortSignal.timeout(3000),
		});
	}
}
