/** What a WHIP server said to an offer. */
export type WhipReply =
	| { outcome: "accepted"; answerSdp: string; sessionURL: string }
	/** Worth another try after so long: somebody else is live, or the server is busy or away. */
	| { outcome: "later"; afterMs: number; reason: string }
	/** Another try would end the same. */
	| { outcome: "refused"; status: number; reason: string };

const TIMEOUT_MS = 15_000;
const MAX_REDIRECTS = 5;
const LATER_MS = { busy: 2_000, otherEncoder: 5_000, away: 1_000 };
const MAX_RETRY_AFTER_MS = 120_000;

/** A WHIP client's HTTP side (RFC 9725). Never throws. */
export class WhipClient {
	readonly #url: string;
	readonly #key: string;

	constructor(url: string, key: string) {
		this.#url = url;
		this.#key = key;
	}

	/** Offers; follows 307 and 308 with the same request (RFC 9725 §4.5). */
	async publish(offerSdp: string): Promise<WhipReply> {
		let url = this.#url;
		for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
			try {
				const response = await fetch(url, {
					method: "POST",
					headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/sdp" },
					body: offerSdp,
					redirect: "manual",
					signal: AbortSignal.timeout(TIMEOUT_MS),
				});
				const body = await response.text();
				const target = redirectTarget(response, url);
				if (target === null) return readReply(response, body, url);
				url = target;
			} catch (error) {
				const cause =
					error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
				return { outcome: "later", afterMs: LATER_MS.away, reason: `no answer: ${cause}` };
			}
		}
		return { outcome: "refused", status: 307, reason: "too many redirects" };
	}

	/** Ends the session. False if the server did not confirm it; it will notice by itself. */
	async end(sessionURL: string): Promise<boolean> {
		try {
			const response = await fetch(sessionURL, {
				method: "DELETE",
				headers: { authorization: `Bearer ${this.#key}` },
				signal: AbortSignal.timeout(3_000),
			});
			return response.ok;
		} catch {
			// The server is away: it ends the session when no more packets come.
			return false;
		}
	}
}

/** Where to repeat the request, or null if this is no redirection. Never from https to http: the key is in the request. */
function redirectTarget(response: Response, url: string): string | null {
	if (response.status !== 307 && response.status !== 308) return null;
	const location = response.headers.get("location");
	if (location === null || !URL.canParse(location, url)) return null;
	const target = new URL(location, url);
	return url.startsWith("https:") && target.protocol !== "https:" ? null : target.href;
}

function readReply(response: Response, body: string, url: string): WhipReply {
	const { status } = response;
	const location = response.headers.get("location");
	if (status === 201 && location !== null && URL.canParse(location, url)) {
		return { outcome: "accepted", answerSdp: body, sessionURL: new URL(location, url).href };
	}
	const reason = readReason(body) ?? `HTTP ${status}`;
	const retryAfterMs = readRetryAfter(response.headers.get("retry-after"));
	if (status === 409) return { outcome: "later", afterMs: retryAfterMs ?? LATER_MS.otherEncoder, reason };
	if (status === 429 || status >= 500)
		return { outcome: "later", afterMs: retryAfterMs ?? LATER_MS.busy, reason };
	return { outcome: "refused", status, reason };
}

/** `detail` or `title` of a problem document (RFC 9457), if the body is one. */
function readReason(body: string): string | null {
	try {
		const problem: unknown = JSON.parse(body);
		if (typeof problem !== "object" || problem === null) return null;
		if ("detail" in problem && typeof problem.detail === "string") return problem.detail;
		return "title" in problem && typeof problem.title === "string" ? problem.title : null;
	} catch {
		// Another kind of body; the status says enough.
		return null;
	}
}

/** RFC 9110 §10.2.3, seconds only: a date would need the server's clock. */
function readRetryAfter(value: string | null): number | null {
	if (value === null || !/^\d{1,6}$/.test(value)) return null;
	return Math.min(Number(value) * 1000, MAX_RETRY_AFTER_MS);
}
