import type { Rung } from "./ladder.ts";

export type LiveEncode = {
	/** Renditions best first; empty for a stream without picture. All have the same frame rate or half of it. */
	rungs: Rung[];
	/** Makes one AAC rendition, after the rungs. */
	hasAudio: boolean;
	segmentSeconds: number;
	/** x264's `-preset`. superfast encodes 720+480+360 at 30 fps with 1.25 cores (docs: measured in November 2026). */
	preset: string;
	/** File descriptor of the first output; each rendition has its own, in the order above. */
	firstOutput: number;
};

/** AAC's frame at 48 kHz. */
export const AUDIO_FRAME_SECONDS = 1024 / 48_000;
export const AUDIO_BITRATE_BPS = 128_000;
export const AUDIO_NAME = "audio-aac";

/** Length of the encoder's rate buffer: a key frame of 720p has some 100 kB, 0.3 s of its rate. */
const RATE_BUFFER_SECONDS = 0.6;

/** 4096 x 2304: above it a decoder's memory is an attacker's to choose. */
const MAX_PIXELS = 9_437_184;

/**
 * Arguments for one ffmpeg that reads Matroska from stdin and writes each rendition as a single-track fragmented MP4 with one frame
 * a fragment to a pipe of its own. Time 0 of the input is time 0 of every output; key frames are at multiples of `segmentSeconds`.
 *
 * No `-fflags nobuffer` (it throws the probed packets away, and with them the first key frame); `-fps_mode cfr` fills the hole that a change
 * of the picture's size makes in the filter graph; `skip_trailer` keeps ffmpeg from remembering every fragment.
 */
export function ffmpegLiveArguments(encode: LiveEncode): string[] {
	return [
		...["-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning"],
		...inputArguments(),
		...(encode.rungs.length > 0 ? ["-filter_complex", filterGraph(encode.rungs)] : []),
		...encode.rungs.flatMap((rung, index) => videoArguments(encode, rung, index)),
		...(encode.hasAudio ? audioArguments(encode.firstOutput + encode.rungs.length) : []),
	];
}

function inputArguments(): string[] {
	return [
		...["-protocol_whitelist", "pipe", "-format_whitelist", "matroska,webm"],
		...["-max_pixels", String(MAX_PIXELS), "-flags", "low_delay"],
		...["-probesize", "100000", "-analyzeduration", "300000"],
		...["-f", "matroska", "-i", "pipe:0"],
	];
}

function filterGraph(rungs: Rung[]): string {
	const highest = Math.max(...rungs.map((rung) => rung.framesPerSecond));
	const inputs = rungs.map((_, index) => `[in${index}]`).join("");
	const branches = rungs.map((rung, index) => {
		const { width, height, framesPerSecond } = rung;
		const rate = framesPerSecond === highest ? "" : `fps=${framesPerSecond},`;
		return (
			`[in${index}]${rate}scale=${width}:${height}:force_original_aspect_ratio=decrease:out_range=tv,` +
			`pad=${width}:${height}:-1:-1,setsar=1,format=yuv420p[out${index}]`
		);
	});
	return [`[0:v:0]fps=${highest},split=${rungs.length}${inputs}`, ...branches].join(";");
}

function videoArguments(encode: LiveEncode, rung: Rung, index: number): string[] {
	const gop = String(Math.round(rung.framesPerSecond * encode.segmentSeconds));
	// A segment can hold what the rate gives in its time and a full buffer besides: together the rung's peak.
	const maxrate = (rung.bitrateBps * encode.segmentSeconds) / (encode.segmentSeconds + RATE_BUFFER_SECONDS);
	return [
		...["-map", `[out${index}]`, "-c:v", "libx264", "-preset", encode.preset, "-tune", "zerolatency"],
		...["-profile:v", "high", "-crf", "23", "-maxrate", String(Math.round(maxrate))],
		...["-bufsize", String(Math.round(maxrate * RATE_BUFFER_SECONDS))],
		...["-g", gop, "-keyint_min", gop, "-sc_threshold", "0"],
		...["-force_key_frames", `expr:gte(t,n_forced*${encode.segmentSeconds})`],
		...["-fps_mode", "cfr", "-r", String(rung.framesPerSecond), "-video_track_timescale", "90000"],
		...muxerArguments(encode.firstOutput + index),
	];
}

/**
 * `async=1000`: sound that drifts off its timestamps is stretched by up to 2 %; holes become silence. `flags=res` keeps the resampler running from the start:
 * ffmpeg 5.1 otherwise sets it up at the first stretch, forgets where it was, and begins again at `first_pts`.
 */
function audioArguments(output: number): string[] {
	return [
		...["-map", "0:a:0", "-af", "aresample=async=1000:first_pts=0:flags=res"],
		...["-c:a", "aac", "-b:a", String(AUDIO_BITRATE_BPS), "-ar", "48000", "-ac", "2"],
		...muxerArguments(output),
	];
}

function muxerArguments(output: number): string[] {
	return [
		...["-map_metadata", "-1", "-f", "mp4"],
		...["-movflags", "+empty_moov+default_base_moof+cmaf+frag_keyframe+skip_trailer"],
		...["-frag_duration", "1", "-flush_packets", "1", `pipe:${output}`],
	];
}
