import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as z from "zod";
import { type Certificate, createCertificate } from "../webrtc/certificate.ts";
import type { SenderReport } from "../webrtc/rtcp.ts";
import type { GoLiveOptions } from "./arguments.ts";
import { Publisher, type PublisherCounts } from "./publisher.ts";
import type { Reporter } from "./reporter.ts";
import { RtpEncoder, type RtpEncoderOptions, type TrackKind } from "./rtp-encoder.ts";
import { WhipClient } from "./whip-client.ts";

export type GoLiveEnd = { reason: "asked" | "refused" | "failed"; detail: string };

const TEST_FRAMES_PER_SECOND = 30;
const RECONNECT_MS = { least: 500, most: 10_000 };
const STATISTICS_MS = 1_000;

/**
 * Publishes until `stop` is aborted, the duration is over, the server refuses for good or the encoder ends.
 * A lost connection is taken up again by a new offer; the encoder runs on meanwhile.
 */
export async function goLive(
	options: GoLiveOptions,
	report: Reporter,
	stop: AbortSignal,
): Promise<GoLiveEnd> {
	report({ event: "state", state: "starting" });
	const session = new GoLive(options, report);
	const ends: Promise<GoLiveEnd>[] = [
		new Promise((resolve) => {
			const end = () => resolve({ reason: "asked", detail: "stopped" });
			if (stop.aborted) end();
			stop.addEventListener("abort", end, { once: true });
		}),
	];
	const { durationSeconds } = options;
	if (durationSeconds !== undefined) {
		ends.push(
			new Promise((resolve) => {
				setTimeout(() => {
					const detail = `${durationSeconds} s are over`;
					resolve(
						session.wasLive
							? { reason: "asked", detail }
							: { reason: "failed", detail: `${detail}, never live` },
					);
				}, durationSeconds * 1000).unref();
			}),
		);
	}
	const end = await Promise.race([...ends, session.run()]);
	await session.close();
	report({ event: "state", state: "ended", reason: end.detail });
	return end;
}

class GoLive {
	readonly #options: GoLiveOptions;
	readonly #report: Reporter;
	readonly #client: WhipClient;
	readonly #certificate: Certificate = createCertificate(Date.now());
	/** The encoder's newest reports, for sessions that begin later. */
	readonly #clocks = new Map<TrackKind, SenderReport>();
	#encoder: RtpEncoder | null = null;
	#wasLive = false;
	#publisher: Publisher | null = null;
	#sessionURL: string | null = null;
	#isClosed = false;

	constructor(options: GoLiveOptions, report: Reporter) {
		this.#options = options;
		this.#report = report;
		const url = new URL(options.url);
		if (options.takeover) url.searchParams.set("takeover", "1");
		this.#client = new WhipClient(url.href, options.key);
	}

	get wasLive(): boolean {
		return this.#wasLive;
	}

	/** Ends only in failure; otherwise it goes on for ever. */
	async run(): Promise<GoLiveEnd> {
		try {
			const input = await inputOf(this.#options);
			const kinds: TrackKind[] = input.kind === "file" ? input.tracks : ["video", "audio"];
			const encoder = await this.#startEncoder(input);
			const encoderEnd = encoder.ended.then(
				({ lastWords }): GoLiveEnd => ({ reason: "failed", detail: `ffmpeg ended: ${lastWords}` }),
			);
			return await Promise.race([encoderEnd, this.#keepLive(kinds)]);
		} catch (error) {
			return { reason: "failed", detail: error instanceof Error ? error.message : String(error) };
		}
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		this.#encoder?.stop();
		const sessionURL = this.#sessionURL;
		this.#sessionURL = null;
		if (sessionURL !== null) await this.#client.end(sessionURL);
		this.#publisher?.close();
	}

	async #startEncoder(input: RtpEncoderOptions["input"]): Promise<RtpEncoder> {
		this.#encoder = await RtpEncoder.start({
			input,
			videoCodec: this.#options.videoCodec,
			videoBitrateBps: this.#options.bitrateKbps * 1000,
			ffmpegPath: this.#options.ffmpegPath,
			onPacket: (kind, packet) => this.#publisher?.packet(kind, packet),
			onReport: (kind, report) => {
				this.#clocks.set(kind, report);
				this.#publisher?.calibrate(kind, report);
			},
		});
		return this.#encoder;
	}

