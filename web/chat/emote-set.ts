import { signal } from "@preact/signals";
import { type Emote, listEmotes } from "../../protocol/chat.ts";
import { call } from "../shell/api.ts";

/** The emotes that everyone may use, by id; empty until they are loaded. */
export const emotes = signal<ReadonlyMap<string, Emote>>(new Map());

let loading: Promise<void> | null = null;

/** Loads the set once. Without it, codes stay text, so a failure only means another try with the next chat. */
export function loadEmotes(): Promise<void> {
	loading ??= call(listEmotes, { query: {} }).then(
		({ items }) => {
			emotes.value = new Map(items.map((emote) => [emote.emoteID, emote]));
		},
		() => {
			loading = null;
		},
	);
	return loading;
}
