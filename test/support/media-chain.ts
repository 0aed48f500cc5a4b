import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { RtpEncoder, type RtpEncoderOptions } from "../../cli/rtp-encoder.ts";
import type { Part } from "../../domain/streaming/repackager.ts";
import { PackagingPipeline } from "../../media/packaging-pipeline.ts";
import type { ReceivedLine } from "../../media/sfu-answer.ts";
import { SourceClock, type TrackKind } from "../../media/source-clock.ts";
import { SourceReceiver } from "../../media/source-receiver.ts";
import { StreamID } from "../../protocol/ids.ts";
import type { LiveEpoch } from "../../protocol/media-job.ts";
import { buildRtcp, parseRtcp, type SenderReport } from "../../webrtc/rtcp.ts";
import { buildRtx } from "../../webrtc/rtp.ts";

export type ChainOptions = {
	input: RtpEncoderOptions["input"];
	videoCodec: RtpEncoderOptions["videoCodec"];
	kinds: TrackKind[];
	seconds: number;
	/** Is this packet lost on the way? Repeated ones are asked, too. */
	isLost?: (sequenceNumber: number) => boolean;
	/** How much faster than the picture's the sound's clock runs, as a factor. */
	soundClockRatio?: number;
	/** A track that is negotiated but sends nothing. */
	mutedKind?: TrackKind;
	/** How late this packet comes. */
	delayMs?: (sequenceNumber: number) => number;
	maxHeight?: number;
	/** Encoders that follow the first in the same RTP streams. */
	followedBy?: { input: RtpEncoderOptions["input"]; seconds: number }[];
};

export type ChainResult = {
	epoch: LiveEpoch;
	/** By rendition, in the order they came. */
	parts: Map<string, Part[]>;
	/** One playable file a rendition: header and all parts. */
	files: Map<string, string>;
	failures: string[];
	counts: { received: number; lost: number; requested: number };
};

const KINDS: TrackKind[] = ["video", "audio"];
const RTX = { payloadType: 97, ssrcOffset: 1 };
const PART_SECONDS = 0.5;

/** Encodes the test source in real time, sends its RTP through a lossy line into the media program's pipeline, and stores what comes out. */
export async function runMediaChain(options: ChainOptions): Promise<ChainResult> {
	const clock = new SourceClock([
		{ kind: "video", clockRate: 90_000 },
		{ kind: "audio", clockRate: 48_000 },
	]);
	const parts = new Map<string, Part[]>();
	const failures: string[] = [];
	const epochs: LiveEpoch[] = [];
	const line = new LossyLine(options, (packet) => receiver.packet(packet, Date.now()));
	const receiver: SourceReceiver = new SourceReceiver({
		clock,
		send: (packet) => line.feedback(packet),
		onFrame: (kind, frame) => pipeline.frame(kind, frame, Date.now()),
	});
	const video = () => receiver.tracks.find((track) => track.line.kind === "video");
	const pipeline: PackagingPipeline = new PackagingPipeline({
		job: testJob(options),
		clock,
		ffmpegPath: "ffmpeg",
		preset: "ultrafast",
		videoFormat: () => video()?.videoFormat ?? null,
		requestKeyframe: () => video()?.requestKeyframe(),
		onEpoch: (epoch) => epochs.push(epoch),
		onPart: (rendition, part) => parts.set(rendition, [...(parts.get(rendition) ?? []), part]),
		onFailed: (reason) => failures.push(reason),
	});
	receiver.negotiated(
		options.kinds.map((kind) => receivedLine(kind, options.videoCodec)),
		null,
	);
	const tick = setInterval(() => receiver.tick(Date.now()), 10);
	for (const { input, seconds } of [options, ...(options.followedBy ?? [])]) {
		line.restart();
		const encoder = await RtpEncoder.start({
			input,
			videoCodec: options.videoCodec,
			videoBitrateBps: 1_500_000,
			ffmpegPath: "ffmpeg",
			onPacket: (kind, packet) => {
				if (options.kinds.includes(kind) && kind !== options.mutedKind) line.send(kind, packet);
			},
			onReport: (kind, report) => line.report(kind, report),
		});
		await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
		encoder.stop();
		await encoder.ended;
	}
	await new Promise((resolve) => setTimeout(resolve, 400));
	clearInterval(tick);
	await pipeline.end();
	const [epoch] = epochs;
	if (epoch === undefined) throw new Error(`no epoch was opened: ${failures.join(", ")}`);
	const sums = receiver.tracks.map((track) => track.counts);
	return {
		epoch,
		parts,
		files: await storeFiles(epoch, parts),
		failures,
		counts: {
			received: sums.reduce((sum, one) => sum + one.receivedPackets, 0),
			lost: sums.reduce((sum, one) => sum + one.lostPackets, 0),
			requested: line.requested,
		},
	};
}

