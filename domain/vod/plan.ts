import type { VideoKind } from "../../protocol/vod.ts";
import type { AudioRung, SourceProbe, VodRung } from "../../protocol/vod-job.ts";
import { boxHeight, selectLadder } from "../streaming/ladder.ts";
import { cutChunks } from "./chunks.ts";
import type { PlannedStep } from "./step.ts";

/** Heights of the 16:9 boxes, reference: the ladder that AWS and Mux give H.264. */
const HEIGHTS = [1080, 720, 480, 360] as const;
const MAX_FRAMES_PER_SECOND = 60;
/** GOP and segment, in seconds. */
export const SEGMENT_SECONDS = 4;
/** A remuxed segment is as long as the source's GOP: longer ones switch and seek too slowly. */
const MAX_REMUX_GOP_SECONDS = 10;
/** A source this much above the ladder's own bitrate gets a rendition of its size besides. */
const FAT_RATIO = 1.5;

const REMUX_PROFILES = ["Baseline", "Constrained Baseline", "Main", "High"];

/** Containers with an index and exact times, as ffprobe calls them. */
const REMUX_CONTAINERS = /mp4|mov|matroska/;

export interface PlanOptions {
	maxHeight: number;
	/** Besides H.264, made last. */
	furtherCodecs: readonly Exclude<VodRung["codec"], "h264">[];
	/** Opus besides AAC, always for audio works. */
	hasOpus: boolean;
}

/** The first step of every work; what comes after it depends on what it finds. */
export const PROBE_STEP: PlannedStep = {
	stepID: "probe",
	kind: "probe",
	task: { kind: "probe" },
	dependsOn: [],
	isOptional: false,
	weight: 1,
};

/** Why a file cannot become a work of this kind, in words for its uploader; null if it can. */
export function refuseSource(kind: VideoKind, probe: SourceProbe): string | null {
	if (!(probe.durationSeconds > 0)) return "The file has no playable length. Is it whole?";
	if (kind === "audio" && !probe.audio) return "There is no sound in this file.";
	if (kind === "video" && !probe.video && !probe.audio)
		return "There is no picture and no sound in this file.";
	return null;
}

/** The steps after the probe, in the order in which they are to begin: what makes it playable first, metadata last. */
export function planSteps(
	kind: VideoKind,
	probe: SourceProbe,
	options: PlanOptions & { mayRemux?: boolean },
): PlannedStep[] {
	const video = kind === "video" ? probe.video : null;
	const remuxesVideo = video !== null && isRemuxable(probe) && options.mayRemux !== false;
	const remuxesAudio = isAudioRemuxable(probe) && options.mayRemux !== false;
	const ladder = video ? ladderOf(video, probe, options) : [];
	const encoded = video && remuxesVideo ? besideSource(ladder, video, probe) : ladder;
	const remux = remuxesVideo || remuxesAudio ? [remuxStep(probe, remuxesVideo, remuxesAudio)] : [];
	const audio = audioSteps(probe, {
		isWork: video === null,
		isRemuxed: remuxesAudio && remux.length > 0,
		options,
	});
	const pictures = videoSteps(probe, { encoded, ladder }, options);
	const poster =
		video || probe.hasCover ? [thumbnailStep("poster", [PROBE_STEP.stepID], video === null)] : [];
	// What plays first comes first: the picture as it is and its sound, or the first seconds of the lowest quality.
	const main = remuxesVideo
		? [...remux, ...audio, ...poster, ...pictures.first]
		: [...pictures.first, ...remux, ...audio, ...poster];
	if (probe.subtitles.length > 0) main.push(optional("captions", "transcript", { kind: "captions" }, 1));
	if (!video) main.push(...waveformSteps(probe));
	main.push(...pictures.rest);
	return [...main, ...lastSteps(main, { probe, hasVideo: video !== null, remuxesVideo, encoded })];
}

/** Whether the picture can be taken as it is: what every browser plays, upright, in GOPs of ten seconds at most. */
export function isRemuxable(probe: SourceProbe): boolean {
	const { video } = probe;
	if (video?.codec !== "h264" || video.codecs === null || video.rotation !== 0) return false;
	// Browsers would show its combs.
	if (video.isInterlaced) return false;
	if (video.pixelFormat !== "yuv420p" || !REMUX_CONTAINERS.test(probe.container)) return false;
	if (!REMUX_PROFILES.includes(video.profile ?? "")) return false;
	return longestGop(video.keyframes, probe.durationSeconds) <= MAX_REMUX_GOP_SECONDS;
}

