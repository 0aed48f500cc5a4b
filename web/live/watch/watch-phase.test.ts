import { describe, expect, test } from "vitest";
import type { StreamAnnouncement } from "../../../protocol/chat.ts";
import { StreamID } from "../../../protocol/ids.ts";
import { Livestream } from "../../../protocol/live.ts";
import { newerStream, watchPhase } from "./watch-phase.ts";

const FIRST = StreamID.parse("st_01ARZ3NDEKTSV4RRFFQ69G5FAA");
const SECOND = StreamID.parse("st_01ARZ3NDEKTSV4RRFFQ69G5FAB");

function stream(state: Livestream["state"]): Livestream {
	return Livestream.parse({
		streamID: FIRST,
		channelID: "ch_01ARZ3NDEKTSV4RRFFQ69G5FAV",
		userID: "us_01ARZ3NDEKTSV4RRFFQ69G5FAV",
		title: "Title",
		state,
		latencyMode: "low",
		createdAt: "2026-11-21T12:00:00.000Z",
		startedAt: null,
		endedAt: null,
		peakWatchers: 0,
		renditions: [],
		manifests: { hls: null, dash: null, whep: null, expiresAt: "2026-11-21T13:00:00.000Z" },
	});
}

function announced(state: StreamAnnouncement["state"], streamID = FIRST): StreamAnnouncement {
	return { t: "stream", state, streamID, title: "Title", startedAt: null };
}

describe("the phase of a stream", () => {
	test("is what the API said until the socket says something newer", () => {
		expect(watchPhase(stream("created"), null)).toBe("starting");
		expect(watchPhase(stream("created"), announced("live"))).toBe("live");
		expect(watchPhase(stream("live"), announced("paused"))).toBe("interrupted");
		expect(watchPhase(stream("live"), announced("ended"))).toBe("ended");
	});

	test("stays ended when the last word of a broken socket was another", () => {
		expect(watchPhase(stream("ended"), announced("live"))).toBe("ended");
		expect(watchPhase(stream("failed"), announced("paused"))).toBe("failed");
	});

	test("does not change by what is said about another stream", () => {
		expect(watchPhase(stream("ended"), announced("live", SECOND))).toBe("ended");
	});

	test("of a channel without a stream begins when one is announced", () => {
		expect(watchPhase(null, null)).toBe("offline");
		expect(watchPhase(null, announced("ended"))).toBe("offline");
		expect(watchPhase(null, announced("live"))).toBe("starting");
	});
});

describe("a newer stream", () => {
	test("is one that is on and began later", () => {
		expect(newerStream(stream("ended"), announced("live", SECOND))?.streamID).toBe(SECOND);
		expect(newerStream(stream("live"), announced("live", FIRST))).toBeNull();
		expect(newerStream(stream("ended"), announced("ended", SECOND))).toBeNull();
	});
});
