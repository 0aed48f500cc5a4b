import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type IceServer, IceServersReply } from "../../protocol/realtime-api.ts";
import { BrowserPeer } from "../support/browser-peer.ts";
import { Network, whyNoNetwork } from "../support/network.ts";
import {
	callJson,
	IS_CLOUDFLARE,
	RealtimeCaller,
	type RealtimeService,
	startRealtime,
} from "../support/realtime.ts";
import { publish, subscribe } from "../support/realtime-stories.ts";

const obstacle = IS_CLOUDFLARE ? "Cloudflare is not in them" : whyNoNetwork();

const FIRST_PORT = 19_300;
const TLS_PORT = FIRST_PORT + 4;
const NO_UDP = { from: "bob", protocol: "udp" } as const;
const FOLLOW = { priorityOrdering: "asciibetical", ridNotAvailable: "asciibetical" } as const;

const title = obstacle === null ? "a network" : `a network (skipped: ${obstacle})`;

describe.skipIf(obstacle !== null)(title, () => {
	let network: Network;
	let service: RealtimeService;
	let api: RealtimeCaller;
	let alice: Browser;
	let bob: Browser;

	beforeAll(async () => {
		network = await Network.create(["server", "alice", "bob"]);
		service = await startRealtime(FIRST_PORT, {}, network.host("server"));
		api = new RealtimeCaller(service);
		alice = await network.host("alice").launchChromium();
		bob = await network.host("bob").launchChromium();
	});
	afterAll(async () => {
		await alice?.close();
		await bob?.close();
		await service?.[Symbol.asyncDispose]();
		await network?.[Symbol.asyncDispose]();
	});

	test("lets two hosts talk directly; without media packets alone, the connection stays and the picture stands", async () => {
		await using left = await BrowserPeer.open(alice);
		await using right = await BrowserPeer.open(bob);
		await left.send({ kind: "video", width: 320 });
		await left.offer();
		await right.answer(await left.gatheredDescription());
		await left.acceptAnswer(await right.gatheredDescription());
		await right.waitForFrames("0", 10);

		await using rule = await network.drop({ from: "alice", to: "bob", isMediaOnly: true });
		await expect.poll(() => rule.count()).toBeGreaterThan(10);
		const still = await right.inbound("0");
		// RFC 7675: consent is asked for every five seconds and lost after thirty; Chromium gives up a silent pair after a few.
		await right.page.waitForTimeout(8_000);
		const later = await right.inbound("0");
		const states = [await left.connectionState(), await right.connectionState()];
		await rule.lift();

		expect(later.framesDecoded - still.framesDecoded).toBeLessThanOrEqual(1);
		expect(states).toEqual(["connected", "connected"]);
		await right.waitForFrames("0", 5);
	});

	test.each([
		{ open: "TCP", relayProtocol: "tcp", dropped: [NO_UDP] },
		{
			open: "only the port of TURN over TLS",
			relayProtocol: "tls",
			dropped: [NO_UDP, { from: "bob", protocol: "tcp" as const, exceptToPorts: [TLS_PORT] }],
		},
	])("that lets through $open: media goes by TURN over $relayProtocol", async (way) => {
		const iceServers = await newIceServers();
		await using _rule = await network.drop(...way.dropped);

		await using publisher = await publish(api, bob, [{ kind: "video", width: 320 }], { iceServers });
		await using subscriber = await subscribe(api, alice, publisher);

		await subscriber.peer.waitForFrames(subscriber.mids[0] ?? "", 20);
		expect(await publisher.peer.way()).toEqual({
			candidateType: "relay",
			relayProtocol: way.relayProtocol,
		});
	});

	test("that gets thin gives a smaller layer within three seconds and keeps the sound; wide again it gives the best", async () => {
		await using publisher = await publish(api, alice, [
			{ kind: "audio" },
			{ kind: "video", width: 960, rids: ["a", "b", "c"] },
		]);
		const simulcast = { preferredRid: "a", ...FOLLOW };
		await using subscriber = await subscribe(api, bob, publisher, { simulcast });
		const [audio = "", video = ""] = subscriber.mids;
		await subscriber.peer.waitForInbound(video, (now) => now.frameWidth === 960);
		// Encoders begin low: the best layer must take far more than what will be left.
		await expect.poll(() => publisher.peer.bitrate("1", "a"), { timeout: 20_000 }).toBeGreaterThan(600_000);
		const before = await subscriber.peer.inbound(audio);

		const thinAt = performance.now();
		await network.host("bob").limit({ downKbps: 300 });
		await subscriber.peer.waitForInbound(video, (now) => now.frameWidth > 0 && now.frameWidth < 960, 3_000);
		const tookMs = performance.now() - thinAt;
		await subscriber.peer.waitForFrames(video, 40);
		const thin = await subscriber.peer.inbound(audio);
		await network.host("bob").limit({});

		expect(tookMs).toBeLessThan(3_000);
		const received = thin.packetsReceived - before.packetsReceived;
		const lost = thin.packetsLost - before.packetsLost;
		expect(lost / (received + lost)).toBeLessThan(0.1);
		expect(thin.totalAudioEnergy).toBeGreaterThan(before.totalAudioEnergy);
		await subscriber.peer.waitForInbound(video, (now) => now.frameWidth === 960, 45_000);
	}, 120_000);

	async function newIceServers(): Promise<RTCIceServer[]> {
		const { keyID = "", token = "" } = service.turn ?? {};
		const url = `${service.baseURL}/turn/keys/${keyID}/credentials/generate-ice-servers`;
		const { body } = await callJson(url, { method: "POST", token, body: { ttl: 600 } });
		const servers: IceServer[] = [IceServersReply.parse(body).iceServers].flat();
		return servers.map(({ urls, username, credential }) => ({
			urls,
			...(username === undefined || credential === undefined ? {} : { username, credential }),
		}));
	}
});
