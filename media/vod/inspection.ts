import * as z from "zod";
import { ffprobeArguments } from "../../domain/streaming/vod-arguments.ts";
import { explainCommand, SourceFault } from "./failure.ts";
import type { LocalSource } from "./source-cache.ts";
import type { SourceFile } from "./source-file.ts";
import type { TaskContext } from "./task-context.ts";

const Rational = z.string().transform((text) => {
	const [numerator = "", denominator = "1"] = text.split(/[/:]/);
	const value = Number(numerator) / Number(denominator);
	return Number.isFinite(value) && value > 0 ? value : null;
});
const Seconds = z.coerce.number().optional().catch(undefined);
const Tags = z.record(z.string(), z.string()).default({});

/** One stream as ffprobe shows it. */
const ProbedStream = z.object({
	index: z.int(),
	/** In MP4 the track's number: `0x1`. */
	id: z.coerce.number().optional().catch(undefined),
	codec_type: z.string().default("data"),
	codec_name: z.string().default("unknown"),
	profile: z.string().optional(),
	level: z.int().optional(),
	width: z.int().default(0),
	height: z.int().default(0),
	pix_fmt: z.string().default("unknown"),
	color_transfer: z.string().optional(),
	field_order: z.string().optional(),
	sample_aspect_ratio: Rational.optional(),
	avg_frame_rate: Rational.optional(),
	r_frame_rate: Rational.optional(),
	start_time: Seconds,
	duration: Seconds,
	bit_rate: Seconds,
	sample_rate: Seconds,
	channels: z.int().default(0),
	disposition: z.object({ attached_pic: z.int().default(0) }).prefault({}),
	tags: Tags,
	side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
});
export type ProbedStream = z.infer<typeof ProbedStream>;

const Ffprobe = z.object({
	streams: z.array(ProbedStream).default([]),
	format: z.object({
		format_name: z.string(),
		start_time: Seconds,
		duration: Seconds,
		bit_rate: Seconds,
		tags: Tags,
	}),
	chapters: z.array(z.object({ start_time: Seconds, tags: Tags })).default([]),
});

/** What every task needs to know of a source before it touches the media. */
export type Inspection = {
	path: string;
	container: string;
	/** Where the file's own clock stands at time 0 of the presentation. */
	startSeconds: number;
	/** Null if the file does not say. */
	durationSeconds: number | null;
	bitrateBps: number | null;
	video: ProbedStream | null;
	audio: ProbedStream | null;
	cover: ProbedStream | null;
	subtitles: ProbedStream[];
	chapters: { startSeconds: number; title: string }[];
	tags: Record<string, string>;
};

const MAX_JSON_BYTES = 8 * 1024 * 1024;
const INSPECT_SECONDS = 60;

/** The steps of a work come one after another: what one has seen the next need not look at. */
const inspected = new WeakMap<SourceFile, Inspection>();

/** Reads a source's headers, which is all of it that is fetched if that can be, and refuses what is over the job's limits, as `SourceFault`. */
export async function inspect(context: TaskContext, source: LocalSource): Promise<Inspection> {
	await source.fillHead();
	const known = inspected.get(source.file);
	if (known !== undefined) return known;
	const probed = await describe(context, source.path);
	const inspection = summarise(source.path, probed);
	refuse(inspection, probed.streams, context.job.limits);
	inspected.set(source.file, inspection);
	return inspection;
}

async function describe(context: TaskContext, path: string): Promise<z.infer<typeof Ffprobe>> {
	const show = ["-show_format", "-show_streams", "-show_chapters", "-of", "json"];
	const chunks: Uint8Array[] = [];
	let sizeBytes = 0;
	try {
		await context.run({
			tool: "ffprobe",
			args: ffprobeArguments({ path, maxPixels: context.job.limits.maxPixels }, show),
			timeoutSeconds: INSPECT_SECONDS,
			stdout: async (pipe) => {
				for await (const chunk of pipe) {
					sizeBytes += chunk.length;
					if (sizeBytes > MAX_JSON_BYTES) throw new SourceFault("The file describes too much.");
					chunks.push(chunk);
				}
			},
		});
	} catch (error) {
		throw explainCommand(error);
	}
	return Ffprobe.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
}

/** Size in square pixels as it is to be shown, rotation applied. */
export function displaySize(stream: ProbedStream): { width: number; height: number } {
	const width = Math.max(1, Math.round(stream.width * (stream.sample_aspect_ratio ?? 1)));
	const isTurned = rotationOf(stream) % 180 !== 0;
	return isTurned ? { width: stream.height, height: width } : { width, height: stream.height };
}

/** Two half pictures of different times in each. */
export function isInterlaced(stream: ProbedStream): boolean {
	return !["progressive", "unknown", undefined].includes(stream.field_order);
}

/** Degrees clockwise, 0 to 359, by which the picture is to be turned. */
export function rotationOf(stream: ProbedStream): number {
	const turned = stream.side_data_list.find((data) => data.rotation !== undefined)?.rotation ?? 0;
	return ((Math.round(-turned) % 360) + 360) % 360;
}

function summarise(path: string, { streams, format, chapters }: z.infer<typeof Ffprobe>): Inspection {
	const pictures = streams.filter((stream) => stream.codec_type === "video");
	const isShown = (stream: ProbedStream) => stream.disposition.attached_pic === 0;
	return {
		path,
		container: format.format_name,
		startSeconds: format.start_time ?? 0,
		durationSeconds: format.duration ?? null,
		bitrateBps: format.bit_rate ?? null,
		video: pictures.find(isShown) ?? null,
		audio: streams.find((stream) => stream.codec_type === "audio" && stream.channels > 0) ?? null,
		cover: pictures.find((stream) => !isShown(stream)) ?? null,
		subtitles: streams.filter((stream) => stream.codec_type === "subtitle"),
		chapters: chapters.map((chapter) => ({
			startSeconds: chapter.start_time ?? 0,
			title: chapter.tags["title"] ?? "",
		})),
		tags: format.tags,
	};
}

function refuse(
	inspection: Inspection,
	streams: ProbedStream[],
	limits: { maxStreams: number; maxDurationSeconds: number; maxPixels: number },
): void {
	if (streams.length > limits.maxStreams) {
		throw new SourceFault(
			`The file has ${streams.length} streams; at most ${limits.maxStreams} are processed.`,
		);
	}
	if ((inspection.durationSeconds ?? 0) > limits.maxDurationSeconds) {
		const hours = (limits.maxDurationSeconds / 3600).toFixed(1).replace(".0", "");
		throw new SourceFault(`The file is longer than ${hours} hours, which is the most that is processed.`);
	}
	const tooLarge = streams.find((stream) => stream.width * stream.height > limits.maxPixels);
	if (tooLarge !== undefined) {
		throw new SourceFault(
			`The picture of ${tooLarge.width}×${tooLarge.height} pixels is too large to be processed.`,
		);
	}
	if (inspection.video === null && inspection.audio === null) {
		throw new SourceFault("The file has neither picture nor sound.");
	}
	if (inspection.video !== null && (inspection.video.width === 0 || inspection.video.pix_fmt === "unknown")) {
		throw new SourceFault(
			"The picture in this file cannot be read: it is damaged, or its codec is not supported.",
		);
	}
}
