import type { VodReport } from "../../protocol/vod-job.ts";
import { armed, isInternal, type PlannedStep, type Step } from "./step.ts";

/** A step that is not heard of for this time is offered again. Media programs report every 5 s. */
export const LEASE_MS = 30_000;
/** Long before, when a report is late, they are asked whether anybody has the step; and again, while the answer is yes or none. */
export const ASK_MS = 6_000;
const ASK_AGAIN_MS = 3_000;
/** Failures of one step that may be nobody's fault, and leases that run out, before it counts as failed. */
const MAX_FAILURES = 5;
/** A work does not wait long for what it is ready without. */
const MAX_OPTIONAL_FAILURES = 3;
const MAX_LOSSES = 12;
const MAX_DELAY_MS = 60_000;
/** A lease that is over for this long ran out while nobody could renew it; then its holder has so long to come back. */
const AWAY_MS = 3000;
const RETURN_MS = 10_000;

/** What a report did. `superseded`: another attempt has the step; `unknown`: there is no such step. */
export type ReportVerdict = "changed" | "ignored" | "superseded" | "unknown";

/** What is to be different about a step; the rest stays. */
export type StepChange = Pick<PlannedStep, "stepID"> &
	Partial<Pick<PlannedStep, "dependsOn" | "task" | "isOptional">>;

/**
 * The steps of one work: which may run, which run under a lease, what is done. A complete step never runs again; every event may come
 * twice or late. The caller stores the steps that `takeChanged` gives it after each event, and hands them in again after a restart.
 */
export class Processing {
	readonly #steps = new Map<string, Step>();
	readonly #changed = new Set<string>();

	constructor(steps: readonly Step[]) {
		for (const step of steps) this.#steps.set(step.stepID, { ...step });
	}

	/** Nothing is processed any more. */
	clear(): void {
		this.#steps.clear();
		this.#changed.clear();
	}

