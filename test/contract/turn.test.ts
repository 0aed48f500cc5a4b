import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type IceServer, IceServersReply } from "../../protocol/realtime-api.ts";
import { BrowserPeer } from "../support/browser-peer.ts";
import { launchChromium } from "../support/chromium.ts";
import {
	callJson,
	IS_CLOUDFLARE,
	RealtimeCaller,
	type RealtimeService,
	startRealtime,
} from "../support/realtime.ts";
import { publish, subscribe } from "../support/realtime-stories.ts";

let service: RealtimeService;
let browser: Browser;

beforeAll(async () => {
	service = await startRealtime(19_220);
	// Nobody signed the stand-in's certificate. Chromium's TURN over TLS asks the same verifier as its pages.
	browser = await launchChromium(IS_CLOUDFLARE ? [] : ["--ignore-certificate-errors"]);
});
afterAll(async () => {
	await browser.close();
	await service[Symbol.asyncDispose]();
});

/** How a browser reaches the TURN server; `tls` is over TCP. Named as `relayProtocol` of getStats names them. */
const WAYS = ["udp", "tcp", "tls"] as const;

const hasTurn = !IS_CLOUDFLARE || Boolean(process.env.TURN_KEY_ID && process.env.TURN_KEY_API_TOKEN);

describe.skipIf(!hasTurn)("credentials", () => {
	test("are 201 with STUN and TURN addresses, user name and password", async () => {
		const { status, body } = await turnCall("generate-ice-servers", { ttl: 3600 });

		const servers = listOf(body);
		expect(status).toBe(201);
		const relay = servers.find((server) => server.username !== undefined);
		expect(relay?.credential).toBeTypeOf("string");
		for (const address of [
			/^turn:.+\?transport=udp$/,
			/^turn:.+\?transport=tcp$/,
			/^turns:.+\?transport=tcp$/,
		]) {
			expect(urlsOf(relay)).toEqual(expect.arrayContaining([expect.stringMatching(address)]));
		}
		expect(servers.flatMap(urlsOf)).toEqual(expect.arrayContaining([expect.stringMatching(/^stun:/)]));
	});

	test("need the key's token", async () => {
		const { turn, baseURL } = service;

		const reply = await callJson(`${baseURL}/turn/keys/${turn?.keyID}/credentials/generate-ice-servers`, {
			method: "POST",
			token: "wrong",
			body: { ttl: 60 },
		});

		expect(reply.status).toBe(401);
	});

	test.each([0, 172_801, "long"])("a lifetime of %s is refused", async (ttl) => {
		expect((await turnCall("generate-ice-servers", { ttl })).status).toBe(400);
	});
});

describe.skipIf(!hasTurn)("the relay", () => {
	test.each(WAYS)("carries a call over %s between two browsers that can reach nothing else", async (way) => {
		const configuration = relayOnly(await newIceServers(), way);
		await using left = await BrowserPeer.open(browser, configuration);
		await using right = await BrowserPeer.open(browser, configuration);
		await left.send({ kind: "video" });

		await connect(left, right);

		await right.waitForFrames("0", 20);
		expect(await left.way()).toEqual({ candidateType: "relay", relayProtocol: way });
		expect(await right.way()).toEqual({ candidateType: "relay", relayProtocol: way });
	});

	// Cloudflare's TURN reaches Cloudflare's SFU, the stand-in's the stand-in's.
	test.each(WAYS)("carries publishing and watching at the SFU over %s", async (way) => {
		const configuration = relayOnly(await newIceServers(), way);
		const api = new RealtimeCaller(service);

		await using publisher = await publish(api, browser, [{ kind: "video" }], configuration);
		await using subscriber = await subscribe(api, browser, publisher, { configuration });

		await subscriber.peer.waitForFrames(subscriber.mids[0] ?? "", 20);
		expect(await publisher.peer.way()).toEqual({ candidateType: "relay", relayProtocol: way });
		expect(await subscriber.peer.way()).toEqual({ candidateType: "relay", relayProtocol: way });
	});
});

