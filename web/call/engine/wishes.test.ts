import { expect, test } from "vitest";
import { ParticipantID } from "../../../protocol/ids.ts";
import type { PublishedTrack } from "../../../protocol/signal.ts";
import { tracksToPull, Wishes } from "./wishes.ts";

const ann = ParticipantID.parse("pt_01JAAAAAAAAAAAAAAAAAAAAAAA");
const sessionID = "a".repeat(32);
const mic: PublishedTrack = { source: "mic", sessionID, mid: "0", trackName: "mic-1", rids: [] };
const cam: PublishedTrack = {
	source: "cam",
	sessionID,
	mid: "1",
	trackName: "cam-2",
	rids: [
		{ rid: "a", height: 720 },
		{ rid: "b", height: 360 },
		{ rid: "c", height: 180 },
	],
};

test("before the page has said anything everything is wanted at a moderate size", () => {
	expect(tracksToPull(ann, [mic, cam], new Wishes()).map(({ source, rid }) => [source, rid])).toEqual([
		["mic", null],
		["cam", "b"],
	]);
});

test("a video is pulled in the smallest layer that fills its tile", () => {
	const wishes = new Wishes();
	wishes.set([{ participantID: ann, source: "cam", height: 500, priority: 1 }]);

	expect(tracksToPull(ann, [cam], wishes)).toMatchObject([{ trackName: "cam-2", rid: "a" }]);
});

test("what is not on screen costs nothing, and is heard all the same", () => {
	const wishes = new Wishes();
	wishes.set([]);

	expect(tracksToPull(ann, [mic, cam], wishes).map(({ source }) => source)).toEqual(["mic"]);
});

test("a wish of 0 is for sound too", () => {
	const wishes = new Wishes();
	wishes.set([{ participantID: ann, source: "mic", height: 0, priority: 1 }]);

	expect(tracksToPull(ann, [mic], wishes)).toEqual([]);
});

test("the same list again is no change", () => {
	const wishes = new Wishes();
	const list = [{ participantID: ann, source: "cam", height: 90, priority: 1 }] as const;

	expect(wishes.set(list)).toBe(true);
	expect(wishes.set([...list])).toBe(false);
	expect(wishes.set([])).toBe(true);
});
