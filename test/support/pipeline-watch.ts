import { setTimeout as sleep } from "node:timers/promises";
import type { VideoID } from "../../protocol/ids.ts";
import { getPipeline, type PipelineView } from "../../protocol/vod.ts";
import type { Caller } from "./system.ts";

const POLL_MS = 100;

/** Looks at pipelines all the time and remembers what was finished when it was first seen so. */
export class PipelineWatch implements AsyncDisposable {
	/** Finished steps that were later seen to be otherwise. */
	readonly violations: string[] = [];
	readonly #works: { caller: Caller; videoID: VideoID }[] = [];
	readonly #views = new Map<VideoID, PipelineView>();
	readonly #finished = new Map<string, string>();
	readonly #loop: Promise<void>;
	#isClosed = false;

	constructor() {
		this.#loop = this.#watch();
	}

	follow(caller: Caller, videoID: VideoID): void {
		this.#works.push({ caller, videoID });
	}

	/** How all steps of this state that were last seen are called. */
	steps(status: PipelineView["steps"][number]["status"]): string[] {
		return [...this.#views.values()].flatMap(({ videoID, steps }) =>
			steps
				.filter((step) => step.status === status)
				.map((step) => `${videoID}/${step.stepID}/${step.attempt}`),
		);
	}

	/** True if everything that is followed was seen to be finished. */
	get isDone(): boolean {
		return this.#works.every(({ videoID }) => this.#views.get(videoID)?.state === "COMPLETE");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#isClosed = true;
		await this.#loop;
	}

	async #watch(): Promise<void> {
		while (!this.#isClosed) {
			await Promise.all(this.#works.map((work) => this.#look(work)));
			await sleep(POLL_MS);
		}
	}

	async #look({ caller, videoID }: { caller: Caller; videoID: VideoID }): Promise<void> {
		try {
			const view = await caller.call(getPipeline, { params: { videoID } });
			this.#views.set(videoID, view);
			for (const step of view.steps) this.#compare(videoID, step);
		} catch {
			// The platform is dead, or the work has not begun: what was seen last counts.
		}
	}

	#compare(videoID: VideoID, step: PipelineView["steps"][number]): void {
		const key = `${videoID}/${step.stepID}`;
		const now = `${step.status} ${step.attempt} ${step.endedAt}`;
		const before = this.#finished.get(key);
		if (before !== undefined && before !== now) this.violations.push(`${key}: ${before}, then ${now}`);
		if (step.status === "COMPLETE" && before === undefined) this.#finished.set(key, now);
	}
}
