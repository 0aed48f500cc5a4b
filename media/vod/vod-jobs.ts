import { log } from "../../adapters/log.ts";
import { AppError } from "../../protocol/errors.ts";
import type { VodJob, VodJobState } from "../../protocol/vod-job.ts";
import { type VodResources, VodRun } from "./vod-run.ts";

/** Kept for short steps that somebody waits for, besides those for all. */
const URGENT_PLACES = 2;
/** Ended steps whose result can be told again. */
const REMEMBERED = 200;

/** All steps that this program does, each once at a time. */
export class VodJobs {
	readonly #resources: VodResources;
	readonly #maxJobs: number;
	readonly #runs = new Map<string, VodRun>();
	#isClosed = false;

	constructor(resources: VodResources, options: { maxJobs: number }) {
		this.#resources = resources;
		this.#maxJobs = options.maxJobs;
	}

	/** Steps that run. */
	get active(): number {
		return this.#activeRuns().length;
	}

	/**
	 * Starts a step, in place of its lower attempt. The same attempt again changes nothing, and if it is over its result is told again.
	 * Throws `attempt-superseded` for a lower one and `overloaded` if all places are taken.
	 */
	start(job: VodJob): VodJobState {
		const key = `${job.videoID}/${job.stepID}`;
		const known = this.#runs.get(key);
		if (known !== undefined && known.job.attempt >= job.attempt) {
			if (known.job.attempt > job.attempt) {
				throw new AppError("attempt-superseded", `Attempt ${known.job.attempt} has begun.`);
			}
			void known.repeatLastReport();
			return stateOf(known);
		}
		if (this.#isClosed || (known?.isActive !== true && !this.#hasPlaceFor(job))) {
			throw new AppError("overloaded", "All places are taken.", { headers: { "retry-after": "2" } });
		}
		known?.cancel("superseded");
		const run = new VodRun(job, this.#resources);
		this.#runs.delete(key);
		this.#runs.set(key, run);
		this.#forget();
		return stateOf(run);
	}

	/** The pipeline misses a report. The end of a step that is over is told again. Throws `not-found` if it is not, or no longer, done here. */
	find(videoID: string, stepID: string): VodJobState {
		const run = this.#runs.get(`${videoID}/${stepID}`);
		if (run?.isActive !== true && run?.hasEnd !== true) throw new AppError("not-found", "No such step here.");
		void run.repeatLastReport();
		return stateOf(run);
	}

	/** Ends a step without a report: the work was deleted. Throws `not-found`. */
	stop(videoID: string, stepID: string): VodJobState {
		const run = this.#runs.get(`${videoID}/${stepID}`);
		if (run === undefined) throw new AppError("not-found", "No such step here.");
		run.cancel("stopped");
		return stateOf(run);
	}

	/** Takes nothing more and gives all steps back. Waits at most `withinMs` for the reports. */
	async close(withinMs: number): Promise<void> {
		this.#isClosed = true;
		log.info("steps.stopping", { active: this.active });
		for (const run of this.#runs.values()) run.giveUp("The media program is being stopped.");
		const all = Promise.all([...this.#runs.values()].map((run) => run.done));
		await Promise.race([all, new Promise((resolve) => setTimeout(resolve, withinMs).unref())]);
		await this.#resources.sources.close();
	}

	/** Urgent steps take the places for all last, and the others never take those for urgent ones. */
	#hasPlaceFor({ isUrgent }: VodJob): boolean {
		const runs = this.#activeRuns();
		const others = runs.filter((run) => !run.job.isUrgent).length;
		const urgentAmongOthers = Math.max(0, runs.length - others - URGENT_PLACES);
		return isUrgent
			? runs.length < this.#maxJobs + URGENT_PLACES
			: others + urgentAmongOthers < this.#maxJobs;
	}

	#activeRuns(): VodRun[] {
		return [...this.#runs.values()].filter((run) => run.isActive);
	}

	#forget(): void {
		for (const [key, run] of this.#runs) {
			if (this.#runs.size <= REMEMBERED) return;
			if (!run.isActive) this.#runs.delete(key);
		}
	}
}

function stateOf({ job, isActive }: VodRun): VodJobState {
	return { videoID: job.videoID, stepID: job.stepID, attempt: job.attempt, isActive };
}
