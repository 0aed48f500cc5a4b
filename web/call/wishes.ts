import type { Subscription } from "../../protocol/call-sfu.ts";
import { MAX_SUBSCRIPTIONS } from "../../protocol/call-sfu.ts";
import type { ParticipantID } from "../../protocol/ids.ts";
import type { PlacedTile, StageLayout } from "./layout.ts";

/** A larger picture than this is not worth its bits. */
const TALLEST = 2160;
const PRIORITY = { mainScreen: 8, main: 6, speaker: 3, other: 1 } as const;

/** What one asks of the room: each picture as tall as it is on screen, in device pixels; 0 for what is not seen. */
export function wishesOf(
	layout: StageLayout,
	{
		remoteIDs,
		speakerID,
		pixelRatio,
		isAudioOnly,
	}: {
		remoteIDs: readonly ParticipantID[];
		speakerID: ParticipantID | null;
		pixelRatio: number;
		/** Data saver: no pictures at all. */
		isAudioOnly: boolean;
	},
): Subscription[] {
	const placed = new Map(layout.placed.map((tile) => [`${tile.participantID}/${tile.source}`, tile]));
	const wishes = remoteIDs.flatMap((participantID) =>
		(["cam", "screen"] as const).map((source): Subscription => {
			const tile = isAudioOnly ? undefined : placed.get(`${participantID}/${source}`);
			if (tile === undefined) return { participantID, source, height: 0, priority: PRIORITY.other };
			const height = Math.min(TALLEST, Math.max(1, Math.round(tile.height * pixelRatio)));
			return { participantID, source, height, priority: priorityOf(tile, speakerID) };
		}),
	);
	// In the largest rooms what is seen comes first; the rest is hidden anyway.
	return wishes.sort((a, b) => b.height - a.height).slice(0, MAX_SUBSCRIPTIONS);
}

function priorityOf(tile: PlacedTile, speakerID: ParticipantID | null): number {
	if (tile.role === "main") return tile.source === "screen" ? PRIORITY.mainScreen : PRIORITY.main;
	return tile.participantID === speakerID ? PRIORITY.speaker : PRIORITY.other;
}
