import { expect } from "vitest";
import type { Video } from "../../protocol/vod.ts";
import { decodeSamples } from "./media-chain.ts";
import { decodeTrack } from "./vod-files.ts";
import type { VodSource, WantedPicture } from "./vod-sources.ts";
import { download, objectOf, type WalkedRendition } from "./vod-walk.ts";

/** Of a movie's clock, which has thousandths in WebM and Matroska. */
const CLOCK_SECONDS = 0.0011;
const SAMPLES_PER_SECOND = 48_000;
/** Shorter silences could be the tone's own. */
const WINDOW_SAMPLES = SAMPLES_PER_SECOND / 100;
/** The longest frame of sound that we make or copy: 1024 samples at 44.1 kHz. */
const SOUND_FRAME_SECONDS = 0.0233;

/** HLS, DASH and the API tell of the same renditions over the same objects, and these are the planned ones. */
export function checkWalks(
	source: VodSource,
	video: Video,
	walked: { hls: WalkedRendition[]; dash: WalkedRendition[] },
): void {
	const wanted = [...source.pictures, ...source.sounds.map(([name]) => ({ name }))].map((one) => one.name);
	for (const list of [walked.hls, walked.dash, video.renditions]) {
		expect(list.map((rendition) => rendition.name).toSorted()).toEqual(wanted.toSorted());
	}
	for (const { name, width, height, shownWidth } of source.pictures) {
		const listed = video.renditions.find((rendition) => rendition.name === name);
		expect([listed?.width, listed?.height], name).toEqual([shownWidth ?? width, height]);
	}
	for (const one of walked.hls) {
		const twin = walked.dash.find((rendition) => rendition.name === one.name);
		const listed = video.renditions.find((rendition) => rendition.name === one.name);
		expect(one.codecs, one.name).toBe(listed?.codecs);
		expect(twin?.codecs, one.name).toBe(listed?.codecs);
		expect(twin?.urls.map(objectOf), one.name).toEqual(one.urls.map(objectOf));
		expect([one.width, one.height], one.name).toEqual([listed?.width, listed?.height]);
		expect([twin?.width, twin?.height], one.name).toEqual([listed?.width, listed?.height]);
		expectClose(one.durations, twin?.durations ?? [], one.name);
		expectClose(fromFirst(one.starts), fromFirst(twin?.starts ?? []), one.name);
	}
}

/** Every picture of the source (or every other) is there at its time, in the planned size, and decodes. */
export async function checkPicture(
	renditions: WalkedRendition[],
	{ wanted, original, folder }: { wanted: WantedPicture; original: number[]; folder: string },
): Promise<void> {
	const rendition = find(renditions, wanted.name);
	const { path, starts } = await download(rendition, folder);
	const track = await decodeTrack(path, "v");

	const expected = original.filter((_, index) => index % wanted.every === 0);
	const shape = wanted.shownWidth === undefined ? "1:1" : pixelShape(wanted.shownWidth / wanted.width);
	expect(track.errors, wanted.name).toBe("");
	expectClose(rendition.starts, starts, wanted.name);
	expect([track.codec, track.width, track.height, track.pixelFormat, track.shape], wanted.name).toEqual([
		wanted.codec ?? "h264",
		wanted.width,
		wanted.height,
		"yuv420p",
		shape,
	]);
	expect(track.times.length, wanted.name).toBe(expected.length);
	// ffmpeg moves a track of negative offsets as a whole.
	const errors = track.times.map((time, index) =>
		Math.abs(time - (track.times[0] ?? 0) - ((expected[index] ?? Number.NaN) - (expected[0] ?? 0))),
	);
	expect(Math.max(...errors), wanted.name).toBeLessThan(CLOCK_SECONDS);
	const listed = rendition.durations.reduce((sum, seconds) => sum + seconds, 0);
	const shown = (expected.at(-1) ?? 0) - (expected[0] ?? 0);
	// The last picture is shown for a while, too.
	expect(listed, wanted.name).toBeGreaterThan(shown);
	expect(listed, wanted.name).toBeLessThan(shown + 0.25);
}

/** The sound is as long as the source's, its frames follow each other, and nothing in it is silent. */
export async function checkSound(
	renditions: WalkedRendition[],
	{ name, codec, path, folder }: { name: string; codec: string; path: string; folder: string },
): Promise<void> {
	const rendition = find(renditions, name);
	const { path: made, starts } = await download(rendition, folder);
	const track = await decodeTrack(made, "a");
	const [samples, original] = [await decodeSamples(made), await decodeSamples(path)];

	expect([track.codec, track.errors], name).toEqual([codec, ""]);
	expectClose(rendition.starts, starts, name);
	const steps = track.times.slice(1).map((time, index) => time - (track.times[index] ?? 0));
	const frameSeconds = Math.min(...steps.slice(1, -1));
	expect(Math.max(...steps), name).toBeLessThan(frameSeconds + CLOCK_SECONDS);
	const listed = rendition.durations.reduce((sum, seconds) => sum + seconds, 0);
	const sourceSeconds = original.length / SAMPLES_PER_SECOND;
	expect(Math.abs(listed - sourceSeconds), name).toBeLessThan(SOUND_FRAME_SECONDS);
	expect(quietWindows(samples), name).toEqual([]);
}

function fromFirst(seconds: number[]): number[] {
	return seconds.map((value) => value - (seconds[0] ?? 0));
}

/** Seconds that differ by no more than a playlist's digits. */
function expectClose(some: number[], others: number[], name: string): void {
	expect(some.length, name).toBe(others.length);
	const errors = some.map((value, index) => Math.abs(value - (others[index] ?? Number.NaN)));
	expect(Math.max(...errors), name).toBeLessThan(0.0005);
}

/** Seconds at which a hundredth is without the steady tone of the tests. The first and last are an encoder's to fade. */
function quietWindows(samples: Int16Array): number[] {
	const count = Math.floor(samples.length / WINDOW_SAMPLES);
	return Array.from({ length: count }, (_, index) => index)
		.slice(5, -5)
		.filter((index) => {
			const window = samples.subarray(index * WINDOW_SAMPLES, (index + 1) * WINDOW_SAMPLES);
			return Math.max(...window) < 1000;
		})
		.map((index) => index / 100);
}

/** Pixel width to height as ffprobe writes it, for those of the tests. */
function pixelShape(ratio: number): string {
	const height = [15, 11, 9, 3].find((one) => Math.abs(ratio * one - Math.round(ratio * one)) < 0.001) ?? 1;
	return `${Math.round(ratio * height)}:${height}`;
}

function find(renditions: WalkedRendition[], name: string): WalkedRendition {
	const found = renditions.find((rendition) => rendition.name === name);
	if (found === undefined) throw new Error(`no rendition ${name}`);
	return found;
}
