import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getLivestream, getStreamHealth } from "../../protocol/live.ts";
import { openBrowser } from "../support/glass.ts";
import { becomeStreamer } from "../support/stage.ts";
import { eventually, System } from "../support/system.ts";

let system: System;
let browser: Browser;

beforeAll(async () => {
	system = await System.start(18_500);
	browser = await openBrowser();
});
afterAll(async () => {
	await browser.close();
	await system[Symbol.asyncDispose]();
});

/** Runs in the page: publishes the fake camera by WHIP, then restarts ICE by PATCH (RFC 9725 §4.3.3) with this fragment of its new offer. */
async function publishAndRestart({ url, key }: { url: string; key: string }) {
	const authorization = `Bearer ${key}`;
	const media = await navigator.mediaDevices.getUserMedia({
		video: { width: 320, height: 240 },
		audio: true,
	});
	const peer = new RTCPeerConnection();
	for (const track of media.getTracks())
		peer.addTransceiver(track, { direction: "sendonly", streams: [media] });
	await peer.setLocalDescription();
	const posted = await fetch(url, {
		method: "POST",
		headers: { authorization, "content-type": "application/sdp" },
		body: peer.localDescription?.sdp ?? "",
	});
	const answer = await posted.text();
	await peer.setRemoteDescription({ type: "answer", sdp: answer });
	const connected = () =>
		new Promise<void>((resolve) => {
			const check = () => peer.connectionState === "connected" && resolve();
			peer.addEventListener("connectionstatechange", check);
			check();
		});
	await connected();
	await new Promise((resolve) => setTimeout(resolve, 2000));

	const offer = await peer.createOffer({ iceRestart: true });
	await peer.setLocalDescription(offer);
	const lineOf = (sdp: string, name: string) => new RegExp(`^a=${name}:.*$`, "m").exec(sdp)?.[0].trim() ?? "";
	const patched = await fetch(new URL(posted.headers.get("location") ?? "", url), {
		method: "PATCH",
		headers: { authorization, "content-type": "application/trickle-ice-sdpfrag", "if-match": "*" },
		body: `${lineOf(offer.sdp ?? "", "ice-ufrag")}\r\n${lineOf(offer.sdp ?? "", "ice-pwd")}\r\n`,
	});
	const fragment = await patched.text();
	if (!patched.ok) throw new Error(`PATCH was answered with ${patched.status}: ${fragment}`);
	const newAnswer = answer
		.replace(/^a=ice-ufrag:.*$/gm, lineOf(fragment, "ice-ufrag"))
		.replace(/^a=ice-pwd:.*$/gm, lineOf(fragment, "ice-pwd"))
		.replace(/^a=candidate:.*\r\n/gm, "")
		.replace(/^a=end-of-candidates\r\n/gm, "")
		.replace(
			/^(a=mid:0\r\n)/m,
			`$1${(fragment.match(/^a=candidate:.*$/gm) ?? []).map((line) => `${line.trim()}\r\n`).join("")}`,
		);
	await peer.setRemoteDescription({ type: "answer", sdp: newAnswer });
	const packets = async () => {
		let sent = 0;
		for (const report of (await peer.getStats()).values())
			if (report.type === "remote-inbound-rtp" || report.type === "outbound-rtp")
				sent += report.packetsSent ?? 0;
		return sent;
	};
	const before = await packets();
	await new Promise((resolve) => setTimeout(resolve, 3000));
	return {
		statuses: [posted.status, patched.status],
		isEtagNew: patched.headers.get("etag") !== posted.headers.get("etag"),
		isUfragNew: lineOf(fragment, "ice-ufrag") !== lineOf(answer, "ice-ufrag"),
		packetsAfter: (await packets()) - before,
		state: peer.connectionState,
	};
}

test("an encoder that restarts ICE by PATCH goes on sending under the same session", async () => {
	const streamer = await becomeStreamer(system.url);
	const page = await browser.newPage();
	await page.goto(`${system.url}/login`);

	const outcome = await page.evaluate(publishAndRestart, { url: streamer.whipURL, key: streamer.streamKey });

	expect(outcome.statuses).toEqual([201, 200]);
	expect(outcome).toMatchObject({ isEtagNew: true, isUfragNew: true, state: "connected" });
	expect(outcome.packetsAfter).toBeGreaterThan(50);
	const { streamID, state } = await streamer.caller.call(getLivestream, {
		params: { channelID: streamer.channel.channelID },
	});
	expect(state).toBe("live");
	await eventually(async () => {
		const { source } = await streamer.caller.call(getStreamHealth, { params: { streamID } });
		return (source?.framesPerSecond ?? 0) > 5 && (source?.lastPacketAgeMs ?? 9999) < 1000;
	}, 10_000);
	await page.close();
}, 60_000);
