import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { VodReport } from "../../protocol/vod-job.ts";
import { ASK_MS, LEASE_MS, Processing } from "./pipeline.ts";
import type { PlannedStep, Step } from "./step.ts";

const HOUR = 3_600_000;

function planned(stepID: string, dependsOn: string[] = [], isOptional = false): PlannedStep {
	return { stepID, kind: "probe", task: { kind: "probe" }, dependsOn, isOptional, weight: 1 };
}

function complete(attempt: number): VodReport {
	const result = { kind: "files" as const, keys: [], captions: [] };
	return { state: "complete", attempt, worker: "m1", result };
}

function running(attempt: number, progress = 0.5): VodReport {
	return { state: "running", attempt, worker: "m1", progress, outputs: [] };
}

function failed(attempt: number, isPermanent: boolean): VodReport {
	return { state: "failed", attempt, worker: "m1", reason: "It broke.", isPermanent, log: "" };
}

function started(...steps: PlannedStep[]): Processing {
	const processing = new Processing([]);
	processing.add(steps);
	return processing;
}

/** Any DAG of up to 12 steps: each depends on earlier ones. */
const dag = fc
	.array(fc.tuple(fc.array(fc.nat(11), { maxLength: 4 }), fc.boolean()), { minLength: 1, maxLength: 12 })
	.map((rows) =>
		rows.map(([before, isOptional], index) =>
			planned(
				`s${index}`,
				[...new Set(before.filter((other) => other < index).map((other) => `s${other}`))],
				isOptional,
			),
		),
	);

/** All that may begin. */
function leaseAll(processing: Processing): Step[] {
	const leased: Step[] = [];
	for (let step = processing.next(0); step; step = processing.next(0))
		leased.push(processing.lease(step.stepID, 0));
	return leased;
}

function completeAny(processing: Processing, choice: number): string {
	const open = processing.steps().filter((step) => step.status === "RUNNING");
	const step = open[choice % open.length];
	if (!step) throw new Error("nothing runs, and not all is done");
	expect(processing.report(step.stepID, complete(step.attempt), 0)).toBe("changed");
	return step.stepID;
}

/** Steps that are leased and completed while reports go astray. */
class DisturbedRun {
	readonly processing: Processing;
	readonly completions: { stepID: string; attempt: number }[] = [];
	readonly begun: { stepID: string; attempt: number }[] = [];
	now = 0;

	constructor(plan: PlannedStep[]) {
		this.processing = started(...plan);
	}

	runToEnd(noise: [number, (run: DisturbedRun, pick: number) => void][]): void {
		for (let turn = 0; turn < 500 && this.processing.state() === "RUNNING"; turn++) {
			this.offerNext();
			const [pick, disturb] = noise[turn] ?? [];
			disturb?.(this, pick ?? 0);
			if (turn % 2 === 1) this.completeOne();
		}
	}

	offerNext(): void {
		const step = this.processing.next(this.now);
		if (step) this.begun.push(this.processing.lease(step.stepID, this.now));
	}

	completeOne(): void {
		const step = this.processing.steps().find((item) => item.status === "RUNNING");
		if (!step) return;
		this.processing.report(step.stepID, complete(step.attempt), this.now);
		this.completions.push({ stepID: step.stepID, attempt: step.attempt });
	}

	/** A report of some attempt that was begun, which may be over or lost. */
	stray(pick: number, report: (attempt: number) => VodReport): void {
		const target = this.begun[pick % Math.max(1, this.begun.length)];
		if (target) this.processing.report(target.stepID, report(target.attempt), this.now);
	}

	/** The same, of a step that is complete: whatever is said of it now comes too late. */
	late(pick: number, report: (attempt: number) => VodReport): void {
		const target = this.completions[pick % Math.max(1, this.completions.length)];
		if (target) this.processing.report(target.stepID, report(target.attempt), this.now);
	}
}

const DISTURBANCES = [
	(run: DisturbedRun, pick: number) => run.stray(pick, running),
	(run: DisturbedRun, pick: number) => run.stray(pick, (attempt) => complete(attempt - 1)),
	(run: DisturbedRun, pick: number) => run.stray(pick, (attempt) => failed(attempt - 1, true)),
	(run: DisturbedRun, pick: number) => run.late(pick, complete),
	(run: DisturbedRun, pick: number) => run.late(pick, running),
	(run: DisturbedRun, pick: number) => run.late(pick, (attempt) => failed(attempt, true)),
	(run: DisturbedRun) => {
		run.now += LEASE_MS + 1;
		run.processing.expire(run.now);
	},
];

