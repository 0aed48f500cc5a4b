import type { SourceProbe, VodOutput } from "../../protocol/vod-job.ts";
import type { PlanOptions } from "./plan.ts";

/** For tests: what a probe finds in a plain 720p file of a minute, key frames every 2 s. */
export function probeOf(change: Partial<SourceProbe> = {}): SourceProbe {
	return {
		container: "mov,mp4,m4a,3gp,3g2,mj2",
		durationSeconds: 60,
		bitrateBps: 2_000_000,
		video: videoOf(),
		audio: { codec: "aac", channels: 2, sampleRate: 48_000, bitrateBps: 128_000, codecs: "mp4a.40.2" },
		hasCover: false,
		subtitles: [],
		chapters: [],
		tags: {},
		...change,
	};
}

/** For tests: the picture of that file. */
export function videoOf(
	change: Partial<NonNullable<SourceProbe["video"]>> = {},
): NonNullable<SourceProbe["video"]> {
	return {
		codec: "h264",
		profile: "High",
		pixelFormat: "yuv420p",
		width: 1280,
		height: 720,
		rotation: 0,
		framesPerSecond: 25,
		isVariableRate: false,
		isInterlaced: false,
		frames: 1500,
		keyframes: Array.from({ length: 30 }, (_, index) => index * 2),
		codecs: "avc1.64001f",
		...change,
	};
}

/** For tests: the settings of a fresh deployment. */
export const PLAN_OPTIONS: PlanOptions = { maxHeight: 1080, furtherCodecs: [], hasOpus: false };

/** For tests: a chunk of a rendition, in segments of 4 s. */
export function outputOf(name: string, chunk: number, segments: { first: number; count: number }): VodOutput {
	const isVideo = !name.startsWith("audio");
	const timescale = 1000;
	return {
		name,
		kind: isVideo ? "video" : "audio",
		codecs: isVideo ? "avc1.64001f" : "mp4a.40.2",
		bitrateBps: 1_000_000,
		averageBps: 900_000,
		...(isVideo ? { width: 640, height: 360, framesPerSecond: 25 } : {}),
		timescale,
		initKey: `${name}/init.mp4`,
		initSha256: "0".repeat(64),
		chunk,
		segments: Array.from({ length: segments.count }, (_, index) => ({
			key: `${name}/c${chunk}-${String(index + 1).padStart(5, "0")}.m4s`,
			time: (segments.first + index) * 4 * timescale,
			duration: 4 * timescale,
			bytes: 500_000,
		})),
		frames: segments.count * 100,
	};
}
