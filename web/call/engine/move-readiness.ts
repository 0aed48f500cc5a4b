import type { Source } from "../../../protocol/call.ts";
import type { PublishedTrack } from "../../../protocol/signal.ts";
import type { Edge } from "./edge-table.ts";
import type { PersonContext, PersonMedia } from "./person-media.ts";
import { kindOf, SOURCES } from "./sources.ts";
import { tracksToPull, type Wishes } from "./wishes.ts";

/** Whether what the peer has begun to send the new way comes out of it here, so that the old way may go. */
export function receivesNewWay({
	media,
	edge,
	context,
	announced,
	wishes,
}: {
	media: PersonMedia;
	edge: Edge;
	context: PersonContext;
	/** What the peer has at the SFU. */
	announced: readonly PublishedTrack[];
	wishes: Wishes;
}): boolean {
	const { move } = edge;
	if (!move?.isOn || !move.isPeerReady) return false;
	const expected = (source: Source) => isOn(media, source) && canTell(source, context);
	if (move.via === "sfu") {
		const pulled = tracksToPull(media.person.participantID, announced, wishes).map(({ source }) => source);
		return media.isFlowingVia("sfu", pulled.filter(expected), context);
	}
	if (context.link?.state !== "connected") return false;
	const sources = SOURCES.filter((source) => expected(source) && isSent(media, source, context));
	return media.isFlowingVia("p2p", sources, context);
}

/** By the roster. A microphone sends also while it is muted. */
function isOn(media: PersonMedia, source: Source): boolean {
	const { cam, screen } = media.participant.media;
	if (source === "mic") return true;
	return source === "cam" ? cam : screen;
}

/** Sound that the browser does not let us play is not decoded either. */
function canTell(source: Source, { audio }: PersonContext): boolean {
	return kindOf(source) === "video" || !audio.isBlocked.value;
}

/**
 * A video that is not on screen here is not sent. The roster does not say whether somebody has a microphone or shares a screen's
 * sound: whoever was heard before has.
 */
function isSent(media: PersonMedia, source: Source, { flow, isWished }: PersonContext): boolean {
	if (kindOf(source) === "video") return isWished(source);
	const shown = media.shown(source);
	return shown !== null && flow.hasFlowed(shown);
}
