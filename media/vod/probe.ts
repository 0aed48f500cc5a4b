import { countWithin } from "../../domain/streaming/movie-part.ts";
import { ffprobeArguments } from "../../domain/streaming/vod-arguments.ts";
import type { SourceProbe, VodResult } from "../../protocol/vod-job.ts";
import { explainCommand, SourceFault } from "./failure.ts";
import {
	displaySize,
	type Inspection,
	inspect,
	isInterlaced,
	type ProbedStream,
	rotationOf,
} from "./inspection.ts";
import { findTrack } from "./movie-source.ts";
import { type PacketScan, PacketScanner } from "./packet-scan.ts";
import { checkSignature } from "./signature.ts";
import type { LocalSource } from "./source-cache.ts";
import type { TaskContext } from "./task-context.ts";

/** A report must stay small. Beyond this, key frames are listed further apart. */
const MAX_KEYFRAMES = 8_000;
/** Nothing is cut finer than this. */
const LEAST_KEYFRAME_SECONDS = 0.25;
const MAX_CHAPTERS = 100;
const MAX_TAGS = 40;
const MAX_TAG_LENGTH = 500;
/** Files say their length rounded up, and end a little early, without being damaged. */
const MISSING = { seconds: 2, share: 0.05 };

/** What is in the source: headers, and one walk over all packets of its picture, or of its sound if it has none. */
export async function probe(context: TaskContext): Promise<VodResult> {
	await using source = await context.source();
	await checkSignature(source);
	const inspection = await inspect(context, source);
	const main = inspection.video ?? inspection.audio;
	if (main === null) throw new SourceFault("The file has neither picture nor sound.");
	const scan = await scanPackets(context, source, inspection);
	if (scan.packets === 0) throw new SourceFault("The file is empty: it describes media, but has none.");
	const durationSeconds = inspection.durationSeconds ?? scan.endSeconds;
	const missing = durationSeconds - scan.endSeconds;
	if (isCut(inspection, main, missing)) {
		throw new SourceFault(
			`The file is incomplete: ${Math.round(missing)} of its ${Math.round(durationSeconds)} seconds are missing. Upload it again.`,
		);
	}
	if (durationSeconds > context.job.limits.maxDurationSeconds) throw new SourceFault("The file is too long.");
	return { kind: "probe", probe: describe(inspection, scan, durationSeconds, context.job.sourceBytes) };
}

/** By the file's index where it has one, and else by a walk through all of it. */
async function scanPackets(
	context: TaskContext,
	source: LocalSource,
	inspection: Inspection,
): Promise<PacketScan> {
	const main = inspection.video ?? inspection.audio;
	const scanner = new PacketScanner(inspection.startSeconds);
	const track = main === null ? undefined : findTrack(await source.movie(), main);
	if (track !== undefined) {
		scanner.readTrack(track, countWithin(track, source.sizeBytes));
		return scanner.result();
	}
	await source.fillAll();
	try {
		await context.run({
			tool: "ffprobe",
			args: ffprobeArguments({ path: inspection.path, maxPixels: context.job.limits.maxPixels }, [
				...["-select_streams", String(main?.index), "-show_entries", "packet=pts_time,duration_time,flags"],
				...["-of", "csv=p=0"],
			]),
			stdout: (pipe) => scanner.read(pipe),
		});
	} catch (error) {
		throw explainCommand(error);
	}
	return scanner.result();
}

/** The header promises more than is there. The other streams may be longer than this one, so its own length counts where it says one. */
function isCut(inspection: Inspection, main: ProbedStream, missingSeconds: number): boolean {
	const total = inspection.durationSeconds;
	if (total === null) return false;
	const ownMissing = main.duration === undefined ? missingSeconds : missingSeconds - (total - main.duration);
	return ownMissing > Math.max(MISSING.seconds, total * MISSING.share);
}

