import { CALL_LIMITS, type TopologyChoice } from "../../protocol/call.ts";
import type { Via } from "../../protocol/signal.ts";

/**
 * How new pairs of a call begin, and where all pairs are to go (002:57): direct below the threshold, through the SFU from it on.
 * A recording needs all media in one place (002:61).
 */
export function choosePolicy(call: { choice: TopologyChoice; size: number; isRecording: boolean }): Via {
	if (call.isRecording) return "sfu";
	if (call.choice !== "auto") return call.choice;
	return call.size < CALL_LIMITS.meshThreshold ? "p2p" : "sfu";
}
