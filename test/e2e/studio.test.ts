import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { measureDelays, median, openBrowser, plugInClockCamera, untilPlaying } from "../support/glass.ts";
import { PASSWORD } from "../support/stage.ts";
import { System } from "../support/system.ts";

let system: System;
let browser: Browser;

let count = 0;
/** A name that nobody has yet, also when a test is run again. */
function newName(role: string): string {
	return `${role}_${++count}`;
}

beforeAll(async () => {
	system = await System.start(18_400);
	browser = await openBrowser();
});
afterAll(async () => {
	await browser.close();
	await system[Symbol.asyncDispose]();
});

test("a newcomer goes from nothing to on air in the browser, two others watch, and the recording stays", async () => {
	const name = newName("newcomer");
	const studio = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
	await plugInClockCamera(studio, { width: 640, height: 360 });
	await studio.goto(`${system.url}/studio`);
	await studio.getByRole("link", { name: "Make an account" }).click();
	await studio.locator('input[name="userName"]').fill(name);
	await studio.locator('input[type="password"]').fill(PASSWORD);
	await studio.getByRole("button", { name: "Make the account" }).click();
	await studio.locator('input[name="handle"]').fill(name);
	await studio.locator('input[name="name"]').fill("The newcomer's channel");
	await studio.getByRole("button", { name: "Make the channel" }).click();
	await studio.getByRole("button", { name: "Use the camera" }).click();
	await studio.getByRole("button", { name: "Go live" }).click();
	await studio.getByRole("heading", { name: "On air" }).waitFor({ state: "attached", timeout: 15_000 });

	const realtime = await (await browser.newContext()).newPage();
	await realtime.goto(`${system.url}/@${name}?mode=realtime`);
	await untilPlaying(realtime, "realtime");
	const byWebRTC = await measureDelays(realtime, 20);
	const low = await (await browser.newContext()).newPage();
	await low.goto(`${system.url}/@${name}?mode=low`);
	await untilPlaying(low, "low");
	// A player that has just joined catches up with the edge by playing a little faster.
	await expect.poll(async () => median(await measureDelays(low, 20)), { timeout: 30_000 }).toBeLessThan(3000);

	expect(byWebRTC.length).toBeGreaterThanOrEqual(10);
	expect(median(byWebRTC)).toBeLessThan(1000);
	const health = studio.getByTestId("health");
	await expect.poll(() => health.getAttribute("data-verdict"), { timeout: 15_000 }).toMatch(/good|fair/);

	await studio.getByRole("button", { name: "End stream" }).click();
	await studio.getByText("Off air").waitFor({ timeout: 15_000 });
	await low.getByRole("button", { name: "Watch it from the start" }).click({ timeout: 30_000 });
	await untilPlaying(low, "recording", 40_000);
}, 150_000);

test("impatient reloads, each in the middle of the last one's refresh, do not sign anybody out", async () => {
	const context = await browser.newContext();
	const page = await context.newPage();
	await page.goto(`${system.url}/login?new=1`);
	await page.getByRole("button", { name: "New here" }).click();
	await page.locator('input[name="userName"]').fill(newName("impatient"));
	await page.locator('input[type="password"]').fill(PASSWORD);
	await page.getByRole("button", { name: "Make the account" }).click();
	await page.waitForURL((url) => !url.pathname.startsWith("/login"));

	for (let turn = 0; turn < 8; turn++) {
		await page.goto(`${system.url}/studio?turn=${turn}`, { waitUntil: "commit" });
		await page.waitForTimeout(turn * 40);
	}

	await page.getByRole("heading", { name: "Name your channel" }).waitFor({ timeout: 10_000 });
	await context.close();
}, 60_000);

test("somebody without a camera is told what is wrong and what to do, and can still use an encoder", async () => {
	const name = newName("nocamera");
	const context = await browser.newContext();
	const page = await context.newPage();
	await page.addInitScript(() => {
		navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("none", "NotFoundError"));
	});
	await page.goto(`${system.url}/login?new=1&then=/studio`);
	await page.goto(`${system.url}/studio`);
	await page.getByRole("link", { name: "Make an account" }).click();
	await page.locator('input[name="userName"]').fill(name);
	await page.locator('input[type="password"]').fill(PASSWORD);
	await page.getByRole("button", { name: "Make the account" }).click();
	await page.locator('input[name="handle"]').fill(name);
	await page.locator('input[name="name"]').fill("No camera");
	await page.getByRole("button", { name: "Make the channel" }).click();
	await page.getByRole("button", { name: "Use the camera" }).click();

	const problem = page.getByTestId("device-problem");
	await problem.waitFor();
	expect((await problem.textContent())?.length).toBeGreaterThan(40);

	await page.getByRole("tab", { name: /OBS|encoder/i }).click();
	await page.getByText(`${system.url}/whip/`).first().waitFor();
	expect(await page.getByText("Waiting for signal").isVisible()).toBe(true);
	await context.close();
}, 60_000);
