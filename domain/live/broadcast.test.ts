import { describe, expect, test } from "vitest";
import type { LiveHeartbeat } from "../../protocol/media-job.ts";
import { Broadcast, type BroadcastEffect, type Ingest } from "./broadcast.ts";

const RULES = { reconnectGraceMs: 120_000, endGraceMs: 20_000 };

function ingest(name: string, publishedAt = 0): Ingest {
	return {
		whipSessionID: name,
		sfuSessionID: `sfu-${name}`,
		tracks: [],
		etag: '"1"',
		offer: "",
		answerFingerprint: "",
		publishedAt,
	};
}

function heartbeat(state: LiveHeartbeat["source"]["state"], lastPacketAgeMs = 0): LiveHeartbeat {
	return {
		source: {
			state,
			lastPacketAgeMs,
			videoCodec: "H264",
			audioCodec: "OPUS",
			width: 1280,
			height: 720,
			framesPerSecond: 30,
			kbps: 2500,
			keyframeIntervalMs: 2000,
			lossPercent: 0,
		},
		packaging: { lagMs: 0, speed: 1, queuedParts: 0 },
	};
}

function verbs(effects: BroadcastEffect[] | null): string[] {
	return (effects ?? []).map((effect) => (effect.do === "announce" ? `announce ${effect.state}` : effect.do));
}

function live(): Broadcast {
	const broadcast = new Broadcast(RULES);
	broadcast.published(ingest("one"), 0);
	broadcast.heard(1, heartbeat("flowing"), 1000);
	return broadcast;
}

describe("publishing", () => {
	test("goes live and starts packaging at once", () => {
		const effects = new Broadcast(RULES).published(ingest("one"), 0);

		expect(verbs(effects)).toEqual(["announce live", "start-packaging"]);
	});

	test("a second encoder is turned away while packets flow", () => {
		const verdict = live().mayPublish({ now: 1500, takeover: false, isSessionActive: true });

		expect(verdict.is).toBe("other-encoder-live");
	});

	test("a second encoder may take over on purpose, and the first one's session is closed", () => {
		const broadcast = live();

		const verdict = broadcast.mayPublish({ now: 1500, takeover: true, isSessionActive: true });
		const effects = broadcast.published(ingest("two"), 1500);

		expect(verdict.is).toBe("welcome");
		expect(verbs(effects)).toEqual(["close-ingest", "start-packaging"]);
	});

	test("an encoder that was killed may come back as soon as its silence is noticed", () => {
		const broadcast = live();
		broadcast.heard(1, heartbeat("silent", 3200), 5000);

		expect(broadcast.mayPublish({ now: 5100, takeover: false, isSessionActive: true }).is).toBe("welcome");
	});

	test("without a media program the SFU says whether the encoder is still there", () => {
		const broadcast = live();

		expect(broadcast.mayPublish({ now: 60_000, takeover: false, isSessionActive: true }).is).toBe(
			"other-encoder-live",
		);
		expect(broadcast.mayPublish({ now: 60_000, takeover: false, isSessionActive: false }).is).toBe("welcome");
	});
});

