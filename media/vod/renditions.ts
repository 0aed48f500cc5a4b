import {
	encodeAudioArguments,
	encodeVideoArguments,
	readLoudness,
	remuxArguments,
} from "../../domain/streaming/vod-arguments.ts";
import type { VodResult, VodTask } from "../../protocol/vod-job.ts";
import { SourceFault } from "./failure.ts";
import { inspect, isInterlaced } from "./inspection.ts";
import { copySamples } from "./movie-copy.ts";
import { outputsResult, type Packaging, packageTracks } from "./packaging.ts";
import { framesPerSecondOf } from "./probe.ts";
import type { TaskContext } from "./task-context.ts";

type Task<Kind extends VodTask["kind"]> = Extract<VodTask, { kind: Kind }>;

/** What segments may have besides the samples that they copy. */
const COPY = { ratio: 1.5, spareBytes: 1_000_000 };

/** Copies picture and sound into segments without encoding. */
export async function remux(context: TaskContext, task: Task<"remux">): Promise<VodResult> {
	await using source = await context.source();
	const inspection = await inspect(context, source);
	const wanted = [
		{ kind: "video" as const, name: task.video, stream: inspection.video },
		{ kind: "audio" as const, name: task.audio, stream: inspection.audio },
	];
	const tracks = wanted.flatMap(({ kind, name, stream }) => {
		if (name === null) return [];
		if (stream === null) throw new SourceFault(`The file has no ${kind}.`);
		return [{ kind, name, stream }];
	});
	const packaging: Packaging = {
		tracks: tracks.map(({ kind, name, stream }) => ({
			name,
			kind,
			chunk: 0,
			startSeconds: 0,
			endSeconds: null,
			segmentSeconds: task.segmentSeconds,
			startsAtZero: false,
			maxBytes: COPY.ratio * source.sizeBytes + COPY.spareBytes,
			...frameRate(kind === "video" ? framesPerSecondOf(stream) : null),
		})),
		endSeconds: inspection.durationSeconds,
	};
	const streams = tracks.map(({ stream }) => stream);
	const copied = await copySamples(context, packaging, { source, inspection, streams });
	if (copied !== null) return outputsResult(copied);
	await source.fillAll();
	const args = remuxArguments(
		wholeInput(context, source.path),
		tracks.map(({ kind, stream }) => ({ kind, index: stream.index, codec: stream.codec_name })),
	);
	return outputsResult(await packageTracks(context, { ...packaging, args }));
}

/** Encodes one chunk of the picture into all rungs. */
export async function encodeVideo(context: TaskContext, task: Task<"encode-video">): Promise<VodResult> {
	await using source = await context.source();
	const inspection = await inspect(context, source);
	const { video, startSeconds } = inspection;
	if (video === null) throw new SourceFault("The file has no picture.");
	await source.fillPart({
		trackID: video.id ?? null,
		start: startSeconds + task.start,
		end: task.end === null ? null : startSeconds + task.end,
	});
	const end = task.end ?? inspection.durationSeconds;
	const segmentSeconds = evenSegments(end === null ? null : end - task.start, task.segmentSeconds);
	const outputs = await packageTracks(context, {
		args: encodeVideoArguments({
			input: {
				...wholeInput(context, source.path),
				start: task.start,
				...(task.end === null ? {} : { end: task.end }),
			},
			streamIndex: video.index,
			framesPerSecond: framesPerSecondOf(video) ?? 30,
			isInterlaced: isInterlaced(video),
			transfer: video.color_transfer ?? null,
			segmentSeconds,
			nominalSeconds: task.segmentSeconds,
			rungs: task.rungs,
			preset: context.preset,
		}),
		tracks: task.rungs.map((rung) => ({
			name: rung.name,
			kind: "video" as const,
			chunk: task.chunk,
			startSeconds: task.start,
			endSeconds: task.end,
			segmentSeconds,
			startsAtZero: false,
			framesPerSecond: rung.framesPerSecond,
		})),
		endSeconds: end,
	});
	return outputsResult(outputs);
}

/** Encodes the whole sound into all rungs and measures its loudness. */
export async function encodeAudio(context: TaskContext, task: Task<"encode-audio">): Promise<VodResult> {
	await using source = await context.source();
	const inspection = await inspect(context, source);
	const { audio } = inspection;
	if (audio === null) throw new SourceFault("The file has no sound.");
	await source.fillAll();
	const lines: string[] = [];
	const outputs = await packageTracks(context, {
		args: encodeAudioArguments(wholeInput(context, source.path), audio.index, task.rungs),
		tracks: task.rungs.map((rung) => ({
			name: rung.name,
			kind: "audio" as const,
			chunk: 0,
			startSeconds: 0,
			endSeconds: null,
			segmentSeconds: task.segmentSeconds,
			startsAtZero: true,
		})),
		endSeconds: inspection.durationSeconds,
		onLine: (line) => {
			if (line.includes("LUFS")) lines.push(line);
		},
	});
	return outputsResult(outputs, readLoudness(lines));
}

/** All of the source, but no more than may be: what a header says of the length need not be true. */
export function wholeInput(context: TaskContext, path: string) {
	const { maxPixels, maxDurationSeconds } = context.job.limits;
	return { path, maxPixels, start: 0, end: maxDurationSeconds };
}

/** As many segments as fit best, all of one length: no short one at the end of each chunk. */
function evenSegments(chunkSeconds: number | null, segmentSeconds: number): number {
	if (chunkSeconds === null || chunkSeconds <= 0) return segmentSeconds;
	return chunkSeconds / Math.max(1, Math.round(chunkSeconds / segmentSeconds));
}

function frameRate(framesPerSecond: number | null): { framesPerSecond?: number } {
	return framesPerSecond === null ? {} : { framesPerSecond };
}
