import type { Config } from "../adapters/config.ts";
import { signVodToken } from "../adapters/job-token.ts";
import { log } from "../adapters/log.ts";
import { MediaProgram } from "../adapters/media-program.ts";
import { isUrgent, type Step } from "../domain/vod/step.ts";
import type { VideoID } from "../protocol/ids.ts";
import type { VodJob } from "../protocol/vod-job.ts";

/** Caps of what an upload may ask of a media program. */
const LIMITS = {
	/** 8192 x 8192. */
	maxPixels: 67_108_864,
	maxDurationSeconds: 24 * 3600,
	maxStreams: 32,
	timeoutSeconds: 6 * 3600,
	memoryMegabytes: 2048,
} as const;
/** A probe reads headers and key frames, and is over in seconds. */
const PROBE_TIMEOUT_SECONDS = 300;

/** `taken`: a program works on it; `full`: none has room; `unsure`: none said yes, and one may have it all the same. */
export type OfferOutcome = "taken" | "full" | "unsure";

/** Hands attempts at steps to the media programs: urgent ones first to one that has read of the source already, others to another one each time. */
export class PipelineOffers {
	readonly #config: Config;
	readonly #env: Env;
	readonly #home = Math.floor(Math.random() * 1000);
	#turn = this.#home;

	constructor(config: Config, env: Env) {
		this.#config = config;
		this.#env = env;
	}

	async offer(
		step: Step,
		work: { videoID: VideoID; origin: string; sourceBytes: number; now: number },
	): Promise<OfferOutcome> {
		const job = await this.#job(step, work);
		const { mediaURLs, mediaToken } = this.#config;
		const first = isUrgent(step) ? this.#home : this.#turn++;
		let outcome: OfferOutcome = "full";
		for (let position = 0; position < mediaURLs.length; position++) {
			const baseURL = mediaURLs[(first + position) % mediaURLs.length] ?? "";
			try {
				if (await new MediaProgram({ baseURL, token: mediaToken }).startVod(job)) return "taken";
			} catch (error) {
				log.error("step.not-offered", error, { videoID: work.videoID, stepID: step.stepID });
				outcome = "unsure";
			}
		}
		return outcome;
	}

	/** True if every media program answers that it does not have this attempt. */
	async isGone(step: Step, videoID: VideoID): Promise<boolean> {
		const { mediaURLs, mediaToken } = this.#config;
		const answers = await Promise.allSettled(
			mediaURLs.map((baseURL) =>
				new MediaProgram({ baseURL, token: mediaToken }).findVod(videoID, step.stepID),
			),
		);
		return answers.every(
			(answer) => answer.status === "fulfilled" && (answer.value?.attempt ?? 0) < step.attempt,
		);
	}

	async #job(
		step: Step,
		work: { videoID: VideoID; origin: string; sourceBytes: number; now: number },
	): Promise<VodJob> {
		const { task, stepID, attempt } = step;
		if (task.kind === "manifest" || task.kind === "metadata")
			throw new Error(`${stepID} is not for a media program`);
		const { videoID } = work;
		const base = `${this.#config.internalURL ?? work.origin}/internal/vod/${videoID}/${stepID}/${attempt}`;
		const keys = await this.#env.KEY_RING.getByName("main").keys();
		return {
			videoID,
			stepID,
			attempt,
			task,
			isUrgent: isUrgent(step),
			objects: `${base}/objects`,
			reports: `${base}/reports`,
			token: await signVodToken(keys, { videoID, stepID, attempt }, work.now),
			sourceBytes: work.sourceBytes,
			limits: {
				...LIMITS,
				...(task.kind === "probe" ? { timeoutSeconds: PROBE_TIMEOUT_SECONDS } : {}),
			},
		};
	}
}
