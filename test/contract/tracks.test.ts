import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BrowserPeer } from "../support/browser-peer.ts";
import { launchChromium } from "../support/chromium.ts";
import { IS_CLOUDFLARE, RealtimeCaller, type RealtimeService, startRealtime } from "../support/realtime.ts";
import { publish, pullInto, subscribe } from "../support/realtime-stories.ts";

let service: RealtimeService;
let api: RealtimeCaller;
let browser: Browser;

beforeAll(async () => {
	service = await startRealtime(19_140, { LOCAL_TRACK_IDLE_MS: "8000", LOCAL_WAIT_MS: "2000" });
	api = new RealtimeCaller(service);
	browser = await launchChromium();
});
afterAll(async () => {
	await browser.close();
	await service[Symbol.asyncDispose]();
});

describe("publishing and pulling", () => {
	test("picture and sound published by name are seen and heard by several subscribers", async () => {
		await using publisher = await publish(api, browser);

		await using first = await subscribe(api, browser, publisher);
		await using second = await subscribe(api, browser, publisher);

		for (const { peer, mids } of [first, second]) {
			const picture = await peer.waitForFrames(mids[0] ?? "", 20);
			expect(picture).toMatchObject({ frameWidth: 640, frameHeight: 360 });
			const sound = await peer.waitForInbound(mids[1] ?? "", (now) => now.totalAudioEnergy > 0.01);
			expect(sound.codec).toBe("audio/opus");
		}
	});

	test("autoDiscover names every sending section and tells its kind, in order", async () => {
		await using peer = await BrowserPeer.open(browser);
		const sessionID = await api.newSession();
		await peer.send({ kind: "audio" });
		await peer.send({ kind: "video" });

		const reply = await api.tracksNew(sessionID, {
			autoDiscover: true,
			sessionDescription: { type: "offer", sdp: await peer.offer() },
		});
		await peer.acceptAnswer(reply.sessionDescription?.sdp ?? "");
		await peer.waitUntilConnected();

		expect(reply.requiresImmediateRenegotiation).toBe(false);
		expect(reply.tracks).toMatchObject([
			{ mid: "0", kind: "audio" },
			{ mid: "1", kind: "video" },
		]);
		const names = reply.tracks?.map((track) => track.trackName);
		expect(new Set(names).size).toBe(2);
		await using subscriber = await subscribe(api, browser, {
			sessionID,
			tracks: [{ mid: "1", kind: "video", trackName: names?.[1] ?? "" }],
		});
		await subscriber.peer.waitForFrames(subscriber.mids[0] ?? "", 5);
	});

	test("a pull with the client's offer is answered at once, tracks matched to sections by kind", async () => {
		await using publisher = await publish(api, browser);
		await using peer = await BrowserPeer.open(browser);
		await peer.receive("audio");
		await peer.receive("video");
		await peer.receive("video");
		const sessionID = await api.newSession();

		const reply = await api.tracksNew(sessionID, {
			sessionDescription: { type: "offer", sdp: await peer.offer() },
			tracks: publisher.tracks.map(({ trackName }) => ({
				location: "remote",
				sessionId: publisher.sessionID,
				trackName,
			})),
		});
		await peer.acceptAnswer(reply.sessionDescription?.sdp ?? "");

		expect(reply).toMatchObject({
			requiresImmediateRenegotiation: false,
			sessionDescription: { type: "answer" },
			tracks: [{ mid: "1" }, { mid: "0" }],
		});
		await peer.waitForFrames("1", 10);
		await peer.waitForInbound("0", (now) => now.totalAudioEnergy > 0);
	});

	test.each(["VP8", "H264", "VP9", "AV1"])("%s arrives as it was sent", async (codec) => {
		await using publisher = await publish(api, browser, [{ kind: "video", codec }]);

		await using subscriber = await subscribe(api, browser, publisher);

		const picture = await subscriber.peer.waitForFrames(subscriber.mids[0] ?? "", 20);
		expect(picture).toMatchObject({ codec: `video/${codec}`, frameWidth: 640 });
	});

	test("more tracks can be pulled into a running session, and one session can publish and receive", async () => {
		await using publisher = await publish(api, browser);
		await using both = await publish(api, browser, [{ kind: "video", width: 320 }]);

		const [video] = await pullInto(api, both, { ...publisher, tracks: publisher.tracks.slice(0, 1) });
		const [audio] = await pullInto(api, both, { ...publisher, tracks: publisher.tracks.slice(1) });
		await using watcher = await subscribe(api, browser, both);

		await both.peer.waitForFrames(video ?? "", 10);
		await both.peer.waitForInbound(audio ?? "", (now) => now.totalAudioEnergy > 0);
		expect(await watcher.peer.waitForFrames(watcher.mids[0] ?? "", 10)).toMatchObject({ frameWidth: 320 });
	});

	test("a batch keeps its good items when others fail, and offers only those", async () => {
		await using publisher = await publish(api, browser);
		await using peer = await BrowserPeer.open(browser);
		const sessionID = await api.newSession();
		const item = { location: "remote", sessionId: publisher.sessionID };

		const reply = await api.tracksNew(sessionID, {
			tracks: [
				{ ...item, trackName: "nobody" },
				{ ...item, trackName: "video0" },
			],
		});

		expect(reply.requiresImmediateRenegotiation).toBe(true);
		expect(reply.tracks?.[0]).toMatchObject({ mid: "", errorCode: "not_found_track_error" });
		const mid = reply.tracks?.[1]?.mid ?? "";
		expect(reply.sessionDescription?.sdp.match(/^m=/gm)).toHaveLength(1);
		await api.renegotiate(sessionID, await peer.answer(reply.sessionDescription?.sdp ?? ""));
		await peer.waitForFrames(mid, 5);
	});

	test("a publication that sends nothing is an item error, once its packets have been waited for", async () => {
		await using peer = await BrowserPeer.open(browser);
		const sessionID = await api.newSession();
		await peer.send({ kind: "video" });
		await api.tracksNew(sessionID, {
			tracks: [{ location: "local", mid: "0", trackName: "silent" }],
			sessionDescription: { type: "offer", sdp: await peer.offer() },
		});

		const reply = await api.tracksNew(await api.newSession(), {
			tracks: [{ location: "remote", sessionId: sessionID, trackName: "silent" }],
		});

		expect(reply.tracks?.[0]?.errorCode).toMatch(/^(not_found|empty)_track_error$/);
		expect(reply.tracks?.[0]?.mid).toBe("");
	});

	test("GET lists published and pulled tracks", async () => {
		await using publisher = await publish(api, browser, [{ kind: "audio" }]);
		await using subscriber = await subscribe(api, browser, publisher);

		expect((await api.state(publisher.sessionID)).tracks).toMatchObject([
			{ location: "local", mid: "0", trackName: "audio0", status: "active" },
		]);
		expect((await api.state(subscriber.sessionID)).tracks).toMatchObject([
			{ location: "remote", trackName: "audio0", sessionId: publisher.sessionID, status: "active" },
		]);
	});
});

