import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CallPage } from "../support/call-page.ts";
import { launchChromium } from "../support/chromium.ts";
import { eventually, System } from "../support/system.ts";

let system: System;
let browser: Browser;
let stage: CallPage;
/** Frames that the page has sent on its sockets. */
const sent: string[] = [];

beforeAll(async () => {
	system = await System.start(19_100);
	browser = await launchChromium();
	stage = await CallPage.open(browser, system.url);
	stage.page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(String(payload))));
});
afterEach(() => stage.leaveAll());
afterAll(async () => {
	await browser?.close();
	await system?.[Symbol.asyncDispose]();
});

/** `of`'s source as `name` receives it now, by the way in use. */
async function received(name: string, of: string, source: string) {
	const all = await stage.inbound(name, of);
	const best = all.filter((one) => one.source === source).sort((a, b) => b.packets - a.packets)[0];
	if (best === undefined) throw new Error(`${name} receives no ${source} of ${of}`);
	return best;
}

/** Waits until more of it has come. */
async function flows(name: string, of: string, source: string) {
	const before = await received(name, of, source).catch(() => ({ packets: 0, framesDecoded: 0 }));
	const isVideo = source === "cam" || source === "screen";
	return await eventually(async () => {
		const now = await received(name, of, source);
		const has = now.packets > before.packets && (!isVideo || now.framesDecoded > before.framesDecoded + 2);
		return has && now;
	}, 15_000);
}

describe.each(["p2p", "sfu"] as const)("by %s", (way) => {
	test("two people see each other's pictures change and hear each other", async () => {
		await stage.begin(["Ann", "Bob"], { topology: way });

		await stage.allSeeAll(["Ann", "Bob"]);

		const before = await received("Bob", "Ann", "mic");
		const picture = await eventually(
			() => stage.page.evaluate(() => window.calls.picture("Bob", "Ann")),
			10_000,
		);
		await flows("Bob", "Ann", "cam");
		const later = await stage.page.evaluate(() => window.calls.picture("Bob", "Ann"));
		const sound = await flows("Bob", "Ann", "mic");
		expect(later).not.toEqual(picture);
		expect(new Set(later).size).toBeGreaterThan(2);
		expect(sound.energy).toBeGreaterThan(before.energy);
		expect((await stage.state("Ann")).people[0]?.quality.route).toBe(way);
	});

	test("camera, then screen with its sound come to a call of sound, and the voice does not stop for them", async () => {
		await stage.begin(["Ann", "Bob"], { topology: way, cam: false });
		await stage.allSeeAll(["Ann", "Bob"]);
		await stage.resetGaps();

		await stage.page.evaluate(() => window.calls.get("Ann").media.setCam(true));
		await flows("Bob", "Ann", "cam");
		await stage.page.evaluate(() => window.calls.get("Ann").media.startScreen());
		await flows("Bob", "Ann", "screen");
		await flows("Bob", "Ann", "screen-audio");
		const gaps = await stage.gaps();
		await eventually(async () => (await stage.state("Bob")).people[0]?.hasScreen, 5000);

		expect(gaps.Bob?.Ann?.longestSilenceMs).toBeLessThan(200);
		expect(gaps.Ann?.Bob?.longestSilenceMs).toBeLessThan(200);

		await stage.resetGaps();
		await stage.page.evaluate(() => window.calls.get("Ann").media.stopScreen());
		await stage.page.evaluate(() => window.calls.get("Ann").media.setCam(false));
		await eventually(async () => {
			const person = (await stage.state("Bob")).people[0];
			return person?.videoState === "off" && !person.hasScreen;
		}, 5000);
		expect((await stage.gaps()).Bob?.Ann?.longestSilenceMs).toBeLessThan(200);
	});

	test("another camera and another microphone need no new description", async () => {
		await stage.begin(["Ann", "Bob"], { topology: way });
		await stage.allSeeAll(["Ann", "Bob"]);
		const requests: string[] = [];
		const onRequest = (request: { url(): string }) => requests.push(request.url());
		stage.page.on("request", onRequest);
		sent.length = 0;

		await stage.page.evaluate(() => {
			window.calls.get("Ann").media.changeCam();
			window.calls.get("Ann").media.changeMic();
		});
		await stage.resetGaps();
		await flows("Bob", "Ann", "cam");
		await flows("Bob", "Ann", "mic");
		stage.page.off("request", onRequest);

		expect(sent.filter((frame) => /"t":"(?:offer|answer)"/.test(frame))).toEqual([]);
		expect(requests.filter((url) => url.includes("/sfu/"))).toEqual([]);
		await stage.allSeeAll(["Ann", "Bob"]);
	});

	test("a muted microphone goes on sending, and nobody hears it", async () => {
		await stage.begin(["Ann", "Bob"], { topology: way });
		await stage.allSeeAll(["Ann", "Bob"]);

		await stage.page.evaluate(() => window.calls.get("Ann").media.setMic(false));
		await eventually(async () => (await stage.state("Bob")).people[0]?.level === 0, 5000);
		const heardWhileFlowing = async () => {
			await stage.resetGaps();
			await flows("Bob", "Ann", "mic");
			return (await stage.gaps()).Bob?.Ann?.heardMs;
		};
		// What was on its way is heard out.
		await eventually(async () => (await heardWhileFlowing()) === 0, 5000);

		expect(await heardWhileFlowing()).toBe(0);
		expect((await stage.state("Bob")).people[0]?.level).toBe(0);

		await stage.page.evaluate(() => window.calls.get("Ann").media.setMic(true));
		await stage.allSeeAll(["Ann", "Bob"]);
	});
});
