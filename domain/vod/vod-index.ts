import type { VideoID } from "../../protocol/ids.ts";
import type { VodOutput } from "../../protocol/vod-job.ts";
import type { Step } from "./step.ts";

/** A stored segment. Times in the rendition's timescale. */
export interface IndexedSegment {
	key: string;
	initKey: string;
	time: number;
	duration: number;
	bytes: number;
}

/** One rendition as far as it can be played from its start without a gap. */
export interface IndexedRendition {
	name: string;
	kind: "video" | "audio";
	/** RFC 6381. */
	codecs: string;
	bitrateBps: number;
	averageBps: number;
	width?: number | undefined;
	height?: number | undefined;
	framesPerSecond?: number | undefined;
	timescale: number;
	isFinished: boolean;
	segments: IndexedSegment[];
}

/** What there is of a work: its playlists are rendered from this alone. */
export interface VodIndex {
	videoID: VideoID;
	/** Nothing more is being made. */
	isComplete: boolean;
	durationSeconds: number;
	hasVideo: boolean;
	hasAudio: boolean;
	renditions: IndexedRendition[];
	/** Other objects: `poster.jpg`, `storyboard.vtt`, `download.mp4`. */
	files: string[];
}

/** What a step has stored so far, or for good. */
export interface StoredOutput {
	output: VodOutput;
	isFinal: boolean;
}

/** The renditions that `steps` make and what `outputs` hold of them; best first, picture before sound. */
export function indexRenditions(
	steps: readonly Step[],
	outputs: readonly StoredOutput[],
): IndexedRendition[] {
	const byName = new Map<string, StoredOutput[]>();
	for (const stored of outputs) {
		const list = byName.get(stored.output.name) ?? [];
		list.push(stored);
		byName.set(stored.output.name, list);
	}
	const chunkCounts = countChunks(steps);
	return [...byName]
		.flatMap(([name, stored]) => joinChunks(stored, chunkCounts.get(name) ?? 1) ?? [])
		.toSorted(
			(a, b) => Number(a.kind === "audio") - Number(b.kind === "audio") || b.bitrateBps - a.bitrateBps,
		);
}

/** Something can be watched or heard: a picture if there is one, and sound if there is any. */
export function isPlayable(index: VodIndex): boolean {
	const has = (kind: "video" | "audio") =>
		index.renditions.some((rendition) => rendition.kind === kind && rendition.segments.length > 0);
	return (
		(!index.hasVideo || has("video")) && (!index.hasAudio || has("audio")) && (has("video") || has("audio"))
	);
}

/**
 * What players are told of. While things are being made only whole renditions, since who switches up to one that is behind would stall;
 * as long as no picture (or sound) is whole, the one that is furthest.
 */
export function listRenditions(index: VodIndex): IndexedRendition[] {
	return (["video", "audio"] as const).flatMap((kind) => {
		const own = index.renditions.filter(
			(rendition) => rendition.kind === kind && rendition.segments.length > 0,
		);
		const whole = own.filter((rendition) => rendition.isFinished);
		if (whole.length > 0) return whole;
		const furthest = own.toSorted((a, b) => reachSeconds(b) - reachSeconds(a))[0];
		return furthest ? [furthest] : [];
	});
}

/** How far a rendition reaches without a gap. */
export function reachSeconds(rendition: IndexedRendition): number {
	const last = rendition.segments.at(-1);
	return last ? (last.time + last.duration) / rendition.timescale : 0;
}

/** How many chunks each rendition has in the plan. */
function countChunks(steps: readonly Step[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const { task } of steps) {
		if (task.kind !== "encode-video") continue;
		for (const rung of task.rungs) counts.set(rung.name, (counts.get(rung.name) ?? 0) + 1);
	}
	return counts;
}

/** Chunk after chunk from the first, up to the first that is missing or not whole; null before there is a segment. */
function joinChunks(stored: StoredOutput[], chunkCount: number): IndexedRendition | null {
	const byChunk = new Map(stored.map((item) => [item.output.chunk, item]));
	const chunks: StoredOutput[] = [];
	for (let chunk = 0; chunk < chunkCount; chunk++) {
		const item = byChunk.get(chunk);
		if (!item) break;
		chunks.push(item);
		if (!item.isFinal) break;
	}
	const first = chunks[0]?.output;
	if (!first) return null;
	const segments = chunks.flatMap(({ output }) =>
		output.segments.map((segment) => ({ ...segment, initKey: output.initKey })),
	);
	closeGaps(segments);
	return {
		name: first.name,
		kind: first.kind,
		codecs: first.codecs,
		bitrateBps: Math.max(...chunks.map(({ output }) => output.bitrateBps)),
		averageBps: averageBps(segments, first.timescale),
		...(first.width === undefined ? {} : { width: first.width }),
		...(first.height === undefined ? {} : { height: first.height }),
		...(first.framesPerSecond === undefined ? {} : { framesPerSecond: first.framesPerSecond }),
		timescale: first.timescale,
		isFinished: chunks.length === chunkCount && chunks.every((item) => item.isFinal),
		segments,
	};
}

/** The length of a chunk's last frame is a guess with irregular sources: a segment ends where the next begins. */
function closeGaps(segments: IndexedSegment[]): void {
	for (const [position, segment] of segments.entries()) {
		const next = segments[position + 1];
		if (next) segment.duration = next.time - segment.time;
	}
}

function averageBps(segments: IndexedSegment[], timescale: number): number {
	const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
	const ticks = segments.reduce((sum, segment) => sum + segment.duration, 0);
	return ticks > 0 ? Math.round((bytes * 8 * timescale) / ticks) : 0;
}
