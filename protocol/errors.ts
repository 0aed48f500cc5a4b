import * as z from "zod";

/** Every error code of the API with its HTTP status, CONTRACT §1 and §6. A code is also the last path segment of its problem type. */
export const ERROR_STATUS = {
	"malformed-json": 400,
	"malformed-sdp": 400,
	"bad-cursor": 400,
	"bad-ticket": 401,
	"bad-request": 400,
	"segment-or-timestamp": 400,
	unauthenticated: 401,
	"invalid-credentials": 401,
	"refresh-reused": 401,
	forbidden: 403,
	"guests-disabled": 403,
	"key-revoked": 403,
	"bad-signature": 403,
	"url-expired": 403,
	banned: 403,
	"origin-not-allowed": 403,
	"not-a-contact": 403,
	"not-entitled": 403,
	"cannot-unmute-others": 403,
	"not-found": 404,
	"segment-gone": 404,
	"method-not-allowed": 405,
	"not-acceptable": 406,
	"no-common-codec": 406,
	"user-name-taken": 409,
	"handle-taken": 409,
	"already-live": 409,
	"not-live": 409,
	"live-in-progress": 409,
	"other-encoder-live": 409,
	"bad-transition": 409,
	"idempotency-in-flight": 409,
	"cannot-ban-owner": 409,
	"callee-blocked": 409,
	"blocked-by-user": 409,
	"already-answered": 409,
	full: 409,
	"topology-p2p": 409,
	"digest-mismatch": 409,
	"missing-chunks": 409,
	"already-complete": 409,
	"object-missing": 409,
	"not-playable": 409,
	"nothing-failed": 409,
	exists: 409,
	"offset-mismatch": 409,
	"attempt-superseded": 409,
	"part-out-of-order": 409,
	"epoch-superseded": 409,
	"channel-deleted": 410,
	"stream-ended": 410,
	"call-ended": 410,
	"upload-expired": 410,
	"precondition-failed": 412,
	"payload-too-large": 413,
	"unsupported-media-type": 415,
	"range-not-satisfiable": 416,
	validation: 422,
	"unsupported-offer": 422,
	"ice-restart-unsupported": 422,
	"too-many-tracks": 422,
	"fingerprint-mismatch": 422,
	"idempotency-key-reused": 422,
	locked: 423,
	"segment-not-ready": 425,
	"upgrade-required": 426,
	"precondition-required": 428,
	"rate-limited": 429,
	"checksum-mismatch": 460,
	internal: 500,
	"sfu-error": 502,
	"media-unavailable": 503,
	"realtime-not-configured": 503,
	overloaded: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** RFC 9457 problem details with this API's additions (CONTRACT §1). Unknown members are kept: a code may add its own. */
export const Problem = z.looseObject({
	type: z.string(),
	title: z.string(),
	status: z.int(),
	detail: z.string().optional(),
	instance: z.string().optional(),
	code: z.string(),
	traceID: z.string().optional(),
	errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;

/**
 * An error that a client is told of, as problem+json or as a socket's `error` frame.
 * `members` are added to the problem document; `headers` to the HTTP answer (`Retry-After`, `Allow`).
 */
export class AppError extends Error {
	readonly code: ErrorCode;
	readonly members: Record<string, unknown>;
	readonly headers: Record<string, string>;
	readonly status: number;

	/** `status` only where the contract gives one code another status on some route. */
	constructor(
		code: ErrorCode,
		message: string,
		options: {
			cause?: unknown;
			members?: Record<string, unknown>;
			headers?: Record<string, string>;
			status?: number;
		} = {},
	) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.name = "AppError";
		this.code = code;
		this.members = options.members ?? {};
		this.headers = options.headers ?? {};
		this.status = options.status ?? ERROR_STATUS[code];
	}
}
