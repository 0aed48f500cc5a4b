import type { Browser, Page } from "playwright-core";

export type InboundStatistics = {
	framesDecoded: number;
	keyFramesDecoded: number;
	frameWidth: number;
	frameHeight: number;
	packetsReceived: number;
	packetsLost: number;
	freezeCount: number;
	nackCount: number;
	totalSamplesReceived: number;
	/** Grows only with sound that is not silence. */
	totalAudioEnergy: number;
	codec: string;
};

export type OutboundStatistics = { rid: string; bytesSent: number; packetsSent: number; frameWidth: number };

export type SentTrack = {
	kind: "audio" | "video";
	/** Best first; without them the track is not simulcast. */
	rids?: readonly string[];
	/** `VP8`, `H264`, `VP9`, `AV1`; the browser's choice by default. */
	codec?: string;
	width?: number;
};

/** One RTCPeerConnection in a page of its own. Descriptions go in and out as SDP text; the API calls are the test's. */
export class BrowserPeer implements AsyncDisposable {
	readonly page: Page;

	constructor(page: Page) {
		this.page = page;
	}

	static async open(browser: Browser, configuration: RTCConfiguration = {}): Promise<BrowserPeer> {
		const page = await browser.newPage();
		await page.evaluate(installPeer);
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

	async offer(options: RTCOfferOptions = {}): Promise<string> {
		return await this.page.evaluate((one) => window.peer.offer(one), options);
	}

	async acceptAnswer(sdp: string): Promise<void> {
		await this.page.evaluate((one) => window.peer.acceptAnswer(one), sdp);
	}

	async answer(offerSdp: string): Promise<string> {
		return await this.page.evaluate((one) => window.peer.answer(one), offerSdp);
	}

	/** mids of sending transceivers, in order. */
	async sentMids(): Promise<string[]> {
		return await this.page.evaluate(() => window.peer.sentMids());
	}

	async waitUntilConnected(): Promise<void> {
		await this.page.waitForFunction(() => window.peer.connectionState() === "connected");
	}

	async connectionState(): Promise<string> {
		return await this.page.evaluate(() => window.peer.connectionState());
	}

	async inbound(mid: string): Promise<InboundStatistics> {
		return await this.page.evaluate((one) => window.peer.inbound(one), mid);
	}

	async outbound(mid: string): Promise<OutboundStatistics[]> {
		return await this.page.evaluate((one) => window.peer.outbound(one), mid);
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

/** What `installPeer` puts into the page. */
type PagePeer = {
	open(configuration: RTCConfiguration): void;
	send(track: SentTrack): void;
	receive(kind: "audio" | "video"): void;
	stop(mid: string): void;
	offer(options: RTCOfferOptions): Promise<string>;
	acceptAnswer(sdp: string): Promise<void>;
	answer(sdp: string): Promise<string>;
	sentMids(): string[];
	connectionState(): string;
	inbound(mid: string): Promise<InboundStatistics>;
	outbound(mid: string): Promise<OutboundStatistics[]>;
	connection(): RTCPeerConnection;
	close(): void;
};

declare global {
	interface Window {
		peer: PagePeer;
	}
}

/** Runs in the page, so it may use nothing from outside. */
function installPeer(): void {
	let connection: RTCPeerConnection | null = null;
	const pc = () => {
		if (connection === null) throw new Error("not open");
		return connection;
	};
	const transceiverOf = (mid: string) => {
		const found = pc()
			.getTransceivers()
			.find((one) => one.mid === mid);
		if (found === undefined) throw new Error(`no transceiver ${mid}`);
		return found;
	};

	/** A picture with detail that moves, so that every layer has something to encode. */
	function makePicture(width: number): MediaStreamTrack {
		const canvas = document.createElement("canvas");
		canvas.width = width;
		canvas.height = (width * 9) / 16;
		const context = canvas.getContext("2d");
		if (context === null) throw new Error("no canvas");
		let frame = 0;
		const draw = () => {
			frame += 1;
			context.fillStyle = `hsl(${frame % 360} 60% 40%)`;
			context.fillRect(0, 0, canvas.width, canvas.height);
			context.fillStyle = "white";
			for (let index = 0; index < 40; index += 1) {
				const x = (index * 97 + frame * 7) % canvas.width;
				context.fillRect(x, (index * 53) % canvas.height, 24, 24);
			}
		};
		setInterval(draw, 50);
		const [track] = canvas.captureStream(20).getVideoTracks();
		if (track === undefined) throw new Error("no picture");
		return track;
	}

	function makeTone(): MediaStreamTrack {
		const context = new AudioContext();
		const oscillator = context.createOscillator();
		const destination = context.createMediaStreamDestination();
		oscillator.connect(destination);
		oscillator.start();
		const [track] = destination.stream.getAudioTracks();
		if (track === undefined) throw new Error("no tone");
		return track;
	}

	function encodingsFor(rids: readonly string[]): RTCRtpEncodingParameters[] {
		return rids.map((rid, index) => ({
			rid,
			scaleResolutionDownBy: 2 ** index,
			maxBitrate: 1_200_000 / 3 ** index,
		}));
	}

	function play(event: RTCTrackEvent): void {
		const element = document.createElement(event.track.kind === "video" ? "video" : "audio");
		element.autoplay = true;
		element.muted = event.track.kind === "video";
		element.srcObject = new MediaStream([event.track]);
		document.body.append(element);
	}

	async function statisticsOf(report: RTCStatsReport, type: string, mid: string) {
		const found: Record<string, unknown>[] = [];
		for (const entry of report.values()) if (entry.type === type && entry.mid === mid) found.push(entry);
		return found;
	}

	window.peer = {
		open(configuration) {
			connection = new RTCPeerConnection({ bundlePolicy: "max-bundle", ...configuration });
			connection.addEventListener("track", play);
		},
		send({ kind, rids, codec, width }) {
			const track = kind === "video" ? makePicture(width ?? 640) : makeTone();
			const transceiver = pc().addTransceiver(track, {
				direction: "sendonly",
				...(rids === undefined ? {} : { sendEncodings: encodingsFor(rids) }),
			});
			if (codec === undefined) return;
			const codecs = RTCRtpSender.getCapabilities(kind)?.codecs ?? [];
			const isWanted = (one: { mimeType: string }) =>
				one.mimeType.toLowerCase() === `${kind}/${codec.toLowerCase()}`;
			transceiver.setCodecPreferences([
				...codecs.filter(isWanted),
				...codecs.filter((one) => one.mimeType.endsWith("/rtx")),
			]);
		},
		receive(kind) {
			pc().addTransceiver(kind, { direction: "recvonly" });
		},
		stop(mid) {
			transceiverOf(mid).stop();
		},
		async offer(options) {
			await pc().setLocalDescription(await pc().createOffer(options));
			return pc().localDescription?.sdp ?? "";
		},
		async acceptAnswer(sdp) {
			await pc().setRemoteDescription({ type: "answer", sdp });
		},
		async answer(sdp) {
			await pc().setRemoteDescription({ type: "offer", sdp });
			await pc().setLocalDescription(await pc().createAnswer());
			return pc().localDescription?.sdp ?? "";
		},
		sentMids() {
			return pc()
				.getTransceivers()
				.filter((one) => one.direction === "sendonly" && one.mid !== null)
				.map((one) => one.mid ?? "");
		},
		connectionState: () => pc().connectionState,
		async inbound(mid) {
			const report = await pc().getStats();
			const [entry] = await statisticsOf(report, "inbound-rtp", mid);
			const codec = report.get(String(entry?.codecId));
			const number = (name: string) => Number(entry?.[name] ?? 0);
			return {
				framesDecoded: number("framesDecoded"),
				keyFramesDecoded: number("keyFramesDecoded"),
				frameWidth: number("frameWidth"),
				frameHeight: number("frameHeight"),
				packetsReceived: number("packetsReceived"),
				packetsLost: number("packetsLost"),
				freezeCount: number("freezeCount"),
				nackCount: number("nackCount"),
				totalSamplesReceived: number("totalSamplesReceived"),
				totalAudioEnergy: number("totalAudioEnergy"),
				codec: String(codec?.mimeType ?? ""),
			};
		},
		async outbound(mid) {
			const entries = await statisticsOf(await pc().getStats(), "outbound-rtp", mid);
			return entries.map((entry) => ({
				rid: String(entry.rid ?? ""),
				bytesSent: Number(entry.bytesSent ?? 0),
				packetsSent: Number(entry.packetsSent ?? 0),
				frameWidth: Number(entry.frameWidth ?? 0),
			}));
		},
		connection: pc,
		close() {
			connection?.close();
		},
	};
}
