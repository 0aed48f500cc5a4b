import type { LiveHeartbeat } from "../protocol/media-job.ts";
import type { Frame } from "./depacketizer.ts";
import type { ReceivedTrack } from "./received-track.ts";
import type { TrackKind } from "./source-clock.ts";

type SourceState = LiveHeartbeat["source"];

type Snapshot = { at: number; frames: number; bytes: number; received: number; lost: number };

/** Short enough to show a change at once, long enough not to flicker. */
const WINDOW_MS = 3_000;
const SILENT_MS = 1_500;

/** Counts what comes from the source, for heartbeats. Time is passed in. */
export class SourceStatistics {
	readonly #startedAt: number;
	readonly #snapshots: Snapshot[] = [];
	#frames = 0;
	#size = { width: 0, height: 0 };
	#keyframe: { rtpTimestamp: number; intervalMs: number | null } | null = null;

	constructor(startedAt: number) {
		this.#startedAt = startedAt;
	}

	/** Of the newest key frame; zeros before the first. */
	get size(): { width: number; height: number } {
		return this.#size;
	}

	frame(kind: TrackKind, frame: Frame): void {
		if (kind === "audio") return;
		this.#frames += 1;
		if (!frame.isKeyframe) return;
		this.#size = frame.size ?? this.#size;
		const last = this.#keyframe?.rtpTimestamp;
		const intervalMs = last === undefined ? null : ((frame.rtpTimestamp - last) >>> 0) / 90;
		this.#keyframe = { rtpTimestamp: frame.rtpTimestamp, intervalMs };
	}

	/** The state now, rates over the last 3 s. Call about once a second. */
	report(tracks: ReceivedTrack[], now: number): SourceState {
		const current = this.#snapshot(tracks, now);
		const from = this.#snapshots.find((one) => now - one.at <= WINDOW_MS) ?? current;
		const seconds = Math.max(0.001, (now - from.at) / 1000);
		const isRated = current !== from;
		const packets = current.received - from.received + current.lost - from.lost;
		const lastPacketAt = Math.max(...tracks.map((track) => track.lastPacketAt ?? 0), 0);
		const lastPacketAgeMs = now - (lastPacketAt || this.#startedAt);
		return {
			state: stateOf(lastPacketAt, lastPacketAgeMs),
			lastPacketAgeMs,
			videoCodec: tracks.find((track) => track.line.kind === "video")?.codec ?? null,
			audioCodec: tracks.find((track) => track.line.kind === "audio")?.codec ?? null,
			...this.#size,
			framesPerSecond: isRated ? round((current.frames - from.frames) / seconds) : 0,
			kbps: isRated ? round(((current.bytes - from.bytes) * 8) / 1000 / seconds) : 0,
			keyframeIntervalMs: this.#keyframe?.intervalMs ?? null,
			lossPercent: packets === 0 ? 0 : round(((current.lost - from.lost) / packets) * 100),
		};
	}

	#snapshot(tracks: ReceivedTrack[], now: number): Snapshot {
		const snapshot = { at: now, frames: this.#frames, bytes: 0, received: 0, lost: 0 };
		for (const { counts } of tracks) {
			snapshot.bytes += counts.bytes;
			snapshot.received += counts.receivedPackets;
			snapshot.lost += counts.lostPackets;
		}
		this.#snapshots.push(snapshot);
		while ((this.#snapshots[0]?.at ?? now) < now - WINDOW_MS) this.#snapshots.shift();
		return snapshot;
	}
}

function stateOf(lastPacketAt: number, lastPacketAgeMs: number): SourceState["state"] {
	if (lastPacketAt === 0) return "waiting";
	return lastPacketAgeMs > SILENT_MS ? "silent" : "flowing";
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
