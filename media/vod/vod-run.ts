import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { log } from "../../adapters/log.ts";
import { MediaFormatError } from "../../domain/streaming/boxes.ts";
import type { VodJob, VodOutput, VodReport, VodResult } from "../../protocol/vod-job.ts";
import { type Confinement, runCommand } from "./command.ts";
import { CommandError, JobOver, SourceFault } from "./failure.ts";
import { ObjectClient, RefusedRequest } from "./object-client.ts";
import type { SourceCache } from "./source-cache.ts";
import type { TaskContext, ToolRun } from "./task-context.ts";
import { performTask } from "./tasks.ts";

export type VodResources = {
	sources: SourceCache;
	/** This program's folder for temporary files. */
	folder: string;
	confinement: Confinement;
	ffmpegPath: string;
	ffprobePath: string;
	preset: string;
	/** How this program is called in reports. */
	worker: string;
};

/** Live streams have 0. */
const NICENESS = { urgent: 5, other: 10 };
/** A report must come at least every 5 s: protocol/vod-job.ts. */
const REPORT_EVERY_MS = 4_000;
/** The first segments are told soon: somebody waits to watch them. */
const SOON_MS = 100;
const SOON_OUTPUTS = 3;
/** The last report is what the work was for: it is repeated until the pipeline has long given the step to another. */
const LAST_REPORT = { forMs: 180_000, leastWaitMs: 500, mostWaitMs: 10_000 };

/** One attempt at one step, from the job to its last report. */
export class VodRun {
	readonly job: VodJob;
	readonly #resources: VodResources;
	readonly #abort = new AbortController();
	readonly #client: ObjectClient;
	readonly #done: Promise<void>;
	#progress = 0;
	#outputs: () => VodOutput[] = () => [];
	#soon: NodeJS.Timeout | null = null;
	#reportsOfOutputs = 0;
	#isReporting = false;
	#isActive = true;
	#isRepeating = false;
	#last: VodReport | null = null;

	constructor(job: VodJob, resources: VodResources) {
		this.job = job;
		this.#resources = resources;
		this.#client = new ObjectClient(job, this.#abort.signal);
		this.#done = this.#perform();
	}

	/** Works or tells its result. */
	get isActive(): boolean {
		return this.#isActive;
	}

	/** It has ended in a way that the pipeline wants to know. */
	get hasEnd(): boolean {
		return this.#last !== null;
	}

	/** Ended by itself or stopped, and its last report out or given up. */
	get done(): Promise<void> {
		return this.#done;
	}

	/** Kills what runs and tells nobody: the pipeline knows. */
	cancel(reason: string): void {
		this.#abort.abort(new JobOver(reason));
	}

	/** Kills what runs and gives the step back, for another program to do. */
	giveUp(reason: string): void {
		this.#abort.abort(new Error(reason));
	}

