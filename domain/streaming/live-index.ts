import type { LiveEpoch, LiveRendition } from "../../protocol/media-job.ts";

/** A CMAF part: `time` and `duration` in ticks of its rendition's timescale since the start of the epoch. */
export interface LivePart {
	time: number;
	duration: number;
	isIndependent: boolean;
	sizeBytes: number;
}

/** A segment is the concatenation of its parts. A gap has a number and a duration but no bytes. */
export interface LiveSegment {
	number: number;
	parts: LivePart[];
	isClosed: boolean;
	isGap: boolean;
}

export type RenditionInfo = Omit<LiveRendition, "init">;

/** One run of packaging. Timestamps start again at 0 in each; players see a discontinuity between two. */
export interface Epoch {
	epoch: number;
	firstSegment: number;
	/** Wall clock of media time 0, ms since 1970. */
	startsAt: number;
	segmentTargetSeconds: number;
	partTargetSeconds: number;
	renditions: RenditionInfo[];
}

/** A segment as one playlist shows it: `rendition` may be a neighbour's, where this epoch lacks the asked one. */
export interface ListedSegment {
	segment: LiveSegment;
	rendition: RenditionInfo;
	epoch: Epoch;
}

export type PartVerdict = { is: "accepted" } | PartRefusal;

export type PartRefusal =
	| { is: "duplicate" }
	| { is: "superseded" }
	| { is: "unknown-rendition" }
	| { is: "out-of-order"; expected: PartPosition };

export interface PartPosition {
	segment: number;
	part: number;
}

interface Track {
	info: RenditionInfo;
	segments: LiveSegment[];
}

/** No segment of ours has more; a media program that sends more is broken. */
const MAX_PARTS_PER_SEGMENT = 64;

/**
 * What of a live stream exists: epochs, renditions, segments, parts, and in which order parts may come.
 * Segment numbers run through all epochs and are the same in all renditions. Holds no bytes.
 */
export class LiveIndex {
	readonly #epochs: { epoch: Epoch; tracks: Map<string, Track> }[] = [];
	#pending: { epoch: number; firstSegment: number } = { epoch: 0, firstSegment: 0 };

	/** The number of the epoch whose output is welcome now. */
	get epoch(): number {
		return this.#pending.epoch;
	}

	/**
	 * Announces that packaging starts anew: what the last epoch left open is closed as it is, and where one
	 * rendition got further than another the missing segments become gaps. Returns the first number to use
	 * and the segments that this closed.
	 */
	beginEpoch(epoch: number): { firstSegment: number; sealed: { rendition: string; segment: LiveSegment }[] } {
		const sealed = this.seal();
		this.#pending = { epoch, firstSegment: this.#nextSegment() };
		return { firstSegment: this.#pending.firstSegment, sealed };
	}

	/** The media program says what it will make. False if this epoch is not the one that was begun. */
	openEpoch(epoch: number, announced: LiveEpoch): boolean {
		if (epoch !== this.#pending.epoch) return false;
		if (this.#current()?.epoch.epoch === epoch) return true;
		const renditions = announced.renditions.map(({ init: _init, ...info }) => info);
		this.#epochs.push({
			epoch: {
				epoch,
				firstSegment: this.#pending.firstSegment,
				startsAt: announced.startsAt,
				segmentTargetSeconds: announced.segmentTargetSeconds,
				partTargetSeconds: announced.partTargetSeconds,
				renditions,
			},
			tracks: new Map(renditions.map((info) => [info.name, { info, segments: [] }])),
		});
		return true;
	}

	/** Takes the next part of a rendition; all but `accepted` leave the index as it was. */
	acceptPart(
		at: { epoch: number; rendition: string } & PartPosition,
		part: LivePart,
		isLast: boolean,
	): PartVerdict {
		const current = this.#current();
		if (at.epoch !== this.#pending.epoch || current?.epoch.epoch !== at.epoch) return { is: "superseded" };
		const track = current.tracks.get(at.rendition);
		if (!track) return { is: "unknown-rendition" };
		const expected = this.#expected(track, current.epoch);
		const order = at.segment - expected.segment || at.part - expected.part;
		if (order < 0) return { is: "duplicate" };
		if (order > 0 || at.part >= MAX_PARTS_PER_SEGMENT) return { is: "out-of-order", expected };
		const open = track.segments.at(-1);
		const segment = open && !open.isClosed ? open : startSegment(track, at.segment);
		segment.parts.push(part);
		segment.isClosed = isLast;
		return { is: "accepted" };
	}

	/** Closes what is open in the newest epoch and evens out the renditions with gaps. */
	seal(): { rendition: string; segment: LiveSegment }[] {
		const current = this.#current();
		if (!current) return [];
		const sealed: { rendition: string; segment: LiveSegment }[] = [];
		const next = this.#nextSegment();
		for (const [rendition, track] of current.tracks) {
			const open = track.segments.at(-1);
			if (open && !open.isClosed) {
				open.isClosed = true;
				sealed.push({ rendition, segment: open });
			}
			for (let number = this.#expected(track, current.epoch).segment; number < next; number++) {
				const gap = { number, parts: [gapPart(number, track, current)], isClosed: true, isGap: true };
				track.segments.push(gap);
				sealed.push({ rendition, segment: gap });
			}
		}
		return sealed;
	}

	/** Keeps of the segments before `number` only their whole duration and size: no playlist lists their parts any more. */
	forgetParts(rendition: string, number: number): void {
		const segments = this.#current()?.tracks.get(rendition)?.segments ?? [];
		for (let position = segments.length - 1; position >= 0; position--) {
			const segment = segments[position];
			if (!segment || segment.number >= number) continue;
			if (segment.parts.length <= 1) break;
			segment.parts = [wholeOf(segment.parts)];
		}
	}

	/** Puts a stored epoch or segment back after a restart; in order. */
	restoreEpoch(epoch: Epoch): void {
		this.#epochs.push({
			epoch,
			tracks: new Map(epoch.renditions.map((info) => [info.name, { info, segments: [] }])),
		});
	}

