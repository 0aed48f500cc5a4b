type Fields = Record<string, unknown>;

/** One JSON line an event: a name (`noun.verb`, past tense) and fields. Never tokens, SDP or full URLs. */
export const log = {
	info: (event: string, fields: Fields = {}) => write("info", event, fields),
	warn: (event: string, fields: Fields = {}) => write("warn", event, fields),
	error: (event: string, fields: Fields = {}) => write("error", event, fields),
};

function write(level: string, event: string, fields: Fields): void {
	process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), level, event, ...fields })}\n`);
}
