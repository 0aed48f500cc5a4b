import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { BrowserPeer } from "../support/browser-peer.ts";
import { launchChromium } from "../support/chromium.ts";
import { RealtimeCaller, type RealtimeService, startRealtime } from "../support/realtime.ts";
import { publish, subscribe } from "../support/realtime-stories.ts";

let service: RealtimeService;
let api: RealtimeCaller;
let browser: Browser;

beforeAll(async () => {
	service = await startRealtime(19_280);
	api = new RealtimeCaller(service);
	browser = await launchChromium();
});
afterAll(async () => {
	await browser.close();
	await service[Symbol.asyncDispose]();
});

/** A browser with a session whose data channels are up. */
type Endpoint = AsyncDisposable & { peer: BrowserPeer; sessionID: string };

describe("setting up", () => {
	test("by the SFU's offer, and only once", async () => {
		await using peer = await BrowserPeer.open(browser);
		const sessionID = await api.newSession();

		const established = await establish(sessionID);
		await api.renegotiate(sessionID, await peer.answer(established.sessionDescription?.sdp ?? ""));
		await peer.waitUntilConnected();
		const again = await api.call("POST", `/sessions/${sessionID}/datachannels/establish`, ESTABLISH);

		expect(established).toMatchObject({
			requiresImmediateRenegotiation: true,
			dataChannel: { dataChannelName: "server-events", id: 0 },
			sessionDescription: { type: "offer" },
		});
		expect(again).toMatchObject({ status: 400, body: { errorCode: "decoding_error" } });
	});

	test("by the client's offer", async () => {
		await using peer = await BrowserPeer.open(browser);
		const sessionID = await api.newSession();
		await openChannel(peer, "server-events", 0);

		const established = await establish(sessionID, await peer.offer());
		await peer.acceptAnswer(established.sessionDescription?.sdp ?? "");
		await peer.waitUntilConnected();

		expect(established).toMatchObject({
			requiresImmediateRenegotiation: false,
			sessionDescription: { type: "answer" },
		});
	});

	test("into a session whose pictures go on", async () => {
		await using publisher = await publish(api, browser, [{ kind: "video" }]);
		await using watcher = await subscribe(api, browser, publisher);
		await watcher.peer.waitForFrames(watcher.mids[0] ?? "", 5);

		for (const { peer, sessionID } of [publisher, watcher]) {
			const established = await establish(sessionID);
			await api.renegotiate(sessionID, await peer.answer(established.sessionDescription?.sdp ?? ""));
		}
		await publishChannel(publisher, "late");
		const id = await subscribeChannel(watcher, publisher, "late");
		await say(publisher.peer, "late", "hello");

		expect(id).toBeGreaterThan(0);
		expect(await heard(watcher.peer, "late", 1)).toEqual(["hello"]);
		await watcher.peer.waitForFrames(watcher.mids[0] ?? "", 10);
	});

	test("channels before the transport are 425", async () => {
		const reply = await api.call("POST", `/sessions/${await api.newSession()}/datachannels/new`, {
			dataChannels: [{ location: "local", dataChannelName: "early" }],
		});

		expect(reply).toMatchObject({ status: 425, body: { errorCode: "session_error" } });
	});
});

