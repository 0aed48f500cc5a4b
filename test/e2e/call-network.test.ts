import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCall, getTopology, listParticipants, type TopologyChoice } from "../../protocol/call.ts";
import { CallPage } from "../support/call-page.ts";
import { CallView } from "../support/call-view.ts";
import { Network, type Traffic, whyNoNetwork } from "../support/network.ts";
import type { JoinOptions } from "../support/page-call.ts";
import { System } from "../support/system.ts";

const obstacle = whyNoNetwork();
const title = obstacle === null ? "two people" : `two people (skipped: ${obstacle})`;
const PORT = 19_300;
const TLS_PORT = PORT + 7;
const ALICE = { name: "Alice", other: "Bob" };
const BOB = { name: "Bob", other: "Alice" };

describe.skipIf(obstacle !== null)(title, () => {
	let network: Network;
	let system: System;
	let aliceBrowser: Browser;
	let bobBrowser: Browser;

	beforeAll(async () => {
		network = await Network.create(["server", "alice", "bob"]);
		system = await System.start(PORT, {}, network.host("server"));
		aliceBrowser = await network.host("alice").launchChromium([system.url]);
		bobBrowser = await network.host("bob").launchChromium([system.url]);
	});
	afterAll(async () => {
		await aliceBrowser?.close();
		await bobBrowser?.close();
		await system?.[Symbol.asyncDispose]();
		await network?.[Symbol.asyncDispose]();
	});

	test("who can reach each other talk directly", async () => {
		await using call = await meet();

		await call.bothSeeAndHear();

		expect(await call.bob.incomingPicture("p2p")).toMatchObject({
			localType: expect.stringMatching(/^(host|prflx)$/),
			remoteAddress: network.host("alice").address,
		});
		// Clients tell the room at most every five seconds.
		await expect
			.poll(() => call.routes(), { timeout: 10_000 })
			.toEqual({ "Alice→Bob": "p2p", "Bob→Alice": "p2p" });
	});

	test.each<{ blocked: string; traffic: Traffic[]; relayProtocol: string }>([
		{
			blocked: "UDP between them",
			traffic: [
				{ from: "alice", to: "bob", protocol: "udp" },
				{ from: "bob", to: "alice", protocol: "udp" },
			],
			relayProtocol: "udp",
		},
		{ blocked: "all UDP", traffic: [{ protocol: "udp" }], relayProtocol: "tcp" },
		{
			blocked: "everything but the site and TURN over TLS",
			traffic: [
				{ protocol: "udp" },
				{ to: "server", protocol: "tcp", exceptToPorts: [PORT, TLS_PORT] },
				{ from: "alice", to: "bob" },
				{ from: "bob", to: "alice" },
			],
			relayProtocol: "tls",
		},
	])("where a network blocks $blocked they talk by TURN over $relayProtocol", async (way) => {
		await using rule = await network.drop(...way.traffic);
		await using call = await meet();

		await call.bothSeeAndHear();

		const pictures = [await call.alice.incomingPicture("p2p"), await call.bob.incomingPicture("p2p")];
		expect(pictures).toContainEqual(
			expect.objectContaining({ localType: "relay", relayProtocol: way.relayProtocol }),
		);
		expect(await rule.count()).toBeGreaterThan(0);
	});

	test("if media passes in one direction only, that one stays direct and the other goes by the SFU", async () => {
		await using call = await meet();
		await call.bothSeeAndHear();

		await using rule = await network.drop({ from: "bob", to: "alice", isMediaOnly: true });
		await call.alice.waitForWays({ send: "p2p", recv: "sfu" });
		await call.bob.waitForWays({ send: "sfu", recv: "p2p" });

		await call.bothSeeAndHear();
		expect(await rule.count()).toBeGreaterThan(0);
		expect((await call.alice.incomingPicture("sfu")).remoteAddress).toBe(network.host("server").address);
		expect((await call.bob.incomingPicture("p2p")).remoteAddress).toBe(network.host("alice").address);
		expect(await call.ways()).toEqual({ "Alice→Bob": "p2p", "Bob→Alice": "sfu" });
	});

	test("when one of them gets another address, both see and hear again within three seconds", async () => {
		await using call = await meet();
		await call.bothSeeAndHear();

		await network.host("bob").changeAddress();
		await call.bothSeeAndHear();

		for (const { longestFrameGapMs, longestSilenceMs } of await call.gaps()) {
			expect(longestFrameGapMs).toBeLessThan(3_000);
			expect(longestSilenceMs).toBeLessThan(3_000);
		}
	});

	test("on a line that loses every tenth packet the sound goes on", async () => {
		await using call = await meet();
		await call.bothSeeAndHear();

		await using rule = await network.drop({ to: "bob", protocol: "udp", percent: 10 });
		await call.resetGaps();
		await expect
			.poll(async () => (await call.bob.gaps()).heardMs, { timeout: 30_000 })
			.toBeGreaterThan(10_000);

		const { longestSilenceMs, frames } = await call.bob.gaps();
		expect(await rule.count()).toBeGreaterThan(20);
		expect(longestSilenceMs).toBeLessThan(400);
		expect(frames).toBeGreaterThan(50);
	});

	test("on a line cut to 300 kbit/s the picture gets smaller within three seconds, and the sound stays", async () => {
		await using call = await meet(
			{ picture: { width: 960, height: 540, fps: 15 }, uplinkKbps: 2_000 },
			"sfu",
		);
		await call.bothSeeAndHear();
		await expect.poll(() => call.bob.height(), { timeout: 30_000 }).toBe(540);
		await expect.poll(() => call.bob.kbps(), { timeout: 30_000 }).toBeGreaterThan(400);

		const cutAt = performance.now();
		await network.host("bob").limit({ downKbps: 300 });
		await call.resetGaps();
		await expect.poll(() => call.bob.height(), { timeout: 10_000, interval: 100 }).toBeLessThan(540);
		const tookMs = performance.now() - cutAt;
		await expect
			.poll(async () => (await call.bob.gaps()).heardMs, { timeout: 30_000 })
			.toBeGreaterThan(8_000);
		const { longestSilenceMs } = await call.bob.gaps();
		await network.host("bob").limit({});

		expect(tookMs).toBeLessThan(3_000);
		expect(longestSilenceMs).toBeLessThan(400);
	});

	test("a line that dies without a word is noticed within a minute, and taken up again when it is back", async () => {
		await using call = await meet();
		await call.bothSeeAndHear();
		const bothOnline = { Alice: "online", Bob: "online" };
		await expect.poll(() => call.connections(), { timeout: 10_000 }).toEqual(bothOnline);

		await using rule = await network.drop({ from: "bob" }, { to: "bob" });
		await expect
			.poll(() => call.connections(), { timeout: 60_000, interval: 500 })
			.toEqual({ ...bothOnline, Bob: "reconnecting" });
		await rule.lift();
		await expect.poll(() => call.connections(), { timeout: 40_000, interval: 500 }).toEqual(bothOnline);

		await call.bothSeeAndHear(30_000);
	}, 180_000);

	async function meet(options: Partial<JoinOptions> = {}, topology: TopologyChoice = "auto") {
		const stages = [
			await CallPage.open(aliceBrowser, system.url),
			await CallPage.open(bobBrowser, system.url),
		] as const;
		const host = await stages[0].newUser();
		const { callID, code } = await host.call(createCall, { body: { kind: "video", topology } });
		const token = host.token ?? "";
		const alice = await CallView.join(stages[0], callID, ALICE, { ...options, token });
		const bob = await CallView.join(stages[1], code, BOB, options);
		const nameOf = (id: string) => (id === alice.participantID ? "Alice" : "Bob");
		const edges = async () => (await host.call(getTopology, { params: { callID } })).edges;
		const named = (of: "via" | "route") => async () =>
			Object.fromEntries(
				(await edges()).map((edge) => [`${nameOf(edge.from)}→${nameOf(edge.to)}`, edge[of]]),
			);
		return {
			alice,
			bob,
			ways: named("via"),
			routes: named("route"),
			connections: async () => {
				const { items } = await host.call(listParticipants, { params: { callID } });
				return Object.fromEntries(items.map((one) => [nameOf(one.participantID), one.connection]));
			},
			gaps: async () => [await alice.gaps(), await bob.gaps()],
			resetGaps: async () => void (await Promise.all([alice.resetGaps(), bob.resetGaps()])),
			bothSeeAndHear: async (withinMs?: number) => {
				await Promise.all([alice.waitForMovement(withinMs), bob.waitForMovement(withinMs)]);
			},
			[Symbol.asyncDispose]: async () => {
				await alice[Symbol.asyncDispose]();
				await bob[Symbol.asyncDispose]();
			},
		};
	}
});
