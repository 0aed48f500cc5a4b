import type { VideoKind } from "../../protocol/vod.ts";
import type { VodFiles } from "./vod-files.ts";

/** A rendition of the picture that a work must have. */
export interface WantedPicture {
	name: string;
	width: number;
	height: number;
	/** As ffprobe calls it; `h264` if nothing else is said. */
	codec?: string;
	/** Pixels of the picture as players show it, if they are not square. */
	shownWidth?: number;
	/** 2: every other picture of the source. */
	every: 1 | 2;
}

/** A file as people upload it, and what is to come of it. */
export interface VodSource {
	what: string;
	kind: VideoKind;
	name: string;
	contentType: string;
	make: (files: VodFiles) => Promise<string>;
	seconds: number;
	/** Best first. */
	pictures: WantedPicture[];
	/** Names, and codecs as ffprobe calls them. */
	sounds: [name: string, codec: string][];
}

const TONE = "-f lavfi -i sine=440:r=48000";
const FAST = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";
const AAC: [string, string] = ["audio-aac128", "aac"];
const COPIED: [string, string] = ["audio-source", "aac"];
const ALL_SOUNDS: [string, string][] = [
	["audio-aac256", "aac"],
	["audio-aac128", "aac"],
	["audio-aac64", "aac"],
	["audio-opus128", "opus"],
];

const PICTURES: Omit<VodSource, "kind" | "contentType">[] = [
	{
		what: "H.264 and AAC in 1080p, a minute long",
		name: "film.mp4",
		seconds: 60,
		make: (files) =>
			files.make(
				"film.mp4",
				`-f lavfi -i testsrc2=s=1920x1080:r=30:d=60 ${TONE}:d=60 ${FAST} -crf 32 -g 60 -c:a aac -movflags +faststart`,
			),
		pictures: [
			whole("1080p-source", 1920, 1080),
			whole("720p-h264", 1280, 720),
			whole("480p-h264", 854, 480),
			whole("360p-h264", 640, 360),
		],
		sounds: [COPIED],
	},
	{
		what: "VP9 and Opus in WebM",
		name: "screen.webm",
		seconds: 8,
		make: (files) =>
			files.make(
				"screen.webm",
				`-f lavfi -i testsrc2=s=854x480:r=30:d=8 ${TONE}:d=8 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 60 -b:v 800k -c:a libopus`,
			),
		pictures: [whole("480p-h264", 854, 480), whole("360p-h264", 640, 360)],
		sounds: [AAC],
	},
	{
		what: "HEVC and AAC in MP4",
		name: "camera.mp4",
		seconds: 8,
		make: (files) =>
			files.make(
				"camera.mp4",
				`-f lavfi -i testsrc2=s=1280x720:r=24:d=8 ${TONE}:d=8 -c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=48 -pix_fmt yuv420p -tag:v hvc1 -c:a aac`,
			),
		pictures: [whole("720p-h264", 1280, 720), whole("480p-h264", 854, 480), whole("360p-h264", 640, 360)],
		sounds: [COPIED],
	},
	{
		what: "a phone's clip of 60 pictures a second, lying on its side with a rotation mark",
		name: "phone.mp4",
		seconds: 8,
		// Only a copy takes the mark.
		make: async (files) =>
			files.make(
				"phone.mp4",
				`-i ${await files.make("lying.mp4", `-f lavfi -i testsrc2=s=1280x720:r=60:d=8 -f lavfi -i sine=440:r=44100:d=8 ${FAST} -g 60 -c:a aac`)} -c copy -metadata:s:v:0 rotate=90`,
			),
		pictures: [
			whole("720p-h264", 720, 1280),
			{ ...whole("480p-h264", 480, 854), every: 2 },
			{ ...whole("360p-h264", 360, 640), every: 2 },
		],
		sounds: [COPIED],
	},
	{
		what: "4:3 of odd size in 4:4:4",
		name: "odd.mkv",
		seconds: 8,
		make: (files) =>
			files.make(
				"odd.mkv",
				`-f lavfi -i testsrc2=s=641x481:r=25:d=8 ${TONE}:d=8 -c:v libx264 -preset ultrafast -pix_fmt yuv444p -g 50 -c:a libvorbis -ac 2`,
			),
		pictures: [whole("480p-h264", 640, 480), whole("360p-h264", 480, 360)],
		sounds: [AAC],
	},
	{
		what: "4:3 with pixels that are not square, fatter than need be",
		name: "pal.mp4",
		seconds: 8,
		make: (files) =>
			files.make(
				"pal.mp4",
				`-f lavfi -i testsrc2=s=720x576:r=25:d=8 ${TONE}:d=8 -vf setsar=16/15 ${FAST} -g 50 -c:a aac`,
			),
		pictures: [
			{ ...whole("576p-source", 720, 576), shownWidth: 768 },
			whole("576p-h264", 768, 576),
			whole("480p-h264", 640, 480),
			whole("360p-h264", 480, 360),
		],
		sounds: [COPIED],
	},
	{
		what: "pictures of uneven distance, with holes",
		name: "uneven.mp4",
		seconds: 10,
		make: (files) =>
			files.make(
				"uneven.mp4",
				`-f lavfi -i testsrc2=s=1280x720:r=30:d=10 ${TONE}:d=10 -vf 'select=not(mod(n\\,7))+lt(mod(n\\,50)\\,20),select=not(between(n\\,60\\,64))' -fps_mode vfr ${FAST} -g 45 -bf 2 -c:a aac`,
			),
		pictures: [whole("720p-source", 1280, 720), whole("480p-h264", 854, 480), whole("360p-h264", 640, 360)],
		sounds: [COPIED],
	},
	{
		what: "a silent picture with one key frame",
		name: "silent.mp4",
		seconds: 12,
		make: (files) =>
			files.make("silent.mp4", `-f lavfi -i testsrc2=s=854x480:r=30:d=12 ${FAST} -g 1000 -bf 2 -an`),
		pictures: [whole("480p-h264", 854, 480), whole("360p-h264", 640, 360)],
		sounds: [],
	},
];