function isAudioRemuxable({ audio, container }: SourceProbe): boolean {
	return (
		REMUX_CONTAINERS.test(container) &&
		audio?.codec === "aac" &&
		audio.codecs === "mp4a.40.2" &&
		audio.channels <= 2
	);
}

function longestGop(keyframes: readonly number[] | null, durationSeconds: number): number {
	if (!keyframes || keyframes.length === 0) return Number.POSITIVE_INFINITY;
	const ends = [...keyframes.slice(1), durationSeconds];
	return Math.max(...keyframes.map((start, position) => (ends[position] ?? durationSeconds) - start));
}

/** Renditions of the picture, best first. */
function ladderOf(
	video: NonNullable<SourceProbe["video"]>,
	probe: SourceProbe,
	options: PlanOptions,
): VodRung[] {
	return selectLadder(
		{
			width: video.width,
			height: video.height,
			framesPerSecond: video.framesPerSecond,
			...(probe.bitrateBps > 0 ? { bitrateBps: probe.bitrateBps } : {}),
		},
		{ maxHeight: options.maxHeight, maxFramesPerSecond: MAX_FRAMES_PER_SECOND, heights: HEIGHTS },
	).map((rung) => ({ ...rung, codec: "h264" as const }));
}

/** What of the ladder is to be encoded beside a source that is remuxed: none of its own size if it is not too fat. */
function besideSource(
	ladder: VodRung[],
	video: NonNullable<SourceProbe["video"]>,
	probe: SourceProbe,
): VodRung[] {
	const size = { width: video.width, height: video.height };
	const uncapped = selectLadder(
		{ ...size, framesPerSecond: video.framesPerSecond },
		{ maxHeight: Number.POSITIVE_INFINITY, maxFramesPerSecond: MAX_FRAMES_PER_SECOND, heights: [] },
	);
	const isFat = probe.bitrateBps > FAT_RATIO * (uncapped[0]?.bitrateBps ?? 0);
	return isFat ? ladder : ladder.filter((rung) => boxHeight(rung) < boxHeight(size) * 0.9);
}

function remuxStep(probe: SourceProbe, takesVideo: boolean, takesAudio: boolean): PlannedStep {
	return {
		stepID: "remux",
		kind: "remux",
		task: {
			kind: "remux",
			video: takesVideo ? sourceName(probe) : null,
			audio: takesAudio ? "audio-source" : null,
			segmentSeconds: SEGMENT_SECONDS,
		},
		dependsOn: [PROBE_STEP.stepID],
		isOptional: false,
		weight: 1 + probe.durationSeconds * 0.02,
	};
}

function sourceName({ video }: SourceProbe): string {
	return `${video ? Math.round(boxHeight(video)) : 0}p-source`;
}

/**
 * The lowest rung's chunks, the first of them apart; then all other rungs with one decode; then further codecs, in all sizes of the ladder:
 * who plays one of them switches among its renditions only.
 */
function videoSteps(
	probe: SourceProbe,
	{ encoded, ladder }: { encoded: VodRung[]; ladder: VodRung[] },
	options: PlanOptions,
): { first: PlannedStep[]; rest: PlannedStep[] } {
	const chunks = cutChunks(probe.video?.keyframes ?? null, probe.durationSeconds);
	const make = (label: string, chosen: VodRung[]) =>
		chosen.length === 0 ? [] : chunks.map((chunk) => encodeStep(label, chunk, chosen));
	const [first, ...low] = make("low", encoded.slice(-1));
	const uneven = probe.video?.isVariableRate ? { isVariableRate: true } : {};
	const further = options.furtherCodecs.flatMap((codec) =>
		make(
			codec,
			ladder.map((rung) => ({ ...rung, ...uneven, codec, name: rung.name.replace("h264", codec) })),
		),
	);
	return { first: first ? [first] : [], rest: [...low, ...make("rest", encoded.slice(0, -1)), ...further] };
}

