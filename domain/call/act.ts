import type { ParticipantID } from "../../protocol/ids.ts";
import {
	type PublishedTrack,
	SIGNAL_LIMITS,
	type SignalClientMessage,
	type SignalServerMessage,
} from "../../protocol/signal.ts";
import type { Call } from "./call.ts";
import { changeMedia, publishTracks, raiseHand, react, relay } from "./conduct.ts";
import type { CallEffect } from "./effects.ts";

/** Offers of one pair in the longest of calls. */
const MAX_NEGOTIATIONS = 1_000_000;

/** What the room knows besides the call: which tracks at the SFU are whose. */
export interface ActContext {
	now: number;
	ownsTrack(track: PublishedTrack): boolean;
}

/** What a message of somebody's socket does. Reports (`stats`) change nothing and are not for here. */
export function act(
	call: Call,
	by: ParticipantID,
	message: Exclude<SignalClientMessage, { t: "stats" }>,
	context: ActContext,
): CallEffect[] {
	const { now } = context;
	switch (message.t) {
		case "join":
			return call.join(by, message, now);
		case "leave":
			return call.leave(by, "left", now);
		case "offer":
		case "answer":
		case "candidate":
		case "edge.propose":
		case "edge.accept":
		case "edge.reject":
		case "edge.ready":
			return negotiate(call, by, message, now);
		case "tracks.publish":
		case "tracks.unpublish":
			return changeTracks(call, by, message, context);
		case "subscribe":
			return subscribe(call, by, message.subscriptions);
		case "capabilities":
			return call.changeCapabilities(by, message.capabilities);
		case "media":
			return changeMedia(call.roster, by, message);
		case "hand":
			return raiseHand(call.roster, by, { raised: message.raised, now });
		case "reaction":
			return react(call.roster, by, message.emoji);
		case "chat":
			return say(call, by, message);
	}
}

export function subscribe(
	call: Call,
	by: ParticipantID,
	wishes: Extract<SignalClientMessage, { t: "subscribe" }>["subscriptions"],
): CallEffect[] {
	const member = call.roster.inside(by);
	if (!member) return [];
	const known = wishes.filter(({ participantID }) => call.roster.inside(participantID));
	call.forwarding.set(by, known, member.capabilities.maxHeight);
	return [{ do: "forward", to: by }];
}

type Negotiation = Extract<
	SignalClientMessage,
	{ t: "offer" | "answer" | "candidate" | "edge.propose" | "edge.accept" | "edge.reject" | "edge.ready" }
>;

function negotiate(call: Call, by: ParticipantID, message: Negotiation, now: number): CallEffect[] {
	const peerID = "to" in message ? message.to : message.peerID;
	const isPair = call.roster.inside(by) && call.roster.inside(peerID) && by !== peerID;
	if (!isPair)
		return [refuse(by, "not-found", "Nobody of this name is in the call.", "id" in message ? message : {})];
	// The peer counts on from what it takes: the last number of all would leave it none.
	if ("to" in message && message.gen > MAX_NEGOTIATIONS)
		return [refuse(by, "validation", "Nobody has negotiated so often.", "id" in message ? message : {})];
	switch (message.t) {
		case "offer":
		case "answer": {
			const { t, gen, sdp } = message;
			return relay(call.roster, { from: by, to: peerID }, { t, from: by, gen, sdp });
		}
		case "candidate": {
			const { t, gen, candidate } = message;
			return relay(call.roster, { from: by, to: peerID }, { t, from: by, gen, candidate });
		}
		case "edge.propose":
			return call.edges.propose({ by, ...message }, { via: message.via, reason: message.reason });
		case "edge.accept":
			return call.edges.accept({ by, ...message });
		case "edge.reject":
			return call.edges.reject({ by, ...message });
		case "edge.ready":
			return call.edges.ready({ by, ...message }, now);
	}
}

function changeTracks(
	call: Call,
	by: ParticipantID,
	message: Extract<SignalClientMessage, { t: "tracks.publish" | "tracks.unpublish" }>,
	{ ownsTrack }: ActContext,
): CallEffect[] {
	const tracks = call.roster.inside(by)?.tracks ?? [];
	if (message.t === "tracks.unpublish") {
		const rest = tracks.filter(({ trackName }) => !message.trackNames.includes(trackName));
		return rest.length === tracks.length ? [] : publishTracks(call.roster, by, rest);
	}
	if (!message.tracks.every(ownsTrack)) {
		return [refuse(by, "forbidden", "A track that you have not published cannot be announced.", message)];
	}
	// A source has one track: a new session's takes the old one's place.
	const rest = tracks.filter(({ source }) => !message.tracks.some((track) => track.source === source));
	return publishTracks(call.roster, by, [...rest, ...message.tracks]);
}

function say(
	call: Call,
	participantID: ParticipantID,
	message: Extract<SignalClientMessage, { t: "chat" }>,
): CallEffect[] {
	const text = message.message.trim();
	if (!call.roster.inside(participantID) || text === "") return [];
	if ([...text].length > SIGNAL_LIMITS.chatCodePoints) {
		const detail = `A message has at most ${SIGNAL_LIMITS.chatCodePoints} characters.`;
		return [refuse(participantID, "too-long", detail, { id: message.clientMsgID })];
	}
	return [{ do: "say", participantID, clientMsgID: message.clientMsgID, message: text }];
}

function refuse(
	to: ParticipantID,
	code: string,
	detail: string,
	{ id }: { id?: string | undefined },
): CallEffect {
	const frame: SignalServerMessage = { t: "error", code, detail, ...(id === undefined ? {} : { id }) };
	return { do: "send", to, frame };
}
