import { ApiError, NoAnswerError } from "../../shell/api.ts";

/**
 * What to do after a failed exchange with the SFU. `retry`: the same again, later. `renew`: this session is no good any more.
 * `refused`: this very request will not be granted.
 */
export interface SfuFault {
	kind: "retry" | "renew" | "refused";
	retryAfterMs: number | null;
}

/** SFU statuses after which a session takes nothing any more: gone, expired, or out of step with its descriptions. */
const LOST_SESSION = [404, 406, 410];

/** The call goes direct only: nothing at the SFU is for it. */
export function isDirectOnly(error: unknown): boolean {
	return error instanceof ApiError && error.problem.code === "topology-p2p";
}

/** Judges what an API call of rows 80–84 ended in, or what the browser said of the SFU's description. */
export function judgeSfuFault(error: unknown): SfuFault {
	if (error instanceof NoAnswerError) return { kind: "retry", retryAfterMs: null };
	if (!(error instanceof ApiError)) return { kind: "renew", retryAfterMs: null };
	const { status, code, sfuStatus } = error.problem;
	const { retryAfterMs } = error;
	if (status === 404) return { kind: "renew", retryAfterMs };
	if (status === 403 || status === 422) return { kind: "refused", retryAfterMs };
	const isLost = code === "sfu-error" && typeof sfuStatus === "number" && LOST_SESSION.includes(sfuStatus);
	return { kind: isLost ? "renew" : "retry", retryAfterMs };
}
