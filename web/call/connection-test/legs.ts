import type { IceServer } from "../../../protocol/realtime-api.ts";

/** The ways out of a network, best first. `stun`: direct connections are possible; the others are relays. */
export const LEGS = ["stun", "turn-udp", "turn-tcp", "turn-tls"] as const;
export type Leg = (typeof LEGS)[number];

/** `missing`: the server has no address for it. */
export type LegState = "ok" | "blocked" | "missing";
export type LegResults = Readonly<Record<Leg, LegState>>;

export interface ConnectionVerdict {
	/** `good`: direct; `fair`: by a relay over UDP; `poor`: by a relay over TCP or TLS; `lost`: no way at all. */
	grade: "good" | "fair" | "poor" | "lost";
	/** For support, as in `udp-blocked, turn-tls-ok`. */
	code: string;
	words: string;
	advice: string | null;
}

/** The servers that a leg is tried with: those whose address begins as the leg does (RFC 7064, RFC 7065). */
export function serversOfLeg(leg: Leg, servers: readonly IceServer[]): IceServer[] {
	return servers.flatMap((server) => {
		const urls = [server.urls].flat().filter((url) => legOf(url) === leg);
		return urls.length === 0 ? [] : [{ ...server, urls }];
	});
}

/** Says what the results mean and names what is blocked. */
export function judgeConnection(results: LegResults): ConnectionVerdict {
	const code = codeOf(results);
	const isRelayed = results["turn-udp"] === "ok";
	if (results.stun === "ok") {
		const hasRelay = isRelayed || results["turn-tcp"] === "ok" || results["turn-tls"] === "ok";
		return { grade: "good", code, words: "Direct connections work.", advice: hasRelay ? null : NO_RELAY };
	}
	if (isRelayed) {
		return { grade: "fair", code, words: "Calls go through a relay, over UDP.", advice: null };
	}
	if (results["turn-tcp"] === "ok") {
		return {
			grade: "poor",
			code,
			words: "UDP is blocked here; calls go through a relay over TCP.",
			advice: SLOW,
		};
	}
	if (results["turn-tls"] === "ok") {
		return {
			grade: "poor",
			code,
			words: "Only TLS gets out; calls go through a relay over TLS.",
			advice: SLOW,
		};
	}
	return { grade: "lost", code, words: "No way out for calls was found.", advice: NO_WAY };
}

const NO_RELAY =
	"No relay can be reached. If the other side's network is strict too, the call may find no way.";
const SLOW = "Pictures may lag. Another network, or a firewall that lets UDP out, would be better.";
const NO_WAY = "Try another network or leave the VPN. An administrator can open UDP 3478, or TLS 443.";

/** Relays that do not exist are not blocked. */
function codeOf(results: LegResults): string {
	const udp = [results.stun, results["turn-udp"]].filter((state) => state !== "missing");
	const words: string[] = [];
	if (udp.length > 0) words.push(udp.includes("ok") ? "udp-ok" : "udp-blocked");
	for (const leg of ["turn-udp", "turn-tcp", "turn-tls"] as const) {
		if (results[leg] !== "missing") words.push(`${leg}-${results[leg]}`);
	}
	return words.join(", ");
}

function legOf(url: string): Leg | null {
	if (url.startsWith("stun:")) return "stun";
	if (url.startsWith("turns:")) return "turn-tls";
	if (!url.startsWith("turn:")) return null;
	return /[?&]transport=tcp/.test(url) ? "turn-tcp" : "turn-udp";
}
