import type { ParticipantID } from "../../protocol/ids.ts";
import type { PublishedTrack, SignalClientMessage, SignalServerMessage } from "../../protocol/signal.ts";
import type { CallEffect } from "./effects.ts";
import type { Member } from "./member.ts";
import { type Roster, sendTo } from "./roster.ts";

/** What members do while they are inside, and what the others are told of it. Somebody who is not inside does nothing. */

export function changeMedia(
	roster: Roster,
	participantID: ParticipantID,
	change: Omit<Extract<SignalClientMessage, { t: "media" }>, "t">,
): CallEffect[] {
	const member = roster.inside(participantID);
	if (!member) return [];
	const { media } = member;
	const delta: Partial<Member["media"]> = {};
	for (const source of ["mic", "cam", "screen"] as const) {
		const wanted = change[source];
		if (wanted !== undefined && wanted !== media[source]) delta[source] = wanted;
	}
	const next = { ...media, ...delta };
	const effects =
		Object.keys(delta).length === 0
			? []
			: [roster.put({ ...member, media: next }), roster.updated(participantID, { media: delta })];
	if (!change.speaking || !next.mic || roster.speakerID === participantID) return effects;
	roster.speakerID = participantID;
	return [...effects, { do: "broadcast", frame: { t: "speaker", participantID } }];
}

export function raiseHand(
	roster: Roster,
	participantID: ParticipantID,
	hand: { raised: boolean; now: number },
): CallEffect[] {
	const member = roster.inside(participantID);
	if (!member || hand.raised === (member.handRaisedAt !== null)) return [];
	const handRaisedAt = hand.raised ? hand.now : null;
	return [
		roster.put({ ...member, handRaisedAt }),
		roster.updated(participantID, {
			handRaisedAt: handRaisedAt === null ? null : new Date(handRaisedAt).toISOString(),
		}),
	];
}

/** The member's tracks at the SFU from now on; that they are its own was checked before. */
export function publishTracks(
	roster: Roster,
	participantID: ParticipantID,
	tracks: PublishedTrack[],
): CallEffect[] {
	const member = roster.inside(participantID);
	if (!member) return [];
	const others = roster.joinedIDs().filter((id) => id !== participantID);
	return [
		roster.put({ ...member, tracks }),
		...sendTo(others, { t: "tracks", seq: roster.next(), participantID, tracks }),
	];
}

/** Offer, answer or candidate for another member; nothing for somebody who is not there. */
export function relay(
	roster: Roster,
	way: { from: ParticipantID; to: ParticipantID },
	frame: SignalServerMessage,
): CallEffect[] {
	const { from, to } = way;
	return roster.inside(from) && roster.inside(to) && from !== to ? [{ do: "send", to, frame }] : [];
}

export function react(roster: Roster, participantID: ParticipantID, emoji: string): CallEffect[] {
	return roster.inside(participantID)
		? [{ do: "broadcast", frame: { t: "reaction", participantID, emoji } }]
		: [];
}
