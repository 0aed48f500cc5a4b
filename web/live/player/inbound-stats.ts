import { serverClock } from "../../shell/server-clock.ts";
import { realtimeLatencyMs } from "./latency.ts";

/** One reading of a receiving connection; sums grow over its life. */
export interface InboundReading {
	at: number;
	bytes: number;
	framesDecoded: number;
	packets: number;
	packetsLost: number;
	bufferDelayMs: number;
	bufferedFrames: number;
	roundTripMs: number | undefined;
	estimatedPlayoutTimestamp: number | undefined;
	framesPerSecond: number | null;
	videoCodec: string | null;
	audioCodec: string | null;
}

/** The members of RTCStatsReport that are read here; the DOM types leave them untyped. */
type Row = Record<string, unknown>;

/** Reads what `getStats()` says of received media. */
export function readInbound(report: Iterable<[string, unknown]>, at: number): InboundReading {
	const rows = new Map<string, Row>();
	for (const [id, row] of report) if (isRow(row)) rows.set(id, row);
	const inbound = [...rows.values()].filter((row) => row.type === "inbound-rtp");
	const video = inbound.find((row) => row.kind === "video");
	const audio = inbound.find((row) => row.kind === "audio");
	return {
		at,
		bytes: sum(inbound, "bytesReceived"),
		packets: sum(inbound, "packetsReceived"),
		packetsLost: sum(inbound, "packetsLost"),
		framesDecoded: numberOf(video, "framesDecoded") ?? 0,
		bufferDelayMs: (numberOf(video, "jitterBufferDelay") ?? 0) * 1000,
		bufferedFrames: numberOf(video, "jitterBufferEmittedCount") ?? 0,
		roundTripMs: roundTripMs(rows),
		estimatedPlayoutTimestamp: numberOf(video ?? audio, "estimatedPlayoutTimestamp"),
		framesPerSecond: numberOf(video, "framesPerSecond") ?? null,
		videoCodec: codecOf(rows, video),
		audioCodec: codecOf(rows, audio),
	};
}

/** What two readings in a row say about now. */
export function compareReadings(before: InboundReading | null, after: InboundReading) {
	const elapsedMs = before === null ? 0 : after.at - before.at;
	const frames = after.bufferedFrames - (before?.bufferedFrames ?? 0);
	const received = after.packets - (before?.packets ?? 0);
	const lost = Math.max(0, after.packetsLost - (before?.packetsLost ?? 0));
	const bufferMs = frames > 0 ? (after.bufferDelayMs - (before?.bufferDelayMs ?? 0)) / frames : undefined;
	return {
		bitrateBps: before === null || elapsedMs <= 0 ? null : ((after.bytes - before.bytes) * 8000) / elapsedMs,
		lossPercent: received + lost === 0 ? null : (100 * lost) / (received + lost),
		// Without a packet there is no picture whose delay could be told.
		latencyMs:
			received === 0
				? null
				: realtimeLatencyMs({
						estimatedPlayoutTimestamp: after.estimatedPlayoutTimestamp,
						serverNow: serverClock.at(after.at),
						roundTripMs: after.roundTripMs,
						bufferMs,
					}),
	};
}

function roundTripMs(rows: Map<string, Row>): number | undefined {
	const transport = [...rows.values()].find((row) => row.type === "transport");
	const selected = transport?.selectedCandidatePairId;
	const pair = typeof selected === "string" ? rows.get(selected) : undefined;
	const nominated = [...rows.values()].find((row) => row.type === "candidate-pair" && row.nominated === true);
	const seconds = numberOf(pair ?? nominated, "currentRoundTripTime");
	return seconds === undefined ? undefined : seconds * 1000;
}

function codecOf(rows: Map<string, Row>, row: Row | undefined): string | null {
	const id = row?.codecId;
	const mimeType = typeof id === "string" ? rows.get(id)?.mimeType : undefined;
	return typeof mimeType === "string" ? mimeType.replace(/^(?:audio|video)\//, "") : null;
}

function sum(rows: readonly Row[], name: string): number {
	return rows.reduce((total, row) => total + (numberOf(row, name) ?? 0), 0);
}

function numberOf(row: Row | undefined, name: string): number | undefined {
	const value = row?.[name];
	return typeof value === "number" ? value : undefined;
}

function isRow(value: unknown): value is Row {
	return typeof value === "object" && value !== null;
}
