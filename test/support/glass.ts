import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { type Browser, chromium } from "playwright-core";
import type { PlayerStats } from "../../web/live/player/source.ts";

/** The system's Chromium with a fake camera and microphone, as a person with a browser has it. */
export function openBrowser(): Promise<Browser> {
	return chromium.launch({
		executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
		args: [
			"--no-sandbox",
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
			"--use-fake-device-for-media-stream",
			"--use-fake-ui-for-media-stream",
			"--autoplay-policy=no-user-gesture-required",
			"--disable-renderer-backgrounding",
			"--disable-backgrounding-occluded-windows",
			"--disable-background-timer-throttling",
		],
	});
}

/** What the player says of itself. */
export function playerStats(page: Page): Promise<PlayerStats | null> {
	return page.evaluate(() => {
		const player: (Element & { stats?: () => PlayerStats | null }) | null =
			document.querySelector("rostrum-player");
		return player?.stats?.() ?? null;
	});
}

/** Waits until the player shows moving pictures in this mode. */
export async function untilPlaying(page: Page, mode: string, withinMs = 30_000): Promise<PlayerStats> {
	await page.waitForSelector(`rostrum-player[data-mode="${mode}"][data-state="playing"]`, {
		timeout: withinMs,
	});
	const first = (await playerStats(page))?.decodedFrames ?? 0;
	await page.waitForFunction(
		(frames) => {
			const player: (Element & { stats?: () => { decodedFrames: number } | null }) | null =
				document.querySelector("rostrum-player");
			return (player?.stats?.()?.decodedFrames ?? 0) > frames + 10;
		},
		first,
		{ timeout: withinMs },
	);
	const stats = await playerStats(page);
	if (!stats) throw new Error("the player went away");
	return stats;
}

let clockReader: Promise<string> | undefined;

function bundleClockReader(): Promise<string> {
	clockReader ??= build({
		entryPoints: [fileURLToPath(new URL("../../cli/burned-clock.ts", import.meta.url))],
		bundle: true,
		write: false,
		format: "iife",
		globalName: "burnedClock",
	}).then(({ outputFiles }) => outputFiles[0]?.text ?? "");
	return clockReader;
}

/** Gives the page a camera whose picture bears the burned-in clock, and a microphone with a tone. Before the page is opened. */
export async function plugInClockCamera(page: Page, size: { width: number; height: number }): Promise<void> {
	await page.addInitScript(`${await bundleClockReader()}; globalThis.burnedClock = burnedClock;`);
	await page.addInitScript(({ width, height }) => {
		const { drawClock } = (
			globalThis as unknown as { burnedClock: { drawClock: (picture: object, at: number) => void } }
		).burnedClock;
		navigator.mediaDevices.getUserMedia = () => {
			const canvas = document.createElement("canvas");
			Object.assign(canvas, { width, height });
			const context = canvas.getContext("2d", { willReadFrequently: true });
			if (!context) throw new Error("no canvas");
			setInterval(() => {
				const at = Date.now();
				context.fillStyle = `hsl(${(at / 20) % 360} 60% 40%)`;
				context.fillRect(0, 0, width, height);
				const luma = new Uint8Array(width * height);
				drawClock({ samples: luma, width, height, pixelBytes: 1 }, at);
				const image = context.getImageData(0, 0, width, Math.ceil(height / 9));
				for (let pixel = 0; pixel < image.data.length / 4; pixel++) {
					image.data.fill(luma[pixel] ?? 0, pixel * 4, pixel * 4 + 3);
				}
				context.putImageData(image, 0, 0);
			}, 33);
			const sound = new AudioContext();
			const tone = new OscillatorNode(sound, { frequency: 440 });
			const outlet = sound.createMediaStreamDestination();
			tone.connect(outlet);
			tone.start();
			return Promise.resolve(
				new MediaStream([...canvas.captureStream(30).getTracks(), ...outlet.stream.getTracks()]),
			);
		};
	}, size);
}

/**
 * Glass to glass: the clock that is burned into the picture against the wall clock at the moment that the frame is shown,
 * in ms, for so many frames. Frames whose clock cannot be read with certainty do not count.
 */
export async function measureDelays(page: Page, frames: number): Promise<number[]> {
	await page.evaluate(`${await bundleClockReader()}; globalThis.burnedClock = burnedClock; undefined`);
	return page.evaluate(async (wanted) => {
		const video = document.querySelector("rostrum-player video");
		if (!(video instanceof HTMLVideoElement)) throw new Error("no video");
		const { readClock } = (
			globalThis as unknown as { burnedClock: { readClock: (picture: object) => number | null } }
		).burnedClock;
		const canvas = document.createElement("canvas");
		const context = canvas.getContext("2d", { willReadFrequently: true });
		const delays: number[] = [];
		for (let tries = 0; delays.length < wanted && tries < wanted * 4; tries++) {
			await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
			const shownAt = performance.timeOrigin + performance.now();
			canvas.width = video.videoWidth;
			canvas.height = video.videoHeight;
			context?.drawImage(video, 0, 0);
			const samples = context?.getImageData(0, 0, canvas.width, canvas.height).data;
			// Green: of RGBA the readable one.
			const at = samples && readClock({ samples, width: canvas.width, height: canvas.height, pixelBytes: 4 });
			if (at) delays.push(shownAt - at);
		}
		return delays;
	}, frames);
}

export function median(values: number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
