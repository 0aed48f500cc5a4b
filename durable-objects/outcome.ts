import { AppError, type ErrorCode } from "../protocol/errors.ts";

/** What an RPC method gives back: its value, or the error that the client shall see. Errors do not cross RPC whole. */
export type Outcome<T> = { ok: true; value: T } | Failure;

interface Failure {
	ok: false;
	code: ErrorCode;
	status: number;
	detail: string;
	/** JSON: the types of RPC know no `unknown`. */
	members: string;
	headers: Record<string, string>;
}

/** Runs an RPC method's body; an AppError becomes a value, anything else goes on as an exception. */
export async function settle<T>(body: () => T | Promise<T>): Promise<Outcome<T>> {
	try {
		return { ok: true, value: await body() };
	} catch (error) {
		if (!(error instanceof AppError)) throw error;
		const { code, status, message, members, headers } = error;
		return { ok: false, code, status, detail: message, members: JSON.stringify(members), headers };
	}
}

/** The value on the caller's side, or the AppError thrown again. */
export function unwrap<T>(outcome: Outcome<T>): T {
	if (outcome.ok) return outcome.value;
	const { code, detail, members, headers, status } = outcome;
	throw new AppError(code, detail, { members: JSON.parse(members), headers, status });
}
