import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../support/chromium.ts";
import {
	callJson,
	IS_CLOUDFLARE,
	RealtimeCaller,
	type RealtimeService,
	startRealtime,
} from "../support/realtime.ts";
import { type Publisher, publish, type Subscriber, subscribe } from "../support/realtime-stories.ts";

let service: RealtimeService;
let api: RealtimeCaller;
let browser: Browser;
let publisher: Publisher;

/** Chromium sends three layers only from 960 pixels on. */
const WIDTHS = { a: 960, b: 480, c: 240 } as const;
const FOLLOW = { priorityOrdering: "asciibetical", ridNotAvailable: "asciibetical" } as const;

beforeAll(async () => {
	service = await startRealtime(19_160);
	api = new RealtimeCaller(service);
	browser = await launchChromium();
	publisher = await publish(api, browser, [{ kind: "video", width: 960, rids: ["a", "b", "c"] }]);
	await waitForLayers(["a", "b", "c"]);
});
afterAll(async () => {
	await browser.close();
	await service[Symbol.asyncDispose]();
});

describe("a subscriber chooses its layer by rid", () => {
	test.each(["a", "b", "c"] as const)("layer %s comes in its size from the first frame on", async (rid) => {
		await using subscriber = await subscribe(api, browser, publisher, {
			simulcast: { preferredRid: rid, ...FOLLOW },
		});

		const first = await subscriber.peer.waitForInbound(mid(subscriber), (now) => now.framesDecoded > 0);

		expect(first.frameWidth).toBe(WIDTHS[rid]);
	});

	test("a switch shows the new size without freezing or losing a packet", async () => {
		await using subscriber = await subscribe(api, browser, publisher, {
			simulcast: { preferredRid: "c", ...FOLLOW },
		});
		await subscriber.peer.waitForFrames(mid(subscriber), 10);

		for (const rid of ["a", "c", "b", "a"] as const) {
			const reply = await prefer(subscriber, rid);
			expect(reply.tracks).toMatchObject([{ mid: mid(subscriber), trackName: "video0" }]);
			expect(reply.requiresImmediateRenegotiation ?? false).toBe(false);
			await subscriber.peer.waitForInbound(mid(subscriber), (now) => now.frameWidth === WIDTHS[rid]);
			await subscriber.peer.waitForFrames(mid(subscriber), 10);
		}

		const last = await subscriber.peer.inbound(mid(subscriber));
		expect(last.packetsLost).toBe(0);
		expect(last.nackCount).toBe(0);
	});

	test("two subscribers have two layers of one publication", async () => {
		await using large = await subscribe(api, browser, publisher, {
			simulcast: { preferredRid: "a", ...FOLLOW },
		});
		await using small = await subscribe(api, browser, publisher, {
			simulcast: { preferredRid: "c", ...FOLLOW },
		});

		await large.peer.waitForInbound(mid(large), (now) => now.frameWidth === WIDTHS.a);
		await small.peer.waitForInbound(mid(small), (now) => now.frameWidth === WIDTHS.c);
	});
});

describe("a layer is no longer sent", () => {
	test("with ridNotAvailable asciibetical the next one takes over at once, and it comes back", async () => {
		await using subscriber = await subscribe(api, browser, publisher, {
			simulcast: { preferredRid: "a", ...FOLLOW },
		});
		await subscriber.peer.waitForInbound(mid(subscriber), (now) => now.frameWidth === WIDTHS.a);
		const before = await subscriber.peer.inbound(mid(subscriber));

		await publisher.peer.setLayerActive("0", "a", false);
		const fallen = await subscriber.peer.waitForInbound(
			mid(subscriber),
			(now) => now.frameWidth === WIDTHS.b,
		);
		await publisher.peer.setLayerActive("0", "a", true);
		await subscriber.peer.waitForInbound(mid(subscriber), (now) => now.frameWidth === WIDTHS.a);

		expect(fallen.freezeCount - before.freezeCount).toBeLessThanOrEqual(1);
	});

	test("with ridNotAvailable none the picture stands still", async () => {
		await using subscriber = await subscribe(api, browser, publisher, { simulcast: { preferredRid: "a" } });
		await subscriber.peer.waitForInbound(mid(subscriber), (now) => now.frameWidth === WIDTHS.a);

		await publisher.peer.setLayerActive("0", "a", false);
		await waitForLayers(["b", "c"]);
		await subscriber.peer.page.waitForTimeout(500);
		const still = await subscriber.peer.inbound(mid(subscriber));
		await subscriber.peer.page.waitForTimeout(1_000);
		const later = await subscriber.peer.inbound(mid(subscriber));
		await publisher.peer.setLayerActive("0", "a", true);

		expect(later.framesDecoded - still.framesDecoded).toBeLessThanOrEqual(1);
		await subscriber.peer.waitForFrames(mid(subscriber), 5);
	});
});

