import { type ChildProcess, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { Writable } from "node:stream";
import { parseRtcp, type SenderReport } from "../webrtc/rtcp.ts";
import { TEST_SAMPLE_RATE, TestSource, type TestSourceFormat } from "./test-source.ts";

export type TrackKind = "audio" | "video";
export type VideoCodec = "h264" | "vp8";

export type RtpEncoderOptions = {
	input: ({ kind: "testsrc" } & TestSourceFormat) | { kind: "file"; path: string; tracks: TrackKind[] };
	videoCodec: VideoCodec;
	videoBitrateBps: number;
	ffmpegPath: string;
	onPacket: (kind: TrackKind, packet: Buffer) => void;
	/** ffmpeg's own: tells how the stream's timestamps relate to the wall clock. */
	onReport: (kind: TrackKind, report: SenderReport) => void;
};

/** ffmpeg takes about this long to start; frames made meanwhile would only wait. */
const START_MS = 300;
/** A key frame of 1080p in one burst must fit; the kernel may give less. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** Payload of a packet: with SRTP, UDP and IP it stays below 1280, the least MTU of IPv6. */
const PACKET_BYTES = 1_200;
const STDERR_LINES = 8;

/**
 * One ffmpeg that plays a file or takes the test source, and encodes it in real time as RTP: H.264 baseline or VP8 with a key frame each second,
 * and Opus. Packets come by local UDP. It ends with this process: its input ends, or its packets are refused.
 */
export class RtpEncoder {
	/** With the exit code, and ffmpeg's last words. */
	readonly ended: Promise<{ code: number | null; lastWords: string }>;
	readonly #process: ChildProcess;
	readonly #sockets: Socket[];
	readonly #testSource: TestSource | null;

	/** Use `RtpEncoder.start`. */
	constructor(parts: { process: ChildProcess; sockets: Socket[]; testSource: TestSource | null }) {
		this.#process = parts.process;
		this.#sockets = parts.sockets;
		this.#testSource = parts.testSource;
		this.ended = this.#watch();
	}

	/** Throws if ffmpeg cannot be started. */
	static async start(options: RtpEncoderOptions): Promise<RtpEncoder> {
		const kinds: TrackKind[] = options.input.kind === "file" ? options.input.tracks : ["video", "audio"];
		const sockets = new Map<TrackKind, { rtp: Socket; rtcp: Socket }>();
		for (const kind of kinds) sockets.set(kind, await listen(kind, options));
		const startsAt = Date.now() + (options.input.kind === "file" ? 0 : START_MS);
		const process = spawn(options.ffmpegPath, encoderArguments(options, sockets, startsAt), {
			// In a process group of its own: Ctrl-C is for us, and we end it in good order.
			detached: true,
			stdio: ["pipe", "ignore", "pipe", "pipe"],
		});
		const source = options.input.kind === "file" ? null : startTestSource(options.input, process, startsAt);
		const all = [...sockets.values()].flatMap(({ rtp, rtcp }) => [rtp, rtcp]);
		const encoder = new RtpEncoder({ process, sockets: all, testSource: source });
		await once(process, "spawn");
		return encoder;
	}

	stop(): void {
		this.#testSource?.stop();
		this.#process.kill("SIGTERM");
		// A hanging encoder must not keep us.
		setTimeout(() => this.#process.kill("SIGKILL"), 2_000).unref();
	}

	#watch(): Promise<{ code: number | null; lastWords: string }> {
		let lines: string[] = [];
		this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
			lines = [...lines, ...text.split("\n").filter(Boolean)].slice(-STDERR_LINES);
		});
		return new Promise((resolve) => {
			const end = (code: number | null, lastWords: string) => {
				this.#testSource?.stop();
				for (const socket of this.#sockets.splice(0)) socket.close();
				resolve({ code, lastWords });
			};
			this.#process.on("error", (error) => end(null, error.message));
			this.#process.on("close", (code) => end(code, lines.join("\n")));
		});
	}
}

