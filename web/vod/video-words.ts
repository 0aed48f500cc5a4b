import type { Video, VideoState, Visibility } from "../../protocol/vod.ts";

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

/** Whether more of it is being made right now. */
export function isChanging({ state }: Pick<Video, "state">): boolean {
	return state === "uploading" || state === "processing" || state === "playable";
}

/** Whether there is something to watch. */
export function isPlayable({ state }: Pick<Video, "state">): boolean {
	return state === "playable" || state === "ready";
}
