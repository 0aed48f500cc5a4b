import { expect, test } from "vitest";
import {
	inboundRates,
	judge,
	layerOf,
	outboundKbps,
	routeOf,
	worstRoute,
	worstVerdict,
} from "./quality-numbers.ts";
import { readConnection } from "./stats-reading.ts";

function reading(rows: Record<string, unknown>[]) {
	return readConnection(rows.map((row, index): [string, unknown] => [String(row.id ?? index), row]));
}

const video = { type: "inbound-rtp", kind: "video", mid: "1", frameHeight: 360, framesPerSecond: 24 };
const audio = { type: "inbound-rtp", kind: "audio", mid: "0", jitter: 0.012 };

test("rates are what was added between two readings", () => {
	const before = reading([
		{ ...video, bytesReceived: 1000, packetsReceived: 10, packetsLost: 0 },
		{ ...audio, bytesReceived: 0, packetsReceived: 0 },
	]);
	const after = reading([
		{ ...video, bytesReceived: 126_000, packetsReceived: 100, packetsLost: 10 },
		{ ...audio, bytesReceived: 4000, packetsReceived: 0 },
	]);

	expect(inboundRates(before, after, 1000, null)).toEqual({
		kbps: (125_000 + 4000) * 0.008,
		lossPercent: 10,
		jitterMs: 12,
		height: 360,
		fps: 24,
		packets: 90,
	});
	expect(inboundRates(before, after, 1000, new Set(["0"])).kbps).toBe(32);
});

test("the first reading has no rate", () => {
	expect(inboundRates(null, reading([{ ...video, bytesReceived: 5 }]), 1000, null).kbps).toBe(0);
	expect(outboundKbps(null, reading([]), 1000)).toBe(0);
});

test("a retransmission that arrives late is no negative loss", () => {
	const before = reading([{ ...video, packetsReceived: 10, packetsLost: 5 }]);
	const after = reading([{ ...video, packetsReceived: 30, packetsLost: 2 }]);

	expect(inboundRates(before, after, 1000, null).lossPercent).toBe(0);
});

test("the way is read from the candidate pair in use", () => {
	const path = (local: Record<string, unknown>, remote: Record<string, unknown>) =>
		reading([
			{ id: "t", type: "transport", selectedCandidatePairId: "p" },
			{ id: "p", type: "candidate-pair", localCandidateId: "l", remoteCandidateId: "r" },
			{ id: "l", type: "local-candidate", ...local },
			{ id: "r", type: "remote-candidate", ...remote },
		]).path;

	expect(routeOf(path({ candidateType: "host" }, { candidateType: "prflx" }))).toBe("p2p");
	expect(routeOf(path({ candidateType: "relay", relayProtocol: "udp" }, { candidateType: "host" }))).toBe(
		"turn-udp",
	);
	expect(routeOf(path({ candidateType: "relay", relayProtocol: "tcp" }, { candidateType: "host" }))).toBe(
		"turn-tcp",
	);
	expect(routeOf(path({ candidateType: "relay", relayProtocol: "tls" }, { candidateType: "host" }))).toBe(
		"turn-tls",
	);
	expect(routeOf(path({ candidateType: "host" }, { candidateType: "relay" }))).toBe("turn-udp");
	expect(routeOf(reading([]).path)).toBe("unknown");
	expect(worstRoute(["p2p", "turn-tcp", "sfu"])).toBe("turn-tcp");
});

test("the verdict is that of the worst number", () => {
	const fine = { lossPercent: 0, roundTripMs: 20, jitterMs: 5, isSilent: false };

	expect(judge(fine)).toBe("good");
	expect(judge({ ...fine, roundTripMs: 300 })).toBe("fair");
	expect(judge({ ...fine, lossPercent: 12 })).toBe("poor");
	expect(judge({ ...fine, isSilent: true })).toBe("lost");
	expect(worstVerdict(["good", "poor", "fair"])).toBe("poor");
});

test("a layer is known by its height", () => {
	const rids = [
		{ rid: "a", height: 720 },
		{ rid: "b", height: 360 },
	];

	expect(layerOf(rids, 700)).toBe("a");
	expect(layerOf(rids, 300)).toBe("b");
	expect(layerOf([], 300)).toBeNull();
});
