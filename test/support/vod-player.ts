import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import type { Engine, Preference, Quality, Seen, Wants } from "./page-vod-player.ts";

const SHAKA = fileURLToPath(
	new URL("../../node_modules/shaka-player/dist/shaka-player.compiled.js", import.meta.url),
);

/** A page with hls.js and shaka-player as they come, and none of our own code. */
export class VodPlayer implements AsyncDisposable {
	readonly #page: Page;

	constructor(page: Page) {
		this.#page = page;
	}

	/** The page is of the system's own origin, as its media are. */
	static async open(browser: Browser, systemURL: string): Promise<VodPlayer> {
		const page = await browser.newPage();
		const address = `${systemURL}/a-page-with-players`;
		await page.route(address, (route) =>
			route.fulfill({ contentType: "text/html", body: "<!doctype html><body></body>" }),
		);
		await page.goto(address);
		await page.addScriptTag({ path: SHAKA });
		await page.addScriptTag({ content: await pageScript() });
		return new VodPlayer(page);
	}

	async load(options: { engine: Engine; url: string; prefer?: Preference }): Promise<void> {
		await this.#page.evaluate((one) => window.vodPlayer.open(one), options);
	}

	async qualities(): Promise<Quality[]> {
		return await this.#page.evaluate(() => window.vodPlayer.qualities());
	}

	async duration(): Promise<number> {
		return await this.#page.evaluate(() => window.vodPlayer.duration);
	}

	async faults(): Promise<string[]> {
		return await this.#page.evaluate(() => window.vodPlayer.faults);
	}

	async watch(wants: Wants): Promise<Seen> {
		return await this.#page.evaluate((one) => window.vodPlayer.watch(one), wants);
	}

	async seek(seconds: number, wants: Wants): Promise<Seen> {
		return await this.#page.evaluate((one) => window.vodPlayer.seek(...one), [seconds, wants] as const);
	}

	async choose(id: number, wants: Wants): Promise<Seen> {
		return await this.#page.evaluate((one) => window.vodPlayer.choose(...one), [id, wants] as const);
	}

	async playToEnd(fromSeconds: number): Promise<{ lastPictureAt: number; position: number }> {
		return await this.#page.evaluate((one) => window.vodPlayer.playToEnd(one), fromSeconds);
	}

	/** Whether the browser says that it can play this. */
	async canPlay(type: string): Promise<boolean> {
		return await this.#page.evaluate((one) => MediaSource.isTypeSupported(one), type);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#page.close();
	}
}

let script: Promise<string> | null = null;

/** `page-vod-player.ts` as one plain script. */
function pageScript(): Promise<string> {
	script ??= build({
		entryPoints: [fileURLToPath(new URL("page-vod-player.ts", import.meta.url))],
		bundle: true,
		write: false,
		format: "iife",
	}).then(({ outputFiles }) => outputFiles[0]?.text ?? "");
	return script;
}
