import type { Route } from "../../../protocol/signal.ts";
import type { CallQuality, Verdict } from "../engine/call-types.ts";

/** How many of three bars are lit, and the word beside them. */
export const VERDICTS: Record<Verdict, { bars: number; word: string }> = {
	good: { bars: 3, word: "Good" },
	fair: { bars: 2, word: "Fair" },
	poor: { bars: 1, word: "Weak" },
	lost: { bars: 0, word: "Lost" },
};

export const ROUTES: Record<Route, string> = {
	p2p: "Direct (P2P)",
	sfu: "Call server (SFU)",
	"turn-udp": "Relay (TURN, UDP)",
	"turn-tcp": "Relay (TURN, TCP)",
	"turn-tls": "Relay (TURN, TLS)",
	unknown: "–",
};

/** From here on people talk over each other: ITU-T G.114 puts comfort at 150 ms one way. */
const SLOW_RTT_MS = 300;
const NOTICEABLE_LOSS_PERCENT = 3;

/** The connection in one sentence, and what may help; `advice` null: nothing to do. */
export function qualityWords(quality: CallQuality): { sentence: string; advice: string | null } {
	if (quality.verdict === "lost") {
		return {
			sentence: "Nothing comes through at present.",
			advice: "We try other ways by ourselves. Check Wi-Fi or the cable.",
		};
	}
	if (quality.verdict === "good") return { sentence: "Your connection is good.", advice: null };
	const grade = quality.verdict === "fair" ? "fair" : "weak";
	return { sentence: `Your connection is ${grade}: ${causeOf(quality)}.`, advice: adviceFor(quality) };
}

function causeOf({ lossPercent, rttMs, route }: CallQuality): string {
	if (lossPercent >= NOTICEABLE_LOSS_PERCENT)
		return `${Math.round(lossPercent)} % of it gets lost on the way`;
	if (rttMs !== null && rttMs >= SLOW_RTT_MS) return `answers take ${Math.round(rttMs)} ms`;
	if (route === "turn-tcp" || route === "turn-tls") return "your network lets no UDP through";
	return "there is little room on the line";
}

function adviceFor({ route, lossPercent }: CallQuality): string {
	if (route === "turn-tcp" || route === "turn-tls")
		return "Another network or leaving the VPN would help most.";
	if (lossPercent >= NOTICEABLE_LOSS_PERCENT) return "Move closer to the router, or use a cable.";
	return "Turning your camera off, or Audio only, leaves more room for voices.";
}

/** `1.4 Mbit/s`, `340 kbit/s`, `–` while nothing flows. */
export function formatRate(kbps: number): string {
	if (kbps <= 0) return "–";
	return kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mbit/s` : `${Math.round(kbps)} kbit/s`;
}

export function formatMs(ms: number | null): string {
	return ms === null ? "–" : `${Math.round(ms)} ms`;
}