describe("steps", () => {
	test("of any plan run in an order in which each comes after all that it depends on, each once", () => {
		fc.assert(
			fc.property(dag, fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }), (plan, choices) => {
				const processing = started(...plan);
				const ended: string[] = [];

				for (const choice of choices.slice(0, plan.length)) {
					const begun = leaseAll(processing).flatMap((step) => step.dependsOn);
					expect(ended).toEqual(expect.arrayContaining(begun));
					ended.push(completeAny(processing, choice));
				}

				expect(ended.toSorted()).toEqual(plan.map((step) => step.stepID).toSorted());
				expect(processing.state()).toBe("COMPLETE");
			}),
		);
	});

	test("that form a circle, or depend on what does not exist, are refused", () => {
		expect(() => started(planned("a", ["b"]), planned("b", ["a"]))).toThrow("not before it");
		expect(() => started(planned("a", ["a"]))).toThrow("not before it");
	});

	test("end the same however reports are repeated, shuffled and mixed with those of lost attempts", () => {
		fc.assert(
			fc.property(dag, fc.array(fc.tuple(fc.nat(), fc.constantFrom(...DISTURBANCES))), (plan, noise) => {
				const run = new DisturbedRun(plan);

				run.runToEnd(noise);

				expect(run.processing.state()).toBe("COMPLETE");
				expect(run.completions).toHaveLength(plan.length);
				expect(new Set(run.completions.map((item) => item.stepID)).size).toBe(plan.length);
				for (const { stepID, attempt } of run.completions)
					expect(run.processing.find(stepID)?.attempt).toBe(attempt);
			}),
		);
	});
});

describe("a lease", () => {
	test("that is not renewed runs out, and the step goes to somebody else under a higher number", () => {
		const processing = started(planned("a"));
		processing.lease("a", 0);

		expect(processing.expire(LEASE_MS - 1)).toBe(false);
		expect(processing.expire(LEASE_MS)).toBe(true);

		expect(processing.next(LEASE_MS)?.stepID).toBe("a");
		expect(processing.lease("a", LEASE_MS).attempt).toBe(2);
		expect(processing.report("a", complete(1), LEASE_MS)).toBe("superseded");
		expect(processing.report("a", complete(2), LEASE_MS)).toBe("changed");
	});

	test("is renewed by each report", () => {
		const processing = started(planned("a"));
		processing.lease("a", 0);

		processing.report("a", running(1), 20_000);

		expect(processing.find("a")?.leaseUntil).toBe(20_000 + LEASE_MS);
		expect(processing.expire(LEASE_MS + 1)).toBe(false);
	});

	test("that was lost comes back to its holder, if it speaks up before the step is offered again", () => {
		const processing = started(planned("a"));
		processing.lease("a", 0);
		processing.expire(HOUR);

		expect(processing.report("a", running(1), HOUR)).toBe("changed");

		expect(processing.next(HOUR)).toBeNull();
		expect(processing.report("a", complete(1), HOUR)).toBe("changed");
	});

	test("that ran out while the pipeline itself was away gets time to be renewed, once", () => {
		const before = started(planned("a"));
		before.lease("a", 0);

		const processing = new Processing(before.steps());
		processing.woken(HOUR);
		expect(processing.expire(HOUR)).toBe(false);
		const endsAt = processing.find("a")?.leaseUntil ?? 0;
		const again = new Processing(processing.steps());
		again.woken(endsAt);

		expect(again.expire(endsAt)).toBe(true);
	});

	test("whose reports are late is asked for, and over as soon as nobody has it", () => {
		const processing = started(planned("a"));
		processing.lease("a", 0);
		processing.report("a", running(1), 1000);

		expect(processing.silent(1000 + ASK_MS - 1)).toEqual([]);
		expect(processing.wakeAt()).toBe(1000 + ASK_MS);
		const now = 1000 + ASK_MS;
		expect(processing.silent(now).map((step) => step.stepID)).toEqual(["a"]);
		processing.asked("a", 1, { gone: true, askedAt: now, now });

		expect(processing.next(now)?.stepID).toBe("a");
		expect(processing.lease("a", now).attempt).toBe(2);
	});

	test("goes on while somebody has it or no answer comes, and is asked for again later", () => {
		const processing = started(planned("a"));
		processing.lease("a", 0);

		processing.asked("a", 1, { gone: false, askedAt: ASK_MS, now: ASK_MS + 10 });

		expect(processing.silent(ASK_MS + 10)).toEqual([]);
		expect(processing.find("a")).toMatchObject({ status: "RUNNING", losses: 0 });
		const askAt = processing.wakeAt() ?? 0;
		expect(askAt).toBeGreaterThan(ASK_MS + 10);
		expect(processing.silent(askAt)).toHaveLength(1);
	});

	test("that was renewed while it was asked for goes on, whatever the answer; so does another's", () => {
		const processing = started(planned("a"));
		processing.lease("a", 0);

		processing.report("a", running(1), ASK_MS + 1);
		processing.asked("a", 1, { gone: true, askedAt: ASK_MS, now: ASK_MS + 2 });
		const late = 3 * ASK_MS;
		processing.asked("a", 0, { gone: true, askedAt: late, now: late });

		expect(processing.find("a")).toMatchObject({ status: "RUNNING", attempt: 1, losses: 0 });
	});

	test("of the pipeline's own steps ends with the pipeline, and nobody is asked for them", () => {
		const before = started({ ...planned("a"), kind: "manifest", task: { kind: "manifest" } });
		before.lease("a", 0);
		expect(before.silent(LEASE_MS - 1)).toEqual([]);

		const processing = new Processing(before.steps());
		processing.woken(1);

		expect(processing.next(1)?.stepID).toBe("a");
	});

	test("that nobody took was none: its number is given again; one that nobody denied is not", () => {
		const processing = started(planned("a"));

		processing.declined("a", processing.lease("a", 0).attempt, { notBefore: 0, mayReturn: false });
		expect(processing.lease("a", 0).attempt).toBe(1);
		processing.declined("a", 1, { notBefore: 0, mayReturn: true });

		expect(processing.lease("a", 0).attempt).toBe(2);
	});

	test("that runs out again and again is a failure in the end", () => {
		const processing = started(planned("a"));

		for (let now = 0; processing.state() === "RUNNING" && now < HOUR; now += LEASE_MS) {
			processing.expire(now);
			if (processing.next(now)) processing.lease("a", now);
		}

		expect(processing.state()).toBe("FAILED");
	});
});

