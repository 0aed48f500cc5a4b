import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page, Request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../support/chromium.ts";

/** A participant token of RealtimeKit is a JWT; its SDK reads these three from it. */
const TOKEN = ["{}", JSON.stringify({ meetingId: "m1", orgId: "o1", participantId: "p1" }), "s"]
	.map((part) => Buffer.from(part).toString("base64url"))
	.join(".");
const ORIGIN = "http://127.0.0.1:19390";

let browser: Browser;
let script: string;
let style: string;

beforeAll(async () => {
	[browser, { script, style }] = await Promise.all([launchChromium(), bundleRoom()]);
});
afterAll(async () => {
	await browser.close();
});

describe("a call that RealtimeKit holds", () => {
	test("begins by asking Cloudflare who we are, with the token that the Worker got for us", async () => {
		const page = await openPage();
		const asked = page.waitForRequest((request) => request.url().includes("realtime.cloudflare.com"));

		await enter(page);

		const request: Request = await asked;
		expect(request.method()).toBe("GET");
		expect(request.url()).toMatch(
			/^https:\/\/api\.realtime\.cloudflare\.com\/v2\/internals\/participant-details/,
		);
		expect(request.headers().authorization).toBe(`Bearer ${TOKEN}`);
		await page.close();
	});

	test("that cannot be reached says so, in words and with the SDK's code, and can be left", async () => {
		const page = await openPage();

		await enter(page);

		const alert = page.getByRole("alert");
		await alert.waitFor();
		expect(await alert.innerText()).toMatch(/could not be reached.*ERR00(01|11)/s);
		await page.getByRole("button", { name: "Leave" }).click();
		expect(await page.evaluate(() => document.title)).toBe("left");
		await page.close();
	});
});

/** A page with the room in it; everything beyond our own origin is unreachable. */
async function openPage(): Promise<Page> {
	const page = await browser.newPage();
	await page.route("**/*", (route) => {
		if (route.request().url() !== `${ORIGIN}/`) return route.abort("connectionrefused");
		const body = `<!doctype html><title>in</title><style>${style}</style><main></main>`;
		return route.fulfill({ contentType: "text/html", body });
	});
	await page.goto(`${ORIGIN}/`);
	return page;
}

async function enter(page: Page): Promise<void> {
	await page.addScriptTag({ content: script });
}

/** The room's own code and the real SDK, as one script that renders it. */
async function bundleRoom(): Promise<{ script: string; style: string }> {
	const { outputFiles } = await build({
		stdin: {
			contents: `
				import { h, render } from "preact";
				import { RealtimeKitRoom } from "./web/call/realtime-kit-room.tsx";
				render(h(RealtimeKitRoom, {
					place: { meetingID: "m1", authToken: ${JSON.stringify(TOKEN)} },
					devices: { mic: false, cam: false },
					onLeave: () => { document.title = "left"; },
				}), document.querySelector("main"));
			`,
			resolveDir: fileURLToPath(new URL("../..", import.meta.url)),
		},
		bundle: true,
		write: false,
		format: "iife",
		outdir: "out",
		jsx: "automatic",
		jsxImportSource: "preact",
	});
	const textOf = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? "";
	return { script: textOf(".js"), style: textOf(".css") };
}
