import type { CallProblem } from "./call-types.ts";

/** Attempts that fail in a row before the person is told: one is nothing. */
const TELL_AFTER = 2;

/** Failures at the SFU in words, from how often sending and receiving have failed in a row; null when there is nothing to tell. */
export function sfuProblem(failures: { send: number; receive: number }): CallProblem | null {
	const sends = failures.send >= TELL_AFTER;
	const receives = failures.receive >= TELL_AFTER;
	if (sends && receives) {
		return {
			code: "sfu-unreachable",
			text: "The media server does not answer. We keep trying; nothing else is lost.",
		};
	}
	if (sends) return { code: "sfu-send", text: "Others may not see or hear you. We are connecting again." };
	if (receives)
		return { code: "sfu-receive", text: "You may miss others for a moment. We are connecting again." };
	return null;
}