	/** The pipeline asks for what is done already: it is told again. */
	async repeatLastReport(): Promise<void> {
		if (this.#last === null || this.#isActive || this.#isRepeating) return;
		this.#isRepeating = true;
		await this.#send(this.#last);
		this.#isRepeating = false;
	}

	async #perform(): Promise<void> {
		const { videoID, stepID, attempt } = this.job;
		const startedAt = Date.now();
		log.info("step.started", { videoID, stepID, attempt });
		const heartbeat = setInterval(() => void this.#report(), REPORT_EVERY_MS);
		try {
			this.#last = { state: "complete", ...this.#common, result: await this.#work() };
			log.info("step.completed", { videoID, stepID, attempt, ms: Date.now() - startedAt });
		} catch (error) {
			this.#last = this.#failure(error);
		} finally {
			clearInterval(heartbeat);
			if (this.#soon !== null) clearTimeout(this.#soon);
		}
		if (this.#last !== null) await this.#send(this.#last);
		this.#isActive = false;
	}

	async #work(): Promise<VodResult> {
		const folder = await mkdtemp(join(this.#resources.folder, "step-"));
		try {
			const late = AbortSignal.timeout(this.job.limits.timeoutSeconds * 1000);
			const signal = AbortSignal.any([this.#abort.signal, late]);
			return await performTask(this.#context(folder, signal));
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	}

	#context(folder: string, signal: AbortSignal): TaskContext {
		const { sources, preset } = this.#resources;
		const client = new ObjectClient(this.job, signal);
		return {
			job: this.job,
			client,
			preset,
			folder,
			signal,
			source: () => sources.acquire(this.job, signal),
			run: (run) => this.#tool(run, signal),
			progress: (share) => {
				this.#progress = share;
			},
			stored: (outputs) => {
				this.#outputs = outputs;
				if (this.#reportsOfOutputs >= SOON_OUTPUTS || this.#soon !== null) return;
				this.#soon = setTimeout(() => {
					this.#soon = null;
					this.#reportsOfOutputs += 1;
					void this.#report();
				}, SOON_MS);
			},
		};
	}

	async #tool({ tool, args, timeoutSeconds, ...pipes }: ToolRun, signal: AbortSignal): Promise<void> {
		const { confinement, ffmpegPath, ffprobePath } = this.#resources;
		const { limits, isUrgent } = this.job;
		await runCommand({
			command: [tool === "ffmpeg" ? ffmpegPath : ffprobePath, ...args],
			confinement,
			niceness: isUrgent ? NICENESS.urgent : NICENESS.other,
			memoryMegabytes: limits.memoryMegabytes,
			timeoutSeconds: Math.min(timeoutSeconds ?? limits.timeoutSeconds, limits.timeoutSeconds),
			signal,
			...pipes,
		});
	}

	get #common(): { attempt: number; worker: string } {
		return { attempt: this.job.attempt, worker: this.#resources.worker };
	}

	/** Null if nobody wants to hear it. */
	#failure(error: unknown): VodReport | null {
		const { videoID, stepID, attempt } = this.job;
		const cause = this.#abort.signal.aborted ? this.#abort.signal.reason : error;
		if (cause instanceof JobOver) {
			log.info("step.dropped", { videoID, stepID, attempt, reason: cause.message });
			return null;
		}
		const isPermanent = cause instanceof SourceFault || cause instanceof MediaFormatError;
		if (isPermanent) log.info("step.refused", { videoID, stepID, attempt, reason: cause.message });
		else log.error("step.failed", cause, { videoID, stepID, attempt });
		return {
			state: "failed",
			...this.#common,
			reason: reasonOf(cause).slice(0, 500),
			isPermanent,
			log: logOf(cause).slice(-4000),
		};
	}

	/** One heartbeat. What is not taken now is told by the next. */
	async #report(): Promise<void> {
		if (this.#isReporting || this.#last !== null || this.#abort.signal.aborted) return;
		this.#isReporting = true;
		try {
			await this.#client.report({
				state: "running",
				...this.#common,
				progress: this.#progress,
				outputs: this.#outputs(),
			});
		} catch (error) {
			if (error instanceof JobOver) this.#abort.abort(error);
			else log.warn("report.failed", { stepID: this.job.stepID, reason: String(error) });
		} finally {
			this.#isReporting = false;
		}
	}

	async #send(report: VodReport): Promise<void> {
		const until = Date.now() + LAST_REPORT.forMs;
		for (let waitMs = LAST_REPORT.leastWaitMs; ; waitMs = Math.min(waitMs * 2, LAST_REPORT.mostWaitMs)) {
			try {
				// Not the attempt's own signal: a step that is given up is reported, too.
				await this.#client.report(report, new AbortController().signal);
				return;
			} catch (error) {
				const isRefused = error instanceof JobOver || error instanceof RefusedRequest;
				if (isRefused || Date.now() + waitMs > until) {
					log.warn("report.dropped", { stepID: this.job.stepID, state: report.state, reason: String(error) });
					return;
				}
				await sleep(waitMs);
			}
		}
	}
}

function reasonOf(error: unknown): string {
	if (error instanceof SourceFault) return error.message;
	if (error instanceof MediaFormatError) return "The file is damaged.";
	if (error instanceof CommandError && error.outcome === "timeout") return "Processing took too long.";
	if (error instanceof Error && error.name === "TimeoutError") return "Processing took too long.";
	return "Processing failed.";
}

function logOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const own = `${error.name}: ${error.message}`;
	const stderr = error instanceof CommandError ? `\n${error.stderr}` : "";
	return error.cause === undefined ? own + stderr : `${own}${stderr}\n${logOf(error.cause)}`;
}
