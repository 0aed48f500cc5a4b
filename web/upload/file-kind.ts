import { UPLOAD_LIMITS } from "../../protocol/upload.ts";
import { formatBytes } from "./speed-meter.ts";

const VIDEO = [
	"mp4",
	"m4v",
	"mov",
	"mkv",
	"webm",
	"avi",
	"ts",
	"mts",
	"m2ts",
	"mpg",
	"mpeg",
	"3gp",
	"ogv",
	"flv",
	"wmv",
];
const AUDIO = ["mp3", "m4a", "aac", "flac", "wav", "ogg", "oga", "opus", "aif", "aiff", "wma"];

/** What file pickers are told to show. */
export const ACCEPTED = [
	"video/*",
	"audio/*",
	...[...VIDEO, ...AUDIO].map((extension) => `.${extension}`),
].join(",");

/** Video or audio, by what the system says of it, else by its name; null: neither. */
export function kindOf({ name, type }: { name: string; type: string }): "video" | "audio" | null {
	if (type.startsWith("video/")) return "video";
	if (type.startsWith("audio/")) return "audio";
	const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
	if (VIDEO.includes(extension)) return "video";
	return AUDIO.includes(extension) ? "audio" : null;
}

/** Why a file cannot be taken, in words for its owner; null: it can. */
export function refusalOf(file: { name: string; type: string; size: number }): string | null {
	if (kindOf(file) === null) return `${file.name} is neither video nor audio.`;
	if (file.size === 0) return `${file.name} is empty.`;
	if (file.size > UPLOAD_LIMITS.sizeBytes) {
		return `${file.name} is ${formatBytes(file.size)}: more than the ${formatBytes(UPLOAD_LIMITS.sizeBytes)} that fit.`;
	}
	return null;
}

/** A first title: the name without its extension, underscores as spaces, as long as a title may be. */
export function titleOf(filename: string): string {
	const bare = filename
		.replace(/\.[a-z0-9]{1,5}$/i, "")
		.replace(/_+/g, " ")
		.trim();
	return (bare === "" ? filename : bare).slice(0, 140);
}
