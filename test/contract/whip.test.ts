import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeTransports } from "../../webrtc/transport.ts";
import { BrowserPeer } from "../support/browser-peer.ts";
import { launchChromium } from "../support/chromium.ts";
import { EncoderPublisher } from "../support/encoder-publisher.ts";
import { IS_CLOUDFLARE, RealtimeCaller, type RealtimeService, startRealtime } from "../support/realtime.ts";
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
	test.each(["publisher", "subscriber"] as const)(
		"of a %s keeps the DTLS association: new credentials, the same certificate, no packet lost",
		async (role) => {
			await using publisher = await publish(api, browser, [{ kind: "video" }]);
			await using subscriber = await subscribe(api, browser, publisher);
			const mid = subscriber.mids[0] ?? "";
			await subscriber.peer.waitForFrames(mid, 10);
			const restarting = role === "publisher" ? publisher : subscriber;
			const before = await restarting.peer.remoteDescription();
			const sdp = await restarting.peer.offer({ iceRestart: true });

			const reply = await api.tracksNew(restarting.sessionID, {
				autoDiscover: true,
				sessionDescription: { type: "offer", sdp },
			});
			const answer = reply.sessionDescription?.sdp ?? "";
			await restarting.peer.acceptAnswer(answer);

			expect(reply.tracks ?? []).toEqual([]);
			expect(attributeOf("fingerprint", answer)).toBe(attributeOf("fingerprint", before));
			expect(attributeOf("ice-ufrag", answer)).not.toBe(attributeOf("ice-ufrag", before));
			const after = await subscriber.peer.waitForFrames(mid, 60);
			expect(after.packetsLost).toBe(0);
			expect((await api.state(publisher.sessionID)).tracks).toMatchObject([
				{ trackName: "video0", status: "active" },
			]);
		},
	);

	test.skipIf(IS_CLOUDFLARE)("with another certificate is a new connection of the same session", async () => {
		await using publisher = await publish(api, browser, [{ kind: "video" }]);
		await using subscriber = await subscribe(api, browser, publisher);
		await using successor = await BrowserPeer.open(browser);
		await successor.send({ kind: "video", width: 320 });

		const reply = await api.tracksNew(publisher.sessionID, {
			autoDiscover: true,
			sessionDescription: { type: "offer", sdp: await successor.offer() },
		});
		await successor.acceptAnswer(reply.sessionDescription?.sdp ?? "");

		await successor.waitUntilConnected();
		const mid = subscriber.mids[0] ?? "";
		await subscriber.peer.waitForInbound(mid, (now) => now.frameWidth === 320);
		await subscriber.peer.waitForFrames(mid, 10);
	});
});

/** The first value of an SDP attribute. */
function attributeOf(attribute: string, sdp: string): string {
	return new RegExp(`^a=${attribute}:(.*?)\\r?$`, "m").exec(sdp)?.[1] ?? "";
}