describe("a section that goes both ways", () => {
	test("is offered by the SFU for a publication, and what is pulled into it needs no SDP", async () => {
		await using other = await publish(api, browser, [{ kind: "video", width: 320, codec: "VP8" }]);
		await using peer = await BrowserPeer.open(browser);
		const sessionID = await api.newSession();

		const invited = await api.tracksNew(sessionID, {
			tracks: [{ location: "local", trackName: "mine", kind: "video", bidirectionalMediaStream: true }],
		});
		const mid = invited.tracks?.[0]?.mid ?? "";
		const answer = await peer.answerSending(invited.sessionDescription?.sdp ?? "");
		await api.renegotiate(sessionID, answer);
		await peer.waitUntilConnected();
		const pulled = await api.tracksNew(sessionID, {
			tracks: [{ location: "remote", sessionId: other.sessionID, trackName: "video0", mid: "#mine" }],
		});

		expect(invited.requiresImmediateRenegotiation).toBe(true);
		expect(pulled.requiresImmediateRenegotiation ?? false).toBe(false);
		expect(pulled.tracks).toMatchObject([{ mid }]);
		await peer.waitForInbound(mid, (now) => now.frameWidth === 320);
		await using watcher = await subscribe(api, browser, {
			sessionID,
			tracks: [{ mid, trackName: "mine", kind: "video" }],
		});
		await watcher.peer.waitForInbound(watcher.mids[0] ?? "", (now) => now.frameWidth === 640);
	});
});

