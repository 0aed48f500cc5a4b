import { chooseLayer } from "../../../domain/call/forwarding.ts";
import type { Participant, Source } from "../../../protocol/call.ts";
import type { Subscription } from "../../../protocol/call-sfu.ts";
import type { ParticipantID } from "../../../protocol/ids.ts";
import type { PublishedTrack } from "../../../protocol/signal.ts";
import type { WantedTrack } from "./sfu-subscriber.ts";
import { kindOf } from "./sources.ts";

/** Before the page has said what is on screen, everything is, at a moderate size, pixels. */
const DEFAULT_HEIGHT = 360;

/** What of others is on screen, and how large. Sound is always wanted, unless a wish says 0. */
export class Wishes {
	#list: readonly Subscription[] | null = null;
	#heights = new Map<string, number>();

	/** The whole list; videos that are not in it are hidden. False if nothing has changed. */
	set(list: readonly Subscription[]): boolean {
		const hasChanged = JSON.stringify(list) !== JSON.stringify(this.#list);
		this.#list = list;
		this.#heights = new Map(list.map((wish) => [keyOf(wish.participantID, wish.source), wish.height]));
		return hasChanged;
	}

	/** The page has said what is on screen. */
	get isSaid(): boolean {
		return this.#list !== null;
	}

	/** Of one person, as a direct link is told. */
	videosOf(participantID: ParticipantID): { cam: number; screen: number } {
		return { cam: this.height(participantID, "cam"), screen: this.height(participantID, "screen") };
	}

	/** Pixels; 0: not wanted. */
	height(participantID: ParticipantID, source: Source): number {
		const wished = this.#heights.get(keyOf(participantID, source));
		if (wished !== undefined) return wished;
		return this.#list === null || kindOf(source) === "audio" ? DEFAULT_HEIGHT : 0;
	}

	/** As the room is told: every video of everybody else, hidden ones with height 0. */
	describe(others: readonly Participant[]): Subscription[] {
		const said = new Map(this.#list?.map((wish) => [keyOf(wish.participantID, wish.source), wish]));
		return others.flatMap(({ participantID }) =>
			(["cam", "screen"] as const).map(
				(source): Subscription =>
					said.get(keyOf(participantID, source)) ?? {
						participantID,
						source,
						height: this.height(participantID, source),
						priority: 1,
					},
			),
		);
	}
}

/** What to pull of one person: the sounds, and the videos that are on screen, each in the layer that fits. */
export function tracksToPull(
	participantID: ParticipantID,
	tracks: readonly PublishedTrack[],
	wishes: Wishes,
): WantedTrack[] {
	return tracks.flatMap(({ source, sessionID, trackName, rids }): WantedTrack[] => {
		const height = wishes.height(participantID, source);
		if (height === 0) return [];
		return [{ participantID, source, sessionID, trackName, rid: chooseLayer(rids, height) }];
	});
}

function keyOf(participantID: ParticipantID, source: Source): string {
	return `${participantID}/${source}`;
}