	/** In the order of the plan. */
	steps(): readonly Step[] {
		return [...this.#steps.values()];
	}

	find(stepID: string): Step | undefined {
		return this.#steps.get(stepID);
	}

	/** Adds steps behind those there are; one that is there stays as it is. Throws if the steps do not form a DAG. */
	add(planned: readonly PlannedStep[]): void {
		for (const step of planned) {
			if (this.#steps.has(step.stepID)) continue;
			const unknown = step.dependsOn.find((stepID) => !this.#steps.has(stepID));
			// Each depends on earlier ones only: no circle can be.
			if (unknown !== undefined)
				throw new Error(`step ${step.stepID} depends on ${unknown}, which is not before it`);
			this.#put(armed(step));
		}
	}

	/** Changes the plan of steps that nobody has begun, or of what a failed step means. What they come to depend on must be there. */
	amend(changes: readonly StepChange[]): void {
		for (const { stepID, ...change } of changes) {
			const step = this.#get(stepID);
			for (const before of change.dependsOn ?? []) this.#get(before);
			this.#put({ ...step, ...change });
		}
	}

	/** The first step that may begin now, or null. None begins after one that the file itself has spoilt. */
	next(now: number): Step | null {
		if (this.#isSpoilt()) return null;
		return this.steps().find((step) => this.#isReady(step) && step.notBefore <= now) ?? null;
	}

	/** Somebody gets the step. Returns it with the new attempt's number. Throws if it may not begin. */
	lease(stepID: string, now: number): Step {
		const step = this.#get(stepID);
		if (!this.#isReady(step)) throw new Error(`step ${stepID} may not begin`);
		return this.#put({
			...step,
			status: "RUNNING",
			attempt: step.attempt + 1,
			progress: 0,
			worker: null,
			startedAt: now,
			endedAt: null,
			leaseUntil: now + LEASE_MS,
			askAt: isInternal(step) ? null : now + ASK_MS,
			mayReturn: false,
			error: null,
		});
	}

	/** Nobody had room for the attempt: it was none. Or nobody answered (`mayReturn`): it may have been taken all the same, and its number is used up. */
	declined(stepID: string, attempt: number, how: { notBefore: number; mayReturn: boolean }): void {
		const step = this.#steps.get(stepID);
		if (step?.status !== "RUNNING" || step.attempt !== attempt) return;
		const last = how.mayReturn ? attempt : attempt - 1;
		this.#put({ ...step, attempt: last, status: "PENDING", startedAt: null, leaseUntil: null, ...how });
	}

	/** The pipeline has done one of its own steps. */
	finish(stepID: string, attempt: number, now: number): void {
		this.report(
			stepID,
			{ state: "complete", attempt, worker: "pipeline", result: { kind: "files", keys: [], captions: [] } },
			now,
		);
	}

	/** The pipeline itself was away: leases that ran out meanwhile get some time to be renewed. What it was doing itself, it is not doing now. */
	woken(now: number): void {
		for (const step of this.steps()) {
			if (step.status !== "RUNNING") continue;
			if (isInternal(step)) this.#put({ ...step, status: "PENDING", leaseUntil: null, notBefore: now });
			else if ((step.leaseUntil ?? 0) <= now - AWAY_MS) this.#put({ ...step, leaseUntil: now + RETURN_MS });
		}
	}

	/** The steps whose reports are late: somebody should ask for them. */
	silent(now: number): Step[] {
		return this.steps().filter((step) => step.status === "RUNNING" && (step.askAt ?? now + 1) <= now);
	}

	/** The media programs were asked for an attempt: `gone` if all say that they do not have it, and then its lease is over. */
	asked(stepID: string, attempt: number, how: { gone: boolean; askedAt: number; now: number }): void {
		const step = this.#steps.get(stepID);
		// It has spoken up while the question was on its way.
		const isSilent =
			step?.status === "RUNNING" && step.attempt === attempt && (step.askAt ?? 0) <= how.askedAt;
		if (!isSilent) return;
		if (how.gone) this.#lose(step, how.now);
		else this.#put({ ...step, askAt: how.now + ASK_AGAIN_MS });
	}

	report(stepID: string, report: VodReport, now: number): ReportVerdict {
		const step = this.#steps.get(stepID);
		if (!step) return "unknown";
		if (report.attempt !== step.attempt) return "superseded";
		if (step.status === "COMPLETE") return "ignored";
		switch (report.state) {
			case "running":
				return this.#running(step, report, now);
			case "complete":
				this.#put({
					...step,
					status: "COMPLETE",
					progress: 1,
					worker: report.worker,
					endedAt: now,
					leaseUntil: null,
					error: null,
				});
				return "changed";
			case "failed":
				return this.#failed(step, report, now);
		}
	}

	/** Takes back the steps whose lease has run out. Returns true if there were any. */
	expire(now: number): boolean {
		const lost = this.steps().filter((step) => step.status === "RUNNING" && (step.leaseUntil ?? 0) <= now);
		for (const step of lost) this.#lose(step, now);
		return lost.length > 0;
	}

	/** Adds what is made though all was done: what the pipeline does last waits for it, and is done once more. Throws as `add`. */
	extend(planned: readonly PlannedStep[]): void {
		this.add(planned);
		const added = planned.map((step) => step.stepID);
		for (const step of this.steps().filter(({ task }) => task.kind === "manifest"))
			this.#put({ ...step, dependsOn: [...new Set([...step.dependsOn, ...added])] });
		this.#repeatLast(added);
	}

	/** Arms failed steps again: those named, or all. Returns how many there were. */
	retry(stepIDs: readonly string[] | undefined): number {
		const failed = this.steps().filter(
			(step) => step.status === "FAILED" && (stepIDs === undefined || stepIDs.includes(step.stepID)),
		);
		for (const step of failed) this.#put({ ...armed(step), attempt: step.attempt });
		this.#repeatLast(failed.map((step) => step.stepID));
		return failed.length;
	}

	/** Manifest and metadata tell what has been made: where they were done before, they are done again after these steps. */
	#repeatLast(stepIDs: readonly string[]): void {
		const before = new Set(stepIDs);
		for (const step of this.steps()) {
			if (
				!isInternal(step) ||
				step.status !== "COMPLETE" ||
				!step.dependsOn.some((stepID) => before.has(stepID))
			)
				continue;
			before.add(step.stepID);
			this.#put({ ...armed(step), attempt: step.attempt });
		}
	}

	/** COMPLETE: every step has ended and the needed ones well; FAILED: a needed one failed and no other can go on. */
	state(): "RUNNING" | "COMPLETE" | "FAILED" {
		const steps = this.steps();
		const needed = steps.filter((step) => !step.isOptional);
		if (needed.some((step) => step.status === "FAILED")) {
			const goesOn = steps.some((step) => step.status === "RUNNING" || this.#isReady(step));
			return goesOn && !this.#isSpoilt() ? "RUNNING" : "FAILED";
		}
		return steps.length > 0 && steps.every(isSettled) ? "COMPLETE" : "RUNNING";
	}

	/** Why it failed, for the uploader to read; null while it has not. */
	failure(): string | null {
		if (this.state() !== "FAILED") return null;
		const failed = this.steps().filter((step) => step.status === "FAILED" && !step.isOptional);
		return (failed.find((step) => step.isPermanent) ?? failed[0])?.error ?? "It could not be processed.";
	}

	/** When something is to be done though nobody calls: a lease ends, a report is late or a waiting step may begin. Null: never. */
	wakeAt(): number | null {
		const isSpoilt = this.#isSpoilt();
		const times = this.steps().flatMap((step) => {
			if (step.status === "RUNNING")
				return [Math.min(step.leaseUntil ?? 0, step.askAt ?? Number.POSITIVE_INFINITY)];
			return !isSpoilt && this.#isReady(step) ? [step.notBefore] : [];
		});
		return times.length === 0 ? null : Math.min(...times);
	}

	/** A step is ready and waits for somebody to take it. */
	hasWaiting(): boolean {
		return this.steps().some((step) => this.#isReady(step));
	}

	/** The steps that have changed since the last call. */
	takeChanged(): Step[] {
		const changed = [...this.#changed].flatMap((stepID) => this.#steps.get(stepID) ?? []);
		this.#changed.clear();
		return changed;
	}

	#running(step: Step, report: Extract<VodReport, { state: "running" }>, now: number): ReportVerdict {
		if (step.status === "FAILED") return "superseded";
		// It has failed since: a report that was overtaken.
		if (step.status === "PENDING" && !step.mayReturn) return "ignored";
		this.#put({
			...step,
			status: "RUNNING",
			mayReturn: false,
			startedAt: step.startedAt ?? now,
			error: null,
			worker: report.worker,
			progress: Math.max(step.progress, report.progress),
			leaseUntil: now + LEASE_MS,
			askAt: now + ASK_MS,
		});
		return "changed";
	}

	/** Its program is gone. Who loses it again and again may be killed by the step itself. */
	#lose(step: Step, now: number): void {
		const losses = step.losses + 1;
		const lost = { ...step, losses, leaseUntil: null, error: "The program that worked on it vanished." };
		this.#put(
			losses >= MAX_LOSSES
				? { ...lost, status: "FAILED", endedAt: now }
				: { ...lost, status: "PENDING", mayReturn: true, notBefore: now },
		);
	}

	#failed(step: Step, report: Extract<VodReport, { state: "failed" }>, now: number): ReportVerdict {
		if (step.status !== "RUNNING" && !step.mayReturn) return "ignored";
		const failures = step.failures + 1;
		const isOver = report.isPermanent || failures >= (step.isOptional ? MAX_OPTIONAL_FAILURES : MAX_FAILURES);
		this.#put({
			...step,
			failures,
			status: isOver ? "FAILED" : "PENDING",
			isPermanent: report.isPermanent,
			worker: report.worker,
			error: report.reason,
			endedAt: isOver ? now : null,
			leaseUntil: null,
			mayReturn: false,
			notBefore: now + Math.min(MAX_DELAY_MS, 1000 * 2 ** failures),
		});
		return "changed";
	}

	#isReady(step: Step): boolean {
		return step.status === "PENDING" && step.dependsOn.every((stepID) => this.#allows(stepID));
	}

	/** A step that failed holds up those that need it, unless the work is ready without it. */
	#allows(stepID: string): boolean {
		const step = this.#get(stepID);
		return step.status === "COMPLETE" || (step.status === "FAILED" && step.isOptional);
	}

	#isSpoilt(): boolean {
		return this.steps().some((step) => step.status === "FAILED" && step.isPermanent && !step.isOptional);
	}

	#get(stepID: string): Step {
		const step = this.#steps.get(stepID);
		if (!step) throw new Error(`there is no step ${stepID}`);
		return step;
	}

	#put(step: Step): Step {
		this.#steps.set(step.stepID, step);
		this.#changed.add(step.stepID);
		return step;
	}
}

function isSettled(step: Step): boolean {
	return step.status === "COMPLETE" || (step.status === "FAILED" && step.isOptional);
}
