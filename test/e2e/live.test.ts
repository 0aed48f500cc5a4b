import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSocketTicket } from "../../protocol/account.ts";
import { ChatServerFrame, type ChatServerMessage, listMessages } from "../../protocol/chat.ts";
import {
	getLivestream,
	getStream,
	getStreamHealth,
	type Livestream,
	updateLivestream,
} from "../../protocol/live.ts";
import { downloadRun, fetchBytes, fetchMedia, fetchPrimary, renditionURLs } from "../support/hls.ts";
import { countDecodedFrames, decodeSeconds, probeMedia } from "../support/probe.ts";
import { becomeStreamer, Encoder, type Streamer } from "../support/stage.ts";
import { eventually, System } from "../support/system.ts";

let system: System;
beforeAll(async () => {
	system = await System.start(18_100);
});
afterAll(() => system[Symbol.asyncDispose]());

/** The channel's stream once its playlist can be played. */
function playable(streamer: Streamer, withinMs = 30_000): Promise<Livestream & { hls: string }> {
	return eventually(async () => {
		const stream = await streamer.caller.call(getLivestream, {
			params: { channelID: streamer.channel.channelID },
		});
		return stream.manifests.hls === null ? null : { ...stream, hls: stream.manifests.hls };
	}, withinMs);
}

function state(streamer: Streamer, streamID: Livestream["streamID"]) {
	return streamer.caller.call(getStream, { params: { streamID } });
}

async function newestSegment(hls: string): Promise<number> {
	const [first = ""] = renditionURLs(await fetchPrimary(hls));
	const { playlist } = await fetchMedia(first);
	return (playlist.mediaSequenceBase ?? 0) + playlist.segments.length - 1;
}