describe.skipIf(!hasTurn)("a revoked credential", () => {
	test.each(WAYS)("gets no new relay over %s", async (way) => {
		const servers = await newIceServers();
		await using before = await BrowserPeer.open(browser, relayOnly(servers, way));
		expect(await gatherRelays(before)).toBeGreaterThan(0);

		const revoked = await turnCall(`${usernameOf(servers)}/revoke`);

		expect(revoked.status).toBe(204);
		await using after = await BrowserPeer.open(browser, relayOnly(servers, way));
		expect(await gatherRelays(after)).toBe(0);
	});

	test.each(WAYS)("ends the relays that are running over %s", async (way) => {
		const servers = await newIceServers();
		const configuration = relayOnly(servers, way);
		await using left = await BrowserPeer.open(browser, configuration);
		await using right = await BrowserPeer.open(browser, configuration);
		await left.send({ kind: "video" });
		await connect(left, right);
		await right.waitForFrames("0", 10);

		await turnCall(`${usernameOf(servers)}/revoke`);

		await expect
			.poll(
				async () => {
					const first = await right.inbound("0");
					await right.page.waitForTimeout(500);
					return (await right.inbound("0")).framesDecoded - first.framesDecoded;
				},
				{ timeout: 20_000 },
			)
			.toBe(0);
	});

	test("does not touch others", async () => {
		const [revoked, kept] = [await newIceServers(), await newIceServers()];

		await turnCall(`${usernameOf(revoked)}/revoke`);

		await using peer = await BrowserPeer.open(browser, relayOnly(kept));
		expect(await gatherRelays(peer)).toBeGreaterThan(0);
	});
});

test.skipIf(IS_CLOUDFLARE)("a credential ends with its time", async () => {
	const servers = await newIceServers(1);

	await new Promise((resolve) => setTimeout(resolve, 2_500));

	await using peer = await BrowserPeer.open(browser, relayOnly(servers));
	expect(await gatherRelays(peer)).toBe(0);
});

function turnCall(path: string, body?: unknown) {
	if (service.turn === null) throw new Error("no TURN key");
	const { keyID, token } = service.turn;
	return callJson(`${service.baseURL}/turn/keys/${keyID}/credentials/${path}`, {
		method: "POST",
		token,
		body,
	});
}

async function newIceServers(ttl = 3600): Promise<IceServer[]> {
	return listOf((await turnCall("generate-ice-servers", { ttl })).body);
}

function listOf(body: unknown): IceServer[] {
	const { iceServers } = IceServersReply.parse(body);
	return Array.isArray(iceServers) ? iceServers : [iceServers];
}

function urlsOf(server: IceServer | undefined): string[] {
	return [server?.urls ?? []].flat();
}

function usernameOf(servers: readonly IceServer[]): string {
	return servers.find((server) => server.username !== undefined)?.username ?? "";
}

/** Nothing but relayed candidates, by one way to the TURN server. */
function relayOnly(servers: readonly IceServer[], way: (typeof WAYS)[number] = "udp"): RTCConfiguration {
	const [scheme, transport] = way === "tls" ? ["turns:", "tcp"] : ["turn:", way];
	return {
		iceTransportPolicy: "relay",
		iceServers: servers
			.filter((server) => server.username !== undefined)
			.map(({ username, credential, ...server }) => ({
				urls: urlsOf({ ...server }).filter(
					(url) => url.startsWith(scheme) && url.endsWith(`transport=${transport}`) && !url.includes(":53?"),
				),
				...(username === undefined ? {} : { username }),
				...(credential === undefined ? {} : { credential }),
			})),
	};
}

/** Offer and answer by hand, candidates inside. */
async function connect(left: BrowserPeer, right: BrowserPeer): Promise<void> {
	await left.offer();
	const answer = await right.answer(await left.gatheredDescription());
	expect(answer).toContain("m=video");
	await left.acceptAnswer(await right.gatheredDescription());
	await left.waitUntilConnected();
}

async function gatherRelays(peer: BrowserPeer): Promise<number> {
	await peer.receive("audio");
	await peer.offer();
	const sdp = await peer.gatheredDescription();
	return sdp.match(/^a=candidate:.* typ relay/gm)?.length ?? 0;
}
