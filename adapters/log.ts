/** One JSON line an event. `event` is `noun.verb` in the past tense; never tokens, SDP, chat text or full URLs. */
export const log = {
	info: (event: string, fields: Record<string, unknown> = {}) => write("info", event, fields),
	warn: (event: string, fields: Record<string, unknown> = {}) => write("warn", event, fields),
	error: (event: string, error: unknown, fields: Record<string, unknown> = {}) =>
		write("error", event, { ...fields, error: describe(error) }),
};

function write(level: "info" | "warn" | "error", event: string, fields: Record<string, unknown>): void {
	console[level](JSON.stringify({ level, event, ...fields }));
}

function describe(error: unknown): unknown {
	if (!(error instanceof Error)) return String(error);
	return {
		name: error.name,
		message: error.message,
		stack: error.stack,
		...(error.cause === undefined ? {} : { cause: describe(error.cause) }),
	};
}
