import { type ByteRange, parseRange } from "../domain/streaming/byte-range.ts";
import { AppError } from "../protocol/errors.ts";
import type { AppContext } from "./route.ts";

/**
 * An object of a bucket, whole or in part (206, 416; RFC 9110 §14), with its ETag; 304 if the caller has it.
 * R2 takes a range that cannot be satisfied for none, so ranges are read here. Throws AppError `not-found`, `range-not-satisfiable`.
 */
export async function answerObject(
	context: AppContext,
	bucket: R2Bucket,
	wanted: {
		key: string;
		contentType?: string | undefined;
		cacheControl?: string;
		downloadAs?: string | undefined;
	},
): Promise<Response> {
	const found = await bucket.head(wanted.key);
	if (!found) throw new AppError("not-found", "There is no such object.");
	const headers: Record<string, string> = {
		"Content-Type": wanted.contentType ?? found.httpMetadata?.contentType ?? "application/octet-stream",
		"Cache-Control": wanted.cacheControl ?? "private, no-store",
		"Accept-Ranges": "bytes",
		ETag: found.httpEtag,
		...(wanted.downloadAs === undefined ? {} : { "Content-Disposition": attachment(wanted.downloadAs) }),
	};
	if (context.req.header("if-none-match") === found.httpEtag) return context.body(null, 304, headers);
	const range = readRange(context, found);
	if (range) {
		headers["Content-Range"] = `bytes ${range.start}-${range.end}/${found.size}`;
		headers["Content-Length"] = String(range.end - range.start + 1);
	} else {
		headers["Content-Length"] = String(found.size);
	}
	const status = range ? 206 : 200;
	if (context.req.method === "HEAD" || found.size === 0) return context.body(null, status, headers);
	const object = await bucket.get(
		wanted.key,
		range ? { range: { offset: range.start, length: range.end - range.start + 1 } } : {},
	);
	if (!object) throw new AppError("not-found", "The object has just been erased.");
	return context.body(object.body, status, headers);
}

/** A range of another version of the object (`If-Range`, RFC 9110 §13.1.5) is none. */
function readRange(context: AppContext, found: R2Object): ByteRange | null {
	const condition = context.req.header("if-range");
	if (condition !== undefined && condition !== found.httpEtag) return null;
	const range = parseRange(context.req.header("range"), found.size);
	if (range !== "unsatisfiable") return range;
	throw new AppError("range-not-satisfiable", "The range lies outside the object.", {
		headers: { "Content-Range": `bytes */${found.size}` },
	});
}

/** RFC 6266 §4: a name in plain ASCII for old clients, and the real one (RFC 8187). */
function attachment(name: string): string {
	const plain = name.replaceAll(/[^ -~]|["\\/]/g, "_");
	const encoded = encodeURIComponent(name).replaceAll(
		/['()*]/g,
		(sign) => `%${sign.charCodeAt(0).toString(16)}`,
	);
	return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