function startTestSource(format: TestSourceFormat, process: ChildProcess, startsAt: number): TestSource {
	const [video, , , audio] = process.stdio;
	if (!(video instanceof Writable && audio instanceof Writable)) throw new Error("ffmpeg has no input pipes");
	// ffmpeg's end is told by its `close`; writes that cross it fail, which is no news.
	for (const pipe of [video, audio]) pipe.on("error", () => undefined);
	const source = new TestSource(format, { video, audio }, startsAt);
	source.start();
	return source;
}

async function listen(kind: TrackKind, options: RtpEncoderOptions): Promise<{ rtp: Socket; rtcp: Socket }> {
	const rtp = await openSocket();
	const rtcp = await openSocket();
	rtp.on("message", (packet) => options.onPacket(kind, packet));
	rtcp.on("message", (packet) => {
		for (const message of parseRtcp(packet)) {
			if (message.type === "sender-report") options.onReport(kind, message);
		}
	});
	return { rtp, rtcp };
}

async function openSocket(): Promise<Socket> {
	const socket = createSocket({ type: "udp4", recvBufferSize: RECEIVE_BUFFER_BYTES });
	socket.bind(0, "127.0.0.1");
	await once(socket, "listening");
	return socket;
}

function encoderArguments(
	options: RtpEncoderOptions,
	sockets: Map<TrackKind, { rtp: Socket; rtcp: Socket }>,
	startsAt: number,
): string[] {
	const outputs = [...sockets].flatMap(([kind, { rtp, rtcp }]) => [
		...(kind === "video" ? videoArguments(options) : audioArguments(options)),
		// Both outputs count from the same instant, so that their sender reports agree.
		...["-start_time_realtime", String(startsAt * 1000), "-map_metadata", "-1", "-f", "rtp"],
		// Connected sockets report a closed port: so ffmpeg ends when we are gone.
		`rtp://127.0.0.1:${rtp.address().port}?rtcpport=${rtcp.address().port}&pkt_size=${PACKET_BYTES}&connect=1`,
	]);
	return [
		"-hide_banner",
		"-nostdin",
		"-nostats",
		"-loglevel",
		"warning",
		...inputArguments(options),
		...outputs,
	];
}

function inputArguments({ input }: RtpEncoderOptions): string[] {
	if (input.kind === "file") return ["-re", "-stream_loop", "-1", "-i", input.path];
	const { width, height, framesPerSecond } = input;
	return [
		...["-probesize", "32", "-analyzeduration", "0", "-f", "rawvideo", "-pix_fmt", "yuv420p"],
		...["-s", `${width}x${height}`, "-r", String(framesPerSecond), "-i", "pipe:0"],
		...["-probesize", "32", "-analyzeduration", "0"],
		...["-f", "s16le", "-ar", String(TEST_SAMPLE_RATE), "-ac", "1", "-i", "pipe:3"],
	];
}

function videoArguments(options: RtpEncoderOptions): string[] {
	const { input, videoCodec, videoBitrateBps } = options;
	const rate = [
		"-b:v",
		String(videoBitrateBps),
		"-maxrate",
		String(videoBitrateBps),
		"-bufsize",
		String(videoBitrateBps),
	];
	const filter =
		"scale='min(1280,iw)':'min(720,ih)':force_original_aspect_ratio=decrease:force_divisible_by=2,fps=30,format=yuv420p";
	return [
		...["-map", "0:v:0", ...(input.kind === "file" ? ["-vf", filter] : [])],
		...["-force_key_frames", "expr:gte(t,n_forced)", ...rate],
		...(videoCodec === "h264"
			? [
					..."-c:v libx264 -profile:v baseline -preset ultrafast -tune zerolatency".split(" "),
					"-pix_fmt",
					"yuv420p",
				]
			: "-c:v libvpx -deadline realtime -cpu-used 8 -lag-in-frames 0 -error-resilient 1".split(" ")),
	];
}

function audioArguments({ input }: RtpEncoderOptions): string[] {
	const map = input.kind === "file" ? "0:a:0" : "1:a:0";
	return [
		"-map",
		map,
		..."-c:a libopus -b:a 96k -ar 48000 -ac 2 -frame_duration 20 -application lowdelay".split(" "),
	];
}