describe("one negotiation at a time", () => {
	test("a mutation before the SFU's offer is answered is 406, and so is a second answer", async () => {
		await using publisher = await publish(api, browser);
		await using peer = await BrowserPeer.open(browser);
		const sessionID = await api.newSession();
		const pull = (trackName: string) =>
			api.call("POST", `/sessions/${sessionID}/tracks/new`, {
				tracks: [{ location: "remote", sessionId: publisher.sessionID, trackName }],
			});

		const [one, two] = await Promise.all([pull("video0"), pull("audio1")]);

		const refused = { status: 406, body: { errorCode: "invalid_session_description" } };
		const statuses = [one.status, two.status].toSorted((a, b) => a - b);
		expect(statuses).toEqual([200, 406]);
		expect(one.status === 406 ? one : two).toMatchObject(refused);
		const accepted = one.status === 200 ? one : two;
		const offer = sdpOf(accepted.body);
		const answer = { sessionDescription: { type: "answer", sdp: await peer.answer(offer) } };
		const path = `/sessions/${sessionID}/renegotiate`;
		expect((await api.call("PUT", path, answer)).status).toBe(200);
		expect(await api.call("PUT", path, answer)).toMatchObject(refused);
	});

	test("pulling into a session that does not finish connecting is 425", async () => {
		await using publisher = await publish(api, browser, [{ kind: "audio" }]);
		await using peer = await BrowserPeer.open(browser);
		const sessionID = await api.newSession();
		await peer.send({ kind: "audio" });
		await api.tracksNew(sessionID, {
			tracks: [{ location: "local", mid: "0", trackName: "late" }],
			sessionDescription: { type: "offer", sdp: await peer.offer() },
		});

		const reply = await api.call("POST", `/sessions/${sessionID}/tracks/new`, {
			tracks: [{ location: "remote", sessionId: publisher.sessionID, trackName: "audio0" }],
		});

		expect(reply).toMatchObject({ status: 425, body: { errorCode: "session_error" } });
	});
});

describe("tracks and sessions end", () => {
	test("closing the browser's connection ends the session for everybody", async () => {
		const publisher = await publish(api, browser, [{ kind: "audio" }]);

		await publisher.peer.close();

		const path = `/sessions/${publisher.sessionID}`;
		await expect.poll(async () => (await api.call("GET", path)).status, { timeout: 20_000 }).toBe(410);
		const pulled = await api.tracksNew(await api.newSession(), {
			tracks: [{ location: "remote", sessionId: publisher.sessionID, trackName: "audio0" }],
		});
		expect(pulled.tracks).toMatchObject([{ errorCode: "not_found_track_error" }]);
	});

	test.skipIf(IS_CLOUDFLARE)("a track without packets is collected, for its subscribers too", async () => {
		await using publisher = await publish(api, browser, [{ kind: "video" }, { kind: "audio" }]);
		await using subscriber = await subscribe(api, browser, publisher);
		await publisher.peer.page.evaluate(async () => {
			const [sender] = window.peer.connection.getSenders();
			await sender?.replaceTrack(null);
		});

		const statuses = async (sessionID: string) =>
			(await api.state(sessionID)).tracks
				.filter((track) => track.status === "active")
				.map((track) => track.trackName);

		await expect.poll(() => statuses(publisher.sessionID), { timeout: 20_000 }).toEqual(["audio1"]);
		expect(await statuses(subscriber.sessionID)).toEqual(["audio1"]);
	});
});

function sdpOf(body: unknown): string {
	const found = /"sdp":("(?:[^"\\]|\\.)*")/.exec(JSON.stringify(body))?.[1];
	if (found === undefined) throw new Error("no SDP");
	return String(JSON.parse(found));
}
