import { type Browser, chromium } from "playwright-core";

/** The system's: `CHROMIUM_PATH` of the environment, else Debian's. */
export const CHROMIUM_PATH = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/**
 * Starts Chromium with a fake camera and microphone and no permission prompts.
 * `await using`, or close it.
 */
export async function launchChromium(
	extraArguments: readonly string[] = [],
	executablePath = CHROMIUM_PATH,
): Promise<Browser> {
	return await chromium.launch({
		executablePath,
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
