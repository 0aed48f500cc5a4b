import { DurableObject } from "cloudflare:workers";
import { type Config, readConfig } from "../adapters/config.ts";
import { openDatabase } from "../adapters/database/database.ts";
import { UploadTable } from "../adapters/database/upload-table.ts";
import { VideoTable } from "../adapters/database/video-table.ts";
import { log } from "../adapters/log.ts";
import { INDEX_KEY, objectKey, SOURCE_KEY } from "../domain/vod/object-key.ts";
import { Processing } from "../domain/vod/pipeline.ts";
import { viewPipeline } from "../domain/vod/pipeline-view.ts";
import { PROBE_STEP } from "../domain/vod/plan.ts";
import { checkReport } from "../domain/vod/report-check.ts";
import { isInternal, type Step } from "../domain/vod/step.ts";
import type { VodIndex } from "../domain/vod/vod-index.ts";
import { AppError } from "../protocol/errors.ts";
import type { VideoID } from "../protocol/ids.ts";
import type { PipelineView, RenditionWish } from "../protocol/vod.ts";
import type { VodReport } from "../protocol/vod-job.ts";
import { type Outcome, settle } from "./outcome.ts";
import { eraseWork } from "./pipeline-eraser.ts";
import { PipelineOffers } from "./pipeline-offers.ts";
import { PipelineStore } from "./pipeline-store.ts";
import { PipelineUpload } from "./pipeline-upload.ts";
import { PipelineWork, type WorkInfo } from "./pipeline-work.ts";

/** Media programs without room are asked again after a second, later seldom; a row that could not be written, after five. */
const FIRST_OFFER_DELAY_MS = 1000;
const MAX_OFFER_DELAY_MS = 8000;
const RETRY_MS = 5000;
/** Should this object die while it offers steps, it is woken after this time. Offers to a program that does not answer take 3 s. */
const PUMP_GUARD_MS = 5000;

