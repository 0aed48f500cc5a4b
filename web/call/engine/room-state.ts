import type { Participant } from "../../../protocol/call.ts";
import type { ParticipantID } from "../../../protocol/ids.ts";
import type { CallConfig, PublishedTrack, RoomFacts, SignalServerMessage } from "../../../protocol/signal.ts";

/** The room as the server tells it. Replaced, never changed. */
export interface RoomState {
	selfID: ParticipantID;
	seq: number;
	room: RoomFacts;
	config: CallConfig;
	/** All that we may see, ourselves too; those in the lobby among them for hosts. */
	participants: ReadonlyMap<ParticipantID, Participant>;
	/** What each has at the SFU. */
	tracks: ReadonlyMap<ParticipantID, readonly PublishedTrack[]>;
	speakerID: ParticipantID | null;
	recording: "off" | "recording";
}

type Welcome = Extract<SignalServerMessage, { t: "welcome" }>;

export function roomOf(welcome: Welcome): RoomState {
	return {
		selfID: welcome.participantID,
		seq: welcome.seq,
		room: welcome.room,
		config: welcome.config,
		participants: new Map(welcome.roster.map((one) => [one.participantID, one])),
		tracks: new Map(welcome.tracks.map((one) => [one.participantID, one.tracks])),
		speakerID: welcome.speaker,
		recording: "off",
	};
}

/** The room after a message. The same object if the message does not change it. */
export function applyToRoom(state: RoomState, message: SignalServerMessage): RoomState {
	switch (message.t) {
		case "participant.joined":
			return withParticipant({ ...state, seq: message.seq }, message.participant);
		case "participant.updated":
			return updated(state, message);
		case "participant.left":
			return left(state, message);
		case "tracks": {
			const tracks = new Map(state.tracks).set(message.participantID, message.tracks);
			return { ...state, seq: message.seq, tracks };
		}
		case "config": {
			const { t: _, ...config } = message;
			return { ...state, config };
		}
		case "room": {
			const { t: _, ...room } = message;
			return { ...state, room };
		}
		case "speaker":
			return { ...state, speakerID: message.participantID };
		case "recording":
			return { ...state, recording: message.state };
		default:
			return state;
	}
}

/** Everybody else inside, in order of joining: the order never changes while they stay. */
export function othersIn(state: RoomState): Participant[] {
	return [...state.participants.values()]
		.filter((one) => one.state === "joined" && one.participantID !== state.selfID)
		.sort(byJoining);
}

/** Those who wait to be let in, the first first. */
export function waitingIn(state: RoomState): Participant[] {
	return [...state.participants.values()].filter((one) => one.state === "waiting").sort(byJoining);
}

function byJoining(a: Participant, b: Participant): number {
	return a.joinedAt < b.joinedAt || (a.joinedAt === b.joinedAt && a.participantID < b.participantID) ? -1 : 1;
}

function withParticipant(state: RoomState, participant: Participant): RoomState {
	return { ...state, participants: new Map(state.participants).set(participant.participantID, participant) };
}

function updated(
	state: RoomState,
	message: Extract<SignalServerMessage, { t: "participant.updated" }>,
): RoomState {
	const { t: _, seq, participantID, media, ...rest } = message;
	const known = state.participants.get(participantID);
	if (known === undefined) return { ...state, seq };
	const change = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
	const next = { ...known, ...change, media: { ...known.media, ...present(media ?? {}) } };
	return withParticipant({ ...state, seq }, next);
}

function left(
	state: RoomState,
	{ seq, participantID }: { seq: number; participantID: ParticipantID },
): RoomState {
	const participants = new Map(state.participants);
	const tracks = new Map(state.tracks);
	participants.delete(participantID);
	tracks.delete(participantID);
	const speakerID = state.speakerID === participantID ? null : state.speakerID;
	return { ...state, seq, participants, tracks, speakerID };
}

/** Without the members that are undefined. */
function present(media: {
	mic?: boolean | undefined;
	cam?: boolean | undefined;
	screen?: boolean | undefined;
}) {
	return {
		...(media.mic === undefined ? {} : { mic: media.mic }),
		...(media.cam === undefined ? {} : { cam: media.cam }),
		...(media.screen === undefined ? {} : { screen: media.screen }),
	};
}