describe("an encoder's stream", () => {
	test("has every rendition in its size, H.264 and AAC, cut at key frames, without gaps, and is the recording after its end", async () => {
		const streamer = await becomeStreamer(system.url);
		let stream: Livestream & { hls: string };
		{
			await using _encoder = new Encoder(streamer);
			stream = await playable(streamer);
			await eventually(async () => (await newestSegment(stream.hls)) >= 6, 30_000);
			const health = await streamer.caller.call(getStreamHealth, { params: { streamID: stream.streamID } });
			expect(health.source?.framesPerSecond).toBeGreaterThan(20);
			expect(health.source?.width).toBe(1280);

			const primary = await fetchPrimary(stream.hls);
			expect(primary.playlist.variants.map((variant) => variant.resolution?.height)).toEqual([720, 480, 360]);
			for (const url of renditionURLs(primary)) {
				const media = await fetchMedia(url);
				const pieces = await downloadRun(media);
				const probe = await probeMedia(pieces);
				const isVideo = probe.width !== undefined;
				expect(probe.codec).toBe(isVideo ? "h264" : "aac");
				const steps = probe.packets
					.slice(1)
					.map((packet, index) => packet.time - (probe.packets[index]?.time ?? 0));
				const step = isVideo ? 1 / 30 : 1024 / 48_000;
				expect(Math.max(...steps)).toBeLessThan(step * 1.5);
				expect(Math.min(...steps)).toBeGreaterThan(step * 0.5);
				if (!isVideo) continue;
				const keyTimes = probe.packets
					.filter((packet) => packet.isKey)
					.map((packet) => packet.time - (probe.packets[0]?.time ?? 0));
				for (const time of keyTimes) expect(time % 2).toBeCloseTo(0, 2);
				expect(await countDecodedFrames(pieces)).toBe(probe.packets.length);
			}
		}

		await streamer.caller.call(updateLivestream, {
			params: { channelID: streamer.channel.channelID },
			body: { state: "ended" },
		});
		const ended = await eventually(async () => {
			const now = await state(streamer, stream.streamID);
			const text =
				now.manifests.hls === null
					? ""
					: (await fetchMedia(renditionURLs(await fetchPrimary(now.manifests.hls))[0] ?? "")).text;
			return text.includes("#EXT-X-ENDLIST") ? { now, text } : null;
		}, 20_000);
		expect(ended.now.state).toBe("ended");
		expect(ended.text).toContain("#EXT-X-PLAYLIST-TYPE:VOD");
		expect(new URL(ended.now.manifests.hls ?? "").pathname).toBe(new URL(stream.hls).pathname);
	}, 120_000);

	test("answers a blocked reload with the part asked for, serves the hinted part, and refuses the far future", async () => {
		const streamer = await becomeStreamer(system.url);
		await using _encoder = new Encoder(streamer);
		const stream = await playable(streamer);
		const [url = ""] = renditionURLs(await fetchPrimary(stream.hls));
		const { text, playlist } = await fetchMedia(url);
		const next = (playlist.mediaSequenceBase ?? 0) + [...text.matchAll(/#EXTINF/g)].length + 1;

		const blocked = await (await fetch(`${url}&_HLS_msn=${next}&_HLS_part=0`)).text();
		const hint = /PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(blocked)?.[1] ?? "";
		const part = await fetchBytes(new URL(hint, url).href);
		const future = await fetch(`${url}&_HLS_msn=${next + 50}`);
		const half = await fetch(`${url}&_HLS_part=1`);

		expect(blocked).toContain(`seg/${next}.0.m4s`);
		expect(Buffer.from(part).includes("moof")).toBe(true);
		expect([future.status, half.status]).toEqual([400, 400]);
	}, 60_000);

	test("is decoded from the DASH manifest too, which names the very same segments", async () => {
		const streamer = await becomeStreamer(system.url);
		await using _encoder = new Encoder(streamer, ["--size", "640x360"]);
		const { manifests } = await playable(streamer);

		const manifest = await (await fetch(manifests.dash ?? "")).text();
		const decoded = await decodeSeconds(manifests.dash ?? "", 4);

		expect(manifest).toContain('type="dynamic"');
		expect(manifest).toContain("360p-h264/seg/$Number$.m4s");
		expect(decoded).toBeGreaterThan(100);
	}, 90_000);

	test("gives its media to nobody without a signature, with a forged one, or with another stream's", async () => {
		const [one, two] = [await becomeStreamer(system.url), await becomeStreamer(system.url)];
		await using _first = new Encoder(one);
		const stream = await playable(one);
		await one.caller.call(updateLivestream, {
			params: { channelID: one.channel.channelID },
			body: { state: "ended" },
		});
		await using _second = new Encoder(two);
		const other = await playable(two);

		const { origin, pathname, search } = new URL(stream.hls);
		const foreign = `${origin}${pathname}${new URL(other.hls).search}`;
		const statuses = await Promise.all(
			[`${origin}${pathname}`, `${origin}${pathname}${search}x`, foreign].map(
				async (url) => (await fetch(url)).status,
			),
		);

		expect(statuses).toEqual([403, 403, 403]);
	}, 90_000);
});

describe("kill -9", () => {
	test("of the encoder: its next start continues the same stream within ten seconds", async () => {
		const streamer = await becomeStreamer(system.url);
		const first = new Encoder(streamer);
		const stream = await playable(streamer);
		const before = await newestSegment(stream.hls);

		first.kill();
		const killedAt = performance.now();
		await using _second = new Encoder(streamer);
		await eventually(async () => (await newestSegment(stream.hls)) > before + 1, 20_000);

		expect(performance.now() - killedAt).toBeLessThan(10_000);
		expect((await state(streamer, stream.streamID)).state).toBe("live");
		const [url = ""] = renditionURLs(await fetchPrimary(stream.hls));
		expect((await fetchMedia(url)).text).toContain("#EXT-X-DISCONTINUITY\n");
	}, 60_000);

	test("of the media program: another takes over within ten seconds, under the same streamID", async () => {
		const streamer = await becomeStreamer(system.url);
		await using _encoder = new Encoder(streamer);
		const stream = await playable(streamer);
		const before = await newestSegment(stream.hls);

		expect(system.kill("media/index.ts")).toBeGreaterThan(0);
		const killedAt = performance.now();
		await eventually(async () => (await newestSegment(stream.hls)) > before + 1, 20_000);

		expect(performance.now() - killedAt).toBeLessThan(10_000);
	}, 60_000);

	test("of workerd: the stream goes on within ten seconds without a discontinuity, and every acknowledged message is there", async () => {
		const streamer = await becomeStreamer(system.url);
		await using _encoder = new Encoder(streamer);
		const stream = await playable(streamer);
		const { channelID } = streamer.channel;
		const { ticket } = await streamer.caller.call(createSocketTicket, {
			body: { audience: "chat", resource: channelID },
		});
		const socket = new WebSocket(`${system.url.replace("http", "ws")}/channels/${channelID}/live-stream`, [
			"chat.v1",
			`ticket.${ticket}`,
		]);
		const acknowledged: string[] = [];
		socket.onmessage = ({ data }) => {
			const frames: ChatServerMessage[] = [ChatServerFrame.parse(JSON.parse(String(data)))].flat();
			for (const frame of frames) if (frame.t === "ack") acknowledged.push(frame.messageID);
		};
		await new Promise((resolve) => socket.addEventListener("open", resolve));
		const before = await newestSegment(stream.hls);
		for (let number = 0; number < 15; number++)
			socket.send(
				JSON.stringify({ t: "message.send", clientMsgID: `m${number}`, message: `line ${number}` }),
			);
		await eventually(async () => acknowledged.length >= 10, 5000);

		expect(system.kill("workerd serve")).toBeGreaterThan(0);
		const killedAt = performance.now();
		await eventually(async () => (await newestSegment(stream.hls)) > before + 2, 20_000);

		expect(performance.now() - killedAt).toBeLessThan(10_000);
		const { messages } = await streamer.caller.call(listMessages, { params: { channelID }, query: {} });
		expect(messages.map((message) => message.messageID)).toEqual(expect.arrayContaining(acknowledged));
		const [url = ""] = renditionURLs(await fetchPrimary(stream.hls));
		expect((await fetchMedia(url)).text).not.toContain("#EXT-X-DISCONTINUITY\n");
	}, 60_000);
});
