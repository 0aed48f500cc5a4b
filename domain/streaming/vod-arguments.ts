import type { AudioRung, VodRung } from "../../protocol/vod-job.ts";

/** What a command may read of a source. */
export type SourceInput = {
	/** A local file; never an address. */
	path: string;
	/** Decoders refuse larger pictures. */
	maxPixels: number;
	/** Seconds of the presentation timeline; `end` null: to the end. */
	start: number;
	end: number | null;
};

/** All times are moved by this much on their way out of ffmpeg, so that a decode time below 0 survives the muxer. */
export const SHIFT_SECONDS = 10;
export const VIDEO_TIMESCALE = 90_000;
/** Frames do not depend on it. */
const DECODER_THREADS = "2";
/**
 * Measured: with two threads and a rate buffer x264 writes other bytes each time; with one it is as fast, since the rungs and
 * the other steps keep all cores busy.
 */
const ENCODER_THREADS = "1";
/** Of the encoder's rate; each chunk begins with the buffer filled to this share, as if it went on. */
const BUFFER = { seconds: 1.5, fill: 0.6 };
/** Both neighbours of a cut must agree to which of them a key frame belongs: seek a little before it. */
const CUT_EARLY_SECONDS = 1e-6;

/**
 * Containers with media of their own. Missing on purpose: everything that names other files or addresses (hls, dash, concat, image2, sdp, imf)
 * and pictures. Each entry must be one of the names of ffmpeg's demuxer.
 */
const DEMUXERS =
	"mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,ogg,mp3,flac,wav,w64,aac,aiff,asf,caf,ac3,amr,ape,wv,mxf";

/** Before any input of ffmpeg and ffprobe: nothing but local files in known containers. */
export function guardArguments(maxPixels: number): string[] {
	return [
		...["-protocol_whitelist", "file,pipe", "-format_whitelist", DEMUXERS],
		...["-max_pixels", String(maxPixels), "-threads", DECODER_THREADS],
	];
}

export function ffprobeArguments(input: Pick<SourceInput, "path" | "maxPixels">, show: string[]): string[] {
	return ["-hide_banner", "-v", "error", ...guardArguments(input.maxPixels), ...show, "-i", input.path];
}

/** The start of every command line: quiet, guarded, and limited to the wanted part. */
export function inputArguments(
	input: SourceInput,
	options: { level?: "warning" | "info"; before?: string[] } = {},
): string[] {
	const { start, end } = input;
	return [
		...["-hide_banner", "-nostdin", "-nostats", "-loglevel", options.level ?? "warning", "-y"],
		...guardArguments(input.maxPixels),
		...(options.before ?? []),
		...(start > 0 ? ["-ss", seconds(start - CUT_EARLY_SECONDS)] : []),
		...(end === null ? [] : ["-t", seconds(end - start - (start > 0 ? 0 : CUT_EARLY_SECONDS))]),
		...["-i", input.path],
	];
}

/** Each stream as it is into a pipe of its own, in the given order. */
export function remuxArguments(
	input: SourceInput,
	streams: { index: number; kind: "video" | "audio"; codec: string }[],
): string[] {
	return [
		...inputArguments(input),
		...streams.flatMap(({ index, kind, codec }, output) => [
			...["-map", `0:${index}`, "-c", "copy", ...(codec === "hevc" ? ["-tag:v", "hvc1"] : [])],
			...trackArguments(kind, output),
		]),
	];
}

export type VideoEncode = {
	input: SourceInput;
	/** Of the picture among the source's streams. */
	streamIndex: number;
	framesPerSecond: number;
	isInterlaced: boolean;
	/** `smpte2084` and `arib-std-b67` are mapped to what ordinary screens show. */
	transfer: string | null;
	/** Shorter than the task's, so that the chunk has no short last segment. */
	segmentSeconds: number;
	/** The task's own: what depends on the chunk must not reach the header, which all chunks share. */
	nominalSeconds: number;
	rungs: VodRung[];
	preset: string;
};

