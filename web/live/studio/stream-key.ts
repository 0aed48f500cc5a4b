import { getIngest, rotateStreamKey } from "../../../protocol/channel.ts";
import type { ChannelID } from "../../../protocol/ids.ts";
import { call } from "../../shell/api.ts";
import { forget, recall, remember } from "../../shell/settings.ts";

/** What this browser knows about a channel's stream key. The server shows a key once; `hint` are its last signs. */
export type KnownKey =
	| { kind: "known"; streamKey: string }
	/** There is none in force: making one takes nothing from anybody. */
	| { kind: "none" }
	/** There is one that this browser never saw: a new one would cut off who uses it. */
	| { kind: "unknown"; hint: string };

export interface Ingest {
	whipURL: string;
	key: KnownKey;
}

/** Compares what is kept here with what the server says. */
export function knownKey(kept: string | null, hint: string | null): KnownKey {
	if (hint === null) return { kind: "none" };
	const end = hint.replace(/[^A-Za-z0-9_-]/g, "");
	if (kept !== null && end !== "" && kept.endsWith(end)) return { kind: "known", streamKey: kept };
	return { kind: "unknown", hint: end };
}

/** Where an encoder sends to, and with which key as far as this browser knows it. */
export async function loadIngest(channelID: ChannelID, signal?: AbortSignal): Promise<Ingest> {
	const options = signal === undefined ? {} : { signal };
	const { whipURL, streamKeyHint } = await call(getIngest, { params: { channelID } }, options);
	const key = knownKey(recall(storageKey(channelID)), streamKeyHint);
	if (key.kind === "none") forget(storageKey(channelID));
	return { whipURL, key };
}

/** Makes a new key and keeps it in this browser. The old one dies at once. Ends in ApiError `live-in-progress` unless `force`. */
export async function makeKey(channelID: ChannelID, { force }: { force: boolean }): Promise<string> {
	const query = force ? { force: "true" as const } : {};
	const { streamKey } = await call(rotateStreamKey, { params: { channelID }, query });
	remember(storageKey(channelID), streamKey);
	return streamKey;
}

function storageKey(channelID: ChannelID): string {
	return `rostrum.stream-key.${channelID}`;
}
