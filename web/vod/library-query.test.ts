import { describe, expect, test } from "vitest";
import { UserID, VideoID } from "../../protocol/ids.ts";
import type { Video } from "../../protocol/vod.ts";
import { ALL_WORKS, isShown } from "./library-query.ts";

const ulid = "01JAAAAAAAAAAAAAAAAAAAAAAA";

function work(changes: Partial<Video> = {}): Video {
	return {
		videoID: VideoID.parse(`vid_${ulid}`),
		ownerID: UserID.parse(`us_${ulid}`),
		channelID: null,
		kind: "video",
		title: "A talk on rivers",
		description: "",
		tags: ["Water"],
		visibility: "private",
		chapters: [],
		properties: {},
		state: "ready",
		failure: null,
		durationMs: 1000,
		width: 640,
		height: 360,
		loudnessLufs: null,
		renditions: [],
		tracks: [],
		posterURL: null,
		views: 0,
		sizeBytes: 1,
		createdAt: "2026-11-21T12:00:00.000Z",
		publishedAt: null,
		deletedAt: null,
		...changes,
	};
}

describe("the library shows", () => {
	test("everything but what is deleted, to begin with", () => {
		expect(isShown(work(), ALL_WORKS)).toBe(true);
		expect(isShown(work({ deletedAt: "2026-11-21T12:00:00.000Z" }), ALL_WORKS)).toBe(false);
	});

	test("what is deleted only among the deleted", () => {
		const filter = { ...ALL_WORKS, state: "deleted" as const };

		expect(isShown(work({ deletedAt: "2026-11-21T12:00:00.000Z" }), filter)).toBe(true);
		expect(isShown(work(), filter)).toBe(false);
	});

	test("what has the kind, the state and the visibility that were chosen", () => {
		expect(isShown(work(), { ...ALL_WORKS, kind: "audio" })).toBe(false);
		expect(isShown(work(), { ...ALL_WORKS, state: "failed" })).toBe(false);
		expect(isShown(work(), { ...ALL_WORKS, visibility: "public" })).toBe(false);
		expect(isShown(work(), { ...ALL_WORKS, kind: "video", state: "ready", visibility: "private" })).toBe(
			true,
		);
	});

	test("what has the text in its title or a tag, in any case", () => {
		expect(isShown(work(), { ...ALL_WORKS, text: " RIVER " })).toBe(true);
		expect(isShown(work(), { ...ALL_WORKS, text: "water" })).toBe(true);
		expect(isShown(work(), { ...ALL_WORKS, text: "mountain" })).toBe(false);
	});
});