describe("tracks/update", () => {
	test("another publication takes over a section without SDP", async () => {
		await using other = await publish(api, browser, [{ kind: "video", width: 320 }]);
		await using subscriber = await subscribe(api, browser, publisher, {
			simulcast: { preferredRid: "b", ...FOLLOW },
		});
		await subscriber.peer.waitForInbound(mid(subscriber), (now) => now.frameWidth === WIDTHS.b);

		await api.update(subscriber.sessionID, [
			{ location: "remote", sessionId: other.sessionID, trackName: "video0", mid: mid(subscriber) },
		]);

		await subscriber.peer.waitForInbound(mid(subscriber), (now) => now.frameWidth === 320);
		expect((await api.state(subscriber.sessionID)).tracks).toMatchObject([{ sessionId: other.sessionID }]);
		expect((await subscriber.peer.inbound(mid(subscriber))).packetsLost).toBe(0);
	});

	test("a mid that receives nothing fails inside a 200", async () => {
		await using subscriber = await subscribe(api, browser, publisher);

		const reply = await api.update(subscriber.sessionID, [
			{ location: "remote", sessionId: publisher.sessionID, trackName: "video0", mid: "99" },
		]);

		expect(reply.tracks).toMatchObject([{ errorCode: "update_track_error" }]);
	});
});

describe.skipIf(IS_CLOUDFLARE)("packets get lost", () => {
	test("what is lost on either way is sent again: the picture goes on", async () => {
		await using lossy = await publish(api, browser, [{ kind: "video", width: 960, rids: ["a", "b"] }]);
		await using subscriber = await subscribe(api, browser, lossy, {
			simulcast: { preferredRid: "a", ...FOLLOW },
		});
		await subscriber.peer.waitForInbound(mid(subscriber), (now) => now.frameWidth === WIDTHS.a);
		await loadFaults({
			seed: 11,
			packets: [
				{ sessionID: lossy.sessionID, direction: "in", lossRate: 0.02 },
				{ sessionID: subscriber.sessionID, direction: "out", lossRate: 0.05 },
			],
		});
		const before = await subscriber.peer.inbound(mid(subscriber));

		const after = await subscriber.peer.waitForFrames(mid(subscriber), 80, 20_000);
		await loadFaults({});

		expect(after.nackCount).toBeGreaterThan(before.nackCount);
		expect(after.freezeCount - before.freezeCount).toBeLessThanOrEqual(2);
	});
});

function mid(subscriber: Subscriber): string {
	return subscriber.mids[0] ?? "";
}

async function prefer(subscriber: Subscriber, rid: string) {
	return await api.update(subscriber.sessionID, [
		{
			location: "remote",
			sessionId: publisher.sessionID,
			trackName: "video0",
			mid: mid(subscriber),
			simulcast: { preferredRid: rid, ...FOLLOW },
		},
	]);
}

/** Waits until exactly these layers are being sent. */
async function waitForLayers(rids: string[]): Promise<void> {
	const sent = new Map<string, number>();
	const giveUpAt = Date.now() + 20_000;
	let moving: string[] = [];
	while (moving.toSorted().join() !== rids.join()) {
		if (Date.now() > giveUpAt) throw new Error(`only ${moving.join()} are sent`);
		await publisher.peer.page.waitForTimeout(300);
		const streams = await publisher.peer.outbound("0");
		moving = streams.filter((one) => one.bytesSent > (sent.get(one.rid) ?? 0)).map((one) => one.rid);
		for (const one of streams) sent.set(one.rid, one.bytesSent);
	}
}

async function loadFaults(script: unknown): Promise<void> {
	if (service.standIn === null) throw new Error("no stand-in");
	const { adminURL, adminToken } = service.standIn;
	const reply = await callJson(`${adminURL}/faults`, { method: "PUT", token: adminToken, body: script });
	if (reply.status !== 200) throw new Error(JSON.stringify(reply.body));
}
