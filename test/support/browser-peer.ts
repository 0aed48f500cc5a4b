import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import type { InboundStatistics, OutboundStatistics, SentTrack } from "./page-peer.ts";

/** One RTCPeerConnection in a page of its own. Descriptions go in and out as SDP text; the API calls are the test's. */
export class BrowserPeer implements AsyncDisposable {
	readonly page: Page;

	constructor(page: Page) {
		this.page = page;
	}

	static async open(browser: Browser, configuration: RTCConfiguration = {}): Promise<BrowserPeer> {
		const page = await browser.newPage();
		await page.addScriptTag({ content: await pageScript() });
		await page.evaluate(([settings]) => window.peer.open(settings), [configuration] as const);
		return new BrowserPeer(page);
	}

	/** Adds a moving picture or a tone; what is sent is known only after the next offer. */
	async send(track: SentTrack): Promise<void> {
		await this.page.evaluate((options) => window.peer.send(options), track);
	}

	async receive(kind: "audio" | "video"): Promise<void> {
		await this.page.evaluate((one) => window.peer.receive(one), kind);
	}

	/** Stops a transceiver for good, so that the next offer gives its section port 0. */
	async stop(mid: string): Promise<void> {
		await this.page.evaluate((one) => window.peer.stop(one), mid);
	}

	async setLayerActive(mid: string, rid: string, isActive: boolean): Promise<void> {
		await this.page.evaluate((one) => window.peer.setLayerActive(...one), [mid, rid, isActive] as const);
	}

	async offer(options: RTCOfferOptions = {}): Promise<string> {
		return await this.page.evaluate((one) => window.peer.offer(one), options);
	}

	async acceptAnswer(sdp: string): Promise<void> {
		await this.page.evaluate((one) => window.peer.acceptAnswer(one), sdp);
	}

	async answer(offerSdp: string): Promise<string> {
		return await this.page.evaluate((one) => window.peer.answer(one), offerSdp);
	}

	/** Answers with pictures and tones of our own in each section that would take them. */
	async answerSending(offerSdp: string): Promise<string> {
		return await this.page.evaluate((one) => window.peer.answerSending(one), offerSdp);
	}

	/** Our description with all candidates, once they are gathered. */
	async gatheredDescription(): Promise<string> {
		return await this.page.evaluate(() => window.peer.gatheredDescription());
	}

	async remoteDescription(): Promise<string> {
		return await this.page.evaluate(() => window.peer.connection.remoteDescription?.sdp ?? "");
	}

	/** mids of sending transceivers, in order. */
	async sentMids(): Promise<string[]> {
		return await this.page.evaluate(() => window.peer.sentMids());
	}

	async waitUntilConnected(): Promise<void> {
		await this.page.waitForFunction(() => window.peer.connection.connectionState === "connected");
	}

	async connectionState(): Promise<string> {
		return await this.page.evaluate(() => window.peer.connection.connectionState);
	}

	async inbound(mid: string): Promise<InboundStatistics> {
		return await this.page.evaluate((one) => window.peer.inbound(one), mid);
	}

	async outbound(mid: string): Promise<OutboundStatistics[]> {
		return await this.page.evaluate((one) => window.peer.outbound(one), mid);
	}

	/** What a layer has sent within a second, in bits per second. */
	async bitrate(mid: string, rid: string): Promise<number> {
		const sentBytes = async () => (await this.outbound(mid)).find((one) => one.rid === rid)?.bytesSent ?? 0;
		const [before, beganAt] = [await sentBytes(), performance.now()];
		await this.page.waitForTimeout(1_000);
		return (((await sentBytes()) - before) * 8_000) / (performance.now() - beganAt);
	}

	/** How media leaves this browser, as getStats has it. */
	async way(): Promise<{ candidateType: string; relayProtocol: string }> {
		return await this.page.evaluate(() => window.peer.way());
	}

	/** Waits for `count` more decoded frames than now. */
	async waitForFrames(mid: string, count: number, timeoutMs = 15_000): Promise<InboundStatistics> {
		const before = (await this.inbound(mid)).framesDecoded;
		return await this.waitForInbound(mid, (now) => now.framesDecoded >= before + count, timeoutMs);
	}

	/** Waits until the statistics say so, and returns them; throws with the last ones if they never do. */
	async waitForInbound(
		mid: string,
		isReached: (statistics: InboundStatistics) => boolean,
		timeoutMs = 15_000,
	): Promise<InboundStatistics> {
		const giveUpAt = Date.now() + timeoutMs;
		let last = await this.inbound(mid);
		while (!isReached(last)) {
			if (Date.now() > giveUpAt) throw new Error(`not reached: ${JSON.stringify(last)}`);
			await this.page.waitForTimeout(50);
			last = await this.inbound(mid);
		}
		return last;
	}

	async close(): Promise<void> {
		await this.page.evaluate(() => window.peer.close());
		await this.page.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (!this.page.isClosed()) await this.close();
	}
}

let script: Promise<string> | null = null;

/** `page-peer.ts` as one plain script. */
function pageScript(): Promise<string> {
	script ??= bundle();
	return script;
}

async function bundle(): Promise<string> {
	const entry = fileURLToPath(new URL("page-peer.ts", import.meta.url));
	const built = await build({ entryPoints: [entry], bundle: true, write: false, format: "iife" });
	const [output] = built.outputFiles;
	if (output === undefined) throw new Error("esbuild wrote nothing");
	return output.text;
}
