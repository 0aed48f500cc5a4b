import { log } from "../adapters/log.ts";
import type { RealtimeSfu } from "../adapters/realtime-sfu.ts";
import { boxHeight } from "../domain/streaming/ladder.ts";
import type { LiveJob, LiveJobState } from "../protocol/media-job.ts";
import type { Certificate } from "../webrtc/certificate.ts";
import type { Frame } from "./depacketizer.ts";
import { OutputClient } from "./output-client.ts";
import { PackagingPipeline } from "./packaging-pipeline.ts";
import { SfuSubscription } from "./sfu-subscription.ts";
import { SourceClock, type TrackKind } from "./source-clock.ts";
import { SourceReceiver } from "./source-receiver.ts";
import { SourceStatistics } from "./source-statistics.ts";
import { Uploader } from "./uploader.ts";

/** What all jobs of this program share. */
export type MediaResources = {
	sfu: RealtimeSfu;
	certificate: Certificate;
	ffmpegPath: string;
	preset: string;
};

const HEARTBEAT_MS = 1_000;
/** How long the last parts may take to be delivered. */
const FINISH_WITHIN_MS = 10_000;
/**
 * A source that has grown so much, and kept its size for so long, is worth a new ladder. A new epoch costs the viewers a pause, and browsers grow in steps:
 * Chromium 156 went from 640x360 by 960x540 to 1280x720 with 5 to 6 s between the steps, so one must not answer each.
 */
const GROWN_RATIO = 1.2;
const GROWN_MS = 8_000;
const CLOCK_RATE = { audio: 48_000, video: 90_000 };

/**
 * One live job: SFU → frames → ffmpeg → parts → Worker. It ends `stopped` when it was told to or the Worker wants no more, and `failed` with a reason
 * when it cannot go on: the Worker then starts a new epoch. It never restarts by itself, since a new encoder means a new epoch.
 * Reasons begin with `source-lost`, `source-grew`, `source-changed`, `encoder-failed`, `encoder-stalled` or `output-failed`.
 */
export class LivePackager {
	readonly job: LiveJob;
	readonly #receiver: SourceReceiver;
	readonly #subscription: SfuSubscription;
	readonly #pipeline: PackagingPipeline;
	readonly #uploader: Uploader;
	readonly #statistics: SourceStatistics;
	readonly #heart: NodeJS.Timeout;
	#state: LiveJobState["state"] = "starting";
	#reason: string | null = null;
	#ending: Promise<void> | null = null;
	#grown: { height: number; since: number } | null = null;

	constructor(job: LiveJob, resources: MediaResources) {
		this.job = job;
		const kinds = job.source.tracks.map((track) => track.kind);
		const clock = new SourceClock(kinds.map((kind) => ({ kind, clockRate: CLOCK_RATE[kind] })));
		this.#statistics = new SourceStatistics(Date.now());
		this.#receiver = new SourceReceiver({
			clock,
			send: (packet) => this.#subscription.send(packet),
			onFrame: (kind, frame) => this.#frame(kind, frame),
		});
		this.#subscription = new SfuSubscription({
			sfu: resources.sfu,
			certificate: resources.certificate,
			source: job.source,
			receiver: this.#receiver,
			onLost: (reason) => void this.#fail(`source-lost: ${reason}`),
			onError: (error) => void this.#fail(`source-changed: ${String(error)}`),
		});
		this.#uploader = new Uploader({
			client: new OutputClient(job.output),
			streamID: job.streamID,
			onOpen: () => {
				if (this.#state === "starting") this.#state = "running";
				log.info("epoch.opened", { streamID: job.streamID, epoch: job.epoch });
			},
			onEnd: ({ isFault, reason }) => void this.#outputEnded(isFault, reason),
		});
		this.#pipeline = new PackagingPipeline({
			job,
			clock,
			ffmpegPath: resources.ffmpegPath,
			preset: resources.preset,
			videoFormat: () => this.#videoTrack()?.videoFormat ?? null,
			requestKeyframe: () => this.#videoTrack()?.requestKeyframe(),
			onEpoch: (epoch) => void this.#uploader.open(epoch),
			onPart: (rendition, part) => this.#uploader.push(rendition, part),
			onFailed: (reason) => void this.#fail(reason),
		});
		this.#heart = setInterval(() => this.#beat(), HEARTBEAT_MS);
		log.info("live.started", { streamID: job.streamID, epoch: job.epoch, kinds });
		void this.#subscription.run();
	}

	get state(): LiveJobState {
		return {
			streamID: this.job.streamID,
			epoch: this.job.epoch,
			state: this.#state,
			...(this.#reason === null ? {} : { reason: this.#reason }),
		};
	}

	/** Neither stopped nor failed, nor on the way there. */
	get isActive(): boolean {
		return this.#ending === null;
	}

	/** Ends in good order: what was received is packaged, delivered and the epoch closed. Repeatable. */
	stop(): Promise<void> {
		if (this.#state === "starting" || this.#state === "running") this.#state = "stopping";
		return this.#finish({ state: "stopped", reason: null });
	}

	/** Ends at once; nothing more is sent. For an epoch that nobody wants any longer. */
	async abort(reason: string): Promise<void> {
		this.#pipeline.kill();
		this.#uploader.stop();
		await this.#finish({ state: "stopped", reason });
	}

	async #fail(reason: string): Promise<void> {
		if (!this.isActive) return;
		log.warn("live.failed", { streamID: this.job.streamID, epoch: this.job.epoch, reason });
		await this.#finish({ state: "failed", reason });
	}

	async #outputEnded(isFault: boolean, reason: string): Promise<void> {
		this.#pipeline.kill();
		if (isFault) await this.#fail(`output-failed: ${reason}`);
		else await this.#finish({ state: "stopped", reason });
	}

	#finish(end: { state: "stopped" | "failed"; reason: string | null }): Promise<void> {
		this.#ending ??= this.#shutDown(end);
		return this.#ending;
	}

	async #shutDown(end: { state: "stopped" | "failed"; reason: string | null }): Promise<void> {
		this.#reason = end.reason;
		if (end.state === "failed") this.#state = "failed";
		await this.#subscription.close();
		await this.#pipeline.end();
		const isDelivered = await this.#uploader.finish(FINISH_WITHIN_MS);
		clearInterval(this.#heart);
		this.#state = end.state;
		const { streamID, epoch } = this.job;
		log.info("live.ended", { streamID, epoch, ...end, isDelivered });
	}

	#frame(kind: TrackKind, frame: Frame): void {
		this.#statistics.frame(kind, frame);
		this.#pipeline.frame(kind, frame, Date.now());
	}

	#videoTrack() {
		return this.#receiver.tracks.find((track) => track.line.kind === "video");
	}

	#beat(): void {
		const now = Date.now();
		const packaging = this.#pipeline.report(now);
		const source = this.#statistics.report(this.#receiver.tracks, now);
		void this.#uploader.heartbeat({
			source,
			packaging: { ...packaging, queuedParts: this.#uploader.queuedParts },
		});
		this.#watchGrowth(now);
	}

	/** A picture that became larger than the ladder was made for, and stays so. */
	#watchGrowth(now: number): void {
		const top = this.#pipeline.topHeight;
		const height = Math.min(boxHeight(this.#statistics.size), this.job.maxHeight);
		if (top === null || height < top * GROWN_RATIO) {
			this.#grown = null;
			return;
		}
		if (this.#grown?.height !== height) this.#grown = { height, since: now };
		if (now - this.#grown.since >= GROWN_MS) void this.#fail(`source-grew: from ${top} to ${height}`);
	}
}
