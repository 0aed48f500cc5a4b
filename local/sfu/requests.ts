import * as z from "zod";
import { Failure } from "./failure.ts";
import type { Session } from "./session.ts";
import type { Sfu } from "./sfu.ts";

/** JSON whatever `Content-Type` says: clients of the service send none. 400 `decoding_error`, 413 `payload_too_large`. */
export async function readBody<T>(request: Request, schema: z.ZodType<T>, ifEmpty?: unknown): Promise<T> {
	const text = await request.text();
	if (text.length > MAX_BODY_BYTES) throw new Failure(413, "payload_too_large", "The body is too large");
	const parsed = schema.safeParse(text === "" && ifEmpty !== undefined ? ifEmpty : parseJson(text));
	if (!parsed.success) throw new Failure(400, "decoding_error", z.prettifyError(parsed.error));
	return parsed.data;
}

/** The session, if it lives and has calls left in this second (429). */
export function requireSession(sfu: Sfu, sessionID: string): Session {
	const session = sfu.require(sessionID);
	if (!session.countCall(Date.now())) {
		throw new Failure(429, "too_many_requests", "More calls a second than a session may make");
	}
	return session;
}

/** A description may have 1 MB; JSON escapes line ends. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw new Failure(400, "decoding_error", `The body is not JSON: ${String(cause)}`);
	}
}