describe("messages", () => {
	test("of a publisher reach all subscribers, in order", async () => {
		await using publisher = await openEndpoint();
		await using first = await openEndpoint();
		await using second = await openEndpoint();
		await publishChannel(publisher, "chat");
		await subscribeChannel(first, publisher, "chat");
		await subscribeChannel(second, publisher, "chat");

		for (const line of ["one", "two", "x".repeat(60_000)]) await say(publisher.peer, "chat", line);

		for (const { peer } of [first, second]) {
			expect(await heard(peer, "chat", 3)).toEqual(["one", "two", "x".repeat(60_000)]);
		}
	});

	test("of a subscriber reach the publisher only while it may reply", async () => {
		await using publisher = await openEndpoint();
		await using first = await openEndpoint();
		await using second = await openEndpoint();
		await publishChannel(publisher, "robot");
		await subscribeChannel(first, publisher, "robot", { canReply: true });
		await subscribeChannel(second, publisher, "robot");

		await say(first.peer, "robot", "from the first");
		await say(second.peer, "robot", "unheard");
		expect(await heard(publisher.peer, "robot", 1)).toEqual(["from the first"]);
		await updateChannel(second, publisher, "robot", true);
		await say(first.peer, "robot", "unheard");
		await say(second.peer, "robot", "from the second");

		expect(await heard(publisher.peer, "robot", 2)).toEqual(["from the first", "from the second"]);
	});

	test("wait for the subscriber's first one if it asked for that", async () => {
		await using publisher = await openEndpoint();
		await using subscriber = await openEndpoint();
		await publishChannel(publisher, "events");
		await subscribeChannel(subscriber, publisher, "events", { waitForAck: true, canReply: true });

		await say(publisher.peer, "events", "too early");
		await publisher.peer.page.waitForTimeout(300);
		await say(subscriber.peer, "events", "ready");
		await subscriber.peer.page.waitForTimeout(300);
		await say(publisher.peer, "events", "in time");
		await say(subscriber.peer, "events", "a reply");

		expect(await heard(subscriber.peer, "events", 1)).toEqual(["in time"]);
		expect(await heard(publisher.peer, "events", 1)).toEqual(["a reply"]);
	});
});

describe("items", () => {
	test("fail one by one, and GET lists what there is", async () => {
		await using publisher = await openEndpoint();
		await using subscriber = await openEndpoint();
		await publishChannel(publisher, "one");

		const twice = await addChannels(publisher.sessionID, [{ location: "local", dataChannelName: "one" }]);
		const unknown = await addChannels(subscriber.sessionID, [
			{ location: "remote", sessionId: publisher.sessionID, dataChannelName: "two" },
		]);
		const listed = await api.call("GET", `/sessions/${publisher.sessionID}`);

		expect(twice).toMatchObject([{ errorCode: "repeated_local_track_error" }]);
		expect(unknown).toMatchObject([{ errorCode: "not_found_track_error" }]);
		expect(listed.body).toMatchObject({
			dataChannels: expect.arrayContaining([
				expect.objectContaining({ location: "local", dataChannelName: "one", status: "active" }),
			]),
		});
	});

	test("closed channels are gone, and closing them again says so", async () => {
		await using publisher = await openEndpoint();
		await using subscriber = await openEndpoint();
		const id = await publishChannel(publisher, "short");
		await subscribeChannel(subscriber, publisher, "short");
		const path = `/sessions/${publisher.sessionID}/datachannels/close`;

		const first = await api.call("PUT", path, { dataChannels: [{ id }] });
		const second = await api.call("PUT", path, { dataChannels: [{ id }] });

		expect(first).toMatchObject({ status: 200, body: { dataChannels: [{ id }] } });
		expect(second).toMatchObject({
			status: 200,
			body: { dataChannels: [{ id, errorCode: "close_track_error" }] },
		});
		await subscriber.peer.page.waitForFunction(() => window.channels.short?.readyState === "closed");
	});
});

const ESTABLISH = { dataChannel: { location: "remote", dataChannelName: "server-events" } };

const Established = z.looseObject({
	requiresImmediateRenegotiation: z.boolean(),
	dataChannel: z.looseObject({ dataChannelName: z.string(), id: z.int() }),
	sessionDescription: z.looseObject({ type: z.string(), sdp: z.string() }).optional(),
});

async function establish(sessionID: string, offer?: string): Promise<z.infer<typeof Established>> {
	const { status, body } = await api.call("POST", `/sessions/${sessionID}/datachannels/establish`, {
		...ESTABLISH,
		...(offer === undefined ? {} : { sessionDescription: { type: "offer", sdp: offer } }),
	});
	if (status !== 200) throw new Error(`establish: ${status} ${JSON.stringify(body)}`);
	return Established.parse(body);
}