	#newPublisher(kinds: TrackKind[]): Publisher {
		const { videoCodec } = this.#options;
		const publisher = new Publisher({ kinds, videoCodec, certificate: this.#certificate });
		for (const [kind, report] of this.#clocks) publisher.calibrate(kind, report);
		return publisher;
	}

	/** One attempt after the other. Ends when the server refuses for good. */
	async #keepLive(kinds: TrackKind[]): Promise<GoLiveEnd> {
		for (let waitMs = RECONNECT_MS.least; !this.#isClosed; ) {
			this.#report({ event: "state", state: "connecting" });
			const publisher = this.#newPublisher(kinds);
			const reply = await this.#client.publish(publisher.offerSdp);
			if (reply.outcome === "refused") {
				publisher.close();
				return { reason: "refused", detail: `${reply.status} ${reply.reason}` };
			}
			if (reply.outcome === "later") {
				publisher.close();
				await this.#wait(reply.afterMs, reply.reason);
				continue;
			}
			this.#sessionURL = reply.sessionURL;
			this.#publisher = publisher;
			const { wasLive, reason } = await this.#session(publisher, reply.answerSdp);
			publisher.close();
			if (this.#isClosed) break;
			this.#report({ event: "state", state: "reconnecting", reason });
			waitMs = wasLive ? RECONNECT_MS.least : Math.min(waitMs * 2, RECONNECT_MS.most);
			await this.#wait(waitMs, reason);
		}
		return { reason: "asked", detail: "stopped" };
	}

	/** From the answer to the loss of the connection. */
	async #session(publisher: Publisher, answerSdp: string): Promise<{ wasLive: boolean; reason: string }> {
		try {
			await publisher.connect(answerSdp);
		} catch (error) {
			return { wasLive: false, reason: error instanceof Error ? error.message : String(error) };
		}
		this.#wasLive = true;
		this.#report({ event: "state", state: "live" });
		const statistics = this.#reportStatistics(publisher);
		const reason = await publisher.lost();
		clearInterval(statistics);
		return { wasLive: true, reason };
	}

	#reportStatistics(publisher: Publisher): NodeJS.Timeout {
		const startedAt = Date.now();
		let last = { at: startedAt, counts: publisher.counts };
		return setInterval(() => {
			const current = { at: Date.now(), counts: publisher.counts };
			this.#report({
				event: "statistics",
				seconds: (current.at - startedAt) / 1000,
				...rates(last, current),
			});
			last = current;
		}, STATISTICS_MS).unref();
	}

	/** Counts down aloud. */
	async #wait(ms: number, reason: string): Promise<void> {
		for (let leftMs = ms; leftMs > 0 && !this.#isClosed; leftMs -= 1000) {
			this.#report({ event: "waiting", seconds: Math.ceil(leftMs / 1000), reason });
			await new Promise((resolve) => setTimeout(resolve, Math.min(1000, leftMs)));
		}
	}
}

type CountsAt = { at: number; counts: PublisherCounts };

function rates(last: CountsAt, current: CountsAt) {
	const seconds = Math.max(0.001, (current.at - last.at) / 1000);
	return {
		framesPerSecond: Math.round((current.counts.frames - last.counts.frames) / seconds),
		kbps: Math.round(((current.counts.bytes - last.counts.bytes) * 8) / 1000 / seconds),
		repeatedPackets: current.counts.repeated,
		keyframesAsked: current.counts.keyframesAsked,
		lossPercent: Math.round(current.counts.lossShare * 1000) / 10,
	};
}

/** What to play: the test picture, or a file with the tracks that it has. Throws if it has none. */
async function inputOf(options: GoLiveOptions): Promise<RtpEncoderOptions["input"]> {
	if (options.source === "testsrc") {
		return { kind: "testsrc", ...options.size, framesPerSecond: TEST_FRAMES_PER_SECOND };
	}
	const ffprobePath = options.ffmpegPath.replace(/ffmpeg(?=[^/]*$)/, "ffprobe");
	const { stdout } = await promisify(execFile)(
		ffprobePath,
		[
			"-v",
			"error",
			"-show_entries",
			"stream=codec_type:stream_disposition=attached_pic",
			"-of",
			"json",
			options.source,
		],
		{ timeout: 20_000 },
	);
	const { streams } = ProbedFile.parse(JSON.parse(stdout));
	const kinds = streams
		.filter((stream) => stream.disposition?.attached_pic !== 1)
		.map((stream) => stream.codec_type);
	const tracks = (["video", "audio"] as const).filter((kind) => kinds.includes(kind));
	if (tracks.length === 0) throw new Error(`${options.source} has neither picture nor sound`);
	return { kind: "file", path: options.source, tracks };
}

/** Of ffprobe's JSON. The cover of a music file is a picture, but not a moving one. */
const ProbedFile = z.object({
	streams: z.array(
		z.object({
			codec_type: z.string().optional(),
			disposition: z.object({ attached_pic: z.number().optional() }).optional(),
		}),
	),
});
