import { SIGNAL_LIMITS, SignalServerFrame, type SignalServerMessage } from "../../../protocol/signal.ts";

/** The messages of a frame. What is no message of ours (a newer server's, or garbage) is passed over; the rest counts. */
export function parseSignalFrame(data: unknown): SignalServerMessage[] {
	// The welcome of a large room is one frame; nothing that a room sends is larger than this.
	if (typeof data !== "string" || data.length > 8 * SIGNAL_LIMITS.frameLength) return [];
	let json: unknown;
	try {
		json = JSON.parse(data);
	} catch {
		// Not JSON: nothing of ours. The socket stays open.
		return [];
	}
	const whole = SignalServerFrame.safeParse(json);
	if (whole.success) return Array.isArray(whole.data) ? whole.data : [whole.data];
	if (!Array.isArray(json)) return [];
	return json.flatMap((each: unknown) => {
		const one = SignalServerFrame.safeParse(each);
		return one.success && !Array.isArray(one.data) ? [one.data] : [];
	});
}
