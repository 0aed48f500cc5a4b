import { log } from "../adapters/log.ts";
import type { Part } from "../domain/streaming/repackager.ts";
import type { LiveEpoch, LiveHeartbeat } from "../protocol/media-job.ts";
import type { OutputClient, OutputReply } from "./output-client.ts";
import { PartQueue } from "./part-queue.ts";

export type UploaderOptions = {
	client: OutputClient;
	/** For the log. */
	streamID: string;
	/** The epoch is open and parts are on their way. */
	onOpen: () => void;
	/** `over`: the Worker wants no more of this epoch, which is no fault. Called once at most; nothing is sent afterwards. */
	onEnd: (end: { isFault: boolean; reason: string }) => void;
};

/** The Worker is started anew within 2 s; beyond 30 s the viewers have long stopped waiting. */
const MAX_WAITING_SECONDS = 30;
const AGAIN_MS = { least: 100, most: 1_000 };

/**
 * Brings parts to the Worker: each rendition in order and one at a time, renditions side by side. While the Worker is away it tries again
 * for as long as it takes, and holds 30 s of parts.
 */
export class Uploader {
	readonly #options: UploaderOptions;
	readonly #queues = new Map<string, PartQueue>();
	readonly #busy = new Set<string>();
	#isOpen = false;
	#isOver = false;
	#idle: (() => void)[] = [];

	constructor(options: UploaderOptions) {
		this.#options = options;
	}

	/** Parts that are not yet taken. */
	get queuedParts(): number {
		return [...this.#queues.values()].reduce((sum, queue) => sum + queue.waiting, 0);
	}

	/** Opens the epoch; parts pushed before it is open wait. */
	async open(epoch: LiveEpoch): Promise<void> {
		for (const { name, timescale } of epoch.renditions) {
			this.#queues.set(name, new PartQueue({ maxWaitingTicks: MAX_WAITING_SECONDS * timescale }));
		}
		const reply = await this.#untilTaken("epoch", () => this.#options.client.openEpoch(epoch));
		if (reply === null || this.#isOver) return;
		if (reply.outcome !== "done") {
			this.#end({ isFault: true, reason: `the epoch was refused: ${reply.outcome}` });
			return;
		}
		this.#isOpen = true;
		this.#options.onOpen();
		for (const name of this.#queues.keys()) this.#pump(name);
	}

	push(rendition: string, part: Part): void {
		if (this.#isOver) return;
		const dropped = this.#queues.get(rendition)?.push(part) ?? [];
		if (dropped.length > 0) {
			log.warn("parts.dropped", { streamID: this.#options.streamID, rendition, segments: dropped });
		}
		this.#pump(rendition);
	}

	/** Its failure is only logged: the next one comes in a second. */
	async heartbeat(heartbeat: LiveHeartbeat): Promise<void> {
		if (this.#isOver) return;
		const reply = await this.#options.client.heartbeat(heartbeat);
		if (reply.outcome === "over") this.#end({ isFault: false, reason: reply.reason });
		else if (reply.outcome !== "done") {
			log.info("heartbeat.failed", { streamID: this.#options.streamID, ...reply });
		}
	}

	/** Waits until all parts are taken, then closes the epoch. False if `withinMs` did not suffice. */
	async finish(withinMs: number): Promise<boolean> {
		const timer = setTimeout(() => this.stop(), withinMs);
		if (this.#isOpen) {
			await this.#drained();
			if (!this.#isOver) await this.#untilTaken("close", () => this.#options.client.close());
		}
		clearTimeout(timer);
		const isDone = !this.#isOver;
		this.stop();
		return isDone;
	}

	/** Sends nothing more. */
	stop(): void {
		this.#isOver = true;
		for (const resume of this.#idle.splice(0)) resume();
	}

	#pump(rendition: string): void {
		if (this.#isOpen && !this.#busy.has(rendition)) void this.#run(rendition);
	}

	async #run(rendition: string): Promise<void> {
		const queue = this.#queues.get(rendition);
		if (queue === undefined) return;
		this.#busy.add(rendition);
		let resent = 0;
		for (let part = queue.head; part !== null && !this.#isOver; part = queue.head) {
			const sending = part;
			const reply = await this.#untilTaken(rendition, () => this.#options.client.putPart(rendition, sending));
			if (reply === null) break;
			if (reply.outcome === "out-of-order") {
				resent += 1;
				this.#resume(queue, { rendition, sending, expected: reply.expected, resent });
				continue;
			}
			resent = 0;
			// The head is another one if segments were dropped meanwhile.
			if (queue.head === sending) queue.sent();
		}
		this.#busy.delete(rendition);
		for (const resume of this.#idle.splice(0)) resume();
	}

	/** The Worker lacks an earlier part, or has this one: it says which comes next. */
	#resume(
		queue: PartQueue,
		gap: { rendition: string; sending: Part; expected: { segment: number; part: number }; resent: number },
	): void {
		const { rendition, sending, expected, resent } = gap;
		log.warn("parts.resent", {
			streamID: this.#options.streamID,
			rendition,
			expected,
			at: [sending.segment, sending.part],
		});
		if (!queue.moveTo(expected) || resent > MAX_RESENT) {
			const reason = `${rendition}: the Worker asks for part ${expected.segment}/${expected.part}, which is gone`;
			this.#end({ isFault: true, reason });
		}
	}

	/** Repeats a request until it is answered for good; null if that answer, or somebody else, ended the upload. */
	async #untilTaken(what: string, request: () => Promise<OutputReply>): Promise<OutputReply | null> {
		for (let waitMs = AGAIN_MS.least; !this.#isOver; waitMs = Math.min(waitMs * 2, AGAIN_MS.most)) {
			const reply = await request();
			if (reply.outcome === "over") {
				this.#end({ isFault: false, reason: reply.reason });
				return null;
			}
			if (reply.outcome === "refused") {
				this.#end({ isFault: true, reason: `${what} was refused: ${reply.reason}` });
				return null;
			}
			if (reply.outcome !== "again") return reply;
			if (waitMs === AGAIN_MS.least) {
				log.warn("upload.waiting", { streamID: this.#options.streamID, what, reason: reply.reason });
			}
			await new Promise((resolve) => setTimeout(resolve, waitMs * (0.75 + Math.random() / 2)));
		}
		return null;
	}

	async #drained(): Promise<void> {
		while (!this.#isOver && (this.queuedParts > 0 || this.#busy.size > 0)) {
			await new Promise<void>((resolve) => this.#idle.push(resolve));
		}
	}

	#end(end: { isFault: boolean; reason: string }): void {
		if (this.#isOver) return;
		this.stop();
		this.#options.onEnd(end);
	}
}

/** Resends in a row without progress; more means that the two ends disagree for good. */
const MAX_RESENT = 4;
