import type { Browser } from "playwright-core";
import { expect } from "vitest";
import type { Engine } from "./page-vod-player.ts";
import { VodPlayer } from "./vod-player.ts";
import type { VodSource } from "./vod-sources.ts";

/** A player begins at the picture that covers the position, or at the next; VFR sources of the tests have holes of this length. */
const NEAR_SECONDS = 0.5;
/** Busy machines drop frames: of those at the end one of these is shown. */
const LAST_SECONDS = 0.5;

interface Playing {
	source: VodSource;
	hls: string;
	dash: string;
}

/** Each player with each protocol in a page of its own, which plays one work after the other. */
export class PlayingEverywhere implements AsyncDisposable {
	readonly #pages: { player: VodPlayer; engine: Engine; manifest: "hls" | "dash" }[];

	private constructor(pages: { player: VodPlayer; engine: Engine; manifest: "hls" | "dash" }[]) {
		this.#pages = pages;
	}

	/** Pages of the system at `origin`. */
	static async open(browser: Browser, origin: string): Promise<PlayingEverywhere> {
		const ways = [
			{ engine: "hls.js", manifest: "hls" },
			{ engine: "shaka", manifest: "hls" },
			{ engine: "shaka", manifest: "dash" },
		] as const;
		return new PlayingEverywhere(
			await Promise.all(ways.map(async (way) => ({ ...way, player: await VodPlayer.open(browser, origin) }))),
		);
	}

	/** Plays a work from the start, after seeking, in every quality, and to its end. */
	async play(playing: Playing): Promise<void> {
		await Promise.all(
			this.#pages.map(({ player, engine, manifest }) =>
				playOnce(player, { engine, url: playing[manifest], source: playing.source }),
			),
		);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await Promise.all(this.#pages.map(({ player }) => player[Symbol.asyncDispose]()));
	}
}

async function playOnce(
	player: VodPlayer,
	{ engine, url, source }: { engine: Engine; url: string; source: VodSource },
): Promise<void> {
	const how = `${source.name} in ${engine}, ${new URL(url).pathname.split("/").at(-1)}`;
	const wants = { picture: source.pictures.length > 0, sound: source.sounds.length > 0 };
	await player.load({ engine, url });
	await player.watch(wants);
	expect(Math.abs((await player.duration()) - source.seconds), how).toBeLessThan(0.2);

	for (const share of [0.7, 0.3]) {
		const seen = await player.seek(source.seconds * share, wants);
		expect(seen.position, how).toBeGreaterThan(source.seconds * share);
		expect(seen.position, how).toBeLessThan(source.seconds * share + 5);
		if (wants.picture) expectNear(seen.firstAt, source.seconds * share, how);
	}

	await chooseAll(player, source, how);

	const { lastPictureAt, position } = await player.playToEnd(source.seconds - 1.2);
	expect(Math.abs(position - source.seconds), how).toBeLessThan(0.2);
	if (wants.picture) expect(lastPictureAt, how).toBeGreaterThan(source.seconds - LAST_SECONDS);
	expect(await player.faults(), how).toEqual([]);
}

/** Every quality of the plan can be chosen, and no other. */
async function chooseAll(player: VodPlayer, source: VodSource, how: string): Promise<void> {
	const wants = { picture: source.pictures.length > 0, sound: source.sounds.length > 0 };
	const qualities = await player.qualities();
	const sizes = source.pictures.map((one) => `${one.shownWidth ?? one.width}x${one.height}`);
	expect([...new Set(qualities.map(sizeOf))].toSorted(), how).toEqual(
		wants.picture ? [...new Set(sizes)].toSorted() : ["0x0"],
	);
	if (!wants.picture) expect(qualities.length, how).toBeGreaterThanOrEqual(3);
	for (const quality of qualities) {
		const seen = await player.choose(quality.id, wants);
		if (wants.picture) expect([seen.width, seen.height], how).toEqual([quality.width, quality.height]);
		// So that the end does not come in between.
		if (seen.position > source.seconds - 4) await player.seek(0.5, wants);
	}
}

function sizeOf({ width, height }: { width: number; height: number }): string {
	return `${width}x${height}`;
}

function expectNear(shown: number, wanted: number, how: string): void {
	expect(shown, how).toBeGreaterThan(wanted - NEAR_SECONDS);
	expect(shown, how).toBeLessThan(wanted + NEAR_SECONDS);
}
