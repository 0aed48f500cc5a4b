import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeTransports } from "../../webrtc/transport.ts";
import { launchChromium } from "../support/chromium.ts";
import { EncoderPublisher } from "../support/encoder-publisher.ts";
import { RealtimeCaller, type RealtimeService, startRealtime } from "../support/realtime.ts";
import { publish, subscribe } from "../support/realtime-stories.ts";

/** What WHIP encoders do that browsers publishing by name do not. */

let service: RealtimeService;
let api: RealtimeCaller;
let browser: Browser;

beforeAll(async () => {
	service = await startRealtime(19_260);
	api = new RealtimeCaller(service);
	browser = await launchChromium();
});
afterAll(async () => {
	await browser.close();
	await service[Symbol.asyncDispose]();
	closeTransports();
});

test("an encoder that is DTLS server and names its streams by SSRC only is seen and heard", async () => {
	await using encoder = new EncoderPublisher();
	const sessionID = await api.newSession();

	const reply = await api.tracksNew(sessionID, {
		autoDiscover: true,
		sessionDescription: { type: "offer", sdp: encoder.offer },
	});
	const answer = reply.sessionDescription?.sdp ?? "";
	await encoder.start(answer);

	expect(answer).toContain("a=setup:active");
	expect(answer).not.toContain("a=extmap:");
	const tracks = (reply.tracks ?? []).map(({ mid, trackName, kind }) => ({
		mid: mid ?? "",
		trackName: trackName ?? "",
		kind: kind ?? "video",
	}));
	expect(tracks.map((track) => track.kind)).toEqual(["audio", "video"]);
	await using subscriber = await subscribe(api, browser, { sessionID, tracks });
	const picture = await subscriber.peer.waitForFrames(subscriber.mids[1] ?? "", 20);
	expect(picture).toMatchObject({ codec: "video/H264", frameWidth: 640 });
	await subscriber.peer.waitForInbound(subscriber.mids[0] ?? "", (now) => now.totalAudioEnergy > 0);
});

test.each([
	["no codec that is supported", "a=rtpmap:111 opus/48000/2", "a=rtpmap:111 speex/16000"],
	["no ICE password", /a=ice-pwd:.*\r\n/g, ""],
	["no fingerprint", /a=fingerprint:.*\r\n/g, ""],
	["two sections of one mid", "a=mid:1", "a=mid:0"],
])("an offer with %s is 406, and the session can be used for a better one", async (_name, what, by) => {
	await using encoder = new EncoderPublisher();
	const sessionID = await api.newSession();
	const audioOnly = encoder.offer.replace("BUNDLE 0 1", "BUNDLE 0").replace(/m=video[\s\S]*$/, "");
	const isAboutTwo = by === "a=mid:0";
	const broken = (isAboutTwo ? encoder.offer : audioOnly).replace(what, by);

	const refused = await api.call("POST", `/sessions/${sessionID}/tracks/new`, {
		autoDiscover: true,
		sessionDescription: { type: "offer", sdp: broken },
	});

	expect(refused).toMatchObject({ status: 406, body: { errorCode: "invalid_session_description" } });
	const accepted = await api.tracksNew(sessionID, {
		autoDiscover: true,
		sessionDescription: { type: "offer", sdp: encoder.offer },
	});
	expect(accepted.tracks).toHaveLength(2);
});

describe("an ICE restart", () => {
	test("of a publisher, offered without new tracks, goes on with the same tracks", async () => {
		await using publisher = await publish(api, browser, [{ kind: "video" }]);
		await using subscriber = await subscribe(api, browser, publisher);
		const mid = subscriber.mids[0] ?? "";
		await subscriber.peer.waitForFrames(mid, 10);
		const sdp = await publisher.peer.offer({ iceRestart: true });

		const reply = await api.tracksNew(publisher.sessionID, {
			autoDiscover: true,
			sessionDescription: { type: "offer", sdp },
		});
		await publisher.peer.acceptAnswer(reply.sessionDescription?.sdp ?? "");

		expect(reply.tracks ?? []).toEqual([]);
		const before = (await publisher.peer.outbound("0"))[0]?.packetsSent ?? 0;
		await expect
			.poll(async () => (await publisher.peer.outbound("0"))[0]?.packetsSent)
			.toBeGreaterThan(before + 20);
		await subscriber.peer.waitForFrames(mid, 20);
		expect((await api.state(publisher.sessionID)).tracks).toMatchObject([
			{ trackName: "video0", status: "active" },
		]);
	});

	test("of a subscriber brings the picture back", async () => {
		await using publisher = await publish(api, browser, [{ kind: "video" }]);
		await using subscriber = await subscribe(api, browser, publisher);
		const mid = subscriber.mids[0] ?? "";
		await subscriber.peer.waitForFrames(mid, 10);
		const sdp = await subscriber.peer.offer({ iceRestart: true });

		const reply = await api.tracksNew(subscriber.sessionID, {
			autoDiscover: true,
			sessionDescription: { type: "offer", sdp },
		});
		await subscriber.peer.acceptAnswer(reply.sessionDescription?.sdp ?? "");

		await subscriber.peer.waitForFrames(mid, 20);
	});
});
