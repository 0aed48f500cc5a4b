import type { Endpoint, EndpointInput, EndpointReply } from "../../protocol/endpoint.ts";
import { Problem } from "../../protocol/errors.ts";
import { serverClock } from "./server-clock.ts";

/** The API said no. `problem` is its RFC 9457 document, made up from the status where there was none. */
export class ApiError extends Error {
	readonly problem: Problem;
	/** From `Retry-After`, ms; null without one. */
	readonly retryAfterMs: number | null;

	constructor(problem: Problem, retryAfterMs: number | null) {
		super(problem.detail ?? problem.title);
		this.name = "ApiError";
		this.problem = problem;
		this.retryAfterMs = retryAfterMs;
	}
}

/** No answer came: no network, or the server is not there, or it took longer than the time limit. */
export class NoAnswerError extends Error {
	constructor(cause: unknown) {
		super("No answer from the server", { cause });
		this.name = "NoAnswerError";
	}
}

/** Gives the bearer token of API calls. The session sets it; before that every call is anonymous. */
export interface TokenSource {
	/** A valid access token, or null when nobody is signed in. */
	current(): Promise<string | null>;
	/** Called after a 401 for `refused`: another token to try, or null. */
	replace(refused: string): Promise<string | null>;
}

let tokens: TokenSource | null = null;

/** Sets where calls get their token. */
export function setTokenSource(source: TokenSource): void {
	tokens = source;
}

export interface CallOptions {
	/** Makes a repeat of this very call harmless: the server answers it as it did the first time. */
	idempotencyKey?: string;
	signal?: AbortSignal;
	/** Lets the request outlive the page, for farewells. */
	keepalive?: boolean;
	/** Only if it is still the version with this ETag (RFC 9110 §13.1.1). */
	ifMatch?: string;
	/** A body that is not JSON; its type is the blob's. */
	content?: Blob;
	/** Gets the headers of a good answer, as for its ETag. */
	onHeaders?: (headers: Headers) => void;
}

interface CallInput {
	params?: unknown;
	query?: unknown;
	body?: unknown;
}

/** A call that has not been answered by then is given up. */
const TIME_LIMIT_MS = 15_000;

/**
 * Calls an endpoint of `protocol/` and checks the reply against its schema.
 * Ends in ApiError, NoAnswerError, or a DOMException `AbortError` if `signal` aborted.
 */
export function call<E extends Endpoint>(
	endpoint: E,
	input: EndpointInput<E>,
	options?: CallOptions,
): Promise<EndpointReply<E>>;
export async function call(
	endpoint: Endpoint,
	input: CallInput,
	options: CallOptions = {},
): Promise<unknown> {
	const token = endpoint.auth === "none" || tokens === null ? null : await tokens.current();
	let response = await request({ endpoint, input, options, token });
	if (response.status === 401 && token !== null && tokens !== null) {
		const another = await tokens.replace(token);
		if (another !== null) response = await request({ endpoint, input, options, token: another });
	}
	if (!response.ok) throw await problemOf(response);
	options.onHeaders?.(response.headers);
	if (endpoint.reply === undefined) return undefined;
	return endpoint.reply.parse(await response.json());
}

/** The error that a failed answer stands for; used for WHIP and WHEP too, whose errors have the same form. */
export async function problemOf(response: Response): Promise<ApiError> {
	const parsed = Problem.safeParse(await response.json().catch(() => null));
	const problem = parsed.success
		? parsed.data
		: {
				type: "about:blank",
				title: response.statusText || `HTTP ${response.status}`,
				status: response.status,
				code: "internal",
			};
	return new ApiError(problem, retryAfterMs(response.headers.get("Retry-After")));
}

async function request({
	endpoint,
	input,
	options,
	token,
}: {
	endpoint: Endpoint;
	input: CallInput;
	options: CallOptions;
	token: string | null;
}): Promise<Response> {
	const headers = requestHeaders(input, options, token);
	const limit = new AbortController();
	const timer = setTimeout(() => limit.abort(), TIME_LIMIT_MS);
	const forward = () => limit.abort();
	options.signal?.addEventListener("abort", forward, { once: true });
	const sentAt = Date.now();
	try {
		const response = await fetch(endpointURL(endpoint.path, input), {
			method: endpoint.method,
			headers,
			signal: limit.signal,
			// Pages follow what is live: a cached answer is asked about again (a 304 is cheap), unless it can never change.
			cache: endpoint.cacheControl?.includes("immutable") ? "default" : "no-cache",
			keepalive: options.keepalive ?? false,
			...requestBody(input, options),
		});
		observeClock(response, sentAt);
		return response;
	} catch (error) {
		if (options.signal?.aborted) throw error;
		throw new NoAnswerError(error);
	} finally {
		clearTimeout(timer);
		options.signal?.removeEventListener("abort", forward);
	}
}

function requestHeaders(input: CallInput, options: CallOptions, token: string | null): Headers {
	const headers = new Headers({ Accept: "application/json, application/problem+json" });
	if (token !== null) headers.set("Authorization", `Bearer ${token}`);
	if (input.body !== undefined) headers.set("Content-Type", "application/json");
	if (options.content !== undefined) headers.set("Content-Type", options.content.type);
	if (options.idempotencyKey !== undefined) headers.set("Idempotency-Key", options.idempotencyKey);
	if (options.ifMatch !== undefined) headers.set("If-Match", options.ifMatch);
	return headers;
}

function requestBody(input: CallInput, { content }: CallOptions): { body?: BodyInit } {
	if (content !== undefined) return { body: content };
	return input.body === undefined ? {} : { body: JSON.stringify(input.body) };
}

/** The path of a call with its parameters filled in. Exported for tests. */
export function endpointURL(path: string, input: CallInput): string {
	const params = new Map(entries(input.params));
	const filled = path.replace(/:([A-Za-z]+)/g, (_, name: string) =>
		// `@handle` stays readable: an @ is allowed in a path segment (RFC 3986 §3.3).
		encodeURIComponent(params.get(name) ?? "").replace(/%40/g, "@"),
	);
	const query = new URLSearchParams(entries(input.query)).toString();
	return query === "" ? filled : `${filled}?${query}`;
}

function entries(record: unknown): [string, string][] {
	if (typeof record !== "object" || record === null) return [];
	return Object.entries(record)
		.filter(([, value]) => value !== undefined)
		.map(([key, value]) => [key, String(value)]);
}

/** `Retry-After` in ms: seconds or an HTTP date (RFC 9110 §10.2.3). Exported for tests. */
export function retryAfterMs(header: string | null, now = Date.now()): number | null {
	if (header === null) return null;
	const seconds = Number(header);
	if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
	const at = Date.parse(header);
	return Number.isNaN(at) ? null : Math.max(0, at - now);
}

/** A cache repeats the `Date` of the first answer, so only answers that may not be cached tell the time. */
function observeClock(response: Response, sentAt: number): void {
	const dateAt = Date.parse(response.headers.get("Date") ?? "");
	const mayBeOld = !/no-store|no-cache/.test(response.headers.get("Cache-Control") ?? "no-store");
	if (Number.isNaN(dateAt) || mayBeOld || response.headers.has("Age")) return;
	serverClock.observe({ sentAt, receivedAt: Date.now(), dateAt });
}
