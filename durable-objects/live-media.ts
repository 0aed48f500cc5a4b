import { log } from "../adapters/log.ts";
import { renderDashManifest } from "../domain/streaming/dash-manifest.ts";
import { LiveIndex, type PartRefusal } from "../domain/streaming/live-index.ts";
import {
	checkReload,
	renderMediaPlaylist,
	renderPrimaryPlaylist,
	SEGMENTS_BEFORE_PLAYBACK,
} from "../domain/streaming/live-playlist.ts";
import { AppError } from "../protocol/errors.ts";
import type { StreamID } from "../protocol/ids.ts";
import type { LiveEpoch, LivePartQuery } from "../protocol/media-job.ts";
import { LiveStore, type StoredSegment } from "./live-store.ts";

/** Segments whose parts stay at hand after they went to R2: as many as playlists list in parts, and some to spare. */
const SEGMENTS_WITH_PART_BYTES = 8;
/** A blocked request waits at most three target durations (RFC 8216bis §6.2.5.2). */
const MAX_WAIT_MS = 6000;

/** The packaged media of one live stream: index in memory, parts on disk, segments in R2, and who waits for what comes next. */
export class LiveMedia {
	readonly store: LiveStore;
	readonly #index = new LiveIndex();
	readonly #bucket: R2Bucket;
	readonly #streamID: () => StreamID;
	readonly #waiting = new Set<() => void>();
	#isEnded = false;

