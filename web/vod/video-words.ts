import type { Video, VideoState, Visibility } from "../../protocol/vod.ts";
import { TARGET_LUFS } from "../live/player/loudness.ts";

/** What a state is called, and what it means for its owner. */
export const STATE_WORDS: Record<VideoState, { label: string; about: string }> = {
	uploading: { label: "Uploading", about: "Not all of the file is here yet." },
	processing: { label: "Processing", about: "Nothing can be watched yet." },
	playable: { label: "Playable", about: "Can be watched; better qualities follow." },
	ready: { label: "Ready", about: "All is made." },
	failed: { label: "Failed", about: "It could not be made." },
};

/** Who can see it. */
export const VISIBILITY_WORDS: Record<Visibility, { label: string; about: string }> = {
	public: { label: "Public", about: "Everybody, on your channel and on the home page." },
	unlisted: { label: "Unlisted", about: "Everybody who has the link." },
	private: { label: "Private", about: "Only you." },
};

/** How loud it is, and what the player makes of that; null if it was not measured. */
export function loudnessWords({ loudnessLufs }: Pick<Video, "loudnessLufs">): {
	value: string;
	about: string;
} | null {
	if (loudnessLufs === null) return null;
	const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1, minimumFractionDigits: 1 });
	const value = `${number.format(loudnessLufs).replace("-", "−")} LUFS`;
	const above = loudnessLufs - TARGET_LUFS;
	const target = `−${-TARGET_LUFS} LUFS`;
	const about =
		above >= 0.1
			? `Louder than ${target}: played ${number.format(above)} dB softer, so that works follow each other evenly.`
			: `Not louder than ${target}: played as it is.`;
	return { value, about };
}

/** Whether more of it is being made right now. */
export function isChanging({ state }: Pick<Video, "state">): boolean {
	return state === "uploading" || state === "processing" || state === "playable";
}

/** Whether there is something to watch. */
export function isPlayable({ state }: Pick<Video, "state">): boolean {
	return state === "playable" || state === "ready";
}
