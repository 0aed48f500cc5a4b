/** Both ends inclusive, as in RFC 9110 §14.1.2. */
export interface ByteRange {
	start: number;
	end: number;
}

/**
 * Reads a Range header against a body of `sizeBytes`. Null: answer the whole body (no header, several ranges,
 * another unit); `unsatisfiable`: 416.
 */
export function parseRange(
	header: string | undefined,
	sizeBytes: number,
): ByteRange | "unsatisfiable" | null {
	const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
	if (!match) return null;
	const [, from = "", to = ""] = match;
	if (from === "" && to === "") return null;
	const start = from === "" ? Math.max(0, sizeBytes - Number(to)) : Number(from);
	const end = from === "" || to === "" ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
	if (from !== "" && to !== "" && Number(to) < start) return null;
	return start > end || start >= sizeBytes ? "unsatisfiable" : { start, end };
}