/** Processing of one work: its steps, who does them, what there is to play. Named by its videoID. */
export class Pipeline extends DurableObject<Env> {
	readonly #config: Config;
	readonly #store: PipelineStore;
	readonly #processing: Processing;
	readonly #work: PipelineWork;
	readonly #offers: PipelineOffers;
	readonly #upload: PipelineUpload;
	#pumping: Promise<void> | null = null;
	#isPumping = false;
	#isPumpWanted = false;
	#offerDelayMs = 0;
	#offersFrom = 0;

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#config = readConfig(env);
		this.#store = new PipelineStore(ctx.storage.sql);
		this.#processing = new Processing(this.#store.steps());
		this.#processing.woken(Date.now());
		this.#work = new PipelineWork(env, this.#store, this.#processing, this.#config.vod);
		this.#offers = new PipelineOffers(this.#config, env);
		this.#upload = new PipelineUpload(env, this.#store);
	}

	/** The source is there, or somebody says so. May be called any number of times. `origin`: where the Worker was reached, if known. */
	async start(videoID: VideoID, origin: string | null): Promise<void> {
		if (!this.#work.info) await this.#begin(videoID, origin);
		this.ctx.waitUntil(this.#pump());
	}

	/** What has become of the upload of this work is looked at then: whether it is complete and nobody has said so, or is to be given up. */
	async watchUpload(videoID: VideoID, lookAt: number): Promise<void> {
		if (this.#work.info) return;
		this.#upload.watch(videoID, lookAt);
		await this.#setAlarm();
	}

	/** The work and all of its objects go at `eraseAt`, and nothing is made of it until then; null: it stays after all. */
	async eraseAt(videoID: VideoID, eraseAt: number | null): Promise<void> {
		this.#store.facts.put("erasure", eraseAt === null ? null : { videoID, eraseAt });
		await this.#pump();
	}

	/** An upload that was cancelled: nothing of it stays. */
	async eraseNow(videoID: VideoID): Promise<void> {
		this.#store.facts.put("erasure", { videoID, eraseAt: Date.now() });
		await this.ctx.storage.setAlarm(Date.now());
	}

	/** What a media program says of an attempt at a step. */
	report(stepID: string, report: VodReport): Promise<Outcome<null>> {
		return settle(() => {
			const now = Date.now();
			const step = this.#processing.find(stepID);
			if (!this.#work.info || !step) throw new AppError("not-found", "This work is gone.", { status: 410 });
			const problem = checkReport(step, report);
			if (problem !== null) throw new AppError("validation", problem);
			const judged = this.#work.judge(report);
			const verdict = this.#processing.report(stepID, judged, now);
			if (verdict === "superseded" || verdict === "unknown")
				throw new AppError("attempt-superseded", "Another attempt has the step.");
			if (verdict === "changed") this.#took(step, judged);
			return null;
		});
	}

	/** Null before there is anything to process. */
	view(): PipelineView | null {
		const { info } = this.#work;
		if (!info) return null;
		return viewPipeline(this.#processing, { ...info, now: Date.now() });
	}

	/** Failed steps again. Throws AppError `nothing-failed`. */
	retry(stepIDs: string[] | undefined): Promise<Outcome<PipelineView>> {
		return settle(async () => {
			if (this.#processing.retry(stepIDs) === 0)
				throw new AppError("nothing-failed", "No step has failed: there is nothing to try again.");
			this.#save();
			await this.#pump();
			const view = this.view();
			if (!view) throw new AppError("nothing-failed", "Nothing is processed here.");
			return view;
		});
	}

	/** One more rendition of a work that is ready: the steps that make it. Throws AppError `not-playable`, `exists`, `validation`. */
	further(wish: RenditionWish): Promise<Outcome<string[]>> {
		return settle(async () => {
			const stepIDs = this.#work.further(wish);
			this.#save();
			await this.#pump();
			return stepIDs;
		});
	}

	/** What there is to play; null if nothing is processed here. */
	index(): VodIndex | null {
		return this.#work.index();
	}

	override async alarm(): Promise<void> {
		const now = Date.now();
		if (await this.#eraseIfDue(now)) return;
		if (!this.#work.info) await this.#upload.lookIfDue(now, (videoID) => this.#begin(videoID, null));
		await this.#pump();
	}

	/** True if the source is there: then the work has begun. */
	async #begin(videoID: VideoID, origin: string | null): Promise<boolean> {
		const database = openDatabase(this.env.DB);
		const [row, upload, source] = await Promise.all([
			new VideoTable(database).find(videoID),
			new UploadTable(database).findOfVideo(videoID),
			this.env.MEDIA.head(objectKey(videoID, SOURCE_KEY)),
		]);
		const whence = origin ?? upload?.origin ?? this.#config.internalURL;
		if (!row || !source || source.size !== row.sizeBytes || whence === undefined) {
			log.warn("pipeline.not-started", { videoID, hasRow: row !== null, sizeBytes: source?.size ?? null });
			return false;
		}
		// The bell may ring before the route that put the object together has said so, or instead of it.
		if (upload) await new UploadTable(database).close(upload.uploadID, "complete");
		await new VideoTable(database).received(videoID);
		if (this.#work.info) return true;
		const info: WorkInfo = {
			videoID,
			kind: row.kind,
			origin: whence,
			sourceBytes: source.size,
			startedAt: Date.now(),
		};
		this.#work.begin(info);
		this.#processing.add([PROBE_STEP]);
		this.#save();
		log.info("pipeline.started", { videoID, sizeBytes: source.size });
		return true;
	}

	/** Everything that a report brings is on disk when this returns. */
	#took(step: Step, report: VodReport): void {
		if (report.state === "running") this.#store.putOutputs(report.outputs, false);
		if (report.state === "complete") this.#work.took(report.result);
		if (report.state === "failed") {
			const { reason, isPermanent, log: output } = report;
			const { videoID } = this.#work.info ?? {};
			log.warn("step.failed", {
				videoID,
				stepID: step.stepID,
				attempt: report.attempt,
				reason,
				isPermanent,
				output,
			});
		}
		this.#save();
		if (report.state !== "running") this.#offersFrom = 0;
		this.ctx.waitUntil(report.state === "running" ? this.#catalogue() : this.#pump());
	}

	/** Offers what may begin, until nothing may or nobody has room. Only one at a time; who comes meanwhile has it run once more. */
	#pump(): Promise<void> {
		this.#isPumpWanted = true;
		this.#pumping ??= this.#pumpAll().finally(() => {
			this.#pumping = null;
		});
		return this.#pumping;
	}

	async #pumpAll(): Promise<void> {
		this.#isPumping = true;
		try {
			while (this.#isPumpWanted) {
				this.#isPumpWanted = false;
				this.#processing.expire(Date.now());
				await this.#askForSilent();
				this.#work.replan();
				this.#save();
				await this.#offerAll();
				await this.#catalogue();
			}
		} finally {
			this.#isPumping = false;
			await this.#setAlarm();
		}
	}

	/** A program that was killed says nothing; the one that runs in its place says that it does not have the step. */
	async #askForSilent(): Promise<void> {
		const { info } = this.#work;
		const askedAt = Date.now();
		if (!info) return;
		const ask = async ({ stepID, attempt, ...step }: Step): Promise<void> => {
			const gone = await this.#offers.isGone({ ...step, stepID, attempt }, info.videoID);
			if (gone) log.warn("step.lost", { videoID: info.videoID, stepID, attempt });
			this.#processing.asked(stepID, attempt, { gone, askedAt, now: Date.now() });
		};
		await Promise.all(this.#processing.silent(askedAt).map(ask));
	}

	async #offerAll(): Promise<void> {
		const { info } = this.#work;
		if (!info || this.#erasure()) return;
		for (let step = this.#processing.next(Date.now()); step; step = this.#processing.next(Date.now())) {
			const isOwn = isInternal(step);
			if (!isOwn && this.#offersFrom > Date.now()) return;
			const leased = this.#processing.lease(step.stepID, Date.now());
			this.#save();
			if (!(isOwn ? await this.#doOwn(leased) : await this.#offer(leased, info))) return;
		}
	}

	/** False: not now. */
	async #offer(step: Step, info: WorkInfo): Promise<boolean> {
		const outcome = await this.#offers.offer(step, { ...info, now: Date.now() });
		if (outcome === "taken") {
			this.#offerDelayMs = 0;
			return true;
		}
		this.#offerDelayMs = Math.min(MAX_OFFER_DELAY_MS, Math.max(FIRST_OFFER_DELAY_MS, this.#offerDelayMs * 2));
		this.#offersFrom = Date.now() + this.#offerDelayMs;
		this.#processing.declined(step.stepID, step.attempt, { notBefore: 0, mayReturn: outcome === "unsure" });
		this.#save();
		return false;
	}

	/** The manifest is the finished index, the metadata the row: done again, they come out the same. */
	async #doOwn(step: Step): Promise<boolean> {
		const { info } = this.#work;
		if (!info) return false;
		try {
			if (step.task.kind === "manifest") {
				const index = { ...this.#work.index(), isComplete: true };
				await this.env.MEDIA.put(objectKey(info.videoID, INDEX_KEY), JSON.stringify(index), {
					httpMetadata: { contentType: "application/json" },
				});
			} else if (!(await this.#work.catalogue({ isReady: true }))) {
				throw new Error("the row could not be written");
			}
			this.#processing.finish(step.stepID, step.attempt, Date.now());
			this.#save();
			if (step.task.kind === "metadata") log.info("pipeline.completed", { videoID: info.videoID });
			return true;
		} catch (error) {
			log.error("step.failed", error, { videoID: info.videoID, stepID: step.stepID });
			const how = { notBefore: Date.now() + RETRY_MS, mayReturn: false };
			this.#processing.declined(step.stepID, step.attempt, how);
			this.#save();
			return false;
		}
	}

	async #catalogue(): Promise<void> {
		if (!(await this.#work.catalogue({ isReady: false }))) this.#work.changed();
		if (!this.#isPumping) await this.#setAlarm();
	}

	/** Whatever is on disk has an alarm that sees to it: this object may die at any moment. */
	#save(): void {
		const steps = this.#processing.takeChanged();
		this.#store.putSteps(steps);
		if (steps.length > 0) this.#work.changed();
		this.ctx.waitUntil(this.#setAlarm());
	}

	#erasure(): { videoID: VideoID; eraseAt: number } | null {
		return this.#store.facts.get<{ videoID: VideoID; eraseAt: number } | null>("erasure") ?? null;
	}

	/** One alarm for all that may be due: leases, waiting steps, an upload's end, erasure, a row that is not written. */
	async #setAlarm(): Promise<void> {
		const now = Date.now();
		const steps = this.#erasure() ? null : this.#processing.wakeAt();
		const times = [
			this.#erasure()?.eraseAt,
			this.#work.info ? undefined : this.#upload.lookAt,
			steps === null ? undefined : Math.max(steps, this.#processing.hasWaiting() ? this.#offersFrom : 0),
			this.#work.isCatalogued() ? undefined : now + RETRY_MS,
		].flatMap((time) => time ?? []);
		const soonestAt = now + (this.#isPumping ? PUMP_GUARD_MS : 100);
		if (times.length === 0) await this.ctx.storage.deleteAlarm();
		else await this.ctx.storage.setAlarm(Math.max(soonestAt, Math.min(...times)));
	}

	async #eraseIfDue(now: number): Promise<boolean> {
		const erasure = this.#erasure();
		if (!erasure || erasure.eraseAt > now) return false;
		await eraseWork(this.env, erasure.videoID);
		await this.ctx.storage.deleteAlarm();
		await this.ctx.storage.deleteAll();
		this.#processing.clear();
		this.#store.open();
		return true;
	}
}