describe("an encoder that is gone", () => {
	test("pauses the stream after three silent seconds, and the stream goes on when packets come again", () => {
		const broadcast = live();

		expect(verbs(broadcast.heard(1, heartbeat("silent", 2000), 3000))).toEqual([]);
		expect(verbs(broadcast.heard(1, heartbeat("silent", 3000), 4000))).toEqual(["announce paused"]);
		expect(verbs(broadcast.heard(1, heartbeat("silent", 4000), 5000))).toEqual([]);
		expect(verbs(broadcast.heard(1, heartbeat("flowing"), 6000))).toEqual(["announce live"]);
	});

	test("and does not return within the grace ends the stream, no matter how often its silence is reported", () => {
		const broadcast = live();
		for (let now = 4000; now < 120_000; now += 1000) broadcast.heard(1, heartbeat("silent", now - 1000), now);

		expect(verbs(broadcast.tick(120_500))).toEqual([]);
		broadcast.heard(1, heartbeat("silent", 122_500), 123_500);
		expect(verbs(broadcast.tick(124_000))).toContain("announce ended");
	});

	test("having said goodbye has twenty seconds", () => {
		const broadcast = live();

		expect(verbs(broadcast.unpublished(2000))).toEqual(["close-ingest", "stop-packaging", "announce paused"]);
		expect(verbs(broadcast.tick(21_999))).toEqual([]);
		expect(verbs(broadcast.tick(22_000))).toEqual(["stop-packaging", "announce ended"]);
	});

	test("and returns within the grace continues the stream with the next epoch", () => {
		const broadcast = live();
		broadcast.unpublished(2000);

		const effects = broadcast.published(ingest("two"), 10_000);

		expect(effects).toContainEqual({ do: "start-packaging", epoch: 2 });
		expect(broadcast.current.startedAt).toBe(0);
		expect(verbs(broadcast.tick(30_000))).not.toContain("announce ended");
	});
});

describe("a media program that is gone", () => {
	test("is asked after two silent seconds, and replaced at once if it has lost the job", () => {
		const broadcast = live();

		expect(broadcast.tick(2900)).toEqual([]);
		expect(broadcast.tick(3000)).toEqual([{ do: "check-packaging", epoch: 1 }]);
		expect(broadcast.packagingLost(1, 3000)).toEqual([{ do: "start-packaging", epoch: 2 }]);
		expect(broadcast.packagingLost(1, 3000)).toEqual([]);
	});

	test("but still has the job is replaced after six silent seconds all the same", () => {
		const broadcast = live();

		expect(verbs(broadcast.tick(6900))).toEqual(["check-packaging"]);
		expect(broadcast.tick(7000)).toEqual([{ do: "start-packaging", epoch: 2 }]);
	});

	test("whose successor is slow to start is not replaced again at once", () => {
		const broadcast = live();
		broadcast.tick(7000);

		expect(verbs(broadcast.tick(9000))).toEqual([]);
		expect(verbs(broadcast.tick(13_000))).toEqual(["start-packaging"]);
	});

	test("and refuses is asked again at the next tick", () => {
		const broadcast = live();
		broadcast.tick(7000);
		broadcast.packagingRefused(2);

		expect(broadcast.tick(8000)).toEqual([{ do: "start-packaging", epoch: 3 }]);
	});

	test("and ends its epoch by itself is followed at once by the next, but not while nothing comes in", () => {
		const broadcast = live();

		expect(broadcast.packagingClosed(1, 2000)).toEqual([{ do: "start-packaging", epoch: 2 }]);
		broadcast.heard(2, heartbeat("silent", 2000), 3000);
		expect(broadcast.packagingClosed(2, 3000)).toEqual([]);
	});

	test("that speaks for an old epoch is told so", () => {
		const broadcast = live();
		broadcast.tick(7000);

		expect(broadcast.heard(1, heartbeat("flowing"), 5500)).toBeNull();
	});
});

test("a broadcast read back from its snapshot decides the same", () => {
	const broadcast = live();
	broadcast.heard(1, heartbeat("silent", 3000), 4000);

	const restored = new Broadcast(RULES, JSON.parse(JSON.stringify(broadcast.snapshot())));

	expect(restored.tick(5000)).toEqual(broadcast.tick(5000));
	expect(restored.snapshot()).toEqual(broadcast.snapshot());
});

test("a broadcast whose object was away for long is patient with its media program again", () => {
	const broadcast = live();

	broadcast.woken(60_000);

	expect(broadcast.tick(61_900)).toEqual([]);
	expect(verbs(broadcast.tick(66_000))).toContain("start-packaging");
});

test("after its end nothing brings a broadcast back", () => {
	const broadcast = live();
	broadcast.end(2000);

	expect(broadcast.mayPublish({ now: 3000, takeover: true, isSessionActive: false }).is).toBe("ended");
	expect(broadcast.heard(1, heartbeat("flowing"), 3000)).toBeNull();
	expect(broadcast.end(4000)).toEqual([]);
});
