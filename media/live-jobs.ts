import { log } from "../adapters/log.ts";
import { AppError } from "../protocol/errors.ts";
import type { StreamID } from "../protocol/ids.ts";
import type { LiveJob, LiveJobState } from "../protocol/media-job.ts";
import { LivePackager, type MediaResources } from "./live-packager.ts";

/** Ended jobs whose state can still be asked for. */
const REMEMBERED = 200;

/** All live jobs of this program, one a stream. */
export class LiveJobs {
	readonly #resources: MediaResources;
	readonly #maxJobs: number;
	readonly #packagers = new Map<StreamID, LivePackager>();

	constructor(resources: MediaResources, options: { maxJobs: number }) {
		this.#resources = resources;
		this.#maxJobs = options.maxJobs;
	}

	/** Jobs that run. */
	get active(): number {
		return [...this.#packagers.values()].filter((packager) => packager.isActive).length;
	}

	/**
	 * Starts the job, in place of the stream's job of a lower epoch. The same epoch again changes nothing.
	 * Throws `epoch-superseded` for a lower one and `overloaded` if there are too many.
	 */
	start(job: LiveJob): LiveJobState {
		const known = this.#packagers.get(job.streamID);
		if (known !== undefined && known.job.epoch >= job.epoch) {
			if (known.job.epoch === job.epoch) return known.state;
			throw new AppError("epoch-superseded", `Epoch ${known.job.epoch} has begun.`);
		}
		if (known?.isActive !== true && this.active >= this.#maxJobs) {
			throw new AppError("overloaded", "All encoders are in use.", { headers: { "retry-after": "5" } });
		}
		void known?.abort("superseded");
		this.#packagers.delete(job.streamID);
		const packager = new LivePackager(job, this.#resources);
		this.#packagers.set(job.streamID, packager);
		this.#forget();
		return packager.state;
	}

	/** Throws `not-found`. */
	state(streamID: StreamID): LiveJobState {
		return this.#require(streamID).state;
	}

	/** Flushes and stops. Waits for it at most `withinMs`, and goes on with it afterwards. Throws `not-found`. */
	async stop(streamID: StreamID, withinMs: number): Promise<LiveJobState> {
		const packager = this.#require(streamID);
		await Promise.race([packager.stop(), new Promise((resolve) => setTimeout(resolve, withinMs))]);
		return packager.state;
	}

	/** Flushes and stops all. */
	async stopAll(): Promise<void> {
		log.info("jobs.stopping", { active: this.active });
		await Promise.all([...this.#packagers.values()].map((packager) => packager.stop()));
	}

	#require(streamID: StreamID): LivePackager {
		const packager = this.#packagers.get(streamID);
		if (packager === undefined) throw new AppError("not-found", "No such job.");
		return packager;
	}

	#forget(): void {
		for (const [streamID, packager] of this.#packagers) {
			if (this.#packagers.size <= REMEMBERED) return;
			if (!packager.isActive) this.#packagers.delete(streamID);
		}
	}
}
