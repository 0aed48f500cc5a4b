import { ApiError, NoAnswerError } from "../shell/api.ts";
import { pause, reconnectDelayMs } from "../shell/backoff.ts";

/** Tries in a row, with growing waits: about two minutes. */
const MOST_TRIES = 12;

/** Does what may be repeated until it is answered. Refusals, and an aborted `signal`, end it at once. */
export async function persist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
	for (let attempt = 0; ; attempt += 1) {
		try {
			return await work();
		} catch (error) {
			if (signal.aborted || attempt + 1 >= MOST_TRIES || !mayPass(error)) throw error;
			await untilOnline(signal);
			const askedMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
			await pause(Math.max(askedMs, reconnectDelayMs(attempt)), signal);
			signal.throwIfAborted();
		}
	}
}

/** Waits for the network, if the browser knows that there is none. */
export function untilOnline(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (navigator.onLine || signal.aborted) return resolve();
		const done = () => {
			window.removeEventListener("online", done);
			signal.removeEventListener("abort", done);
			resolve();
		};
		window.addEventListener("online", done);
		signal.addEventListener("abort", done);
	});
}

function mayPass(error: unknown): boolean {
	if (error instanceof NoAnswerError) return true;
	return error instanceof ApiError && (error.problem.status === 429 || error.problem.status >= 500);
}