	constructor(storage: DurableObjectStorage, bucket: R2Bucket, streamID: () => StreamID) {
		this.store = new LiveStore(storage.sql);
		this.#bucket = bucket;
		this.#streamID = streamID;
		this.store.restore(this.#index);
		this.#index.restorePending(this.store.facts.get("pending") ?? { epoch: 0, firstSegment: 0 });
		this.#isEnded = this.store.facts.get("isMediaEnded") ?? false;
	}

	/** Names of the renditions of now, best first. */
	renditions(): string[] {
		return (this.#index.epochs().at(-1)?.renditions ?? []).map((rendition) => rendition.name);
	}

	/** True from when players may start. */
	isPlayable(): boolean {
		return this.#index.completeSegments() >= (this.#isEnded ? 1 : SEGMENTS_BEFORE_PLAYBACK);
	}

	/** Packaging starts anew. Returns the number of its first segment. */
	beginEpoch(epoch: number): number {
		const { firstSegment, sealed } = this.#index.beginEpoch(epoch);
		this.#closeAll(sealed);
		this.store.facts.put("pending", this.#index.pending);
		this.#wake();
		return firstSegment;
	}

	openEpoch(epoch: number, announced: LiveEpoch): void {
		const isKnown = this.#index.epochs().some((item) => item.epoch === epoch);
		if (!this.#index.openEpoch(epoch, announced)) throw superseded();
		const opened = this.#index.epochs().at(-1);
		if (opened && !isKnown) this.store.putEpoch(opened, announced);
	}

	/** Takes a part; when this returns it is on disk. Throws AppError `epoch-superseded`, `part-out-of-order`, `not-found`. */
	acceptPart(
		at: StoredSegment & { epoch: number; part: number },
		query: LivePartQuery,
		bytes: ArrayBuffer,
	): { isSegmentClosed: boolean } {
		const part = {
			time: query.time,
			duration: query.duration,
			isIndependent: query.independent === "1",
			sizeBytes: bytes.byteLength,
		};
		const isLast = query.last === "1";
		const verdict = this.#index.acceptPart({ ...at, segment: at.number }, part, isLast);
		if (verdict.is !== "accepted") return refusePart(verdict);
		this.store.putPart(at, part, bytes);
		if (isLast) {
			const segment = this.#index.list(at.rendition, 1)?.at(-1)?.segment;
			if (segment) this.store.closeSegment(at.epoch, at.rendition, segment);
		}
		this.#wake();
		return { isSegmentClosed: isLast };
	}

	/** The packager has delivered all of this epoch: what a flush on a part's border left open is closed. */
	closeEpoch(epoch: number): void {
		if (epoch !== this.#index.epoch) return;
		this.#closeAll(this.#index.seal());
		this.#wake();
	}

	/** No more will come: closes what is open, and playlists end. */
	end(): void {
		if (this.#isEnded) return;
		this.#closeAll(this.#index.seal());
		this.#isEnded = true;
		this.store.facts.put("isMediaEnded", true);
		this.#wake();
	}

	/** Puts closed segments into R2, oldest first. Returns true when none is left. */
	async storeSegments(): Promise<boolean> {
		for (const segment of this.store.unstoredSegments(32)) {
			const bytes = this.store.segmentBytes(segment);
			if (bytes) {
				await this.#bucket.put(segmentKey(this.#streamID(), segment), bytes, {
					httpMetadata: { contentType: "video/iso.segment" },
				});
			} else {
				log.warn("segment.lost", { rendition: segment.rendition, segment: segment.number });
			}
			const newest = this.#index.newest(segment.rendition)?.segment ?? segment.number;
			this.store.markStored(segment, newest - SEGMENTS_WITH_PART_BYTES);
			this.#index.forgetParts(segment.rendition, newest - SEGMENTS_WITH_PART_BYTES);
		}
		return this.store.unstoredSegments(1).length === 0;
	}

	/** Throws AppError `segment-not-ready` until there is enough to start with. */
	primaryPlaylist(query: string): string {
		if (!this.isPlayable()) throw notReady("The stream has not enough segments yet.");
		return renderPrimaryPlaylist(this.#index, { query, isEnded: this.#isEnded });
	}

	/** Throws AppError `segment-not-ready` until there is enough to start with. */
	dashManifest(query: string, now: number): string {
		if (!this.isPlayable()) throw notReady("The stream has not enough segments yet.");
		return renderDashManifest(this.#index, { query, isEnded: this.#isEnded, now });
	}

	/** Waits as `_HLS_msn` and `_HLS_part` ask. Throws AppError `not-found`, `bad-request`, `overloaded`. */
	async mediaPlaylist(options: {
		rendition: string;
		query: string;
		canSkip: boolean;
		isWhole: boolean;
		wanted: { segment: number; part: number | null } | null;
	}): Promise<{ text: string; isEnded: boolean }> {
		const { wanted, rendition } = options;
		if (wanted && !this.#isEnded) await this.#untilReached(rendition, wanted);
		const text = renderMediaPlaylist(this.#index, { ...options, isEnded: this.#isEnded });
		if (text === null) throw new AppError("not-found", "There is no such rendition.");
		return { text, isEnded: this.#isEnded };
	}

	/** A part's bytes; one that was announced as the next is waited for. Null if it is not there. */
	async part(at: StoredSegment & { part: number }): Promise<ArrayBuffer | null> {
		const bytes = this.store.partBytes(at);
		if (bytes || !this.#isHinted(at)) return bytes;
		await this.#until(() => !this.#isHinted(at));
		return this.store.partBytes(at);
	}

	#isHinted(at: StoredSegment & { part: number }): boolean {
		const newest = this.#index.newest(at.rendition);
		if (!newest || this.#isEnded) return false;
		const next = newest.isClosed
			? { number: newest.segment + 1, part: 0 }
			: { number: newest.segment, part: newest.part + 1 };
		return next.number === at.number && next.part === at.part;
	}

	async #untilReached(rendition: string, wanted: { segment: number; part: number | null }): Promise<void> {
		const verdict = () => checkReload(this.#index, rendition, wanted);
		if (verdict() === "invalid")
			throw new AppError("bad-request", "The asked segment is too far in the future.");
		const isReached = await this.#until(() => verdict() === "ready" || this.#isEnded);
		if (!isReached) {
			throw new AppError("overloaded", "The asked segment did not come in time.", {
				headers: { "Retry-After": "1" },
			});
		}
	}

	/** Waits until `isTrue`, asked after each change; false after MAX_WAIT_MS. */
	#until(isTrue: () => boolean): Promise<boolean> {
		if (isTrue()) return Promise.resolve(true);
		return new Promise((resolve) => {
			const check = () => {
				if (isTrue()) finish(true);
			};
			const timer = setTimeout(() => finish(false), MAX_WAIT_MS);
			const finish = (outcome: boolean) => {
				clearTimeout(timer);
				this.#waiting.delete(check);
				resolve(outcome);
			};
			this.#waiting.add(check);
		});
	}

	#wake(): void {
		for (const check of [...this.#waiting]) check();
	}

	#closeAll(sealed: ReturnType<LiveIndex["seal"]>): void {
		const epoch = this.#index.epochs().at(-1);
		if (!epoch) return;
		for (const { rendition, segment } of sealed) this.store.closeSegment(epoch.epoch, rendition, segment);
	}
}

/** A segment's key in R2. */
export function segmentKey(streamID: StreamID, at: StoredSegment): string {
	return `streams/${streamID}/${at.rendition}/${at.number}.m4s`;
}

function refusePart(verdict: PartRefusal): { isSegmentClosed: boolean } {
	switch (verdict.is) {
		case "duplicate":
			return { isSegmentClosed: false };
		case "superseded":
			throw superseded();
		case "unknown-rendition":
			throw new AppError("not-found", "This rendition was not announced.");
		case "out-of-order":
			throw new AppError("part-out-of-order", "An earlier part is missing.", {
				members: { expected: verdict.expected },
			});
	}
}

function superseded(): AppError {
	return new AppError("epoch-superseded", "Another packaging job has taken over.");
}

function notReady(detail: string): AppError {
	return new AppError("segment-not-ready", detail, { headers: { "Retry-After": "2" } });
}