function encodeStep(
	label: string,
	chunk: { index: number; start: number; end: number | null; seconds: number },
	rungs: VodRung[],
): PlannedStep {
	const pixels = rungs.reduce((sum, rung) => sum + rung.width * rung.height * (rung.framesPerSecond / 30), 0);
	return {
		stepID: `v${chunk.index}-${label}`,
		kind: "encode-video",
		task: {
			kind: "encode-video",
			chunk: chunk.index,
			start: chunk.start,
			end: chunk.end,
			// The chunk's segments are equally long, so that none is a stub.
			segmentSeconds: chunk.seconds / Math.max(1, Math.round(chunk.seconds / SEGMENT_SECONDS)),
			rungs,
		},
		dependsOn: [PROBE_STEP.stepID],
		isOptional: false,
		// 5 CPU seconds a second of media for four rungs from 1080p to 360p, reference/media §2.
		weight: chunk.seconds * (0.5 + pixels / 900_000),
	};
}

function audioSteps(
	probe: SourceProbe,
	how: { isWork: boolean; isRemuxed: boolean; options: PlanOptions },
): PlannedStep[] {
	if (!probe.audio) return [];
	const aac = (kbps: number): AudioRung => ({
		name: `audio-aac${kbps}`,
		codec: "aac",
		bitrateBps: kbps * 1000,
	});
	const opus: AudioRung = { name: "audio-opus128", codec: "opus", bitrateBps: 128_000 };
	const rungs: AudioRung[] = how.isWork ? [aac(256), aac(128), aac(64), opus] : [];
	if (!how.isWork && !how.isRemuxed) rungs.push(aac(128));
	if (!how.isWork && how.options.hasOpus) rungs.push(opus);
	if (rungs.length === 0) return [];
	return [
		{
			stepID: "audio",
			kind: "encode-audio",
			task: { kind: "encode-audio", segmentSeconds: SEGMENT_SECONDS, rungs },
			dependsOn: [PROBE_STEP.stepID],
			isOptional: false,
			weight: probe.durationSeconds * 0.1 * rungs.length,
		},
	];
}

function waveformSteps({ audio, durationSeconds }: SourceProbe): PlannedStep[] {
	return audio ? [optional("waveform", "thumbnail", { kind: "waveform" }, durationSeconds * 0.02)] : [];
}

function thumbnailStep(stepID: "poster" | "storyboard", dependsOn: string[], isCover: boolean): PlannedStep {
	return {
		stepID,
		kind: "thumbnail",
		task: { kind: "thumbnail", storyboard: stepID === "storyboard", cover: isCover },
		dependsOn,
		isOptional: true,
		weight: stepID === "poster" ? 1 : 5,
	};
}

function optional(
	stepID: string,
	kind: PlannedStep["kind"],
	task: PlannedStep["task"],
	weight: number,
	dependsOn: string[] = [PROBE_STEP.stepID],
): PlannedStep {
	return { stepID, kind, task, dependsOn, isOptional: true, weight };
}

/** Storyboard and download from what has been made, then the manifests, then the metadata. */
function lastSteps(
	main: PlannedStep[],
	made: { probe: SourceProbe; hasVideo: boolean; remuxesVideo: boolean; encoded: VodRung[] },
): PlannedStep[] {
	const renditions = main.filter(
		({ kind }) => kind === "remux" || kind === "encode-video" || kind === "encode-audio",
	);
	const stepIDs = renditions.map((step) => step.stepID);
	const video = made.remuxesVideo ? sourceName(made.probe) : (made.encoded[0]?.name ?? null);
	const last = made.hasVideo ? [thumbnailStep("storyboard", stepIDs, false)] : [];
	const download = {
		kind: "progressive" as const,
		video: made.hasVideo ? video : null,
		audio: soundForDownload(renditions),
	};
	if (renditions.length > 0)
		last.push(optional("download", "assemble", download, made.probe.durationSeconds * 0.02, stepIDs));
	const internal = { isOptional: false, weight: 0.1 };
	const manifest: PlannedStep = {
		stepID: "manifest",
		kind: "manifest",
		task: { kind: "manifest" },
		dependsOn: [...main, ...last].map((step) => step.stepID),
		...internal,
	};
	const metadata: PlannedStep = {
		stepID: "metadata",
		kind: "metadata",
		task: { kind: "metadata" },
		dependsOn: [manifest.stepID],
		...internal,
	};
	return [...last, manifest, metadata];
}

/** The remuxed sound, or the best AAC. */
function soundForDownload(renditions: PlannedStep[]): string | null {
	const names = renditions.flatMap(({ task }) => {
		if (task.kind === "remux") return task.audio === null ? [] : [task.audio];
		return task.kind === "encode-audio"
			? task.rungs.filter((rung) => rung.codec === "aac").map((rung) => rung.name)
			: [];
	});
	return names[0] ?? null;
}
