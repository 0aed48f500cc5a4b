import { NoAnswerError, problemOf } from "../shell/api.ts";
import { iceServersOf } from "./ice-servers.ts";

/** What a WHIP or WHEP endpoint answers to an offer. */
export type SdpReply =
	| { kind: "answer"; sdp: string; session: SdpSession; iceServers: RTCIceServer[] }
	/** WHEP draft §4.3: the server would rather offer itself. */
	| { kind: "counter-offer"; sdp: string; session: SdpSession; iceServers: RTCIceServer[] };

/** A session resource: PATCH answers a counter-offer, DELETE ends it. */
export interface SdpSession {
	url: string;
	bearer: string | null;
}

const TIME_LIMIT_MS = 15_000;

/** POSTs an offer (RFC 9725 §4.2, WHEP draft §4.2). Ends in ApiError, NoAnswerError or AbortError. */
export async function postOffer({
	url,
	sdp,
	bearer,
	signal,
}: {
	url: string;
	sdp: string;
	bearer: string | null;
	signal: AbortSignal;
}): Promise<SdpReply> {
	const response = await exchange({ method: "POST", url, sdp, bearer, signal });
	const isSdp = (response.headers.get("Content-Type") ?? "").startsWith("application/sdp");
	const location = response.headers.get("Location");
	if (location === null || !isSdp || !(response.ok || response.status === 406))
		throw await problemOf(response);
	return {
		kind: response.ok ? "answer" : "counter-offer",
		sdp: await response.text(),
		session: { url: new URL(location, new URL(url, window.location.href)).href, bearer },
		iceServers: iceServersOf(response.headers.get("Link")),
	};
}

/** Answers a counter-offer. */
export async function patchAnswer(session: SdpSession, sdp: string, signal: AbortSignal): Promise<void> {
	const response = await exchange({ method: "PATCH", url: session.url, sdp, bearer: session.bearer, signal });
	if (!response.ok) throw await problemOf(response);
}

/** Ends a session. Outlives the page; a session that cannot be reached ends by itself when media stops. */
export function deleteSession(session: SdpSession): void {
	const headers = authorization(session.bearer);
	fetch(session.url, { method: "DELETE", headers, keepalive: true }).catch(() => {
		// Nothing to do: the server notices the silence.
	});
}

async function exchange({
	method,
	url,
	sdp,
	bearer,
	signal,
}: {
	method: "POST" | "PATCH";
	url: string;
	sdp: string;
	bearer: string | null;
	signal: AbortSignal;
}): Promise<Response> {
	const limit = new AbortController();
	const timer = setTimeout(() => limit.abort(), TIME_LIMIT_MS);
	const forward = () => limit.abort();
	signal.addEventListener("abort", forward, { once: true });
	try {
		return await fetch(url, {
			method,
			headers: { "Content-Type": "application/sdp", ...authorization(bearer) },
			body: sdp,
			signal: limit.signal,
		});
	} catch (error) {
		if (signal.aborted) throw error;
		throw new NoAnswerError(error);
	} finally {
		clearTimeout(timer);
		signal.removeEventListener("abort", forward);
	}
}

function authorization(bearer: string | null): Record<string, string> {
	return bearer === null ? {} : { Authorization: `Bearer ${bearer}` };
}
