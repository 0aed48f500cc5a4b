import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { register } from "../../protocol/account.ts";
import { banUser, listMessages } from "../../protocol/chat.ts";
import { getLivestream, updateLivestream } from "../../protocol/live.ts";
import { measureDelays, median, openBrowser, playerStats, untilPlaying } from "../support/glass.ts";
import { becomeStreamer, Encoder, PASSWORD, type Streamer } from "../support/stage.ts";
import { Caller, eventually, System } from "../support/system.ts";

let system: System;
let browser: Browser;
let streamer: Streamer;
let encoder: Encoder;

beforeAll(async () => {
	system = await System.start(18_300);
	browser = await openBrowser();
	streamer = await becomeStreamer(system.url);
	// A small picture: encoder, ladder and three browsers share two cores.
	encoder = new Encoder(streamer, ["--size", "640x360"]);
	await eventually(
		async () =>
			(await streamer.caller.call(getLivestream, { params: { channelID: streamer.channel.channelID } }))
				.manifests.hls,
		40_000,
	);
}, 180_000);
afterAll(async () => {
	await encoder[Symbol.asyncDispose]();
	await browser.close();
	await system[Symbol.asyncDispose]();
});

async function watch(mode: string): Promise<Page> {
	const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
	await page.goto(`${system.url}/@${streamer.channel.handle}?mode=${mode}`);
	return page;
}

async function signIn(page: Page, userName: string): Promise<void> {
	await page.goto(`${system.url}/login`);
	await page.locator('input[autocomplete*="username"]').fill(userName);
	await page.locator('input[type="password"]').fill(PASSWORD);
	await page.keyboard.press("Enter");
	await page.waitForURL((url) => !url.pathname.startsWith("/login"));
}

describe("a viewer sees the encoder's picture", () => {
	test("by WebRTC less than a second behind", async () => {
		const page = await watch("realtime");
		await untilPlaying(page, "realtime");

		const delays = await measureDelays(page, 30);

		expect(delays.length).toBeGreaterThanOrEqual(20);
		expect(median(delays)).toBeLessThan(1000);
		await page.close();
	});

	test("by LL-HLS less than three seconds behind, a minute without a stall", async () => {
		const page = await watch("low");
		await untilPlaying(page, "low");
		const before = await playerStats(page);

		await page.waitForTimeout(60_000);
		const delays = await measureDelays(page, 30);
		const after = await playerStats(page);

		expect(median(delays)).toBeLessThan(3000);
		expect((after?.stalls ?? 0) - (before?.stalls ?? 0)).toBe(0);
		expect((after?.decodedFrames ?? 0) - (before?.decodedFrames ?? 0)).toBeGreaterThan(60 * 24);
		expect(Math.abs((after?.latencyMs ?? 0) - median(delays))).toBeLessThan(700);
		await page.close();
	}, 120_000);

	test("by plain HLS, and switches to realtime without a reload", async () => {
		const page = await watch("normal");
		await untilPlaying(page, "normal");
		const delays = await measureDelays(page, 20);

		await page.evaluate(() => {
			const player: (Element & { setMode?: (mode: string) => void }) | null =
				document.querySelector("rostrum-player");
			player?.setMode?.("realtime");
		});
		await untilPlaying(page, "realtime");
		const afterwards = await measureDelays(page, 20);

		expect(median(delays)).toBeLessThan(12_000);
		expect(median(afterwards)).toBeLessThan(1000);
		await page.close();
	});
});

describe("the chat beside it", () => {
	test("shows a line with its emote to others, and a ban to its author at once", async () => {
		const member = new Caller(system.url);
		const userName = `viewer_${crypto.randomUUID().slice(0, 8)}`;
		const { user, accessToken } = await member.call(register, { body: { userName, password: PASSWORD } });
		member.token = accessToken;
		const reader = await watch("low");
		const page = await browser.newPage();
		await signIn(page, userName);
		await page.goto(`${system.url}/@${streamer.channel.handle}?mode=low`);
		const input = page.locator("textarea, input[type=text], [contenteditable=true]").last();
		await input.waitFor();
		await input.fill("hello from the gate :wave");
		await input.press("Enter");

		await reader.locator('[role="log"]', { hasText: "hello from the gate" }).waitFor();
		await reader.locator('[role="log"] img[src*="emotes/wave"]').first().waitFor();
		await streamer.caller.call(banUser, {
			params: { channelID: streamer.channel.channelID, userID: user.userID },
			body: { reason: "testing bans" },
		});
		await page.getByText("testing bans").first().waitFor({ timeout: 5000 });

		const { messages } = await member.call(listMessages, {
			params: { channelID: streamer.channel.channelID },
			query: {},
		});
		expect(messages[0]?.message).toBe("hello from the gate :wave");
		await Promise.all([page.close(), reader.close()]);
	}, 60_000);
});

describe("every page", () => {
	test.each([
		["home", "/", 1280],
		["home", "/", 390],
		["sign-in", "/login", 1280],
		["channel", "/@CHANNEL?mode=low", 1280],
		["channel", "/@CHANNEL?mode=low", 390],
		["studio's gate", "/studio", 390],
		["missing page", "/nowhere/at/all", 1280],
	])(
		"%s at %s, %i px wide: nothing serious for axe, nothing wider than the screen, nothing from elsewhere",
		async (_name, path, width) => {
			const page = await (await browser.newContext({ viewport: { width, height: 844 } })).newPage();
			const foreign: string[] = [];
			page.on("request", (request) => {
				if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== system.url)
					foreign.push(request.url());
			});

			await page.goto(system.url + path.replace("CHANNEL", streamer.channel.handle));
			await page.waitForTimeout(2500);
			const { violations } = await new AxeBuilder({ page }).analyze();
			const overflow = await page.evaluate(
				() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
			);

			expect(
				violations
					.filter(({ impact }) => impact === "serious" || impact === "critical")
					.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]),
			).toEqual([]);
			expect(overflow).toBeLessThanOrEqual(0);
			expect(foreign).toEqual([]);
			await page.context().close();
		},
	);
});

test("when the stream ends, the same page plays the recording", async () => {
	const page = await watch("low");
	await untilPlaying(page, "low");

	// One that goes on sending would begin a new stream on the page at once.
	encoder.kill();
	const { startedAt } = await streamer.caller.call(updateLivestream, {
		params: { channelID: streamer.channel.channelID },
		body: { state: "ended" },
	});
	const endedAtMs = Date.now();
	await page.getByRole("button", { name: "Watch it from the start" }).click({ timeout: 30_000 });
	await untilPlaying(page, "recording", 40_000);

	const seconds = (endedAtMs - Date.parse(startedAt ?? "")) / 1000;
	const duration = () =>
		page.evaluate(() => document.querySelector<HTMLVideoElement>("rostrum-player video")?.duration ?? 0);
	// Infinite until the last part is in the playlist.
	await expect.poll(duration, { timeout: 20_000 }).toBeLessThan(seconds + 10);
	expect(await duration()).toBeGreaterThan(seconds - 10);
	await page.close();
}, 90_000);