describe("a failure", () => {
	test("that may be nobody's fault is tried again, later and later, and five times at most", () => {
		const processing = started(planned("a"));
		const waits: number[] = [];
		let now = 0;

		while (processing.state() === "RUNNING") {
			const { attempt } = processing.lease("a", now);
			processing.report("a", failed(attempt, false), now);
			const wakeAt = processing.wakeAt();
			if (wakeAt === null) break;
			waits.push(wakeAt - now);
			expect(processing.next(wakeAt - 1)).toBeNull();
			now = wakeAt;
		}

		expect(waits).toEqual([2000, 4000, 8000, 16_000]);
		expect(processing.failure()).toBe("It broke.");
	});

	test("that the file is to blame for ends all, in words for the uploader", () => {
		const processing = started(planned("a"), planned("b"));
		const { attempt } = processing.lease("a", 0);

		processing.report("a", failed(attempt, true), 0);

		expect(processing.next(HOUR)).toBeNull();
		expect(processing.state()).toBe("FAILED");
		expect(processing.failure()).toBe("It broke.");
		expect(processing.wakeAt()).toBeNull();
	});

	test("of what the work is ready without holds nobody up", () => {
		const processing = started(planned("a", [], true), planned("b", ["a"]));
		processing.report("a", failed(processing.lease("a", 0).attempt, true), 0);

		const next = processing.next(0);
		processing.report("b", complete(processing.lease(next?.stepID ?? "", 0).attempt), 0);

		expect(processing.state()).toBe("COMPLETE");
		expect(processing.failure()).toBeNull();
	});

	test("can be retried alone: what is complete does not run again, and old reports stay refused", () => {
		const processing = started(planned("a"), planned("b", ["a"]));
		processing.report("a", complete(processing.lease("a", 0).attempt), 0);
		processing.report("b", failed(processing.lease("b", 0).attempt, true), 0);

		expect(processing.retry(undefined)).toBe(1);

		expect(processing.next(0)?.stepID).toBe("b");
		expect(processing.lease("b", 0).attempt).toBe(2);
		expect(processing.report("b", complete(1), 0)).toBe("superseded");
		expect(processing.find("a")?.attempt).toBe(1);
		expect(processing.retry(["a"])).toBe(0);
	});

	test("that comes after the step's own success, or before the running reports that it overtook, changes nothing", () => {
		const processing = started(planned("a"));
		const { attempt } = processing.lease("a", 0);

		processing.report("a", failed(attempt, false), 0);
		expect(processing.report("a", running(attempt), 0)).toBe("ignored");
		const second = processing.lease("a", HOUR).attempt;
		processing.report("a", complete(second), HOUR);

		expect(processing.report("a", failed(second, true), HOUR)).toBe("ignored");
		expect(processing.state()).toBe("COMPLETE");
	});
});

test("what has changed is told once, and enough to go on from", () => {
	const processing = started(planned("a"), planned("b", ["a"]));
	expect(processing.takeChanged().map((step) => step.stepID)).toEqual(["a", "b"]);
	processing.lease("a", 5);

	const changed = processing.takeChanged();
	const restored = new Processing([...changed, ...processing.steps().slice(1)]);

	expect(changed.map((step) => step.stepID)).toEqual(["a"]);
	expect(restored.report("a", complete(1), 6)).toBe("changed");
	expect(restored.next(6)?.stepID).toBe("b");
});
