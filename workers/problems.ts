import { log } from "../adapters/log.ts";
import { AppError, ERROR_STATUS, type ErrorCode } from "../protocol/errors.ts";
import type { AppContext } from "./route.ts";

/** Turns whatever a route threw into application/problem+json (RFC 9457, CONTRACT §1). */
export function answerProblem(error: unknown, context: AppContext): Response {
	const known =
		error instanceof AppError ? error : new AppError("internal", "Something went wrong on our side.");
	const traceID = context.get("traceID");
	const { pathname } = new URL(context.req.url);
	if (known.status >= 500)
		log.error("request.failed", error, { traceID, method: context.req.method, pathname });
	const problem = {
		type: `/problems/${known.code}`,
		title: titleOf(known.code),
		status: known.status,
		detail: known.message,
		instance: pathname,
		code: known.code,
		traceID,
		...known.members,
	};
	return new Response(JSON.stringify(problem), {
		status: known.status,
		headers: {
			"Content-Type": "application/problem+json",
			"Cache-Control": "no-store",
			...(known.status === 429 ? { "Retry-After": "10" } : {}),
			...known.headers,
		},
	});
}

/** `no-common-codec` → `No common codec`. */
export function titleOf(code: ErrorCode): string {
	const words = code.replaceAll("-", " ");
	return words.charAt(0).toUpperCase() + words.slice(1);
}

export function isErrorCode(text: string): text is ErrorCode {
	return Object.hasOwn(ERROR_STATUS, text);
}