/** One decode of one chunk into all rungs, each into a pipe of its own. Frames keep their times; none is made up, and one in two left out where a rung has half the rate. */
export function encodeVideoArguments(encode: VideoEncode): string[] {
	return [
		...inputArguments(encode.input),
		...["-filter_complex_threads", "1", "-filter_complex", videoGraph(encode)],
		...encode.rungs.flatMap((rung, index) => [
			...["-map", `[out${index}]`, "-fps_mode", "vfr", "-enc_time_base", "1:90000"],
			...videoEncoder(rung, encode),
			...["-force_key_frames", keyframesEvery(encode.segmentSeconds), "-threads:v", ENCODER_THREADS],
			...trackArguments("video", index, { isHeaderLate: takesLibaom(rung) }),
		]),
	];
}

/** The whole sound into all rungs. Its loudness comes on standard error. The sound begins at 0: silence fills what is missing before and in between. */
export function encodeAudioArguments(input: SourceInput, streamIndex: number, rungs: AudioRung[]): string[] {
	const branches = [...rungs.map((_, index) => `[out${index}]`), "[loudness]"].join("");
	const graph =
		`[0:${streamIndex}]aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo,` +
		`asplit=${rungs.length + 1}${branches};[loudness]ebur128=framelog=verbose,anullsink`;
	return [
		...inputArguments(input, { level: "info" }),
		...["-filter_complex_threads", "1", "-filter_complex", graph],
		...rungs.flatMap((rung, index) => [
			...["-map", `[out${index}]`, "-c:a", rung.codec === "aac" ? "aac" : "libopus"],
			...["-b:a", String(rung.bitrateBps), "-flags:a", "+bitexact"],
			...trackArguments("audio", index),
		]),
	];
}

/** `I: -23.0 LUFS` of the summary that `ebur128` prints (EBU R 128); null if there is none or nothing but silence. */
export function readLoudness(lines: string[]): number | null {
	const found = lines
		.map((line) => /^\s*I:\s+(-?\d+(?:\.\d+)?) LUFS/.exec(line)?.[1])
		.findLast((value) => value !== undefined);
	const lufs = Number(found ?? Number.NaN);
	return Number.isFinite(lufs) && lufs > -70 ? lufs : null;
}

/** One track as fragmented MP4 of one frame a fragment, without anything that differs from run to run. */
function trackArguments(
	kind: "video" | "audio",
	output: number,
	{ isHeaderLate }: { isHeaderLate: boolean } = { isHeaderLate: false },
): string[] {
	const flags = ["empty_moov", "default_base_moof", "cmaf", "frag_keyframe", "frag_discont", "skip_trailer"];
	return [
		...["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"],
		...(kind === "video" ? ["-video_track_timescale", String(VIDEO_TIMESCALE)] : []),
		...["-output_ts_offset", String(SHIFT_SECONDS), "-max_muxing_queue_size", "4096"],
		...["-f", "mp4", "-use_editlist", "0", "-write_btrt", "0", "-frag_duration", "1", "-flush_packets", "1"],
		...["-movflags", [...flags, ...(isHeaderLate ? ["delay_moov"] : [])].map((flag) => `+${flag}`).join("")],
		`pipe:${3 + output}`,
	];
}

/** Counted from the key frame before: after a hole in the picture the next one is not followed by others at once. */
function keyframesEvery(segmentSeconds: number): string {
	return `expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+${seconds(segmentSeconds - 0.002)}))`;
}

