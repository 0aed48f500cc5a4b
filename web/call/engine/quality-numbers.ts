import type { PublishedTrack, Route } from "../../../protocol/signal.ts";
import type { Verdict } from "./call-types.ts";
import type { ConnectionReading, InboundTrack, PathFacts } from "./stats-reading.ts";

/** What came in over some tracks between two readings. */
export interface InboundRates {
	kbps: number;
	lossPercent: number;
	jitterMs: number;
	height: number;
	fps: number;
	packets: number;
}

/** Bounds of the verdicts: above `fair` people notice, above `poor` they complain (ITU-T G.114 for delay, Opus concealment for loss). */
const BOUNDS = {
	fair: { lossPercent: 2.5, roundTripMs: 250, jitterMs: 40 },
	poor: { lossPercent: 8, roundTripMs: 500, jitterMs: 100 },
} as const;

/** The tracks of `mids` (all if null) in `after`, against `before`. */
export function inboundRates(
	before: ConnectionReading | null,
	after: ConnectionReading,
	elapsedMs: number,
	mids: ReadonlySet<string> | null,
): InboundRates {
	const earlier = new Map(before?.inbound.map((track) => [track.mid, track]));
	const tracks = after.inbound.filter(({ mid }) => mids === null || mids.has(mid));
	const grown = (name: "bytes" | "packets" | "packetsLost") =>
		tracks.reduce((sum, track) => sum + Math.max(0, track[name] - (earlier.get(track.mid)?.[name] ?? 0)), 0);
	const packets = grown("packets");
	const lost = grown("packetsLost");
	const video = tallest(tracks);
	return {
		kbps: before === null || elapsedMs <= 0 ? 0 : (grown("bytes") * 8) / elapsedMs,
		lossPercent: packets + lost === 0 ? 0 : (100 * lost) / (packets + lost),
		jitterMs: Math.max(0, ...tracks.map(({ jitterMs }) => jitterMs)),
		height: video?.height ?? 0,
		fps: video?.fps ?? 0,
		packets,
	};
}

/** kbit/s sent between two readings. */
export function outboundKbps(
	before: ConnectionReading | null,
	after: ConnectionReading,
	elapsedMs: number,
): number {
	if (before === null || elapsedMs <= 0) return 0;
	const total = (reading: ConnectionReading) => reading.outbound.reduce((sum, { bytes }) => sum + bytes, 0);
	return (Math.max(0, total(after) - total(before)) * 8) / elapsedMs;
}

/** Which way a direct link takes. A relay of the other end's choice is reached over UDP by us. */
export function routeOf(path: PathFacts | null): Route {
	if (path === null) return "unknown";
	if (path.localType !== "relay") return path.remoteType === "relay" ? "turn-udp" : "p2p";
	if (path.relayProtocol === "tls") return "turn-tls";
	return path.relayProtocol === "tcp" ? "turn-tcp" : "turn-udp";
}

const ROUTES_WORST_FIRST: readonly Route[] = ["turn-tls", "turn-tcp", "turn-udp", "sfu", "p2p"];

/** The worst of several ways. */
export function worstRoute(routes: readonly Route[]): Route {
	return ROUTES_WORST_FIRST.find((route) => routes.includes(route)) ?? "unknown";
}

export function judge(numbers: {
	lossPercent: number;
	roundTripMs: number | null;
	jitterMs: number;
	/** Something should come and does not. */
	isSilent: boolean;
}): Verdict {
	if (numbers.isSilent) return "lost";
	if (exceeds(numbers, BOUNDS.poor)) return "poor";
	return exceeds(numbers, BOUNDS.fair) ? "fair" : "good";
}

const VERDICTS_WORST_FIRST: readonly Verdict[] = ["lost", "poor", "fair", "good"];

export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
	return VERDICTS_WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? "good";
}

/** Which layer a picture of this height is; null for tracks without layers. */
export function layerOf(rids: PublishedTrack["rids"], height: number): string | null {
	const near = [...rids].sort((a, b) => Math.abs(a.height - height) - Math.abs(b.height - height));
	return height === 0 ? null : (near[0]?.rid ?? null);
}

function exceeds(
	numbers: { lossPercent: number; roundTripMs: number | null; jitterMs: number },
	bounds: { lossPercent: number; roundTripMs: number; jitterMs: number },
): boolean {
	return (
		numbers.lossPercent > bounds.lossPercent ||
		(numbers.roundTripMs ?? 0) > bounds.roundTripMs ||
		numbers.jitterMs > bounds.jitterMs
	);
}

function tallest(tracks: readonly InboundTrack[]): InboundTrack | null {
	const videos = tracks.filter(({ kind, height }) => kind === "video" && height > 0);
	return videos.sort((a, b) => b.height - a.height)[0] ?? null;
}