	restoreSegment(epoch: number, rendition: string, segment: LiveSegment): void {
		const found = this.#epochs.findLast((item) => item.epoch.epoch === epoch);
		found?.tracks.get(rendition)?.segments.push(segment);
	}

	restorePending(pending: { epoch: number; firstSegment: number }): void {
		this.#pending = pending;
	}

	get pending(): { epoch: number; firstSegment: number } {
		return this.#pending;
	}

	epochs(): Epoch[] {
		return this.#epochs.map((item) => item.epoch);
	}

	/** Every rendition that any epoch had, newest description first. */
	renditions(): RenditionInfo[] {
		const byName = new Map<string, RenditionInfo>();
		for (const { epoch } of this.#epochs) for (const info of epoch.renditions) byName.set(info.name, info);
		return [...byName.values()];
	}

	/** The segments of one playlist, oldest first, at most the last `limit`. Null for a name that never existed. */
	list(name: string, limit: number): ListedSegment[] | null {
		const asked = this.renditions().find((info) => info.name === name);
		if (!asked) return null;
		const listed: ListedSegment[] = [];
		for (const { epoch, tracks } of this.#epochs.toReversed()) {
			const track = nearest([...tracks.values()], asked);
			if (!track) continue;
			const newestFirst = track.segments.slice(-(limit - listed.length)).reverse();
			listed.push(...newestFirst.map((segment) => ({ segment, rendition: track.info, epoch })));
			if (listed.length >= limit) break;
		}
		return listed.reverse();
	}

	/** How many discontinuities lie before an epoch: the epochs before it that have segments. */
	discontinuitySequence(epoch: Epoch): number {
		const before = this.#epochs.slice(
			0,
			this.#epochs.findIndex((item) => item.epoch === epoch),
		);
		return before.filter((item) => [...item.tracks.values()].some((track) => track.segments.length > 0))
			.length;
	}

	/** The newest segment and part of a playlist; `part` counts from 0, -1 if the newest segment has none yet. */
	newest(name: string): { segment: number; part: number; isClosed: boolean } | null {
		const last = this.list(name, 1)?.at(-1)?.segment;
		return last ? { segment: last.number, part: last.parts.length - 1, isClosed: last.isClosed } : null;
	}

	/** The segments that every rendition of the newest epoch has finished, over all epochs. */
	completeSegments(): number {
		const current = this.#current();
		if (!current) return 0;
		const closed = [...current.tracks.values()].map(
			(track) => track.segments.filter((item) => item.isClosed).length,
		);
		return current.epoch.firstSegment + Math.min(...closed);
	}

	#current() {
		return this.#epochs.at(-1);
	}

	#expected(track: Track, epoch: Epoch): PartPosition {
		const last = track.segments.at(-1);
		if (!last) return { segment: epoch.firstSegment, part: 0 };
		return last.isClosed
			? { segment: last.number + 1, part: 0 }
			: { segment: last.number, part: last.parts.length };
	}

	/** One past the highest segment number that any rendition has begun. */
	#nextSegment(): number {
		const current = this.#current();
		if (!current) return 0;
		const numbers = [...current.tracks.values()].map((track) => track.segments.at(-1)?.number ?? -1);
		return Math.max(current.epoch.firstSegment, ...numbers.map((number) => number + 1));
	}
}

function startSegment(track: Track, number: number): LiveSegment {
	const segment = { number, parts: [], isClosed: false, isGap: false };
	track.segments.push(segment);
	return segment;
}

/** A gap lasts as long as the same segment of a sibling that has it. */
function gapPart(
	number: number,
	track: Track,
	current: { epoch: Epoch; tracks: Map<string, Track> },
): LivePart {
	const sibling = [...current.tracks.values()].find((other) =>
		other.segments.some((segment) => segment.number === number && !segment.isGap),
	);
	const found = sibling?.segments.find((segment) => segment.number === number);
	const last = track.segments.at(-1)?.parts.at(-1);
	const seconds =
		found && sibling ? sumDurations(found) / sibling.info.timescale : current.epoch.segmentTargetSeconds;
	return {
		time: last ? last.time + last.duration : 0,
		duration: Math.max(1, Math.round(seconds * track.info.timescale)),
		isIndependent: false,
		sizeBytes: 0,
	};
}

function wholeOf(parts: LivePart[]): LivePart {
	return {
		time: parts[0]?.time ?? 0,
		duration: parts.reduce((sum, part) => sum + part.duration, 0),
		isIndependent: true,
		sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
	};
}

function sumDurations(segment: LiveSegment): number {
	return segment.parts.reduce((sum, part) => sum + part.duration, 0);
}

/** The track of that name, or the one of its kind that is closest in height. */
function nearest(tracks: Track[], asked: RenditionInfo): Track | undefined {
	const sameKind = tracks.filter((track) => track.info.kind === asked.kind);
	return (
		sameKind.find((track) => track.info.name === asked.name) ??
		sameKind.toSorted((a, b) => distance(a.info, asked) - distance(b.info, asked))[0]
	);
}

function distance(a: RenditionInfo, b: RenditionInfo): number {
	return Math.abs((a.height ?? 0) - (b.height ?? 0));
}
