import type { VideoProcessRow } from "../adapters/database/video-table.ts";
import { planFurther } from "../domain/vod/further-rendition.ts";
import type { Processing } from "../domain/vod/pipeline.ts";
import { type PlanOptions, planSteps, refuseSource } from "../domain/vod/plan.ts";
import { planInsteadOfRemux } from "../domain/vod/replan.ts";
import { indexRenditions, isPlayable, type VodIndex } from "../domain/vod/vod-index.ts";
import { AppError } from "../protocol/errors.ts";
import type { VideoID } from "../protocol/ids.ts";
import type { CaptionTrack, RenditionWish, VideoKind, VideoState } from "../protocol/vod.ts";
import type { SourceProbe, VodReport, VodResult } from "../protocol/vod-job.ts";
import { PipelineCatalogue } from "./pipeline-catalogue.ts";
import type { PipelineStore } from "./pipeline-store.ts";

/** What a Pipeline object knows of its work. */
export interface WorkInfo {
	videoID: VideoID;
	kind: VideoKind;
	/** Where media programs reach the Worker if nothing else is configured. */
	origin: string;
	sourceBytes: number;
	startedAt: number;
}

/** The work that a pipeline makes: what its source is, what there is of it, and its row in the catalogue. */
export class PipelineWork {
	readonly #store: PipelineStore;
	readonly #processing: Processing;
	readonly #options: PlanOptions;
	readonly #catalogue: PipelineCatalogue;
	/** Changes that there were, and those that the catalogue has. */
	#changes = 0;
	#cataloguedChanges = 0;

	constructor(env: Env, store: PipelineStore, processing: Processing, options: PlanOptions) {
		this.#store = store;
		this.#processing = processing;
		this.#options = options;
		this.#catalogue = new PipelineCatalogue(env, store);
	}

	get info(): WorkInfo | undefined {
		return this.#store.facts.get<WorkInfo>("work");
	}

	begin(info: WorkInfo): void {
		this.#store.facts.put("work", info);
	}

	/** A probe that ends well may still have found what cannot be used: then the file is to blame. */
	judge(report: VodReport): VodReport {
		const { info } = this;
		if (!info || report.state !== "complete" || report.result.kind !== "probe") return report;
		const reason = refuseSource(info.kind, report.result.probe);
		if (reason === null) return report;
		const { attempt, worker } = report;
		return { state: "failed", attempt, worker, reason, isPermanent: true, log: "" };
	}

	/** Keeps what a step has brought. After the probe comes the plan. */
	took(result: VodResult): void {
		switch (result.kind) {
			case "probe":
				this.#store.facts.put("probe", result.probe);
				this.#processing.add(planSteps(this.info?.kind ?? "video", result.probe, this.#options));
				break;
			case "outputs":
				this.#store.putOutputs(result.outputs, true);
				if (result.loudnessLufs !== null) this.#store.facts.put("loudnessLufs", result.loudnessLufs);
				break;
			case "files":
				this.#store.facts.put("files", [...new Set([...this.#files(), ...result.keys])].toSorted());
				if (result.captions.length > 0) this.#store.facts.put("captions", result.captions);
				break;
		}
	}

