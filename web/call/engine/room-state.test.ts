import { expect, test } from "vitest";
import type { Participant } from "../../../protocol/call.ts";
import { CallID, JoinCode, ParticipantID, UserID } from "../../../protocol/ids.ts";
import type { SignalServerMessage } from "../../../protocol/signal.ts";
import { applyToRoom, othersIn, type RoomState, roomOf, waitingIn } from "./room-state.ts";

const userID = UserID.parse("us_01JAAAAAAAAAAAAAAAAAAAAAAA");
const [me, ann, bob] = ["A", "B", "C"].map((letter) => ParticipantID.parse(`pt_01J${letter.repeat(23)}`));
if (me === undefined || ann === undefined || bob === undefined) throw new Error("three ids");

function person(
	participantID: ParticipantID,
	joinedAt: string,
	change: Partial<Participant> = {},
): Participant {
	return {
		participantID,
		userID,
		displayName: "Somebody",
		isGuest: false,
		role: "member",
		state: "joined",
		connection: "online",
		media: { mic: true, cam: false, screen: false },
		handRaisedAt: null,
		joinedAt: `2026-01-01T00:00:${joinedAt}.000Z`,
		...change,
	};
}

function room(roster: Participant[]): RoomState {
	return roomOf({
		t: "welcome",
		participantID: me ?? ParticipantID.parse(""),
		sessionID: "s",
		role: "member",
		seq: 5,
		isResumed: false,
		room: {
			callID: CallID.parse("ca_01JAAAAAAAAAAAAAAAAAAAAAAA"),
			code: JoinCode.parse("abc-defg-hjk"),
			kind: "video",
			title: "",
			access: "link",
			isLocked: false,
			hostID: userID,
			startedAt: "2026-01-01T00:00:00.000Z",
		},
		roster,
		tracks: [],
		edges: [],
		config: {
			videoCodec: "vp8",
			audioCodec: "opus",
			maxWidth: 1280,
			maxHeight: 720,
			maxFps: 30,
			maxKbps: 1500,
			topology: "p2p",
			threshold: 5,
		},
		iceServers: [],
		chat: [],
		speaker: null,
	});
}

function after(state: RoomState, ...messages: SignalServerMessage[]): RoomState {
	return messages.reduce(applyToRoom, state);
}

test("others are listed in the order in which they came, whatever order the server has", () => {
	const state = room([person(bob, "09"), person(me, "02"), person(ann, "01")]);

	expect(othersIn(state).map(({ participantID }) => participantID)).toEqual([ann, bob]);
});

test("a delta changes only what it names", () => {
	const state = after(room([person(me, "01"), person(ann, "02")]), {
		t: "participant.updated",
		seq: 6,
		participantID: ann,
		media: { cam: true },
	});

	expect(state.participants.get(ann)).toMatchObject({
		displayName: "Somebody",
		media: { mic: true, cam: true, screen: false },
	});
	expect(state.seq).toBe(6);
});

test("a hand goes up and down", () => {
	const at = "2026-01-01T00:00:30.000Z";
	const up = after(room([person(ann, "02")]), {
		t: "participant.updated",
		seq: 6,
		participantID: ann,
		handRaisedAt: at,
	});
	const down = after(up, { t: "participant.updated", seq: 7, participantID: ann, handRaisedAt: null });

	expect(up.participants.get(ann)?.handRaisedAt).toBe(at);
	expect(down.participants.get(ann)?.handRaisedAt).toBeNull();
});

test("who leaves takes tracks and the floor along", () => {
	const track = { source: "cam", sessionID: "a".repeat(32), mid: "0", trackName: "cam", rids: [] } as const;
	const state = after(
		room([person(me, "01"), person(ann, "02")]),
		{ t: "tracks", seq: 6, participantID: ann, tracks: [{ ...track, rids: [] }] },
		{ t: "speaker", participantID: ann },
		{ t: "participant.left", seq: 7, participantID: ann, reason: "left" },
	);

	expect([...state.participants.keys()]).toEqual([me]);
	expect(state.tracks.size).toBe(0);
	expect(state.speakerID).toBeNull();
});

test("those in the lobby are not among the others", () => {
	const state = after(room([person(me, "01")]), {
		t: "participant.joined",
		seq: 6,
		participant: person(bob, "03", { state: "waiting" }),
	});

	expect(othersIn(state)).toEqual([]);
	expect(waitingIn(state).map(({ participantID }) => participantID)).toEqual([bob]);
});

test("a message about somebody unknown changes nobody", () => {
	const state = room([person(me, "01")]);

	const next = after(state, { t: "participant.updated", seq: 9, participantID: bob, media: { mic: false } });

	expect([...next.participants]).toEqual([...state.participants]);
});