const SOUNDS: Pick<VodSource, "what" | "name" | "seconds" | "make">[] = [
	{
		what: "MP3 with a cover",
		name: "song.mp3",
		seconds: 9,
		make: async (files) =>
			files.make(
				"song.mp3",
				`-f lavfi -i sine=440:r=44100:d=9 -i ${await files.make("cover.png", "-f lavfi -i testsrc=s=300x300 -frames:v 1")} -map 0 -map 1 -ac 2 -c:a libmp3lame -b:a 192k -c:v copy -disposition:v attached_pic -id3v2_version 3 -metadata title=Song`,
			),
	},
	{
		what: "FLAC with 24 bits and 96 kHz",
		name: "concert.flac",
		seconds: 9,
		make: (files) =>
			files.make(
				"concert.flac",
				"-f lavfi -i sine=440:r=96000:d=9 -ac 2 -c:a flac -sample_fmt s32 -bits_per_raw_sample 24",
			),
	},
	{
		what: "WAV with one channel and 22.05 kHz",
		name: "memo.wav",
		seconds: 9,
		make: (files) => files.make("memo.wav", "-f lavfi -i sine=440:r=22050:d=9 -c:a pcm_s16le"),
	},
];

export const PICTURE_SOURCES: VodSource[] = PICTURES.map((source) => ({
	...source,
	kind: "video",
	contentType: contentTypeOf(source.name),
}));

export const SOUND_SOURCES: VodSource[] = SOUNDS.map((source) => ({
	...source,
	kind: "audio",
	contentType: contentTypeOf(source.name),
	pictures: [],
	sounds: ALL_SOUNDS,
}));

function whole(name: string, width: number, height: number): WantedPicture {
	return { name, width, height, every: 1 };
}

function contentTypeOf(name: string): string {
	const types: Record<string, string> = {
		mp4: "video/mp4",
		webm: "video/webm",
		mkv: "video/x-matroska",
		mp3: "audio/mpeg",
		flac: "audio/flac",
		wav: "audio/wav",
	};
	return types[name.split(".").at(-1) ?? ""] ?? "application/octet-stream";
}