	/** Steps that are given up, and for which there is another way, are replaced by it. */
	replan(): void {
		const remux = this.#processing.find("remux");
		const probe = this.#probe();
		const { info } = this;
		if (!info || !probe || remux?.status !== "FAILED" || remux.isOptional) return;
		const steps = this.#processing.steps();
		const { added, changes } = planInsteadOfRemux(info.kind, probe, this.#options, steps);
		this.#processing.add(added);
		this.#processing.amend(changes);
	}

	/** Makes one more rendition of a work that is ready. Returns the steps. Throws AppError `not-playable`, `exists`, `validation`. */
	further(wish: RenditionWish): string[] {
		const { info } = this;
		const probe = this.#probe();
		if (!info || !probe || !this.#isReady())
			throw new AppError("not-playable", "It is not ready yet. Add to it when it is.");
		const plan = planFurther(info.kind, probe, this.#options, wish);
		if ("refusal" in plan) throw new AppError("validation", plan.refusal);
		const stepIDs = plan.steps.map((step) => step.stepID);
		const isStored = this.index()?.renditions.some(
			({ name, isFinished }) => name === plan.name && isFinished,
		);
		if (isStored) throw new AppError("exists", `${plan.name} is there already.`);
		this.#store.facts.put("isReady", true);
		const known = plan.steps.filter((step) => this.#processing.find(step.stepID));
		if (known.length === 0) this.#processing.extend(plan.steps);
		else this.#processing.retry(stepIDs);
		return stepIDs;
	}

	/** What there is to play; null before processing. */
	index(): VodIndex | null {
		const { info } = this;
		if (!info) return null;
		const probe = this.#probe();
		return {
			videoID: info.videoID,
			isComplete: this.#processing.state() === "COMPLETE",
			durationSeconds: probe?.durationSeconds ?? 0,
			hasVideo: info.kind === "video" && (probe?.video ?? null) !== null,
			hasAudio: (probe?.audio ?? null) !== null,
			renditions: indexRenditions(this.#processing.steps(), this.#store.outputs()),
			files: this.#files(),
		};
	}

	/** Brings the row in D1 up to date; `isReady`: everything is made, this is the last word. False if that failed. */
	async catalogue({ isReady }: { isReady: boolean }): Promise<boolean> {
		const { info } = this;
		const index = this.index();
		if (!info || !index) return true;
		const tracks = this.#store.facts.get<CaptionTrack[]>("captions") ?? [];
		const row = this.#row(index, isReady);
		const changes = this.#changes;
		if (!(await this.#catalogue.update(info.videoID, row, tracks, Date.now()))) return false;
		this.#cataloguedChanges = changes;
		if (isReady) this.#store.facts.put("isReady", true);
		return true;
	}

	/** The row may have to be another now. */
	changed(): void {
		this.#changes++;
	}

	isCatalogued(): boolean {
		return this.#cataloguedChanges === this.#changes;
	}

	#row(index: VodIndex, isReady: boolean): VideoProcessRow {
		const probe = this.#probe();
		const state = this.#state(index, isReady);
		return {
			state,
			failure: state === "failed" ? this.#processing.failure() : null,
			durationMs: probe ? Math.round(probe.durationSeconds * 1000) : null,
			width: probe?.video?.width ?? null,
			height: probe?.video?.height ?? null,
			loudnessLufs: this.#store.facts.get<number>("loudnessLufs") ?? null,
			renditions: index.renditions
				.filter((rendition) => rendition.isFinished)
				.map(({ name, kind, codecs, bitrateBps, width, height, framesPerSecond }) => ({
					name,
					kind,
					codecs,
					bitrateBps,
					...(width === undefined ? {} : { width }),
					...(height === undefined ? {} : { height }),
					...(framesPerSecond === undefined ? {} : { framesPerSecond }),
				})),
			files: index.files,
		};
	}

	#state(index: VodIndex, isReady: boolean): VideoState {
		const processing = this.#processing.state();
		if (isReady || processing === "COMPLETE" || this.#isReady()) return "ready";
		if (isPlayable(index)) return "playable";
		return processing === "FAILED" ? "failed" : "processing";
	}

	/** It was ready once: it stays so while more is made of it. */
	#isReady(): boolean {
		const isSaid = this.#store.facts.get<boolean>("isReady") === true;
		return isSaid || this.#processing.find("metadata")?.status === "COMPLETE";
	}

	#probe(): SourceProbe | undefined {
		return this.#store.facts.get<SourceProbe>("probe");
	}

	#files(): string[] {
		return this.#store.facts.get<string[]>("files") ?? [];
	}
}