function videoGraph({ streamIndex, framesPerSecond, isInterlaced, transfer, rungs }: VideoEncode): string {
	const deinterlace = isInterlaced ? "yadif=mode=send_frame:deint=interlaced," : "";
	const isHDR = transfer === "smpte2084" || transfer === "arib-std-b67";
	const branches = rungs.map(({ width, height, framesPerSecond: wanted }, index) => {
		const step = Math.max(1, Math.round(framesPerSecond / wanted));
		// Unlike `select` it tells the encoder of the lower rate, from which the level follows.
		const thin = step === 1 ? "" : `framestep=${step},`;
		return (
			`[in${index}]${thin}scale=${width}:${height}:flags=bicubic+accurate_rnd+bitexact:out_range=tv,` +
			`${isHDR ? TONE_MAP : ""}setsar=1,format=yuv420p[out${index}]`
		);
	});
	const inputs = rungs.map((_, index) => `[in${index}]`).join("");
	return [`[0:${streamIndex}]${deinterlace}split=${rungs.length}${inputs}`, ...branches].join(";");
}

/** After scaling, where there are fewer pixels to map. */
const TONE_MAP =
	"zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,";

function videoEncoder(rung: VodRung, encode: VideoEncode): string[] {
	// A segment can hold what the rate gives in its time and what the buffer has to begin with: together the rung's peak.
	const { segmentSeconds, nominalSeconds } = encode;
	const maxrate = (rung.bitrateBps * nominalSeconds) / (nominalSeconds + BUFFER.seconds * BUFFER.fill);
	const rate = [
		"-maxrate",
		String(Math.round(maxrate)),
		"-bufsize",
		String(Math.round(maxrate * BUFFER.seconds)),
	];
	switch (rung.codec) {
		case "h264":
			return [
				...["-c:v", "libx264", "-preset", encode.preset, "-profile:v", "high", "-crf", "21", ...rate],
				...[
					"-x264-params",
					`vbv-init=${BUFFER.fill}:scenecut=0:open-gop=0`,
					"-g",
					"100000",
					"-flags:v",
					"+bitexact",
				],
			];
		case "hevc":
			return [
				...[
					"-c:v",
					"libx265",
					"-preset",
					encode.preset,
					"-tag:v",
					"hvc1",
					"-crf",
					"24",
					...rate,
					"-g",
					"100000",
				],
				...[
					"-x265-params",
					"log-level=error:pools=none:frame-threads=1:scenecut=0:open-gop=0:min-keyint=1",
					"-flags:v",
					"+bitexact",
				],
			];
		case "vp9":
		case "av1":
			return royaltyFreeEncoder(rung, { segmentSeconds, maxrate });
	}
}

/** Neither has a rate buffer; each keeps its average below the rate, and on noise a segment reaches 1.3 times the rung's peak. */
function royaltyFreeEncoder(
	rung: VodRung,
	{ segmentSeconds, maxrate }: { segmentSeconds: number; maxrate: number },
): string[] {
	if (rung.codec === "vp9") {
		return [
			...["-c:v", "libvpx-vp9", "-deadline", "good", "-cpu-used", "5", "-row-mt", "0", "-tile-columns", "0"],
			...["-crf", "33", "-b:v", String(Math.round(maxrate)), "-g", "100000", "-auto-alt-ref", "0"],
			...["-flags:v", "+bitexact"],
		];
	}
	if (takesLibaom(rung)) {
		return [
			...["-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-row-mt", "0", "-g", "100000"],
			...["-crf", "35", "-b:v", String(Math.round(maxrate)), "-flags:v", "+bitexact"],
		];
	}
	// It takes a fifth less than libaom in the same time, but no key frames at given times: with ffmpeg 5.1 only at a fixed distance.
	const gop = String(Math.max(1, Math.round(rung.framesPerSecond * segmentSeconds)));
	return [
		...["-c:v", "libsvtav1", "-preset", "10", "-crf", "35", "-g", gop],
		...["-svtav1-params", `lp=1:scd=0:mbr=${Math.max(1, Math.round(maxrate / 1000))}`],
		...["-flags:v", "+bitexact"],
	];
}

/** It describes its stream only with the first picture. */
function takesLibaom({ codec, isVariableRate }: VodRung): boolean {
	return codec === "av1" && isVariableRate === true;
}

function seconds(value: number): string {
	return value.toFixed(6);
}
