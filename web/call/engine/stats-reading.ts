/** The members of RTCStatsReport that are read here; the DOM types leave them untyped. */
type Row = Record<string, unknown>;

/** Entries of a report, whichever way it comes. */
export type StatsEntries = Iterable<[string, unknown]>;

export interface InboundTrack {
	mid: string;
	kind: "audio" | "video";
	bytes: number;
	packets: number;
	packetsLost: number;
	jitterMs: number;
	framesDecoded: number;
	height: number;
	fps: number;
	concealedSamples: number;
	totalSamples: number;
}

export interface OutboundTrack {
	mid: string;
	kind: "audio" | "video";
	rid: string;
	bytes: number;
	height: number;
	limitedBy: string;
}

/** The candidate pair in use. */
export interface PathFacts {
	roundTripMs: number | null;
	/** What the browser thinks the uplink can bear, kbit/s. */
	availableUpKbps: number | null;
	localType: string;
	remoteType: string;
	/** How a relay is reached: `udp`, `tcp`, `tls`; "" without one. */
	relayProtocol: string;
	responses: number;
}

export interface ConnectionReading {
	inbound: InboundTrack[];
	outbound: OutboundTrack[];
	path: PathFacts | null;
	/** By the other end's reports, the share of our packets that did not arrive, 0..1. */
	lostUpShare: number;
	/** By the other end's reports; null before the first. */
	reportedRoundTripMs: number | null;
}

/** Reads what `getStats()` says of one connection. */
export function readConnection(entries: StatsEntries): ConnectionReading {
	const rows = new Map<string, Row>();
	for (const [id, row] of entries) if (isRow(row)) rows.set(id, row);
	const all = [...rows.values()];
	const reports = all.filter((row) => row.type === "remote-inbound-rtp");
	const roundTrips = reports.map((row) => row.roundTripTime).filter((value) => typeof value === "number");
	return {
		inbound: all.filter((row) => row.type === "inbound-rtp").map(readInboundTrack),
		outbound: all.filter((row) => row.type === "outbound-rtp").map(readOutboundTrack),
		path: readPath(rows),
		lostUpShare: Math.max(0, ...reports.map((row) => numberOf(row, "fractionLost"))),
		reportedRoundTripMs: roundTrips.length === 0 ? null : Math.max(...roundTrips) * 1000,
	};
}

/** Bytes that one sender has sent, all layers. */
export function sentBytesOf(entries: StatsEntries): number {
	let bytes = 0;
	for (const [, row] of entries) {
		if (isRow(row) && row.type === "outbound-rtp") bytes += numberOf(row, "bytesSent");
	}
	return bytes;
}

function readInboundTrack(row: Row): InboundTrack {
	return {
		mid: textOf(row, "mid"),
		kind: row.kind === "video" ? "video" : "audio",
		bytes: numberOf(row, "bytesReceived"),
		packets: numberOf(row, "packetsReceived"),
		packetsLost: numberOf(row, "packetsLost"),
		jitterMs: numberOf(row, "jitter") * 1000,
		framesDecoded: numberOf(row, "framesDecoded"),
		height: numberOf(row, "frameHeight"),
		fps: numberOf(row, "framesPerSecond"),
		concealedSamples: numberOf(row, "concealedSamples"),
		totalSamples: numberOf(row, "totalSamplesReceived"),
	};
}

function readOutboundTrack(row: Row): OutboundTrack {
	return {
		mid: textOf(row, "mid"),
		kind: row.kind === "video" ? "video" : "audio",
		rid: textOf(row, "rid"),
		bytes: numberOf(row, "bytesSent"),
		height: numberOf(row, "frameHeight"),
		limitedBy: textOf(row, "qualityLimitationReason"),
	};
}

function readPath(rows: Map<string, Row>): PathFacts | null {
	const transport = [...rows.values()].find((row) => row.type === "transport");
	const pair = rows.get(textOf(transport, "selectedCandidatePairId"));
	if (pair === undefined) return null;
	const local = rows.get(textOf(pair, "localCandidateId"));
	const remote = rows.get(textOf(pair, "remoteCandidateId"));
	const seconds = pair.currentRoundTripTime;
	const available = pair.availableOutgoingBitrate;
	return {
		roundTripMs: typeof seconds === "number" ? seconds * 1000 : null,
		availableUpKbps: typeof available === "number" ? available / 1000 : null,
		localType: textOf(local, "candidateType"),
		remoteType: textOf(remote, "candidateType"),
		relayProtocol: textOf(local, "relayProtocol"),
		responses: numberOf(pair, "responsesReceived"),
	};
}

function numberOf(row: Row | undefined, name: string): number {
	const value = row?.[name];
	return typeof value === "number" ? value : 0;
}

function textOf(row: Row | undefined, name: string): string {
	const value = row?.[name];
	return typeof value === "string" ? value : "";
}

function isRow(value: unknown): value is Row {
	return typeof value === "object" && value !== null;
}
