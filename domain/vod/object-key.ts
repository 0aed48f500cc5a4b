import type { VideoID } from "../../protocol/ids.ts";

/** The file as it was uploaded. */
export const SOURCE_KEY = "source";
/** What is in the finished work, so that it is watched without its Pipeline object. */
export const INDEX_KEY = "index.json";

/** Where an object of a work lies in the bucket. */
export function objectKey(videoID: VideoID, key: string): string {
	return `vod/${videoID}/${key}`;
}

/** The work whose source lies at `key`; null for any other object. */
export function sourceOwner(key: string): string | null {
	return /^vod\/(vid_[0-9A-HJKMNP-TV-Z]{26})\/source$/.exec(key)?.[1] ?? null;
}

/** Where captions lie. Keys know no capitals, languages do (`zh-Hans`). */
export function captionsKey(language: string): string {
	return `captions/${language.toLowerCase()}.vtt`;
}
