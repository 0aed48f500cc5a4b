import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { getTopology } from "../../protocol/call.ts";
import { CallPage } from "../support/call-page.ts";
import { launchChromium } from "../support/chromium.ts";
import { eventually, System } from "../support/system.ts";

/** Issue: a move freezes nobody for longer, ms. */
const FROZEN_MS = 300;
const SILENT_MS = 100;
const FOUR = ["Ann", "Bob", "Cid", "Dan"] as const;
const PICTURE = { width: 160, height: 90, fps: 15 };

let system: System;
let browser: Browser;
let stage: CallPage;

beforeAll(async () => {
	system = await System.start(19_110);
	browser = await launchChromium();
	stage = await CallPage.open(browser, system.url);
});
afterEach(async () => {
	await stage.page.evaluate(() => window.calls.blockDirect(false));
	await stage.leaveAll();
});
afterAll(async () => {
	await browser?.close();
	await system?.[Symbol.asyncDispose]();
});

/** The longest pauses that any of the four had of any other of them since the last reset, ms. */
async function longestPauses() {
	const gaps = await stage.gaps();
	const all = FOUR.flatMap((viewer) =>
		FOUR.filter((other) => other !== viewer).map((other) => {
			const one = gaps[viewer]?.[other];
			if (one === undefined) throw new Error(`${viewer} does not watch ${other}`);
			return one;
		}),
	);
	return {
		frozenMs: Math.max(...all.map((one) => one.longestFrameGapMs)),
		silentMs: Math.max(...all.map((one) => one.longestSilenceMs)),
	};
}

/** Waits for two seconds in which this machine does not freeze pictures by itself: only then a pause says something. */
async function calm(): Promise<void> {
	await eventually(async () => {
		await stage.resetGaps();
		await stage.page.waitForTimeout(2000);
		const { frozenMs, silentMs } = await longestPauses();
		return frozenMs < FROZEN_MS / 2 && silentMs < SILENT_MS / 2;
	}, 60_000);
	await stage.resetGaps();
}

test("the fifth moves all to the SFU, its leaving moves all back, and nobody is frozen or silent for it", async () => {
	const { host, callID, code } = await stage.begin(FOUR, { picture: PICTURE });
	await stage.allSeeAll(FOUR);
	const topology = async () => await host.call(getTopology, { params: { callID } });
	expect((await topology()).topology).toBe("p2p");

	await calm();
	await stage.join(code, "Eve", { picture: PICTURE });
	await stage.allGo([...FOUR, "Eve"], "sfu");
	await stage.allSeeAll([...FOUR, "Eve"]);
	const there = await longestPauses();
	const matrix = await eventually(async () => {
		const now = await topology();
		return now.topology === "sfu" && now;
	}, 5000);

	expect(matrix.edges).toHaveLength(20);
	expect(matrix.edges.every(({ via }) => via === "sfu")).toBe(true);
	expect(there.frozenMs).toBeLessThan(FROZEN_MS);
	expect(there.silentMs).toBeLessThan(SILENT_MS);

	await calm();
	await stage.page.evaluate(() => window.calls.leave("Eve"));
	await stage.allGo(FOUR, "p2p");
	await stage.allSeeAll(FOUR);
	const back = await longestPauses();
	await eventually(async () => (await topology()).topology === "p2p", 5000);

	expect(back.frozenMs).toBeLessThan(FROZEN_MS);
	expect(back.silentMs).toBeLessThan(SILENT_MS);
});

test("a pair that cannot go direct goes through the SFU by itself, and back once it can", async () => {
	await stage.page.evaluate(() => window.calls.blockDirect(true));
	await stage.begin(["Ann", "Bob"]);

	await stage.allGo(["Ann", "Bob"], "sfu");
	await stage.allSeeAll(["Ann", "Bob"]);
	expect((await stage.state("Ann")).topology).toBe("p2p");

	await stage.page.evaluate(() => window.calls.blockDirect(false));
	await stage.resetGaps();
	await stage.allGo(["Ann", "Bob"], "p2p", 60_000);
	await stage.allSeeAll(["Ann", "Bob"]);
	const gaps = await stage.gaps();

	await eventually(async () => (await stage.state("Ann")).people[0]?.quality.route === "p2p", 5000);
	expect(gaps.Ann?.Bob?.longestFrameGapMs).toBeLessThan(FROZEN_MS);
	expect(gaps.Bob?.Ann?.longestSilenceMs).toBeLessThan(SILENT_MS);
});