/** Between encoder and receiver: loses and delays packets, and repeats them on request as RTX. */
class LossyLine {
	requested = 0;
	readonly #options: ChainOptions;
	readonly #deliver: (packet: Buffer) => void;
	readonly #history = new Map<string, Buffer>();
	/** How the numbers of the encoder that runs continue those of the one before. */
	readonly #shifts = new Map<TrackKind, { sequence: number; timestamp: number }>();
	readonly #newest = new Map<TrackKind, { sequence: number; timestamp: number; at: number }>();
	#rtxSequenceNumber = 0;
	#firstSound: number | null = null;

	constructor(options: ChainOptions, deliver: (packet: Buffer) => void) {
		this.#options = options;
		this.#deliver = deliver;
	}

	/** Another encoder begins. */
	restart(): void {
		this.#shifts.clear();
	}

	send(kind: TrackKind, original: Buffer): void {
		const packet = Buffer.from(original);
		const shift = this.#shiftFor(kind, packet);
		const sequenceNumber = (packet.readUInt16BE(2) + shift.sequence) & 0xffff;
		const timestamp = (this.#drifted(kind, packet.readUInt32BE(4)) + shift.timestamp) >>> 0;
		packet[1] = ((packet[1] ?? 0) & 0x80) | payloadTypeOf(kind);
		packet.writeUInt16BE(sequenceNumber, 2);
		packet.writeUInt32BE(timestamp, 4);
		packet.writeUInt32BE(ssrcOf(kind), 8);
		this.#newest.set(kind, { sequence: sequenceNumber, timestamp, at: Date.now() });
		this.#history.set(`${ssrcOf(kind)}/${sequenceNumber}`, packet);
		if (this.#options.isLost?.(sequenceNumber)) return;
		this.pass(packet, this.#options.delayMs?.(sequenceNumber) ?? 0);
	}

	/** Only the first encoder's reports: the shift of later ones is made by the clock on the wall. */
	report(kind: TrackKind, report: SenderReport): void {
		if (!this.#newest.has(kind)) this.pass(buildRtcp([{ ...report, ssrc: ssrcOf(kind) }]));
	}

	#drifted(kind: TrackKind, timestamp: number): number {
		if (kind === "video") return timestamp;
		this.#firstSound ??= timestamp;
		return (
			this.#firstSound +
			Math.round(((timestamp - this.#firstSound) >>> 0) * (this.#options.soundClockRatio ?? 1))
		);
	}

	#shiftFor(kind: TrackKind, packet: Buffer): { sequence: number; timestamp: number } {
		const known = this.#shifts.get(kind);
		if (known !== undefined) return known;
		const newest = this.#newest.get(kind);
		const ticks = newest === undefined ? 0 : (Date.now() - newest.at) * (kind === "video" ? 90 : 48);
		const shift =
			newest === undefined
				? { sequence: 0, timestamp: 0 }
				: {
						sequence: newest.sequence + 1 - packet.readUInt16BE(2),
						timestamp: newest.timestamp + ticks - packet.readUInt32BE(4),
					};
		this.#shifts.set(kind, shift);
		return shift;
	}

	pass(packet: Buffer, delayMs = 0): void {
		if (delayMs === 0) this.#deliver(packet);
		else setTimeout(() => this.#deliver(packet), delayMs);
	}

	feedback(bytes: Buffer): void {
		for (const message of parseRtcp(bytes)) {
			if (message.type !== "nack") continue;
			for (const sequenceNumber of message.sequenceNumbers) this.#repeat(message.mediaSsrc, sequenceNumber);
		}
	}

	#repeat(ssrc: number, sequenceNumber: number): void {
		this.requested += 1;
		const original = this.#history.get(`${ssrc}/${sequenceNumber}`);
		this.#rtxSequenceNumber += 1;
		if (original === undefined || this.#options.isLost?.(this.#rtxSequenceNumber)) return;
		const rtx = buildRtx(original, {
			ssrc: ssrc + RTX.ssrcOffset,
			payloadType: RTX.payloadType,
			sequenceNumber: this.#rtxSequenceNumber,
		});
		if (rtx !== null) this.pass(rtx, 20);
	}
}

function ssrcOf(kind: TrackKind): number {
	return 1000 * (KINDS.indexOf(kind) + 1);
}

function payloadTypeOf(kind: TrackKind): number {
	return kind === "video" ? 96 : 111;
}

function receivedLine(kind: TrackKind, videoCodec: RtpEncoderOptions["videoCodec"]): ReceivedLine {
	const codec = kind === "audio" ? "opus" : videoCodec === "h264" ? "H264" : "VP8";
	return {
		mid: kind,
		kind,
		clockRate: kind === "audio" ? 48_000 : 90_000,
		codecs: new Map([[payloadTypeOf(kind), codec]]),
		retransmissions: new Map([[RTX.payloadType, payloadTypeOf(kind)]]),
		ssrc: ssrcOf(kind),
		rtxSsrc: ssrcOf(kind) + RTX.ssrcOffset,
		hasNack: true,
		hasEstimate: false,
	};
}

function testJob({ kinds, maxHeight }: ChainOptions) {
	return {
		streamID: StreamID.parse("st_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
		epoch: 1,
		source: { sessionID: "s", tracks: kinds.map((kind) => ({ kind, trackName: kind })) },
		output: { url: "http://127.0.0.1:1", token: "t" },
		firstSegment: 5,
		segmentSeconds: 2,
		partSeconds: PART_SECONDS,
		maxHeight: maxHeight ?? 360,
	};
}

async function storeFiles(epoch: LiveEpoch, parts: Map<string, Part[]>): Promise<Map<string, string>> {
	const folder = await mkdtemp(join(tmpdir(), "rostrum-media-"));
	const files = new Map<string, string>();
	for (const { name, init } of epoch.renditions) {
		const path = join(folder, `${name}.mp4`);
		await writeFile(
			path,
			Buffer.concat([Buffer.from(init, "base64"), ...(parts.get(name) ?? []).map((part) => part.bytes)]),
		);
		files.set(name, path);
	}
	return files;
}

export type ProbedStream = { codec_name: string; width?: number; height?: number; nb_read_frames?: string };
export type ProbedPacket = { dts: number; duration: number; flags: string };

/** What ffprobe says of a file's first stream, all frames decoded. */
export async function probeFile(
	path: string,
): Promise<{ stream: ProbedStream; packets: ProbedPacket[]; errors: string }> {
	const { stdout, stderr } = await promisify(execFile)(
		"ffprobe",
		["-v", "error", "-count_frames", "-show_streams", "-show_packets", "-of", "json", path],
		{ maxBuffer: 64 * 1024 * 1024 },
	);
	const { streams, packets } = JSON.parse(stdout);
	return { stream: streams[0], packets, errors: stderr };
}

/** Luma planes of all frames. */
export async function decodeLuma(path: string): Promise<Buffer> {
	return await decode(["-i", path, "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"]);
}

/** Mono samples at 48 kHz, 16 bits. */
export async function decodeSamples(path: string): Promise<Int16Array> {
	const bytes = await decode(["-i", path, "-f", "s16le", "-ac", "1", "-ar", "48000", "pipe:1"]);
	return new Int16Array(new Uint8Array(bytes).buffer);
}

async function decode(args: string[]): Promise<Buffer> {
	const { stdout } = await promisify(execFile)("ffmpeg", ["-v", "error", ...args], {
		encoding: "buffer",
		maxBuffer: 512 * 1024 * 1024,
	});
	return stdout;
}