async function openEndpoint(): Promise<Endpoint> {
	const peer = await BrowserPeer.open(browser);
	const sessionID = await api.newSession();
	const established = await establish(sessionID);
	await api.renegotiate(sessionID, await peer.answer(established.sessionDescription?.sdp ?? ""));
	await peer.waitUntilConnected();
	return { peer, sessionID, [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose]() };
}

async function addChannels(sessionID: string, dataChannels: unknown[]) {
	const { status, body } = await api.call("POST", `/sessions/${sessionID}/datachannels/new`, {
		dataChannels,
	});
	if (status !== 200) throw new Error(`datachannels/new: ${status} ${JSON.stringify(body)}`);
	const item = z.looseObject({ id: z.int().optional(), errorCode: z.string().optional() });
	return z.object({ dataChannels: z.array(item) }).parse(body).dataChannels;
}

async function publishChannel(endpoint: Pick<Endpoint, "peer" | "sessionID">, name: string): Promise<number> {
	const [reply] = await addChannels(endpoint.sessionID, [{ location: "local", dataChannelName: name }]);
	await openChannel(endpoint.peer, name, reply?.id ?? -1);
	await waitUntilOpen(endpoint.peer, name);
	return reply?.id ?? -1;
}

async function subscribeChannel(
	endpoint: Pick<Endpoint, "peer" | "sessionID">,
	publisher: Pick<Endpoint, "sessionID">,
	name: string,
	options: { canReply?: boolean; waitForAck?: boolean } = {},
): Promise<number> {
	const [reply] = await addChannels(endpoint.sessionID, [
		{ location: "remote", sessionId: publisher.sessionID, dataChannelName: name, ...options },
	]);
	await openChannel(endpoint.peer, name, reply?.id ?? -1);
	await waitUntilOpen(endpoint.peer, name);
	return reply?.id ?? -1;
}

async function updateChannel(subscriber: Endpoint, publisher: Endpoint, name: string, canReply: boolean) {
	const { status } = await api.call("PUT", `/sessions/${subscriber.sessionID}/datachannels/update`, {
		dataChannels: [{ location: "remote", sessionId: publisher.sessionID, dataChannelName: name, canReply }],
	});
	expect(status).toBe(200);
}

async function openChannel(peer: BrowserPeer, name: string, id: number): Promise<void> {
	await peer.page.evaluate(
		([label, channelID]) => {
			const channel = window.peer.connection.createDataChannel(label, { negotiated: true, id: channelID });
			const messages: string[] = [];
			channel.addEventListener("message", (event) => messages.push(String(event.data)));
			window.channels = { ...window.channels, [label]: channel };
			window.messages = { ...window.messages, [label]: messages };
		},
		[name, id] as const,
	);
}

async function waitUntilOpen(peer: BrowserPeer, name: string): Promise<void> {
	await peer.page.waitForFunction((label) => window.channels[label]?.readyState === "open", name, {
		timeout: 10_000,
	});
}

async function say(peer: BrowserPeer, name: string, text: string): Promise<void> {
	await peer.page.evaluate(([label, line]) => window.channels[label]?.send(line), [name, text] as const);
}

/** All messages so far, once there are `count`; a moment longer, so that one too many is seen. */
async function heard(peer: BrowserPeer, name: string, count: number): Promise<string[]> {
	await peer.page.waitForFunction(
		([label, least]) => (window.messages[label]?.length ?? 0) >= least,
		[name, count] as const,
		{ timeout: 10_000 },
	);
	await peer.page.waitForTimeout(200);
	return await peer.page.evaluate((label) => window.messages[label] ?? [], name);
}

declare global {
	interface Window {
		channels: Record<string, RTCDataChannel>;
		messages: Record<string, string[]>;
	}
}
