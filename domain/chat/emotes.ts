import type { Emote, EmoteRange } from "../../protocol/chat.ts";

/** Version of the global set: part of its cache key. Raise it when the set changes. */
export const EMOTE_VERSION = "2026-11";

const NAMES: readonly (readonly [emoteID: string, alt: string])[] = [
	["wave", "waving hand"],
	["heart", "heart"],
	["laugh", "laughing face"],
	["cry", "crying face"],
	["clap", "clapping hands"],
	["fire", "fire"],
	["party", "party popper"],
	["think", "thinking face"],
	["wow", "astonished face"],
	["thumbsup", "thumbs up"],
	["eyes", "eyes"],
	["hundred", "one hundred points"],
];

/** The emotes that everyone may use, as `GET /emotes` lists them. */
export const GLOBAL_EMOTES: readonly Emote[] = NAMES.map(([emoteID, alt]) => ({
	emoteID,
	code: `:${emoteID}`,
	imageURL: `/static/emotes/${emoteID}.svg`,
	animated: false,
	alt,
}));

const KNOWN = new Set(NAMES.map(([emoteID]) => emoteID));

/** Grammar `:[a-z0-9_]{2,32}` ended by a non-word character or the end (CONTRACT §4.13). */
const CODE = /:([a-z0-9_]{2,32})(?![A-Za-z0-9_])/g;

/** Where known emotes stand in `text`, in code points, in order and apart from each other. Unknown codes stay text. */
export function findEmotes(text: string): EmoteRange[] {
	const ranges: EmoteRange[] = [];
	let unitsSeen = 0;
	let pointsSeen = 0;
	for (const match of text.matchAll(CODE)) {
		const emoteID = match[1];
		if (emoteID === undefined || !KNOWN.has(emoteID)) continue;
		pointsSeen += countCodePoints(text.slice(unitsSeen, match.index));
		unitsSeen = match.index;
		ranges.push({ emoteID, start: pointsSeen, end: pointsSeen + match[0].length });
	}
	return ranges;
}

export function countCodePoints(text: string): number {
	let count = 0;
	for (const _ of text) count++;
	return count;
}