function describe(
	inspection: Inspection,
	scan: PacketScan,
	durationSeconds: number,
	sourceBytes: number,
): SourceProbe {
	const { video, audio } = inspection;
	const bitrateBps = inspection.bitrateBps ?? (sourceBytes * 8) / Math.max(durationSeconds, 0.001);
	return {
		container: inspection.container,
		durationSeconds,
		bitrateBps: Math.round(bitrateBps),
		video: video === null ? null : describeVideo(video, scan, durationSeconds),
		audio: audio === null ? null : describeAudio(audio),
		hasCover: inspection.cover !== null,
		subtitles: inspection.subtitles.map((stream) => ({
			language: stream.tags["language"] ?? "und",
			codec: stream.codec_name,
		})),
		chapters: inspection.chapters.slice(0, MAX_CHAPTERS).map(({ startSeconds, title }, index) => ({
			startsAtMs: Math.max(0, Math.round(startSeconds * 1000)),
			title: title.trim().slice(0, 140) || `Chapter ${index + 1}`,
		})),
		tags: Object.fromEntries(
			Object.entries(inspection.tags)
				.slice(0, MAX_TAGS)
				.map(([name, value]) => [name.toLowerCase().slice(0, 100), value.slice(0, MAX_TAG_LENGTH)]),
		),
	};
}

function describeVideo(
	stream: ProbedStream,
	scan: PacketScan,
	durationSeconds: number,
): SourceProbe["video"] {
	const measured = scan.packets / Math.max(durationSeconds, 0.001);
	return {
		codec: stream.codec_name,
		profile: stream.profile ?? null,
		pixelFormat: stream.pix_fmt,
		...displaySize(stream),
		rotation: rotationOf(stream),
		framesPerSecond: framesPerSecondOf(stream) ?? measured,
		isVariableRate: scan.isVariableRate,
		isInterlaced: isInterlaced(stream),
		frames: scan.packets,
		keyframes: thin(scan.keyframes),
		codecs: videoCodecs(stream),
	};
}

/** Of the stream's header, where that can be. */
export function framesPerSecondOf(stream: ProbedStream): number | null {
	const rate = stream.avg_frame_rate ?? stream.r_frame_rate ?? null;
	return rate === null || rate > 1000 ? null : rate;
}

function describeAudio(stream: ProbedStream): SourceProbe["audio"] {
	return {
		codec: stream.codec_name,
		channels: stream.channels,
		sampleRate: Math.round(stream.sample_rate ?? 0),
		bitrateBps: stream.bit_rate === undefined ? null : Math.round(stream.bit_rate),
		codecs: audioCodecs(stream),
	};
}

function thin(keyframes: number[]): number[] {
	const span = (keyframes.at(-1) ?? 0) - (keyframes[0] ?? 0);
	const least = Math.max(LEAST_KEYFRAME_SECONDS, span / MAX_KEYFRAMES);
	const kept: number[] = [];
	for (const at of keyframes) {
		if (kept.length === 0 || at - (kept.at(-1) ?? 0) >= least) kept.push(at);
	}
	return kept;
}

/** RFC 6381 §3.3 and ISO/IEC 14496-15 Annex E, for H.264; others are not copied. */
function videoCodecs(stream: ProbedStream): string | null {
	const profiles: Record<string, string> = {
		"Constrained Baseline": "42c0",
		Baseline: "4200",
		Main: "4d00",
		High: "6400",
	};
	const profile = profiles[stream.profile ?? ""];
	if (stream.codec_name !== "h264" || profile === undefined || stream.level === undefined) return null;
	return `avc1.${profile}${stream.level.toString(16).padStart(2, "0")}`;
}

function audioCodecs(stream: ProbedStream): string | null {
	if (stream.codec_name === "opus") return "opus";
	if (stream.codec_name === "mp3") return "mp4a.40.34";
	if (stream.codec_name === "flac") return "flac";
	if (stream.codec_name !== "aac") return null;
	return { LC: "mp4a.40.2", "HE-AAC": "mp4a.40.5", "HE-AACv2": "mp4a.40.29" }[stream.profile ?? ""] ?? null;
}
