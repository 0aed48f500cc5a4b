import { type Browser, chromium } from "playwright-core";

/**
 * Starts the system's Chromium (`CHROMIUM_PATH`, else Debian's) with a fake camera and microphone and no permission prompts.
 * `await using`, or close it.
 */
export async function launchChromium(extraArguments: readonly string[] = []): Promise<Browser> {
	return await chromium.launch({
		executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
		args: [
			"--no-sandbox",
			"--use-fake-device-for-media-stream",
			"--use-fake-ui-for-media-stream",
			"--autoplay-policy=no-user-gesture-required",
			// Works also where only `lo` is up.
			"--allow-loopback-in-peer-connection",
			// Pages behind others go on at full speed.
			"--disable-background-timer-throttling",
			"--disable-backgrounding-occluded-windows",
			"--disable-renderer-backgrounding",
			// No requests of its own while tests run.
			"--disable-quic",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
			...extraArguments,
		],
	});
}
