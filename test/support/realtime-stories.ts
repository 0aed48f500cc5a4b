import type { Browser } from "playwright-core";
import type { Simulcast } from "../../protocol/realtime-api.ts";
import { BrowserPeer } from "./browser-peer.ts";
import type { SentTrack } from "./page-peer.ts";
import type { RealtimeCaller } from "./realtime.ts";

export type PublishedTrack = { mid: string; trackName: string; kind: "audio" | "video" };

/** A browser that publishes, with its session. */
export type Publisher = AsyncDisposable & { peer: BrowserPeer; sessionID: string; tracks: PublishedTrack[] };

/** A browser that receives; `mids` in the order of the tracks asked for. */
export type Subscriber = AsyncDisposable & { peer: BrowserPeer; sessionID: string; mids: string[] };

/** Publishes under the names `video`, `audio` and so on, and waits until packets are sent. */
export async function publish(
	api: RealtimeCaller,
	browser: Browser,
	sent: readonly SentTrack[] = [{ kind: "video" }, { kind: "audio" }],
	configuration: RTCConfiguration = {},
): Promise<Publisher> {
	const peer = await BrowserPeer.open(browser, configuration);
	const sessionID = await api.newSession();
	for (const track of sent) await peer.send(track);
	const sdp = await peer.offer();
	const mids = await peer.sentMids();
	const tracks = sent.map(({ kind }, index) => ({
		mid: mids[index] ?? "",
		trackName: `${kind}${index}`,
		kind,
	}));
	const reply = await api.tracksNew(sessionID, {
		sessionDescription: { type: "offer", sdp },
		tracks: tracks.map(({ mid, trackName }) => ({ location: "local", mid, trackName })),
	});
	await peer.acceptAnswer(reply.sessionDescription?.sdp ?? "");
	for (const { mid } of tracks) await waitUntilSending(peer, mid);
	return { peer, sessionID, tracks, [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose]() };
}

/** Pulls with the SFU's offer. Throws if an item fails. */
export async function subscribe(
	api: RealtimeCaller,
	browser: Browser,
	publisher: Pick<Publisher, "sessionID" | "tracks">,
	options: { simulcast?: Simulcast; configuration?: RTCConfiguration } = {},
): Promise<Subscriber> {
	const peer = await BrowserPeer.open(browser, options.configuration ?? {});
	const sessionID = await api.newSession();
	const mids = await pullInto(api, { peer, sessionID }, publisher, options.simulcast);
	return { peer, sessionID, mids, [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose]() };
}

/** Pulls more tracks into a session that exists, up to the accepted answer. */
export async function pullInto(
	api: RealtimeCaller,
	receiver: { peer: BrowserPeer; sessionID: string },
	publisher: Pick<Publisher, "sessionID" | "tracks">,
	simulcast?: Simulcast,
): Promise<string[]> {
	const reply = await api.tracksNew(receiver.sessionID, {
		tracks: publisher.tracks.map(({ trackName, kind }) => ({
			location: "remote",
			sessionId: publisher.sessionID,
			trackName,
			...(simulcast !== undefined && kind === "video" ? { simulcast } : {}),
		})),
	});
	const failed = reply.tracks?.find((track) => track.errorCode !== undefined);
	if (failed !== undefined) throw new Error(`pull failed: ${JSON.stringify(failed)}`);
	const answer = await receiver.peer.answer(reply.sessionDescription?.sdp ?? "");
	await api.renegotiate(receiver.sessionID, answer);
	return reply.tracks?.map((track) => track.mid ?? "") ?? [];
}

async function waitUntilSending(peer: BrowserPeer, mid: string): Promise<void> {
	const giveUpAt = Date.now() + 15_000;
	for (;;) {
		const streams = await peer.outbound(mid);
		if (streams.some((stream) => stream.packetsSent > 0)) return;
		if (Date.now() > giveUpAt) throw new Error(`nothing sent on ${mid}: ${await peer.connectionState()}`);
		await peer.page.waitForTimeout(30);
	}
}
